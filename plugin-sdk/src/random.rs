//! Randomness from the operating system, fit for secrets; in tests the same each time.
//!
//! ```
//! use portcullis_sdk::random;
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! let server = random::pick(&["a", "b", "c"]);
//! assert!(server.is_some());
//! ```

use crate::host;

/// Random bytes, at most 4,096 of them.
///
/// ```
/// # let host = portcullis_sdk::testing::Host::new();
/// assert_eq!(portcullis_sdk::random::bytes(16).len(), 16);
/// ```
pub fn bytes(length: u32) -> Vec<u8> {
    host::random::bytes(length)
}

/// A random number of 64 bits.
///
/// ```
/// # let host = portcullis_sdk::testing::Host::new();
/// assert_ne!(portcullis_sdk::random::number(), portcullis_sdk::random::number());
/// ```
pub fn number() -> u64 {
    host::random::next_u64()
}

/// A random number below `end`, each equally likely; 0 if `end` is.
///
/// ```
/// # let host = portcullis_sdk::testing::Host::new();
/// assert!(portcullis_sdk::random::below(6) < 6);
/// ```
pub fn below(end: u64) -> u64 {
    // Lemire's multiplication: the bias is at most end / 2^64, below notice for any `end` that fits a list.
    let wide = u128::from(number()) * u128::from(end);
    // The upper half is less than `end`.
    (wide >> 64) as u64
}

/// A random element; absent if there is none.
///
/// ```
/// # let host = portcullis_sdk::testing::Host::new();
/// assert_eq!(portcullis_sdk::random::pick(&["only"]), Some(&"only"));
/// assert_eq!(portcullis_sdk::random::pick::<u8>(&[]), None);
/// ```
pub fn pick<T>(list: &[T]) -> Option<&T> {
    let index = below(u64::try_from(list.len()).unwrap_or(u64::MAX));
    list.get(usize::try_from(index).unwrap_or_default())
}
