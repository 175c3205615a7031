//! `clock`.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::bindings::portcullis::plugin::clock;
use crate::context::Context;

/// Zero of the monotonic clock: the same for every worker.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn monotonic_ns() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl clock::Host for Context {
    fn monotonic_ns(&mut self) -> u64 {
        monotonic_ns()
    }

    fn unix_ms(&mut self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
