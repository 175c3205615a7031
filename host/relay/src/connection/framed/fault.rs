//! Why a peer's stream cannot be followed any further.

use std::io;

use portcullis_protocol::compression::CompressionError;
use portcullis_protocol::connection::ConnectionError;
use portcullis_protocol::error::WireError;
use portcullis_protocol::key::KeyError;
use portcullis_protocol::login::LoginError;
use portcullis_protocol::packets::{NoSuchPacket, Packet};
use thiserror::Error;

/// Why a peer's stream cannot be followed any further.
#[derive(Debug, Error)]
pub(super) enum Fault {
    /// The peer closed the connection: it left, or gave up waiting.
    #[error("the connection was closed")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
    /// Neither an answer nor an end in time.
    #[error("no answer in time")]
    Timeout,
    /// A client left a server's question without an answer.
    #[error("a server's question was not answered in time")]
    Unanswered,
    /// Bytes that are no packets: another protocol, a broken peer, an attack.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A packet that cannot be unpacked, or must not be.
    #[error(transparent)]
    Compression(#[from] CompressionError),
    /// A packet that does not belong where it came.
    #[error(transparent)]
    Order(#[from] ConnectionError),
    /// A packet that belongs there, yet answers nothing that was asked.
    #[error("{0} was not expected")]
    Unexpected(Packet),
    /// A server that has let a player in sends more than any has to say before it puts him into a world.
    #[error("too much came before the player was put into a world")]
    NoWorld,
    /// A peer whose packets plugins answer does not read the answers: an attack on memory.
    #[error("the answers to its packets are not read")]
    Unread,
    /// A peer does not go on with a frame, while plugins have more and more to put behind it.
    #[error("a frame was begun and not finished, and too much waits for its end")]
    Unfinished,
    /// A login start with a name that no server takes.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// An answer to the encryption request that is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The host wanted to send what the version does not have: a mistake of the host's own.
    #[error(transparent)]
    NoSuchPacket(#[from] NoSuchPacket),
}

impl Fault {
    /// Stable name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Io(_) => "broken",
            Self::Timeout => "timeout",
            Self::Unanswered => "unanswered",
            Self::Wire(error) => error.label(),
            Self::Compression(error) => error.label(),
            Self::Order(error) => error.label(),
            Self::Unexpected(_) => "packet-unexpected",
            Self::NoWorld => "no-world",
            Self::Unread => "answers-unread",
            Self::Unfinished => "frame-unfinished",
            Self::Login(error) => error.label(),
            Self::Key(error) => error.label(),
            Self::NoSuchPacket(_) => "no-such-packet",
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        match error.kind() {
            ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected => Self::Closed,
            _ => Self::Io(error),
        }
    }
}
