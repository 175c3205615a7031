//! Values that all workers share, kept in the host's memory: they survive swaps and failures, and are gone when the host
//! stops or the plugin leaves the configuration.
//!
//! No other plugin sees them. Operations on one key are atomic across workers; there is no order between keys. The operator
//! bounds keys (10,000) and bytes (16 MiB). Give whatever strangers can make up a time to live.
//!
//! ```
//! use std::time::Duration;
//!
//! use portcullis_sdk::prelude::*;
//! use portcullis_sdk::state::{Counter, Key};
//! use portcullis_sdk::testing::Host;
//!
//! #[derive(State, Default)]
//! struct Visitor {
//!     visits: u32,
//! }
//!
//! /// By name; forgotten after a day.
//! const VISITORS: Key<Visitor> = Key::new("visitor").lasting(Duration::from_secs(86_400));
//!
//! /// Failures in a minute, by address.
//! const FAILURES: Counter = Counter::new("failures").lasting(Duration::from_secs(60));
//!
//! let host = Host::new();
//! let ada = VISITORS.update("Ada", |visitor| Visitor { visits: visitor.unwrap_or_default().visits + 1 })?;
//! assert_eq!(ada.visits, 1);
//! assert_eq!(FAILURES.of("192.0.2.7").add(1)?, 1);
//! host.advance(Duration::from_secs(61));
//! assert_eq!(FAILURES.of("192.0.2.7").get()?, 0);
//! # Ok::<(), Error>(())
//! ```

mod counter;
mod error;
mod key;

use std::time::Duration;

pub use self::counter::Counter;
pub use self::error::StateError;
pub use self::key::Key;

fn ms(ttl: Option<Duration>) -> Option<u64> {
    ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX))
}

/// The key that the host keeps a value under.
fn full_key(name: &str, id: &str) -> String {
    let mut key = String::with_capacity(name.len() + 1 + id.len());
    key.push_str(name);
    key.push(':');
    key.push_str(id);
    key
}
