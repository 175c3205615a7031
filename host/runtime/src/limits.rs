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
///
/// Nor is CPU time all the guest's: the kernel charges the thread for interrupts that it serves meanwhile, and a virtual machine
/// for time in which another one ran. Both come in bursts, so that no two looks a tick apart tell of more than a tick.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    allowed: Duration,
    /// Thread CPU time when this call was looked at last; absent before its first deadline.
    seen: Option<Duration>,
    /// CPU time since the first deadline that is taken for the guest's.
    used: Duration,
}

impl Budget {
    /// Starts a call's budget; returns after how many ticks to look at it.
    pub(crate) fn start(&mut self, allowed: Duration) -> u64 {
        self.allowed = allowed;
        (self.seen, self.used) = (None, Duration::ZERO);
        self.ticks()
    }

    /// The deadline has passed: go on, or trap. The first time only starts the stop-watch, so a call that never ends is
    /// stopped after two budgets and two ticks at most, where it can be looked at each tick. One that cannot, while it fills much
    /// memory at once, is stopped when more looks have been had than the budget has ticks.
    pub(crate) fn deadline_passed(&mut self) -> wasmtime::Result<UpdateDeadline> {
        self.look(thread_cpu_time())
    }

    fn look(&mut self, now: Duration) -> wasmtime::Result<UpdateDeadline> {
        let since = self.seen.replace(now).unwrap_or(now);
        self.used += now.saturating_sub(since).min(TICK);
        // More than one burst alone can come to.
        if self.used > self.allowed.max(TICK) {
            return Err(OutOfTime { budget: self.allowed }.into());
        }
        Ok(UpdateDeadline::Continue(1))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a call with 10 ms is stopped at one of these looks: milliseconds of CPU time since the call began.
    #[track_caller]
    fn check(looks: &[u64], expect: bool) {
        let mut budget = Budget::default();
        budget.start(Duration::from_millis(10));
        let is_stopped = looks
            .iter()
            .any(|look| budget.look(Duration::from_millis(*look)).is_err());
        assert_eq!(is_stopped, expect, "{looks:?}");
    }

    #[test]
    fn a_call_without_end_is_stopped_and_one_that_was_held_up_is_not() {
        check(&[6, 8, 10, 12, 14, 16], false);
        check(&[6, 8, 10, 12, 14, 16, 18], true);
        // The thread did not run.
        check(&[1; 100], false);
        // Somebody else did in its name, four times in a row.
        check(&[1, 500, 1_000, 1_500, 2_000], false);
    }

    #[test]
    fn a_short_call_is_not_stopped_for_one_burst() {
        let mut budget = Budget::default();
        budget.start(Duration::from_millis(1));
        for look in [0, 900] {
            assert!(budget.look(Duration::from_millis(look)).is_ok());
        }
        assert!(budget.look(Duration::from_millis(1_800)).is_err());
    }
}
