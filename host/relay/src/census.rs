//! Counts the connections of all workers that a stopping host waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many are present.
#[derive(Debug, Default)]
pub(crate) struct Census {
    present: AtomicUsize,
    emptied: Notify,
}

/// One more, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Present(Arc<Census>);

impl Census {
    pub(crate) fn enter(self: &Arc<Self>) -> Present {
        self.present.fetch_add(1, Ordering::Relaxed);
        Present(Arc::clone(self))
    }

    /// Waits until nobody is present.
    pub(crate) async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.present.load(Ordering::Acquire) == 0 {
                return;
            }
            emptied.await;
        }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        if self.0.present.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.emptied.notify_waiters();
        }
    }
}
