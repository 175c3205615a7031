//! The sessions that have joined a server, by the host's own numbers.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use dashmap::DashMap;

use crate::session::{Session, SessionId};

/// Sessions on a server. Those on their way to one are known to their worker only.
#[derive(Debug, Default)]
pub struct SessionTable {
    sessions: DashMap<SessionId, Arc<Session>>,
    /// How many numbers have been given out.
    given: AtomicU64,
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

    /// All sessions, by number. Copies a pointer for each: for people's lists, not for every connection.
    pub fn list(&self) -> Vec<Arc<Session>> {
        let mut sessions: Vec<_> = self.sessions.iter().map(|session| Arc::clone(&session)).collect();
        sessions.sort_by_key(|session| session.id());
        sessions
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }
}
