//! What happens in a framed session that packets alone do not settle.

use std::fmt;

use portcullis_protocol::packets::Direction;
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_registry::Order;
use portcullis_runtime::{End, KickCause, Text as PluginText};

use super::fault::Fault;
use crate::refusal::Reason;
use crate::text;

/// What happens in a framed session that packets alone do not settle.
pub(super) enum Happening {
    /// It is over.
    Over(End),
    /// The client sent what no client sends, and is closed.
    Violation(Fault),
    /// The server is lost.
    Lost(Loss),
    /// A plugin has an order for the session.
    Ordered(Order),
    /// The client has gone on to another state, while it is on no server.
    Stirred,
    /// The player was kept without a server for as long as that may last.
    Forgotten,
    /// A plugin sends the player away with this text, or one that fails closed has failed.
    Dismissed(Text, Reason),
}

/// A server that is lost, or was not reached.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) cause: Lost,
    /// The server's own words as a packet of the state that the player is in.
    pub(super) packet: Option<Vec<u8>>,
}

/// Why a server is lost, or was not reached.
#[derive(Debug)]
pub(super) enum Lost {
    /// It says so.
    Kicked(Text),
    /// None of its addresses could be connected to.
    Unreachable,
    /// It closed or broke the connection.
    Closed,
    /// It kept silent.
    Timeout,
    /// It wants to authenticate the player itself, which only the one who holds the player's account could answer.
    OnlineMode,
    /// It sent what no server sends.
    Violation(Fault),
}

impl Loss {
    pub(super) fn kicked(text: Text, packet: Vec<u8>) -> Self {
        Self {
            cause: Lost::Kicked(text),
            packet: Some(packet),
        }
    }

    /// Stable name for metrics and logs.
    pub(super) fn label(&self) -> &'static str {
        match &self.cause {
            Lost::Kicked(_) => "kicked",
            Lost::Unreachable => "unreachable",
            Lost::Closed => "closed",
            Lost::Timeout => "timeout",
            Lost::OnlineMode => "online-mode",
            Lost::Violation(fault) => fault.label(),
        }
    }

    /// What the player is shown where no plugin has anything better.
    pub(super) fn words(&self) -> Text {
        match &self.cause {
            Lost::Kicked(text) => text.clone(),
            Lost::Closed | Lost::Timeout | Lost::Violation(_) => Text::plain(text::SERVER_LOST),
            Lost::Unreachable | Lost::OnlineMode => Text::plain(text::NO_SERVER),
        }
    }

    /// As plugins hear of it.
    pub(super) fn told(&self, protocol: Protocol) -> KickCause {
        match &self.cause {
            Lost::Kicked(text) => KickCause::Kicked(PluginText::Json(text.to_json(protocol))),
            Lost::Unreachable => KickCause::Unreachable,
            Lost::Timeout => KickCause::Timeout,
            Lost::Closed | Lost::OnlineMode | Lost::Violation(_) => KickCause::Closed,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Lost::Kicked(text) => write!(f, "it says: {}", text.to_plain()),
            Lost::Unreachable => f.write_str("it cannot be reached"),
            Lost::Closed => f.write_str("it closed the connection"),
            Lost::Timeout => f.write_str("it did not answer in time"),
            Lost::OnlineMode => f.write_str("it wants to authenticate players itself; set online-mode to false there"),
            Lost::Violation(fault) => write!(f, "it broke the protocol: {fault}"),
        }
    }
}

impl From<Lost> for Loss {
    fn from(cause: Lost) -> Self {
        Self { cause, packet: None }
    }
}

impl From<Fault> for Loss {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Closed | Fault::Io(_) => Lost::Closed,
            Fault::Timeout => Lost::Timeout,
            fault => Lost::Violation(fault),
        }
        .into()
    }
}

impl Happening {
    /// What a client that cannot be followed any further comes to.
    pub(super) fn of_client(fault: Fault) -> Self {
        match fault {
            Fault::Closed => Self::Over(End::ClientLeft),
            Fault::Io(error) => Self::Over(End::Error(format!("client: {error}"))),
            fault => Self::Violation(fault),
        }
    }

    /// What the peer comes to that sends packets in this direction, and cannot be followed any further.
    pub(super) fn of_source(fault: Fault, direction: Direction) -> Self {
        match direction {
            Direction::Serverbound => Self::of_client(fault),
            Direction::Clientbound => Self::of_server(fault),
        }
    }

    /// What a server that cannot be followed any further comes to.
    pub(super) fn of_server(fault: Fault) -> Self {
        Self::Lost(fault.into())
    }
}
