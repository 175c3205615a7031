//! What one plugin keeps by key: shared by its instances on all workers, within a quota, some of it for a time only.

use std::{
    collections::BinaryHeap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    clock::Clock, shards::Shards, state_shard::StateShard, state_store::Quota, state_value::StateValue, usage::Usage,
};

/// Longest key, in bytes.
const MAX_KEY_LEN: usize = 512;
/// Longest value, in bytes.
const MAX_VALUE_LEN: usize = 1 << 20;
/// Most keys in one answer.
const MAX_LISTED: usize = 1000;
/// Expired entries removed whenever one is written: more than are made, so that removal keeps up.
const EXPIRED_PER_WRITE: usize = 2;

/// Why an operation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The namespace would hold more keys or bytes than it may. Often keys that are never deleted and have no time to live.
    #[error("the quota of keys or bytes would be exceeded")]
    Quota,
    /// A key or value is longer than allowed, or the key is empty. Often a key made of a value.
    #[error("a key must have 1 to {MAX_KEY_LEN} bytes, a value at most {MAX_VALUE_LEN}")]
    TooLong,
    /// The value is not a counter, or the counter would leave the range of 64 bits.
    #[error("the value is not a counter, or would leave its range")]
    NotACounter,
}

/// One plugin's keys and values. Operations on one key are atomic across workers; there is no order between keys. No call
/// waits for more than another's look-up.
#[derive(Debug)]
pub struct Namespace {
    clock: Clock,
    usage: Usage,
    shards: Shards<StateShard>,
}

impl Namespace {
    pub(crate) fn new(clock: Clock, quota: Quota) -> Self {
        Self {
            clock,
            usage: Usage::new(quota),
            shards: Shards::default(),
        }
    }

    pub(crate) fn set_quota(&self, quota: Quota) {
        self.usage.set_quota(quota);
    }

    /// The value of a key; absent: never set, deleted or expired. A counter reads as its decimal digits.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        check_key(key)?;
        let shard = self.shards.of(key);
        Ok(shard.get(key, self.clock.now()).map(|value| value.bytes().into_owned()))
    }

    /// Sets a value, for as long as `ttl` says; without it, until deleted.
    pub fn set(&self, key: &str, value: Vec<u8>, ttl: Option<Duration>) -> Result<(), StateError> {
        check_key(key)?;
        check_value(&value)?;
        // Copied rather than moved: the change may have to be made twice, and a value must not keep a spare capacity.
        self.write(key, |shard, now| {
            Ok(shard.put(&self.usage, key, bytes(&value), expiry(now, ttl))?)
        })
    }

    /// Deleting what is not there succeeds.
    pub fn delete(&self, key: &str) -> Result<(), StateError> {
        check_key(key)?;
        self.shards.of(key).remove(&self.usage, key);
        Ok(())
    }

    /// Adds to a counter that starts at 0, and returns the new value. `ttl` counts from the counter's birth and is ignored
    /// afterwards.
    pub fn increment(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, StateError> {
        check_key(key)?;
        self.write(key, |shard, now| {
            let Some(value) = shard.get(key, now) else {
                shard.put(&self.usage, key, StateValue::Counter(by), expiry(now, ttl))?;
                return Ok(by);
            };
            let count = value
                .counter()
                .and_then(|count| count.checked_add(by))
                .ok_or(StateError::NotACounter)?;
            shard.replace(&self.usage, key, StateValue::Counter(count))?;
            Ok(count)
        })
    }

    /// Sets only if the present value equals `expected` (absent: only if there is none); returns whether it did.
    pub fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: Vec<u8>,
        ttl: Option<Duration>,
    ) -> Result<bool, StateError> {
        check_key(key)?;
        check_value(&value)?;
        self.write(key, |shard, now| {
            if shard.get(key, now).map(StateValue::bytes).as_deref() != expected {
                return Ok(false);
            }
            shard.put(&self.usage, key, bytes(&value), expiry(now, ttl))?;
            Ok(true)
        })
    }

    /// Keys that start with `prefix`, in byte order, those after `after` if given, at most `limit` and at most 1,000. Looks
    /// at every key. Not one moment's picture: a key that is set or deleted meanwhile may be there or not.
    pub fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, StateError> {
        if prefix.len() > MAX_KEY_LEN || after.is_some_and(|after| after.len() > MAX_KEY_LEN) {
            return Err(StateError::TooLong);
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX).min(MAX_LISTED);
        let now = self.clock.now();
        // The last in order on top, to give way to any that comes before it.
        let mut first: BinaryHeap<Arc<str>> = BinaryHeap::with_capacity(most + 1);
        for shard in self.shards.each() {
            for key in shard.keys(now) {
                if key.starts_with(prefix) && after.is_none_or(|after| **key > *after) {
                    first.push(Arc::clone(key));
                    if first.len() > most {
                        first.pop();
                    }
                }
            }
        }
        Ok(first.into_sorted_vec().iter().map(|key| key.to_string()).collect())
    }

    /// Keys and bytes in use, with those that have expired and were not removed yet.
    pub fn used(&self) -> Quota {
        self.usage.used()
    }

    /// Runs `change` under the lock of the key's piece; if there is no room, once more after what has expired anywhere made
    /// some: an expired entry is never the reason why another is refused.
    fn write<R>(
        &self,
        key: &str,
        change: impl Fn(&mut StateShard, Instant) -> Result<R, Refused>,
    ) -> Result<R, StateError> {
        let once = || {
            let mut shard = self.shards.of(key);
            // Read under the lock, so that for a key time does not go back.
            let now = self.clock.now();
            for _ in 0..EXPIRED_PER_WRITE {
                if !shard.expire_one(&self.usage, now) {
                    break;
                }
            }
            change(&mut shard, now)
        };
        match once() {
            Err(Refused::Room(wanted)) => self.make_room(wanted),
            Err(Refused::For(error)) => return Err(error),
            Ok(done) => return Ok(done),
        }
        once().map_err(|refused| match refused {
            Refused::Room(_) => StateError::Quota,
            Refused::For(error) => error,
        })
    }

    /// Removes expired entries until there is room, or none is left. An entry pays for this once in its life.
    fn make_room(&self, wanted: Quota) {
        let now = self.clock.now();
        for mut shard in self.shards.each() {
            while !self.usage.has_room_for(wanted) {
                if !shard.expire_one(&self.usage, now) {
                    break;
                }
            }
        }
    }
}

/// Why a change was not made.
enum Refused {
    /// There was no room for as much; there may be some later in the same call.
    Room(Quota),
    For(StateError),
}

impl From<Quota> for Refused {
    fn from(wanted: Quota) -> Self {
        Self::Room(wanted)
    }
}

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        Self::For(error)
    }
}

fn check_key(key: &str) -> Result<(), StateError> {
    if (1..=MAX_KEY_LEN).contains(&key.len()) {
        Ok(())
    } else {
        Err(StateError::TooLong)
    }
}

fn check_value(value: &[u8]) -> Result<(), StateError> {
    if value.len() <= MAX_VALUE_LEN {
        Ok(())
    } else {
        Err(StateError::TooLong)
    }
}

fn bytes(value: &[u8]) -> StateValue {
    StateValue::Bytes(value.into())
}

/// A time past the clock's end is as good as none.
fn expiry(now: Instant, ttl: Option<Duration>) -> Option<Instant> {
    now.checked_add(ttl?)
}
