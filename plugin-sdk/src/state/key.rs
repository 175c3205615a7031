//! Typed values by name.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::error::StateError;
use super::{full_key, ms};
use crate::{State, host};

/// How often a change is tried: each time another worker's came first, and there are few workers.
const MAX_TRIES: u32 = 64;

/// Values of one type, each under an id: a player's name, an address, or `""` where there is one alone.
///
/// Values carry the version of their type, so that those of an older build are migrated when they are read.
///
/// ```
/// use portcullis_sdk::state::Key;
///
/// const NICKNAMES: Key<String> = Key::new("nickname");
///
/// # let host = portcullis_sdk::testing::Host::new();
/// NICKNAMES.set("Ada", &"Countess".into())?;
/// assert_eq!(NICKNAMES.get("Ada")?.as_deref(), Some("Countess"));
/// assert_eq!(NICKNAMES.get("Bob")?, None);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
pub struct Key<T> {
    name: &'static str,
    ttl: Option<Duration>,
    value: PhantomData<fn() -> T>,
}

impl<T: State> Key<T> {
    /// Values kept until they are removed. The name tells them from the plugin's other values.
    ///
    /// ```
    /// const BANS: portcullis_sdk::state::Key<u64> = portcullis_sdk::state::Key::new("ban");
    /// ```
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            ttl: None,
            value: PhantomData,
        }
    }

    /// Values kept for so long after they were last set.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// const SEEN: portcullis_sdk::state::Key<u32> = portcullis_sdk::state::Key::new("seen").lasting(Duration::from_secs(60));
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// SEEN.set("Ada", &1)?;
    /// host.advance(Duration::from_secs(60));
    /// assert_eq!(SEEN.get("Ada")?, None);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub const fn lasting(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The value; absent: never set, removed or expired.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert_eq!(portcullis_sdk::state::Key::<u32>::new("seen").get("Ada")?, None);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn get(&self, id: &str) -> Result<Option<T>, StateError> {
        let kept = host::state::get(&self.key(id))?;
        kept.as_deref().map(read).transpose()
    }

    /// Sets the value.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// portcullis_sdk::state::Key::new("seen").set("Ada", &1_u32)?;
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn set(&self, id: &str, value: &T) -> Result<(), StateError> {
        Ok(host::state::set(&self.key(id), &write(value)?, ms(self.ttl))?)
    }

    /// Removes the value. Removing what is not there succeeds.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let seen = portcullis_sdk::state::Key::<u32>::new("seen");
    /// seen.set("Ada", &1)?;
    /// seen.remove("Ada")?;
    /// assert_eq!(seen.get("Ada")?, None);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn remove(&self, id: &str) -> Result<(), StateError> {
        Ok(host::state::delete(&self.key(id))?)
    }

    /// Sets the value only if there is none, and says whether it did: of all workers, one is told that it did.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let first = portcullis_sdk::state::Key::<bool>::new("first");
    /// assert!(first.claim("Ada", &true)?);
    /// assert!(!first.claim("Ada", &true)?);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn claim(&self, id: &str, value: &T) -> Result<bool, StateError> {
        Ok(host::state::compare_and_swap(
            &self.key(id),
            None,
            &write(value)?,
            ms(self.ttl),
        )?)
    }

    /// Changes the value, whatever other workers do meanwhile, and returns what it is then. `change` is called again when
    /// another worker was faster, so it should do nothing else.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let best = portcullis_sdk::state::Key::<u32>::new("best");
    /// best.update("Ada", |score| score.unwrap_or_default().max(7))?;
    /// assert_eq!(best.update("Ada", |score| score.unwrap_or_default().max(5))?, 7);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn update(&self, id: &str, change: impl Fn(Option<T>) -> T) -> Result<T, StateError> {
        let key = self.key(id);
        for _ in 0..MAX_TRIES {
            let kept = host::state::get(&key)?;
            let changed = change(kept.as_deref().map(read).transpose()?);
            if host::state::compare_and_swap(&key, kept.as_deref(), &write(&changed)?, ms(self.ttl))? {
                return Ok(changed);
            }
        }
        Err(StateError::Contended)
    }

    /// The ids of all values, in byte order, those after `after` if given, at most 1,000. Looks at every key of the plugin: not for
    /// each connection.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let seen = portcullis_sdk::state::Key::<u32>::new("seen");
    /// seen.set("Bob", &1)?;
    /// seen.set("Ada", &1)?;
    /// assert_eq!(seen.ids(None)?, ["Ada", "Bob"]);
    /// assert_eq!(seen.ids(Some("Ada"))?, ["Bob"]);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn ids(&self, after: Option<&str>) -> Result<Vec<String>, StateError> {
        let prefix = self.key("");
        let after = after.map(|after| self.key(after));
        let keys = host::state::keys(&prefix, after.as_deref(), u32::MAX)?;
        let id = |key: String| key.get(prefix.len()..).unwrap_or_default().to_owned();
        Ok(keys.into_iter().map(id).collect())
    }

    fn key(&self, id: &str) -> String {
        full_key(self.name, id)
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.name)
    }
}

/// The version's four bytes, the lowest first, and then the value's.
fn write<T: State>(value: &T) -> Result<Vec<u8>, StateError> {
    let mut kept = T::VERSION.to_le_bytes().to_vec();
    kept.extend(
        value
            .save()
            .map_err(|error| StateError::Unwritable(error.to_string()))?,
    );
    Ok(kept)
}

fn read<T: State>(kept: &[u8]) -> Result<T, StateError> {
    let Some((version, saved)) = kept.split_first_chunk() else {
        return Err(StateError::Unreadable("the value was not kept by a `Key`".to_owned()));
    };
    T::load(u32::from_le_bytes(*version), saved).map_err(|error| StateError::Unreadable(error.to_string()))
}
