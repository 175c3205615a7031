//! The mock host's token buckets: the real one's arithmetic, in billionths of a token.

use std::collections::BTreeMap;

use crate::bindings::services::portcullis::plugin::bucket::{Rate, Refusal};

const NANO: u64 = 1_000_000_000;
const NS_PER_MS: u64 = 1_000_000;
const MAX_BUCKETS: usize = 100_000;
const MAX_KEY_BYTES: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Tokens(BTreeMap<String, Bucket>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: Rate,
    level: u64,
    since_ns: u64,
}

impl Tokens {
    pub(super) fn take(&mut self, key: &str, rate: Rate, tokens: u32, now_ns: u64) -> Result<(), Refusal> {
        let is_valid = rate.capacity > 0 && rate.refill_per_second.is_finite() && rate.refill_per_second >= 0.0;
        if key.len() > MAX_KEY_BYTES || !is_valid {
            return Err(Refusal::Quota);
        }
        let full = u64::from(rate.capacity) * NANO;
        let known = self.0.get(key).copied();
        let level = known.map_or(full, |bucket| bucket.level(now_ns).min(full));
        let bucket = Bucket {
            rate,
            level,
            since_ns: now_ns,
        };
        let wanted = u64::from(tokens) * NANO;
        if wanted > full {
            return Err(Refusal::Never);
        }
        let Some(left) = level.checked_sub(wanted) else {
            return Err(bucket.wait(wanted));
        };
        if known.is_none() && self.0.len() >= MAX_BUCKETS {
            return Err(Refusal::Quota);
        }
        self.0.insert(key.to_owned(), Bucket { level: left, ..bucket });
        Ok(())
    }
}

impl Bucket {
    fn level(&self, now_ns: u64) -> u64 {
        // Rounded down; `as` saturates.
        let inflow = (now_ns.saturating_sub(self.since_ns) as f64 * self.rate.refill_per_second) as u64;
        self.level
            .saturating_add(inflow)
            .min(u64::from(self.rate.capacity) * NANO)
    }

    fn wait(&self, wanted: u64) -> Refusal {
        if self.rate.refill_per_second == 0.0 {
            return Refusal::Never;
        }
        let missing = wanted.saturating_sub(self.level) as f64;
        let ms = (missing / self.rate.refill_per_second / NS_PER_MS as f64)
            .ceil()
            .max(1.0) as u64;
        let enough = self.level(self.since_ns.saturating_add(ms.saturating_mul(NS_PER_MS))) >= wanted;
        Refusal::WaitMs(if enough { ms } else { ms.saturating_add(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(capacity: u32, refill_per_second: f64) -> Rate {
        Rate {
            capacity,
            refill_per_second,
        }
    }

    #[test]
    fn a_bucket_starts_full_and_says_how_long_to_wait() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.take("a", rate(2, 3.0), 2, 0), Ok(()));
        assert_eq!(tokens.take("a", rate(2, 3.0), 1, 0), Err(Refusal::WaitMs(334)));
        assert_eq!(
            tokens.take("a", rate(2, 3.0), 1, 333 * NS_PER_MS),
            Err(Refusal::WaitMs(1))
        );
        assert_eq!(tokens.take("a", rate(2, 3.0), 1, 334 * NS_PER_MS), Ok(()));
    }

    #[test]
    fn what_can_never_be_is_told_from_what_takes_time() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.take("a", rate(2, 1.0), 3, 0), Err(Refusal::Never));
        assert_eq!(tokens.take("b", rate(1, 0.0), 1, 0), Ok(()));
        assert_eq!(tokens.take("b", rate(1, 0.0), 1, 0), Err(Refusal::Never));
        assert_eq!(tokens.take("c", rate(0, 1.0), 1, 0), Err(Refusal::Quota));
        assert_eq!(tokens.take("c", rate(1, f64::NAN), 1, 0), Err(Refusal::Quota));
    }
}
