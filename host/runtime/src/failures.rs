//! A plugin's recent failures: when to try again, and when to stop trying.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The first wait; it doubles with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait before jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How far a wait is spread, so that workers do not all come back at once: up to a quarter more.
const JITTER: f64 = 0.25;
/// So many failures within the window mean that trying again does not help.
const QUARANTINE_AFTER: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// What follows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Build a new instance after this time.
    RetryAfter(Duration),
    /// Leave it alone until the file or the configuration changes, or an operator says so.
    Quarantine,
}

/// Failures of one load, on all workers.
#[derive(Debug, Default)]
pub(crate) struct FailureLog {
    recent: VecDeque<Instant>,
}

impl FailureLog {
    /// `spread` is a random number from 0 to 1.
    pub(crate) fn record(&mut self, now: Instant, spread: f64) -> Next {
        self.forget(now);
        self.recent.push_back(now);
        if self.recent.len() >= QUARANTINE_AFTER {
            return Next::Quarantine;
        }
        let doublings = u32::try_from(self.recent.len() - 1).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT
            .saturating_mul(2u32.saturating_pow(doublings))
            .min(LONGEST_WAIT);
        Next::RetryAfter(wait.mul_f64(1.0 + JITTER * spread))
    }

    /// Failures within the window.
    pub(crate) fn recent(&self, now: Instant) -> usize {
        self.recent
            .iter()
            .filter(|at| now.duration_since(**at) < WINDOW)
            .count()
    }

    fn forget(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_the_fifth_failure_within_a_minute_quarantines() {
        let mut log = FailureLog::default();
        let now = Instant::now();
        let next: Vec<_> = (0..5).map(|_| log.record(now, 0.0)).collect();
        let retry = |seconds| Next::RetryAfter(Duration::from_secs(seconds));
        assert_eq!(next, [retry(1), retry(2), retry(4), retry(8), Next::Quarantine]);
    }

    #[test]
    fn failures_older_than_a_minute_are_forgotten() {
        let mut log = FailureLog::default();
        let start = Instant::now();
        for minute in 0..20 {
            let now = start + Duration::from_secs(60 * minute);
            assert_eq!(log.record(now, 0.0), Next::RetryAfter(FIRST_WAIT));
        }
    }

    #[test]
    fn jitter_adds_up_to_a_quarter() {
        assert_eq!(
            FailureLog::default().record(Instant::now(), 1.0),
            Next::RetryAfter(Duration::from_millis(1250))
        );
    }
}
