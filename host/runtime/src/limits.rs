//! The bounds of an instance: memory, and time per call.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{ResourceLimiter, UpdateDeadline};

use crate::engine::TICK;

/// What lists and strings of one call may make the host allocate, in bytes.
pub(crate) const TRANSFER_BYTES: usize = 1 << 20;

/// The same where packets are handed over: one of the largest, and something beside it.
pub(crate) const PACKET_BYTES: usize = (2 << 20) + (64 << 10);

/// The same for `save` and `load`, whose state may be 16 MiB.
pub(crate) const STATE_BYTES: usize = 16 << 20;

/// Tables hold functions; a guest of 20,000 of them is larger than any known.
const MAX_TABLE_ELEMENTS: usize = 20_000;

/// The memory limit was reached. Carried through wasmtime as the reason of the trap.
#[derive(Debug, thiserror::Error)]
#[error("the memory limit of {limit_mib} MiB was reached; raise limits.memory-mib if the plugin needs more")]
pub(crate) struct MemoryLimit {
    limit_mib: usize,
}

/// The call's time was used up. Carried through wasmtime as the reason of the trap.
#[derive(Debug, thiserror::Error)]
#[error("the call used up its {} ms", budget.as_millis())]
pub(crate) struct OutOfTime {
    budget: Duration,
}

/// Counts linear memory and refuses growth past the limit.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit_bytes: usize,
    used_bytes: usize,
}

impl MemoryMeter {
    pub(crate) fn new(limit_mib: u32) -> Self {
        Self {
            limit_bytes: (limit_mib as usize) << 20,
            used_bytes: 0,
        }
    }

    /// Linear memory of all the instance's memories, in bytes.
    pub(crate) fn used_bytes(&self) -> usize {
        self.used_bytes
    }
}

impl ResourceLimiter for MemoryMeter {
    // An error rather than `Ok(false)`: guests abort on a refused growth anyway, but without saying why.
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used_bytes.saturating_add(desired.saturating_sub(current));
        if used > self.limit_bytes {
            return Err(MemoryLimit {
                limit_mib: self.limit_bytes >> 20,
            }
            .into());
        }
        self.used_bytes = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}

/// A call's time. Epochs count wall-clock time, which on a busy machine passes while the thread does not run; so past the
/// deadline the thread's own CPU time decides. It is read only then: a call in time pays nothing for it.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    allowed: Duration,
    /// Thread CPU time at the first deadline of this call.
    since: Option<Duration>,
}

impl Budget {
    /// Starts a call's budget; returns after how many ticks to look at it.
    pub(crate) fn start(&mut self, allowed: Duration) -> u64 {
        self.allowed = allowed;
        self.since = None;
        self.ticks()
    }

    /// The deadline has passed: go on, or trap. The first time only starts the stop-watch, so a call that never ends is
    /// stopped after one to two budgets of CPU time.
    pub(crate) fn deadline_passed(&mut self) -> wasmtime::Result<UpdateDeadline> {
        let now = thread_cpu_time();
        match self.since {
            Some(since) if now.saturating_sub(since) >= self.allowed => Err(OutOfTime { budget: self.allowed }.into()),
            Some(_) => Ok(UpdateDeadline::Continue(1)),
            None => {
                self.since = Some(now);
                Ok(UpdateDeadline::Continue(self.ticks()))
            }
        }
    }

    /// One more than the budget holds: the current tick has begun already.
    fn ticks(&self) -> u64 {
        u64::try_from(self.allowed.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX - 1) + 1
    }
}

fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
