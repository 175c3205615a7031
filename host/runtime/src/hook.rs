//! The hooks of the contract, and where a stage stands in a chain.

use portcullis_config::OnFailure;

/// A hook interface that a plugin may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// A connection was accepted.
    Accept,
    /// A handshake was parsed.
    Handshake,
    /// The server list asks.
    Status,
    /// A player must go somewhere.
    Route,
    /// What became of a session.
    Session,
}

impl Hook {
    /// Every hook, in the order of a connection's life.
    pub const ALL: [Self; 5] = [Self::Accept, Self::Handshake, Self::Status, Self::Route, Self::Session];

    /// The interface's name; the label in metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Handshake => "handshake",
            Self::Status => "status",
            Self::Route => "route",
            Self::Session => "session",
        }
    }

    /// Labels of the verdicts, by number.
    pub(crate) fn verdicts(self) -> &'static [&'static str] {
        match self {
            Self::Accept => &["next", "drop", "tarpit"],
            Self::Handshake => &["next", "rewrite-host", "tag", "use-mode", "disconnect", "drop"],
            Self::Status => &["next", "answer", "passthrough", "drop"],
            Self::Route => &["next", "to", "disconnect", "drop"],
            Self::Session => &[],
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
