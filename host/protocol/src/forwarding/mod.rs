//! What a proxy tells a server about its player, in the forms that servers understand, and reading them again.

pub mod guard;
pub mod legacy;
pub mod modern;
pub mod realip;

use thiserror::Error;

/// Why forwarded data was refused, or cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForwardingError {
    /// The data is not in the form it should have: another kind of forwarding, or none.
    #[error("forwarded data that cannot be read: do both sides use the same kind of forwarding?")]
    Malformed,
    /// The data is not signed with this secret: another secret on the other side, or a forgery.
    #[error("forwarded data that is not signed with this secret: compare the secrets of both sides")]
    Signature,
    /// A version that this host does not know: a newer proxy.
    #[error("forwarded data of version {0}, of which 1 to 4 are known")]
    Version(i32),
    /// No token: a client that came past the proxy, or a proxy that sends none.
    #[error("no BungeeGuard token: the connection came past the proxy, or the proxy sends none")]
    NoToken,
    /// A token that is not accepted: another token on the other side, or a forgery.
    #[error("a BungeeGuard token that is not accepted: compare the tokens of both sides")]
    WrongToken,
    /// More than one token: a forgery in front of the proxy's own.
    #[error("more than one BungeeGuard token: somebody in front forges one")]
    ManyTokens,
    /// The profile makes the host field longer than servers read.
    #[error("a host field of {0} characters, where servers read at most {max}", max = legacy::MAX_FIELD_CHARS)]
    TooLong(usize),
}

impl ForwardingError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Malformed => "forwarding-malformed",
            Self::Signature => "forwarding-signature",
            Self::Version(_) => "forwarding-version",
            Self::NoToken => "forwarding-no-token",
            Self::WrongToken => "forwarding-wrong-token",
            Self::ManyTokens => "forwarding-many-tokens",
            Self::TooLong(_) => "forwarding-too-long",
        }
    }
}
