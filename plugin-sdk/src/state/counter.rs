//! Counters by name, added to without reading them first.

use std::time::Duration;

use super::error::StateError;
use super::{full_key, ms};
use crate::host;

/// A number that all workers add to, under an id or alone.
///
/// ```
/// use std::time::Duration;
///
/// use portcullis_sdk::state::Counter;
///
/// /// Failures in a minute.
/// const FAILURES: Counter = Counter::new("failures").lasting(Duration::from_secs(60));
///
/// # let host = portcullis_sdk::testing::Host::new();
/// assert_eq!(FAILURES.of("192.0.2.7").add(1)?, 1);
/// assert_eq!(FAILURES.of("192.0.2.7").add(1)?, 2);
/// assert_eq!(FAILURES.of("192.0.2.8").get()?, 0);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Counter<'a> {
    name: &'static str,
    id: &'a str,
    ttl: Option<Duration>,
}

impl<'a> Counter<'a> {
    /// A counter kept until it is removed.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert_eq!(portcullis_sdk::state::Counter::new("joins").get()?, 0);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            id: "",
            ttl: None,
        }
    }

    /// Kept for so long after its birth, so that it counts what happens in a window.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let minute = portcullis_sdk::state::Counter::new("joins").lasting(Duration::from_secs(60));
    /// minute.add(5)?;
    /// host.advance(Duration::from_secs(60));
    /// assert_eq!(minute.add(1)?, 1);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub const fn lasting(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The counter of that id.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let joins = portcullis_sdk::state::Counter::new("joins");
    /// joins.of("Ada").add(1)?;
    /// assert_eq!(joins.of("Bob").get()?, 0);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub const fn of<'b>(&self, id: &'b str) -> Counter<'b> {
        Counter {
            name: self.name,
            id,
            ttl: self.ttl,
        }
    }

    /// Adds, and returns what it is then.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert_eq!(portcullis_sdk::state::Counter::new("balance").add(-3)?, -3);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn add(&self, by: i64) -> Result<i64, StateError> {
        Ok(host::state::increment(&self.key(), by, ms(self.ttl))?)
    }

    /// What it is; 0 if nobody has added to it.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert_eq!(portcullis_sdk::state::Counter::new("joins").get()?, 0);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn get(&self) -> Result<i64, StateError> {
        let Some(digits) = host::state::get(&self.key())? else {
            return Ok(0);
        };
        let digits = str::from_utf8(&digits).ok();
        digits
            .and_then(|digits| digits.parse().ok())
            .ok_or(StateError::NotACounter)
    }

    /// Starts again at 0.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let joins = portcullis_sdk::state::Counter::new("joins");
    /// joins.add(2)?;
    /// joins.reset()?;
    /// assert_eq!(joins.get()?, 0);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn reset(&self) -> Result<(), StateError> {
        Ok(host::state::delete(&self.key())?)
    }

    fn key(&self) -> String {
        full_key(self.name, self.id)
    }
}
