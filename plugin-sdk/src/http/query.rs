//! Text in a URL.

use std::fmt::Write as _;

/// A text as it stands in a part of a URL or behind a `=` of its query: all but letters, digits and `-._~` as `%` and two digits.
///
/// ```
/// assert_eq!(portcullis_sdk::http::encode("a b&c=ä"), "a%20b%26c%3D%C3%A4");
/// ```
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            // Writing into a String does not fail.
            other => drop(write!(encoded, "%{other:02X}")),
        }
    }
    encoded
}
