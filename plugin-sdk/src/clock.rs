//! Time, by the host's clocks: in tests it stands still until it is told to go on.
//!
//! ```
//! use std::time::Duration;
//!
//! use portcullis_sdk::clock::Instant;
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! let start = Instant::now();
//! host.advance(Duration::from_secs(3));
//! assert_eq!(start.elapsed(), Duration::from_secs(3));
//! ```

use std::time::{Duration, SystemTime};

use crate::host;

/// A moment on a clock that never goes back: the same on every worker, meaningless after a restart of the host.
///
/// ```
/// use portcullis_sdk::clock::Instant;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// assert_eq!(Instant::now(), Instant::now());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    ns: u64,
}

impl Instant {
    /// The present moment.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let now = portcullis_sdk::clock::Instant::now();
    /// ```
    pub fn now() -> Self {
        Self {
            ns: host::clock::monotonic_ns(),
        }
    }

    /// The time that has passed since.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert_eq!(portcullis_sdk::clock::Instant::now().elapsed(), Duration::ZERO);
    /// ```
    pub fn elapsed(self) -> Duration {
        Self::now().since(self)
    }

    /// The time from an earlier moment to this; none if it is later.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let earlier = portcullis_sdk::clock::Instant::now();
    /// host.advance(Duration::from_millis(5));
    /// let later = portcullis_sdk::clock::Instant::now();
    /// assert_eq!(later.since(earlier), Duration::from_millis(5));
    /// assert_eq!(earlier.since(later), Duration::ZERO);
    /// ```
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.ns.saturating_sub(earlier.ns))
    }
}

/// The time of day, in UTC; it may be set back.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// # let host = portcullis_sdk::testing::Host::new();
/// assert!(portcullis_sdk::clock::time() > SystemTime::UNIX_EPOCH);
/// ```
pub fn time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(unix_ms())
}

/// Milliseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// # let host = portcullis_sdk::testing::Host::new();
/// assert!(portcullis_sdk::clock::unix_ms() > 0);
/// ```
pub fn unix_ms() -> u64 {
    host::clock::unix_ms()
}

/// A duration as the contract has many of them; what is longer than 49 days counts as that.
pub(crate) fn whole_ms(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
