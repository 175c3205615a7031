//! One error for everything that `?` may meet in a plugin.

use std::fmt;

/// What `start` and hooks return when they may fail.
///
/// ```
/// use portcullis_sdk::Result;
///
/// fn port(text: &str) -> Result<u16> {
///     Ok(text.parse()?)
/// }
///
/// assert_eq!(port("25565").unwrap(), 25565);
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something in a plugin failed, in words for the operator. Any [`std::error::Error`] becomes one by `?`.
///
/// From `start` it refuses the configuration, or keeps the running generation in a swap. From a hook it counts as a failure
/// of the plugin: the player is treated as its failure policy says, and the instance is replaced.
///
/// ```
/// use portcullis_sdk::Error;
///
/// let error: Error = "x".parse::<u16>().unwrap_err().into();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
pub struct Error(Box<str>);

impl Error {
    /// An error of these words.
    ///
    /// ```
    /// let error = portcullis_sdk::Error::new("the list of servers is empty");
    /// assert_eq!(error.to_string(), "the list of servers is empty");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into().into_boxed_str())
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Self::new(message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As people read it: a failed `unwrap` in a test shows the words alone.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not start")]
    struct Outer(#[from] std::num::ParseIntError);

    #[test]
    fn causes_follow_each_other_in_one_line() {
        let error: Error = Outer("x".parse::<u8>().unwrap_err()).into();
        assert_eq!(error.to_string(), "could not start: invalid digit found in string");
    }
}
