//! Numbers that the operator sees beside the host's own, declared as statics.
//!
//! They appear as `plugin_<plugin>_<name>`. At most 64 metrics per plugin and 64 series per metric, label values of at most 128
//! bytes; what is beyond that is not recorded, but counted by the host. Series survive swaps.
//!
//! ```
//! use portcullis_sdk::metrics::{Counter, Gauge, Histogram};
//! use portcullis_sdk::testing::Host;
//!
//! static JOINS: Counter<1> = Counter::new("joins_total", ["host"]);
//! static QUEUED: Gauge = Gauge::new("queued_players", []);
//! static WAITED: Histogram = Histogram::new("waited_seconds", []);
//!
//! let host = Host::new();
//! JOINS.add(1, ["play.example.com"]);
//! QUEUED.set(3.0, []);
//! WAITED.observe(0.25, []);
//! assert_eq!(host.metric("joins_total"), 1.0);
//! assert_eq!(host.metric("queued_players"), 3.0);
//! ```
//!
//! A name that the contract does not allow is refused when the static is compiled:
//!
//! ```compile_fail
//! static JOINS: portcullis_sdk::metrics::Counter = portcullis_sdk::metrics::Counter::new("Joins", []);
//! ```

use crate::host;

/// The contract's bound on a name.
const MAX_NAME_BYTES: usize = 64;

macro_rules! metrics {
    ($($(#[$doc:meta])* $kind:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $kind<const LABELS: usize = 0> {
            name: &'static str,
            labels: [&'static str; LABELS],
        }

        impl<const LABELS: usize> $kind<LABELS> {
            /// A metric of that name, with these labels. Names are of `a-z`, `0-9` and `_`, start with a letter and have at most
            /// 64 characters; a static with another name does not compile.
            ///
            /// ```
            #[doc = concat!("use portcullis_sdk::metrics::", stringify!($kind), ";")]
            ///
            #[doc = concat!("static METRIC: ", stringify!($kind), "<2> = ", stringify!($kind), "::new(\"name\", [\"host\", \"server\"]);")]
            /// ```
            pub const fn new(name: &'static str, labels: [&'static str; LABELS]) -> Self {
                assert!(is_name(name), "a metric's name is of a-z, 0-9 and _, and starts with a letter");
                let mut at = 0;
                while at < LABELS {
                    #[allow(clippy::indexing_slicing, reason = "iterators are not const, and `at` is below the length")]
                    let label = labels[at];
                    assert!(is_name(label), "a label's name is of a-z, 0-9 and _, and starts with a letter");
                    at += 1;
                }
                Self { name, labels }
            }

            fn with<'a>(&self, values: [&'a str; LABELS]) -> [(&'static str, &'a str); LABELS] {
                let mut values = values.into_iter();
                self.labels.map(|label| (label, values.next().unwrap_or_default()))
            }
        }
    )+};
}

metrics! {
    /// A number that only grows, such as a number of joins. Its name should end in `_total`.
    ///
    /// ```
    /// use portcullis_sdk::Counter;
    ///
    /// static JOINS: Counter = Counter::new("joins_total", []);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// JOINS.add(2, []);
    /// assert_eq!(host.metric("joins_total"), 2.0);
    /// ```
    Counter;
    /// A number that rises and falls, such as the length of a queue. The last instance to say so wins: workers share it.
    ///
    /// ```
    /// use portcullis_sdk::Gauge;
    ///
    /// static QUEUED: Gauge = Gauge::new("queued_players", []);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// QUEUED.set(7.0, []);
    /// assert_eq!(host.metric("queued_players"), 7.0);
    /// ```
    Gauge;
    /// How values are spread, in buckets from 0.0001 to 10: meant for seconds.
    ///
    /// ```
    /// use portcullis_sdk::Histogram;
    ///
    /// static WAITED: Histogram = Histogram::new("waited_seconds", []);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// WAITED.observe(1.5, []);
    /// assert_eq!(host.metric("waited_seconds"), 1.5);
    /// ```
    Histogram;
}

impl<const LABELS: usize> Counter<LABELS> {
    /// Adds to the series with these label values.
    ///
    /// ```
    /// static JOINS: portcullis_sdk::Counter<1> = portcullis_sdk::Counter::new("joins_total", ["host"]);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// JOINS.add(1, ["a.example"]);
    /// assert_eq!(host.metric_with("joins_total", [("host", "a.example")]), 1.0);
    /// ```
    pub fn add(&self, by: u64, values: [&str; LABELS]) {
        host::metrics::add(self.name, &self.with(values), by);
    }
}

impl<const LABELS: usize> Gauge<LABELS> {
    /// Sets the series with these label values.
    ///
    /// ```
    /// static QUEUED: portcullis_sdk::Gauge = portcullis_sdk::Gauge::new("queued_players", []);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// QUEUED.set(1.0, []);
    /// ```
    pub fn set(&self, value: f64, values: [&str; LABELS]) {
        host::metrics::set(self.name, &self.with(values), value);
    }
}

impl<const LABELS: usize> Histogram<LABELS> {
    /// Records a value in the series with these label values.
    ///
    /// ```
    /// static WAITED: portcullis_sdk::Histogram = portcullis_sdk::Histogram::new("waited_seconds", []);
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// WAITED.observe(0.01, []);
    /// ```
    pub fn observe(&self, value: f64, values: [&str; LABELS]) {
        host::metrics::observe(self.name, &self.with(values), value);
    }
}

#[allow(
    clippy::indexing_slicing,
    reason = "iterators are not const, and `at` is below the length"
)]
const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX_NAME_BYTES || !bytes[0].is_ascii_lowercase() {
        return false;
    }
    let mut at = 1;
    while at < bytes.len() {
        if !(bytes[at].is_ascii_lowercase() || bytes[at].is_ascii_digit() || bytes[at] == b'_') {
            return false;
        }
        at += 1;
    }
    true
}
