//! The sessions that have joined a server, by the host's own numbers.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::DashMap;
use uuid::Uuid;

use crate::{
    claims::{Claim, Claims},
    session::{Session, SessionId},
};

/// Sessions on a server. Those on their way to one are known to their worker only, but for the players they claim.
#[derive(Debug, Default)]
pub struct SessionTable {
    sessions: DashMap<SessionId, Arc<Session>>,
    claims: Arc<Claims>,
    /// How many numbers have been given out.
    given: AtomicU64,
}

/// Which sessions: those that fit all that is said. Nothing said: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This one.
    pub session: Option<SessionId>,
    /// On this server.
    pub server: Option<String>,
    /// Of the player whose profile has this name, whatever its case. What a client merely claims is not looked at.
    pub name: Option<String>,
    /// Of the player whose profile has this UUID.
    pub uuid: Option<Uuid>,
}

impl SessionTable {
    /// A number that no session has had, starting at 1.
    pub fn next_id(&self) -> SessionId {
        SessionId::new(self.given.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Adds a session that joined a server.
    pub fn insert(&self, session: Arc<Session>) {
        self.sessions.insert(session.id(), session);
    }

    /// Removes a session that ended.
    pub fn remove(&self, id: SessionId) -> Option<Arc<Session>> {
        self.sessions.remove(&id).map(|(_, session)| session)
    }

    /// The session of a number.
    pub fn get(&self, id: SessionId) -> Option<Arc<Session>> {
        self.sessions.get(&id).map(|session| Arc::clone(&session))
    }

    /// Claims a player for a session that logs in, for as long as the claim is kept, and tells which sessions had claimed
    /// the same player before, those among them that are logging in as well. Of two logins at a time, one sees the other.
    pub fn claim(&self, uuid: Uuid, session: &Arc<Session>) -> (Claim, Vec<Arc<Session>>) {
        self.claims.claim(uuid, session)
    }

    /// All sessions, by number. Copies a pointer for each: for people's lists, not for every connection.
    pub fn list(&self) -> Vec<Arc<Session>> {
        self.find(&Filter::default(), None, usize::MAX)
    }

    /// Sessions that fit, by number, those after `after` if given, at most `limit`. By number or UUID that is a look-up; otherwise
    /// every session is looked at.
    pub fn find(&self, filter: &Filter, after: Option<SessionId>, limit: usize) -> Vec<Arc<Session>> {
        let mut found = Vec::new();
        self.each(filter, |session| {
            if after.is_none_or(|after| session.id() > after) {
                found.push(Arc::clone(session));
            }
        });
        if limit < found.len() {
            found.select_nth_unstable_by_key(limit, |session| session.id());
            found.truncate(limit);
        }
        found.sort_unstable_by_key(|session| session.id());
        found
    }

    /// How many fit.
    pub fn count(&self, filter: &Filter) -> usize {
        let mut count = 0;
        self.each(filter, |_| count += 1);
        count
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    fn each(&self, filter: &Filter, mut found: impl FnMut(&Arc<Session>)) {
        let candidates = match (filter.session, filter.uuid) {
            (Some(id), _) => vec![id],
            (None, Some(uuid)) => self.claims.of(uuid),
            (None, None) => {
                let fitting = self.sessions.iter().filter(|session| filter.fits(session));
                return fitting.for_each(|session| found(&session));
            }
        };
        // One that claims a player twice is one session.
        let candidates: BTreeSet<_> = candidates.into_iter().collect();
        for session in candidates.into_iter().filter_map(|id| self.get(id)) {
            if filter.fits(&session) {
                found(&session);
            }
        }
    }
}

impl Filter {
    /// Whether a session fits.
    pub fn fits(&self, session: &Session) -> bool {
        let asks_for_player = self.name.is_some() || self.uuid.is_some();
        let fits_player = || {
            session.identity().is_some_and(|identity| {
                let profile = identity.profile;
                self.name
                    .as_ref()
                    .is_none_or(|name| name.eq_ignore_ascii_case(&profile.name))
                    && self.uuid.is_none_or(|uuid| uuid == profile.uuid)
            })
        };
        let fits_server = |server: &String| session.server().is_some_and(|on| *on == **server);
        self.session.is_none_or(|id| id == session.id())
            && self.server.as_ref().is_none_or(fits_server)
            && (!asks_for_player || fits_player())
    }
}
