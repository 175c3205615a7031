//! A table cut in pieces, each behind its own lock, so that workers rarely meet: locks are held for a look-up, never for a
//! wait.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Two workers of sixteen meet in one of 32 pieces about once in thirty calls, and 32 empty pieces cost 4 KiB.
const SHARDS: usize = 32;

/// Pieces of a table by key. The hash is seeded per table: keys may come from clients, who must not be able to choose the
/// piece.
#[derive(Debug)]
pub(crate) struct Shards<T> {
    shards: [Piece<T>; SHARDS],
    hasher: RandomState,
}

/// A piece has cache lines of its own, so that a worker's lock does not slow its neighbours down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Piece<T>(Mutex<T>);

impl<T: Default> Default for Shards<T> {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Piece::default()),
            hasher: RandomState::new(),
        }
    }
}

impl<T> Shards<T> {
    /// The piece that has `key`, locked.
    pub(crate) fn of(&self, key: &str) -> MutexGuard<'_, T> {
        let hash = self.hasher.hash_one(key);
        self.at(usize::try_from(hash % SHARDS as u64).unwrap_or_default())
    }

    /// The piece of a number, modulo their count, locked: for going through all of them bit by bit.
    pub(crate) fn at(&self, number: usize) -> MutexGuard<'_, T> {
        // In range by the modulo.
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        lock(&self.shards[number % SHARDS].0)
    }

    /// Every piece in turn, locked one at a time.
    pub(crate) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.shards.iter().map(|piece| lock(&piece.0))
    }
}

/// No code that holds one of these locks can leave its table half changed, so a panic elsewhere is no reason to stop.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
