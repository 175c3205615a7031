//! Why a relay does not start, or does not listen.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

pub use crate::dial::ResolverError;

/// Why a relay does not start.
#[derive(Debug, Error)]
pub enum RelayError {
    /// The system has no thread, or no event queue for one: mostly a limit of processes or open files.
    #[error("failed to start a network thread: {0}")]
    Thread(#[source] io::Error),
    /// The name resolver does not start.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
}

/// Why listeners were not changed.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Somebody else listens there, another copy of this program included; or a listener for all addresses has the port.
    #[error(
        "failed to listen on {bind}: the port is in use by another program; stop that one, or choose another `bind` for the [[listener]]"
    )]
    InUse {
        /// As configured.
        bind: SocketAddr,
    },
    /// The user may not open this port; on most systems, those below 1024.
    #[error("failed to listen on {bind}: no permission for this port")]
    Forbidden {
        /// As configured.
        bind: SocketAddr,
    },
    /// No interface of this machine has the address: a typing error, or an interface that is not up yet.
    #[error("failed to listen on {bind}: this machine does not have the address")]
    NoSuchAddress {
        /// As configured.
        bind: SocketAddr,
    },
    /// Anything else.
    #[error("failed to listen on {bind}: {error}")]
    Failed {
        /// As configured.
        bind: SocketAddr,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

impl ListenError {
    pub(crate) fn new(bind: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { bind },
            io::ErrorKind::PermissionDenied => Self::Forbidden { bind },
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress { bind },
            _ => Self::Failed { bind, error },
        }
    }
}
