//! Why an operation on state failed.

use crate::bindings::services::portcullis::plugin::state as contract;

/// Why an operation on state failed.
///
/// ```
/// use portcullis_sdk::state::{Key, StateError};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.state_quota(1, 1024);
/// let names: Key<String> = Key::new("name");
/// names.set("a", &"Ada".into())?;
/// assert_eq!(names.set("b", &"Bob".into()), Err(StateError::Quota));
/// # Ok::<(), StateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// More keys or bytes than the operator allows; often keys without a time to live.
    #[error(
        "the plugin's quota of keys or bytes would be exceeded; the operator's limits are `state-keys` and `state-mib`"
    )]
    Quota,
    /// The key has more than 512 bytes, or the value more than 1 MiB; often a key made of a value.
    #[error("a key has at most 512 bytes, a value at most 1 MiB")]
    TooLong,
    /// What is counted is no number, or would leave the range of 64 bits; often a key used for something else as well.
    #[error("the value is no counter, or would leave its range")]
    NotACounter,
    /// What was kept cannot be read; usually its shape was changed without raising its version.
    #[error("{0}")]
    Unreadable(String),
    /// The value cannot be written; usually serde's traits were implemented by hand for it.
    #[error("{0}")]
    Unwritable(String),
    /// Other workers changed the value again and again.
    #[error("others changed the value each time; try again later")]
    Contended,
    /// The place where values are kept is away. Not while they are kept in memory.
    #[error("the state is not available")]
    Unavailable,
    /// The operation would wait, and hooks may not. Not while values are kept in memory.
    #[error("the operation would wait, and a hook may not")]
    WouldWait,
    /// A reason that this version of the SDK does not know.
    #[error("the state could not be used: {0}")]
    Other(String),
}

impl From<contract::Error> for StateError {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::Quota => Self::Quota,
            contract::Error::TooLong => Self::TooLong,
            contract::Error::NotACounter => Self::NotACounter,
            contract::Error::Unavailable => Self::Unavailable,
            contract::Error::WouldWait => Self::WouldWait,
            contract::Error::Other(reason) => Self::Other(reason),
        }
    }
}
