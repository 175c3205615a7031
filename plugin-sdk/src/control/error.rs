//! Why an order was not given.

use crate::bindings::granted::portcullis::plugin::control as contract;

/// Why an order was not given.
///
/// ```
/// use portcullis_sdk::control::{self, ControlError};
/// use portcullis_sdk::testing::Host;
///
/// Host::new();
/// assert_eq!(control::players().disconnect("Bye"), Err(ControlError::Nobody));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No player fits, or none that such an order reaches: most reach only those whose packets the host follows.
    #[error("no player fits, or none that this order reaches")]
    Nobody,
    /// A server or group that is not there, or too many of them.
    #[error("a server or group that is not there")]
    UnknownTarget,
    /// More than 10,000 orders in a call.
    #[error("more than 10,000 orders in a call")]
    TooMany,
    /// A reason that this version of the SDK does not know.
    #[error("the order was not given: {0}")]
    Other(String),
}

impl From<contract::Error> for ControlError {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::Nobody => Self::Nobody,
            contract::Error::UnknownTarget => Self::UnknownTarget,
            contract::Error::TooMany => Self::TooMany,
            contract::Error::Other(reason) => Self::Other(reason),
        }
    }
}
