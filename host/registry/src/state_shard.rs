//! A piece of a namespace: entries by key, and by the time at which they end.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Instant,
};

use crate::{state_store::Quota, state_value::StateValue, usage::Usage};

/// Entries and their expiry. Whoever changes one keeps `usage` true.
#[derive(Debug, Default)]
pub(crate) struct StateShard {
    entries: HashMap<Arc<str>, Entry>,
    /// Exactly the entries that expire, soonest first.
    expiries: BTreeSet<(Instant, Arc<str>)>,
}

#[derive(Debug)]
struct Entry {
    value: StateValue,
    /// None: kept until deleted.
    expires: Option<Instant>,
}

impl StateShard {
    /// The value of a key, unless it has expired.
    pub(crate) fn get(&self, key: &str, now: Instant) -> Option<&StateValue> {
        self.entries
            .get(key)
            .filter(|entry| entry.is_live(now))
            .map(|entry| &entry.value)
    }

    /// Keys of entries that have not expired.
    pub(crate) fn keys(&self, now: Instant) -> impl Iterator<Item = &Arc<str>> {
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.is_live(now))
            .map(|(key, _)| key)
    }

    /// Sets a value and when it ends, in place of whatever was there. If there is no room nothing changes, and what could
    /// not be had is the error.
    pub(crate) fn put(
        &mut self,
        usage: &Usage,
        key: &str,
        value: StateValue,
        expires: Option<Instant>,
    ) -> Result<(), Quota> {
        let Some((shared, entry)) = self.entries.get_key_value(key) else {
            usage.reserve(size(key, &value))?;
            let key: Arc<str> = key.into();
            self.expiries.extend(expires.map(|expires| (expires, Arc::clone(&key))));
            self.entries.insert(key, Entry { value, expires });
            return Ok(());
        };
        resize(usage, entry.value.len(), value.len())?;
        let shared = Arc::clone(shared);
        if entry.expires != expires {
            if let Some(old) = entry.expires {
                self.expiries.remove(&(old, Arc::clone(&shared)));
            }
            self.expiries
                .extend(expires.map(|expires| (expires, Arc::clone(&shared))));
        }
        self.entries.insert(shared, Entry { value, expires });
        Ok(())
    }

    /// Changes the value of a key that [`Self::get`] has just found, and not when it ends.
    pub(crate) fn replace(&mut self, usage: &Usage, key: &str, value: StateValue) -> Result<(), Quota> {
        if let Some(entry) = self.entries.get_mut(key) {
            resize(usage, entry.value.len(), value.len())?;
            entry.value = value;
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, usage: &Usage, key: &str) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            usage.release(size(&key, &entry.value));
            if let Some(expires) = entry.expires {
                self.expiries.remove(&(expires, key));
            }
        }
    }

    /// Removes the entry that expired longest ago; returns whether there was one.
    pub(crate) fn expire_one(&mut self, usage: &Usage, now: Instant) -> bool {
        let due = self
            .expiries
            .first()
            .filter(|(expires, _)| *expires <= now)
            .map(|(_, key)| Arc::clone(key));
        if let Some(key) = &due {
            self.remove(usage, key);
        }
        due.is_some()
    }
}

impl Entry {
    fn is_live(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

fn size(key: &str, value: &StateValue) -> Quota {
    Quota {
        keys: 1,
        bytes: key.len() + value.len(),
    }
}

fn resize(usage: &Usage, old: usize, new: usize) -> Result<(), Quota> {
    if new > old {
        usage.reserve(Quota {
            keys: 0,
            bytes: new - old,
        })?;
    } else if new < old {
        usage.release(Quota {
            keys: 0,
            bytes: old - new,
        });
    }
    Ok(())
}
