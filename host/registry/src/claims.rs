//! Which sessions stand for which player, from the moment that a login claims the profile.

use std::sync::Arc;

use dashmap::{DashMap, Entry};
use uuid::Uuid;

use crate::session::{Session, SessionId};

/// Sessions by their profile's UUID. Hardly ever more than one for each.
#[derive(Debug, Default)]
pub(crate) struct Claims(DashMap<Uuid, Vec<Arc<Session>>>);

/// A session's claim on a player; gone when dropped.
#[derive(Debug)]
#[must_use = "the player is claimed only while this lives"]
pub struct Claim {
    claims: Arc<Claims>,
    uuid: Uuid,
    id: SessionId,
}

impl Claims {
    /// Claims a player for a session, and tells which sessions had done so before: in one step, so that of two logins at a
    /// time one sees the other.
    pub(crate) fn claim(self: &Arc<Self>, uuid: Uuid, session: &Arc<Session>) -> (Claim, Vec<Arc<Session>>) {
        let mut sessions = self.0.entry(uuid).or_default();
        let others = sessions.clone();
        sessions.push(Arc::clone(session));
        let claim = Claim {
            claims: Arc::clone(self),
            uuid,
            id: session.id(),
        };
        (claim, others)
    }

    /// The sessions that stand for a player, in the order of their claims.
    pub(crate) fn of(&self, uuid: Uuid) -> Vec<SessionId> {
        let sessions = self.0.get(&uuid);
        sessions.map_or_else(Vec::new, |sessions| {
            sessions.iter().map(|session| session.id()).collect()
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let Entry::Occupied(mut sessions) = self.claims.0.entry(self.uuid) else {
            return;
        };
        // One at a time: a session that claims a player twice has two claims.
        if let Some(at) = sessions.get().iter().position(|session| session.id() == self.id) {
            sessions.get_mut().remove(at);
        }
        if sessions.get().is_empty() {
            sessions.remove();
        }
    }
}
