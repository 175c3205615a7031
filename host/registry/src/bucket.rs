//! One token bucket, in whole numbers: a rounding error never admits anybody.

use std::time::{Duration, Instant};

/// Tokens are counted in billionths, because a nanosecond at `r` tokens per second brings `r` of them.
const NANO: u64 = 1_000_000_000;
const NANOS_PER_MS: f64 = 1e6;

/// How much a bucket holds, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The most it holds, and what it starts with; at least 1.
    pub capacity: u32,
    /// What flows in, in tokens per second; finite and at least 0.
    pub refill_per_second: f64,
}

impl Rate {
    /// Whether a bucket can have this rate.
    pub(crate) fn is_valid(&self) -> bool {
        self.capacity > 0 && self.refill_per_second.is_finite() && self.refill_per_second >= 0.0
    }

    fn full(&self) -> u64 {
        u64::from(self.capacity) * NANO
    }

    /// What flows in, in billionths of a token, rounded down. Exact for a hundred days, by when any real bucket is full;
    /// `as` saturates beyond.
    fn inflow(&self, elapsed: Duration) -> u64 {
        (elapsed.as_nanos() as f64 * self.refill_per_second) as u64
    }
}

/// Why tokens are not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too few tokens now.
    #[error("too few tokens for another {0} ms")]
    WaitMs(u64),
    /// More than the bucket can hold, or nothing flows in.
    #[error("there will never be enough tokens")]
    Never,
    /// A key too long, an invalid rate, or too many buckets.
    #[error("the key is too long, the rate invalid, or there are too many buckets")]
    Quota,
}

/// A bucket as it was at `since`; what has flowed in from then on is computed when somebody asks.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    /// Billionths of a token.
    level: u64,
    since: Instant,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            level: rate.full(),
            since: now,
        }
    }

    /// Takes `tokens`, or none. The rate counts from now on.
    pub(crate) fn take(&mut self, tokens: u32, rate: Rate, now: Instant) -> Result<(), Refusal> {
        if rate != self.rate {
            let level = self.level(now).min(rate.full());
            *self = Self {
                rate,
                level,
                since: now,
            };
        }
        let wanted = u64::from(tokens) * NANO;
        if wanted > rate.full() {
            return Err(Refusal::Never);
        }
        match self.level(now).checked_sub(wanted) {
            // The fraction of a billionth that rounding loses here is the bucket's, not the client's.
            Some(level) => {
                *self = Self {
                    rate,
                    level,
                    since: now,
                };
                Ok(())
            }
            None => Err(self.wait(wanted, now)),
        }
    }

    /// Whether it is as good as one that was never asked.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.level(now) == self.rate.full()
    }

    /// When it was last given from, or given another rate.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    fn level(&self, now: Instant) -> u64 {
        // Clocks of two threads may be read in one order and used in the other: never back in time.
        let elapsed = now.saturating_duration_since(self.since);
        self.level
            .saturating_add(self.rate.inflow(elapsed))
            .min(self.rate.full())
    }

    /// The whole milliseconds after which `wanted` is there, and not one of them less; at most what `as` saturates to.
    fn wait(&self, wanted: u64, now: Instant) -> Refusal {
        if self.rate.refill_per_second == 0.0 {
            return Refusal::Never;
        }
        let missing = wanted.saturating_sub(self.level(now));
        let ms = (missing as f64 / self.rate.refill_per_second / NANOS_PER_MS)
            .ceil()
            .max(1.0) as u64;
        let enough_after = |ms: u64| {
            let then = now.checked_add(Duration::from_millis(ms));
            then.is_none_or(|then| self.level(then) >= wanted)
        };
        Refusal::WaitMs(if enough_after(ms) { ms } else { ms.saturating_add(1) })
    }
}
