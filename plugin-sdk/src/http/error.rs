//! Why there is no answer.

use crate::bindings::granted::portcullis::plugin::http as contract;

/// Why there is no answer.
///
/// ```
/// use portcullis_sdk::http::{self, HttpError};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.http_fails("https://example.com/", HttpError::Timeout);
/// assert_eq!(http::get("https://example.com/"), Err(HttpError::Timeout));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The hook may not wait: ask in [`Login`](crate::Login), and hand the answer on in `state` or an attribute of the session.
    #[error("this hook may not wait for an answer: ask in a hook of `Login`")]
    WouldWait,
    /// The origin is not granted, or its address is private; the text says what to grant.
    #[error("{0}")]
    Denied(String),
    /// Not a request; the text says what is wrong with it.
    #[error("not a request: {0}")]
    Invalid(String),
    /// Neither answer nor refusal in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// The answer is longer than 1 MiB.
    #[error("the answer is longer than 1 MiB")]
    TooLarge,
    /// As many requests under way as the plugin may have.
    #[error("as many requests are under way as a plugin may have")]
    Busy,
    /// A reason that this version of the SDK does not know.
    #[error("the request failed: {0}")]
    Other(String),
}

impl From<contract::Error> for HttpError {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::WouldWait => Self::WouldWait,
            contract::Error::Denied(what) => Self::Denied(what),
            contract::Error::Invalid(what) => Self::Invalid(what),
            contract::Error::Timeout => Self::Timeout,
            contract::Error::Unreachable(why) => Self::Unreachable(why),
            contract::Error::TooLarge => Self::TooLarge,
            contract::Error::Busy => Self::Busy,
            contract::Error::Other(reason) => Self::Other(reason),
        }
    }
}
