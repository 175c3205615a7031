//! What the `forward` and `backend` hooks of a chain decided, and what they are asked about.

use portcullis_config as config;
use portcullis_registry::Target;

use super::{By, Refusal, Text};

/// A server that is about to be told of a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// How it is told who a player is, if the configuration says so.
    pub forwarding: Option<String>,
    /// Free pairs from the configuration, by key.
    pub labels: Vec<(String, String)>,
}

impl From<&config::Server> for Destination {
    fn from(server: &config::Server) -> Self {
        let labels = server.labels.iter();
        Self {
            name: server.name.to_string(),
            forwarding: server.forwarding.clone(),
            labels: labels.map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }
}

/// A field of PROXY protocol version 2 beside the addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlv {
    /// What it is.
    pub kind: u8,
    /// What it says.
    pub value: Vec<u8>,
}

/// What a server is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Introduction {
    /// The host field of the handshake; absent: as the client has it.
    pub host: Option<String>,
    /// Extensions of its PROXY header, where it gets one of version 2. They fit.
    pub tlvs: Vec<Tlv>,
}

/// What the `forward` hooks have to say when a server is dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectOutcome {
    /// Tell it this.
    Introduce(Introduction),
    /// Tell it nothing, and show the player this text.
    Deny(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What the `forward` hooks answer to a server's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionOutcome {
    /// Answer this.
    Answer(Vec<u8>, By),
    /// Answer that the question was not understood.
    Unknown(By),
    /// No plugin answers: ask the client.
    AskClient,
    /// Give the login up, and show the player this text.
    Deny(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// Whether a server that lets the player in may keep him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcceptedOutcome {
    /// It may.
    Admit,
    /// Leave it, and show the player this text.
    Deny(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// Why a player cannot stay on a server, or get to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KickCause {
    /// The server says so.
    Kicked(Text),
    /// It could not be reached.
    Unreachable,
    /// It closed or broke the connection without a word.
    Closed,
    /// It kept silent for too long, or did not finish the login.
    Timeout,
}

/// What becomes of a player whose server was lost or not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KickedOutcome {
    /// No plugin has an opinion.
    Next,
    /// Show this text and close.
    Disconnect(Text, By),
    /// Try these in order. Never empty.
    Redirect(Vec<Target>, By),
    /// Keep the player where he is.
    Hold(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}
