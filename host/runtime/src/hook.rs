//! The hooks of the contract, and where a stage stands in a chain.

use portcullis_config::OnFailure;

use crate::limits::{PACKET_BYTES, TRANSFER_BYTES};

/// A hook interface that a plugin may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// A connection was accepted.
    Accept,
    /// A handshake was parsed.
    Handshake,
    /// The server list asks.
    Status,
    /// Who is this player?
    Login,
    /// A player must go somewhere.
    Route,
    /// What is a server told of a player?
    Forward,
    /// A server was joined, lost, or not reached.
    Backend,
    /// What became of a session.
    Session,
    /// A packet is on its way.
    Packet,
    /// A plugin message is on its way.
    Message,
    /// A player typed a command.
    Command,
    /// A server sends a player elsewhere.
    Transfer,
    /// A server's cookie is on its way.
    Cookie,
    /// A server offers a resource pack.
    ResourcePack,
}

impl Hook {
    /// Every hook, in the order of a connection's life.
    pub const ALL: [Self; 14] = [
        Self::Accept,
        Self::Handshake,
        Self::Status,
        Self::Login,
        Self::Route,
        Self::Forward,
        Self::Backend,
        Self::Session,
        Self::Packet,
        Self::Message,
        Self::Command,
        Self::Transfer,
        Self::Cookie,
        Self::ResourcePack,
    ];

    /// The interface's name; the label in metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Handshake => "handshake",
            Self::Status => "status",
            Self::Login => "login",
            Self::Route => "route",
            Self::Forward => "forward",
            Self::Backend => "backend",
            Self::Session => "session",
            Self::Packet => "packet",
            Self::Message => "message",
            Self::Command => "command",
            Self::Transfer => "transfer",
            Self::Cookie => "cookie",
            Self::ResourcePack => "resource-pack",
        }
    }

    /// Whether its calls may wait, away from the network threads.
    pub fn is_slow(self) -> bool {
        self == Self::Login
    }

    /// What lists and strings of a call may make the host allocate, in bytes.
    pub(crate) fn transfer_bytes(self) -> usize {
        match self {
            Self::Accept | Self::Handshake | Self::Status | Self::Route => TRANSFER_BYTES,
            _ => PACKET_BYTES,
        }
    }

    /// Labels of the verdicts of all its functions, by number.
    pub(crate) fn verdicts(self) -> &'static [&'static str] {
        match self {
            Self::Accept => &["next", "drop", "tarpit"],
            Self::Handshake => &[
                "next",
                "rewrite-host",
                "rewrite-peer",
                "tag",
                "use-mode",
                "disconnect",
                "drop",
            ],
            Self::Status => &["next", "answer", "passthrough", "drop"],
            Self::Login => &[
                "next",
                "deny",
                "force-online",
                "force-offline",
                "profile",
                "replace",
                "deny-new",
                "kick-old",
            ],
            Self::Route => &["next", "to", "disconnect", "drop"],
            Self::Forward => &["next", "introduce", "deny", "data", "unknown"],
            Self::Backend => &["next", "disconnect", "redirect", "hold"],
            Self::Session => &[],
            Self::Packet => &["next", "drop", "replace", "disconnect"],
            Self::Message | Self::Cookie => &["next", "drop", "replace"],
            Self::Command => &["next", "swallow", "replace"],
            Self::Transfer => &["next", "deny", "to"],
            Self::ResourcePack => &["next", "deny", "replace"],
        }
    }
}

/// Where a plugin stands in a chain that does not name it. The order is the chain's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Refuses the unwanted.
    Guard,
    /// Answers the server list.
    Status,
    /// Says who a player is.
    Login,
    /// Says where a player goes.
    Route,
    /// Says which server of a group.
    Balance,
    /// Says what a server is told of the player.
    Forward,
    /// Changes packets.
    Transform,
    /// Only looks.
    Observe,
}

impl Stage {
    /// The name in the contract.
    pub fn label(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Status => "status",
            Self::Login => "login",
            Self::Route => "route",
            Self::Balance => "balance",
            Self::Forward => "forward",
            Self::Transform => "transform",
            Self::Observe => "observe",
        }
    }

    /// What a failure means where the operator does not say.
    pub(crate) fn on_failure(self) -> OnFailure {
        match self {
            Self::Observe => OnFailure::Open,
            _ => OnFailure::Closed,
        }
    }
}
