//! The roll of a worker's moving sessions: one look at all of them each second finds the idle ones and accounts for
//! bytes, so that no move of bytes touches a clock or a metric.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use portcullis_registry::{Session, SessionId};
use portcullis_runtime::End;

use crate::metrics::Bytes;

/// Between two looks. An idle session ends up to so much later than configured.
pub(crate) const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The moving sessions of one worker.
#[derive(Debug, Default)]
pub(crate) struct Roll {
    entries: RefCell<HashMap<SessionId, Rc<Entry>>>,
    /// Of whoever waits for the roll to be empty.
    emptied: Rc<tokio::sync::Notify>,
}

/// One moving session.
#[derive(Debug)]
pub(crate) struct Entry {
    session: Arc<Session>,
    idle_timeout: Duration,
    bytes: RefCell<Bytes>,
    /// What they have been told, up and down.
    accounted: Cell<(u64, u64)>,
    quiet_since: Cell<Instant>,
    ordered: RefCell<Option<End>>,
    waker: RefCell<Option<Waker>>,
}

impl Roll {
    pub(crate) fn enter(&self, session: Arc<Session>, idle_timeout: Duration, bytes: Bytes) -> Rc<Entry> {
        let entry = Rc::new(Entry {
            accounted: Cell::new((session.up_bytes(), session.down_bytes())),
            session,
            idle_timeout,
            bytes: RefCell::new(bytes),
            quiet_since: Cell::new(Instant::now()),
            ordered: RefCell::new(None),
            waker: RefCell::new(None),
        });
        self.entries.borrow_mut().insert(entry.session.id(), Rc::clone(&entry));
        entry
    }

    /// Takes a session off the roll and accounts for its last bytes.
    pub(crate) fn leave(&self, entry: &Entry) {
        entry.account();
        let mut entries = self.entries.borrow_mut();
        entries.remove(&entry.session.id());
        if entries.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Looks at every session once: `now` is handed in so that a test need not wait.
    pub(crate) fn sweep(&self, now: Instant) {
        for entry in self.entries.borrow().values() {
            if entry.account() {
                entry.quiet_since.set(now);
            } else if now.duration_since(entry.quiet_since.get()) >= entry.idle_timeout {
                entry.order_end(End::Idle);
            }
        }
    }

    /// Ends every session, and waits until each has said so.
    pub(crate) async fn close(&self) {
        loop {
            let emptied = self.emptied.notified();
            {
                let entries = self.entries.borrow();
                if entries.is_empty() {
                    return;
                }
                entries.values().for_each(|entry| entry.order_end(End::ClosedByHost));
            }
            emptied.await;
        }
    }
}

impl Entry {
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The end that somebody else ordered, if so; otherwise the task is woken when somebody does.
    pub(crate) fn poll_ordered_end(&self, cx: &Context<'_>) -> Poll<End> {
        if let Some(end) = self.ordered.borrow_mut().take() {
            return Poll::Ready(end);
        }
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// From here on bytes count for another link; those so far are accounted for.
    pub(crate) fn count_for(&self, bytes: Bytes) {
        self.account();
        self.bytes.replace(bytes);
    }

    /// The session is not idle, although no bytes have moved between its two ends.
    pub(crate) fn stir(&self) {
        self.quiet_since.set(Instant::now());
    }

    fn order_end(&self, end: End) {
        *self.ordered.borrow_mut() = Some(end);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Tells the metrics what moved since last time; whether anything did.
    fn account(&self) -> bool {
        let (up, down) = (self.session.up_bytes(), self.session.down_bytes());
        let (up_before, down_before) = self.accounted.replace((up, down));
        self.bytes.borrow().add(up - up_before, down - down_before);
        (up, down) != (up_before, down_before)
    }
}
