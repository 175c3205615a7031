//! Facts of a session that are more than a text or a number.

use std::fmt;

use crate::bindings::services::portcullis::plugin::session_facts as contract;

/// The handshake as read and checked by the host.
///
/// ```
/// use portcullis_sdk::{Intent, Session};
///
/// let session = Session::build().host("play.example.com").at_route();
/// let facts = session.handshake().unwrap();
/// assert_eq!((facts.host.as_str(), facts.intent), ("play.example.com", Intent::Login));
/// ```
pub use crate::bindings::services::portcullis::plugin::types::HandshakeFacts;

/// What the client wants, as its handshake says.
///
/// ```
/// use portcullis_sdk::{Intent, Session};
///
/// let session = Session::build().intent(Intent::Transfer).at_route();
/// assert_eq!(session.handshake().unwrap().intent, Intent::Transfer);
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Intent;

/// A marker of a modded client in the host field of its handshake.
///
/// ```
/// use portcullis_sdk::{Marker, Session};
///
/// let session = Session::build().marker(Marker::Forge).at_route();
/// assert_eq!(session.handshake().unwrap().marker, Some(Marker::Forge));
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Marker;

/// A session's number.
///
/// ```
/// use portcullis_sdk::Session;
///
/// let id = Session::build().at_accept().id();
/// assert_eq!(id.to_string(), id.get().to_string());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

impl SessionId {
    #[inline]
    pub(crate) fn of(id: u64) -> Self {
        Self(id)
    }

    /// The number itself.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().at_accept().id().get() > 0);
    /// ```
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why an attribute cannot be set.
///
/// ```
/// use portcullis_sdk::{AttributeError, Session};
///
/// let session = Session::build().at_accept();
/// assert_eq!(session.set_attribute("key", &"x".repeat(1025)), Err(AttributeError::TooLong));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The session has 32 attributes already; often keys were made from values, such as an address.
    #[error("the session has 32 attributes already; remove one")]
    Full,
    /// The key is empty or longer than 64 bytes, or the value longer than 1 KiB; often a document where a word was meant.
    #[error("an attribute's key has 1 to 64 bytes, its value at most 1 KiB")]
    TooLong,
    /// A reason that this version of the SDK does not know.
    #[error("the attribute could not be set: {0}")]
    Other(String),
}

impl From<contract::AttributeError> for AttributeError {
    fn from(error: contract::AttributeError) -> Self {
        match error {
            contract::AttributeError::Full => Self::Full,
            contract::AttributeError::TooLong => Self::TooLong,
            contract::AttributeError::Other(reason) => Self::Other(reason),
        }
    }
}
