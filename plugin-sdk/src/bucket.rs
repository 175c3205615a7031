//! Token buckets: what limits a rate exactly, however many workers ask.

use std::time::Duration;

use crate::bindings::services::portcullis::plugin::bucket as contract;
use crate::host;

/// Buckets of one rate, one for each key: an address, a name, or a word for all together.
///
/// Shared by all workers, and by all generations of the plugin. A bucket starts full, and is forgotten when it is full again and
/// nobody asked for a while. At most 100,000 buckets per plugin; keys of at most 512 bytes.
///
/// ```
/// use std::time::Duration;
///
/// use portcullis_sdk::testing::Host;
/// use portcullis_sdk::{Bucket, Refusal};
///
/// /// Two joins at once, and one more every ten seconds.
/// const JOINS: Bucket = Bucket::new("join").holding(2).refilled(1, Duration::from_secs(10));
///
/// let host = Host::new();
/// assert_eq!(JOINS.take("192.0.2.7"), Ok(()));
/// assert_eq!(JOINS.take("192.0.2.7"), Ok(()));
/// assert_eq!(JOINS.take("192.0.2.7"), Err(Refusal::Wait(Duration::from_secs(10))));
/// host.advance(Duration::from_secs(10));
/// assert_eq!(JOINS.take("192.0.2.7"), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    name: &'static str,
    capacity: u32,
    per_second: f64,
}

/// Why tokens were not given.
///
/// ```
/// use portcullis_sdk::{Bucket, Refusal};
///
/// # let host = portcullis_sdk::testing::Host::new();
/// assert_eq!(Bucket::new("join").holding(2).take_many("all", 3), Err(Refusal::Never));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too few tokens: there will be enough after this time.
    #[error("too few tokens for another {0:?}")]
    Wait(Duration),
    /// More tokens than the bucket holds, or nothing flows in.
    #[error("there will never be enough tokens; raise what the bucket holds, or refill it")]
    Never,
    /// The key is longer than 512 bytes, the bucket holds nothing, or the plugin has 100,000 buckets already.
    #[error("the key is too long, the rate is not valid, or the plugin has too many buckets")]
    Quota,
}

impl Bucket {
    /// Buckets that hold one token, refilled once a second. The name tells them from the plugin's other buckets.
    ///
    /// ```
    /// use portcullis_sdk::Bucket;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert!(Bucket::new("join").take("all").is_ok());
    /// assert!(Bucket::new("ping").take("all").is_ok());
    /// ```
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            capacity: 1,
            per_second: 1.0,
        }
    }

    /// So many tokens at most, which is also what a bucket starts with.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let bucket = portcullis_sdk::Bucket::new("join").holding(2);
    /// assert!(bucket.take("a").is_ok() && bucket.take("a").is_ok() && bucket.take("a").is_err());
    /// ```
    pub const fn holding(mut self, capacity: u32) -> Self {
        self.capacity = capacity;
        self
    }

    /// So many tokens flow in, evenly, in each such time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let bucket = portcullis_sdk::Bucket::new("join").refilled(6, Duration::from_secs(60));
    /// bucket.take("a").unwrap();
    /// host.advance(Duration::from_secs(10));
    /// assert!(bucket.take("a").is_ok());
    /// ```
    pub const fn refilled(mut self, tokens: u32, each: Duration) -> Self {
        self.per_second = tokens as f64 / each.as_secs_f64();
        self
    }

    /// Takes a token from the bucket of that key, if there is one.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let bucket = portcullis_sdk::Bucket::new("join");
    /// assert!(bucket.take("192.0.2.7").is_ok());
    /// assert!(bucket.take("192.0.2.8").is_ok());
    /// ```
    pub fn take(&self, key: &str) -> Result<(), Refusal> {
        self.take_many(key, 1)
    }

    /// Takes so many tokens, if there are that many, and otherwise none.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// assert!(portcullis_sdk::Bucket::new("bytes").holding(1000).take_many("all", 700).is_ok());
    /// ```
    pub fn take_many(&self, key: &str, tokens: u32) -> Result<(), Refusal> {
        let rate = contract::Rate {
            capacity: self.capacity,
            refill_per_second: self.per_second,
        };
        let mut full_key = String::with_capacity(self.name.len() + 1 + key.len());
        full_key.push_str(self.name);
        full_key.push(':');
        full_key.push_str(key);
        host::bucket::try_acquire(&full_key, rate, tokens).map_err(|refusal| match refusal {
            contract::Refusal::WaitMs(ms) => Refusal::Wait(Duration::from_millis(ms)),
            contract::Refusal::Never => Refusal::Never,
            contract::Refusal::Quota => Refusal::Quota,
        })
    }
}
