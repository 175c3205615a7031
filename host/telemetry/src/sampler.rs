//! A limit on how often one log line may appear.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Admits at most so many events a second and counts the others, without locks: for log lines that a flood of bad
/// input would otherwise repeat a thousand times.
///
/// ```
/// # let sampler = portcullis_telemetry::Sampler::new(10);
/// if let Some(suppressed) = sampler.admit() {
///     tracing::debug!(suppressed, "refused connection");
/// }
/// ```
#[derive(Debug)]
pub struct Sampler {
    per_second: u32,
    epoch: Instant,
    /// The second since `epoch` in the upper half, how many were admitted in it in the lower.
    window: AtomicU64,
    suppressed: AtomicU64,
}

impl Sampler {
    /// Admits the first `per_second` events of every second; none when 0.
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second,
            epoch: Instant::now(),
            window: AtomicU64::new(0),
            suppressed: AtomicU64::new(0),
        }
    }

    /// `Some` if this event may be logged, with how many were suppressed since the last that was.
    pub fn admit(&self) -> Option<u64> {
        self.admit_in(self.epoch.elapsed().as_secs())
    }

    fn admit_in(&self, second: u64) -> Option<u64> {
        let admitted = self.window.try_update(Ordering::Relaxed, Ordering::Relaxed, |window| {
            // A thread that read the clock just before another began a new second counts in the new one.
            let (current, count) = (window >> 32, window & u64::from(u32::MAX));
            match second > current {
                true if self.per_second > 0 => Some(second << 32 | 1),
                false if count < u64::from(self.per_second) => Some(window + 1),
                _ => None,
            }
        });
        match admitted {
            Ok(_) => Some(self.suppressed.swap(0, Ordering::Relaxed)),
            Err(_) => {
                self.suppressed.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_to_the_rate_and_the_rest_is_counted() {
        let sampler = Sampler::new(2);
        let admitted = [0, 0, 0, 0, 1, 1, 1, 3].map(|second| sampler.admit_in(second));
        assert_eq!(
            admitted,
            [Some(0), Some(0), None, None, Some(2), Some(0), None, Some(1)]
        );
    }

    #[test]
    fn a_clock_read_late_does_not_open_an_old_window_again() {
        let sampler = Sampler::new(1);
        assert_eq!(
            [7, 6, 7, 6, 8].map(|second| sampler.admit_in(second)),
            [Some(0), None, None, None, Some(3)]
        );
    }

    #[test]
    fn no_event_is_lost_or_counted_twice_across_threads() {
        const THREADS: u64 = 4;
        const EVENTS: u64 = 10_000;
        let sampler = Sampler::new(100);
        let told = std::thread::scope(|scope| {
            let threads = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        (0..EVENTS)
                            .filter_map(|n| sampler.admit_in(n / 1000))
                            .map(|s| s + 1)
                            .sum::<u64>()
                    })
                })
                .collect::<Vec<_>>();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("thread"))
                .sum::<u64>()
        });
        assert_eq!(told + sampler.suppressed.load(Ordering::Relaxed), THREADS * EVENTS);
    }
}
