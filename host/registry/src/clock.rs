//! The time by which entries expire and buckets fill: the system's, or a test's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Tells the time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(ManualClock),
}

/// A clock that stands still until it is told to go on, for tests.
#[derive(Clone, Debug)]
pub struct ManualClock {
    start: Instant,
    passed_ns: Arc<AtomicU64>,
}

impl Clock {
    /// The system's monotonic clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock, and the handle that moves it.
    pub fn manual() -> (Self, ManualClock) {
        let handle = ManualClock {
            start: Instant::now(),
            passed_ns: Arc::default(),
        };
        (Self(Source::Manual(handle.clone())), handle)
    }

    /// Never less than before.
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => Instant::now(),
            Source::Manual(manual) => manual.start + Duration::from_nanos(manual.passed_ns.load(Ordering::SeqCst)),
        }
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let nanoseconds = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.passed_ns.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}
