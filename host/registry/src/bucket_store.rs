//! Token buckets by plugin and key, exact across workers: a bucket is changed under its piece's lock.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use indexmap::IndexMap;
use portcullis_config::PluginName;

use crate::{
    bucket::{Bucket, Rate, Refusal},
    clock::Clock,
    shards::{Shards, lock},
};

/// Most buckets of one plugin.
const MAX_BUCKETS: usize = 100_000;
/// Longest key, in bytes.
const MAX_KEY_LEN: usize = 512;
/// A full bucket that nobody asked for as long is forgotten. One asked more often would be made anew each time.
const IDLE: Duration = Duration::from_secs(10);
/// Buckets looked at for forgetting whenever one is made: more than are made, so that forgetting keeps up.
const LOOKS: usize = 2;
/// The same when there are too many: enough to make room soon, few enough to stay below some microseconds.
const LOOKS_WHEN_FULL: usize = 64;

/// Every plugin's buckets.
#[derive(Debug)]
pub struct BucketStore {
    clock: Clock,
    plugins: Mutex<BTreeMap<PluginName, Arc<Buckets>>>,
}

impl BucketStore {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            plugins: Mutex::default(),
        }
    }

    /// A plugin's buckets, the same each time until removed. Takes a lock: ask once per instance, not per call.
    pub fn namespace(&self, plugin: &PluginName) -> Arc<Buckets> {
        let mut plugins = lock(&self.plugins);
        Arc::clone(
            plugins
                .entry(plugin.clone())
                .or_insert_with(|| Arc::new(Buckets::new(self.clock.clone(), MAX_BUCKETS))),
        )
    }

    /// Forgets the buckets of a plugin that left the configuration.
    pub fn remove(&self, plugin: &PluginName) {
        lock(&self.plugins).remove(plugin);
    }
}

/// One plugin's buckets.
#[derive(Debug)]
pub struct Buckets {
    clock: Clock,
    most: usize,
    /// Buckets in all pieces; never more than `most`.
    count: AtomicUsize,
    shards: Shards<Shard>,
    /// Which piece to look through next when there are too many buckets.
    next_shard: AtomicUsize,
}

#[derive(Debug, Default)]
struct Shard {
    /// In a table with positions, so that forgetting can go through it a little at a time.
    buckets: IndexMap<Box<str>, Bucket>,
    /// The position to look at next.
    hand: usize,
}

impl Buckets {
    fn new(clock: Clock, most: usize) -> Self {
        Self {
            clock,
            most,
            count: AtomicUsize::new(0),
            shards: Shards::default(),
            next_shard: AtomicUsize::new(0),
        }
    }

    /// Takes `tokens` from the bucket of `key` if there are that many, otherwise none. A bucket that was never asked for, or
    /// was forgotten, is full. The rate given last counts.
    pub fn try_acquire(&self, key: &str, rate: Rate, tokens: u32) -> Result<(), Refusal> {
        if key.len() > MAX_KEY_LEN || !rate.is_valid() {
            return Err(Refusal::Quota);
        }
        let mut shard = self.shards.of(key);
        // Read under the lock, so that within a bucket time does not go back.
        let now = self.clock.now();
        if let Some(bucket) = shard.buckets.get_mut(key) {
            return bucket.take(tokens, rate, now);
        }
        let mut bucket = Bucket::new(rate, now);
        bucket.take(tokens, rate, now)?;
        let forgotten = shard.forget(LOOKS, |bucket| bucket.is_full(now) && bucket.since() + IDLE <= now);
        self.count.fetch_sub(forgotten, Ordering::Relaxed);
        if self.reserve() {
            shard.buckets.insert(key.into(), bucket);
            return Ok(());
        }
        drop(shard);
        self.make_room(now);
        // A second attempt under the lock, which was given back: somebody may have made this very bucket meanwhile.
        let mut shard = self.shards.of(key);
        if let Some(bucket) = shard.buckets.get_mut(key) {
            return bucket.take(tokens, rate, now);
        }
        if !self.reserve() {
            return Err(Refusal::Quota);
        }
        shard.buckets.insert(key.into(), bucket);
        Ok(())
    }

    /// How many buckets there are.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts one more bucket, unless there are too many.
    fn reserve(&self) -> bool {
        let one_more = |count| (count < self.most).then_some(count + 1);
        self.count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .is_ok()
    }

    /// Forgets full buckets, however lately asked for, in one piece after another from call to call.
    fn make_room(&self, now: Instant) {
        let mut shard = self.shards.at(self.next_shard.fetch_add(1, Ordering::Relaxed));
        let forgotten = shard.forget(LOOKS_WHEN_FULL, |bucket| bucket.is_full(now));
        self.count.fetch_sub(forgotten, Ordering::Relaxed);
    }
}

impl Shard {
    /// Looks at the next few buckets and removes those that may go; returns how many.
    fn forget(&mut self, looks: usize, may_go: impl Fn(&Bucket) -> bool) -> usize {
        let mut forgotten = 0;
        for _ in 0..looks.min(self.buckets.len()) {
            if self.hand >= self.buckets.len() {
                self.hand = 0;
            }
            match self.buckets.get_index(self.hand) {
                Some((_, bucket)) if may_go(bucket) => {
                    // The last one takes its position and is looked at next.
                    self.buckets.swap_remove_index(self.hand);
                    forgotten += 1;
                }
                _ => self.hand += 1,
            }
        }
        if self.buckets.capacity() > 4 * (self.buckets.len() + 16) {
            self.buckets.shrink_to(2 * self.buckets.len());
        }
        forgotten
    }
}
