//! The mock host's state: the rules and bounds of the real one.

use std::collections::BTreeMap;

use crate::bindings::services::portcullis::plugin::state::Error;

/// The contract's bounds on keys, values and answers.
const MAX_KEY_BYTES: usize = 512;
const MAX_VALUE_BYTES: usize = 1 << 20;
const MAX_LISTED: usize = 1_000;

/// What the operator allows unless configured.
const KEYS: usize = 10_000;
const BYTES: usize = 16 << 20;

const NS_PER_MS: u64 = 1_000_000;

#[derive(Debug)]
pub(super) struct Store {
    entries: BTreeMap<String, Entry>,
    pub(super) max_keys: usize,
    pub(super) max_bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Vec<u8>,
    expires_ns: Option<u64>,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            max_keys: KEYS,
            max_bytes: BYTES,
        }
    }
}

impl Store {
    pub(super) fn get(&mut self, key: &str, now_ns: u64) -> Result<Option<Vec<u8>>, Error> {
        check_key(key)?;
        self.expire(now_ns);
        Ok(self.entries.get(key).map(|entry| entry.value.clone()))
    }

    pub(super) fn set(&mut self, key: &str, value: &[u8], ttl_ms: Option<u64>, now_ns: u64) -> Result<(), Error> {
        check_key(key)?;
        if value.len() > MAX_VALUE_BYTES {
            return Err(Error::TooLong);
        }
        self.expire(now_ns);
        let expires_ns = ttl_ms.and_then(|ttl| now_ns.checked_add(ttl.checked_mul(NS_PER_MS)?));
        self.put(
            key,
            Entry {
                value: value.to_vec(),
                expires_ns,
            },
        )
    }

    pub(super) fn delete(&mut self, key: &str) -> Result<(), Error> {
        check_key(key)?;
        self.entries.remove(key);
        Ok(())
    }

    pub(super) fn increment(&mut self, key: &str, by: i64, ttl_ms: Option<u64>, now_ns: u64) -> Result<i64, Error> {
        check_key(key)?;
        self.expire(now_ns);
        let Some(entry) = self.entries.get(key).cloned() else {
            self.set(key, by.to_string().as_bytes(), ttl_ms, now_ns)?;
            return Ok(by);
        };
        let digits = str::from_utf8(&entry.value).ok();
        let count = digits.and_then(|digits| digits.parse::<i64>().ok());
        // Only digits as a counter shows them are a counter: no plus, no leading zeros.
        let count = count.filter(|count| Some(count.to_string().as_str()) == digits);
        let sum = count
            .and_then(|count| count.checked_add(by))
            .ok_or(Error::NotACounter)?;
        self.put(
            key,
            Entry {
                value: sum.to_string().into_bytes(),
                ..entry
            },
        )?;
        Ok(sum)
    }

    pub(super) fn compare_and_swap(
        &mut self,
        key: &str,
        expected: Option<&[u8]>,
        value: &[u8],
        ttl_ms: Option<u64>,
        now_ns: u64,
    ) -> Result<bool, Error> {
        if self.get(key, now_ns)?.as_deref() != expected {
            return Ok(false);
        }
        self.set(key, value, ttl_ms, now_ns).map(|()| true)
    }

    pub(super) fn keys(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        now_ns: u64,
    ) -> Result<Vec<String>, Error> {
        self.expire(now_ns);
        let most = usize::try_from(limit).unwrap_or(MAX_LISTED).min(MAX_LISTED);
        let keys = self.entries.keys().filter(|key| key.starts_with(prefix));
        let keys = keys.filter(|key| after.is_none_or(|after| key.as_str() > after));
        Ok(keys.take(most).cloned().collect())
    }

    fn put(&mut self, key: &str, entry: Entry) -> Result<(), Error> {
        let others = self.entries.iter().filter(|(other, _)| *other != key);
        let (keys, bytes) = others.fold((0, 0), |(keys, bytes), (key, entry)| {
            (keys + 1, bytes + key.len() + entry.value.len())
        });
        if keys + 1 > self.max_keys || bytes + key.len() + entry.value.len() > self.max_bytes {
            return Err(Error::Quota);
        }
        self.entries.insert(key.to_owned(), entry);
        Ok(())
    }

    fn expire(&mut self, now_ns: u64) {
        self.entries
            .retain(|_, entry| entry.expires_ns.is_none_or(|expires| now_ns < expires));
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    if (1..=MAX_KEY_BYTES).contains(&key.len()) {
        Ok(())
    } else {
        Err(Error::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_without_a_time_to_live_removes_an_earlier_one() {
        let mut store = Store::default();
        store.set("a", b"1", Some(1), 0).unwrap();
        store.set("a", b"2", None, 0).unwrap();
        assert_eq!(store.get("a", 10 * NS_PER_MS), Ok(Some(b"2".to_vec())));
    }

    #[test]
    fn a_counters_time_to_live_counts_from_its_birth() {
        let mut store = Store::default();
        assert_eq!(store.increment("a", 1, Some(10), 0), Ok(1));
        assert_eq!(store.increment("a", 1, Some(10), 9 * NS_PER_MS), Ok(2));
        assert_eq!(store.increment("a", 1, Some(10), 10 * NS_PER_MS), Ok(1));
    }

    #[test]
    fn what_is_no_counter_is_not_added_to() {
        let mut store = Store::default();
        for value in ["", "+1", "01", "x", "9223372036854775807"] {
            store.set("a", value.as_bytes(), None, 0).unwrap();
            assert_eq!(store.increment("a", 1, None, 0), Err(Error::NotACounter), "{value}");
        }
    }

    #[test]
    fn keys_and_bytes_are_bounded() {
        let mut store = Store {
            max_keys: 2,
            max_bytes: 10,
            ..Store::default()
        };
        store.set("a", b"1234", None, 0).unwrap();
        assert_eq!(store.set("b", b"12345", None, 0), Err(Error::Quota));
        store.set("b", b"1234", None, 0).unwrap();
        assert_eq!(store.set("c", b"", None, 0), Err(Error::Quota));
        store.set("a", b"1", None, 0).unwrap();
        assert_eq!(store.set("", b"", None, 0), Err(Error::TooLong));
        assert_eq!(store.keys("", Some("a"), 10, 0), Ok(vec!["b".to_owned()]));
    }

    #[test]
    fn a_swap_happens_only_where_the_value_is_the_expected() {
        let mut store = Store::default();
        assert_eq!(store.compare_and_swap("a", Some(b"1"), b"2", None, 0), Ok(false));
        assert_eq!(store.compare_and_swap("a", None, b"1", None, 0), Ok(true));
        assert_eq!(store.compare_and_swap("a", None, b"2", None, 0), Ok(false));
        assert_eq!(store.compare_and_swap("a", Some(b"1"), b"2", None, 0), Ok(true));
    }
}
