//! What becomes of what is on its way: packets, messages, commands, transfers, cookies and resource packs.

use portcullis_protocol::packets::Direction;
use uuid::Uuid;

use super::{By, Refusal, Text};

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PacketOutcome {
    /// It goes on as it is.
    Pass,
    /// It goes on with these fields.
    Replaced(Vec<u8>),
    /// It does not arrive.
    Drop(By),
    /// Show this text and close.
    Disconnect(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What becomes of a plugin message or a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataOutcome {
    /// It goes on as it is.
    Pass,
    /// It goes on with this data.
    Replaced(Vec<u8>),
    /// It does not arrive.
    Drop(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What becomes of a server's request for a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It goes on.
    Pass,
    /// It does not arrive.
    Drop(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What becomes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandOutcome {
    /// It goes on as it is.
    Pass,
    /// It goes on like this, where it is not signed.
    Replaced(String),
    /// The server never sees it.
    Swallow(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What becomes of a server's wish to send the player elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferOutcome {
    /// He goes.
    Pass,
    /// He stays.
    Deny(By),
    /// He goes there instead.
    To {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// Who says so.
        by: By,
    },
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// A resource pack that a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Absent before 1.20.3, which knows one pack only.
    pub id: Option<Uuid>,
    /// Where it is.
    pub url: String,
    /// Its SHA-1 in hexadecimal, or nothing.
    pub hash: String,
    /// Who refuses it is to be sent away.
    pub required: bool,
}

/// What becomes of a server's offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackOutcome {
    /// The client hears of it as it is.
    Pass,
    /// The client is offered this one instead.
    Replaced(Pack),
    /// The client never hears of it.
    Deny(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What became of a pack, as the client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackResult {
    /// The player wants it.
    Accepted,
    /// The player does not want it.
    Declined,
    /// It is downloaded.
    Downloaded,
    /// It is loaded.
    Loaded,
    /// It could not be downloaded or loaded.
    Failed,
    /// It was taken back.
    Discarded,
}

/// A packet of a plugin's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Who is to read it.
    pub direction: Direction,
    /// Its id in the session's version, in the phase that this direction is in.
    pub id: i32,
    /// What follows the id.
    pub fields: Vec<u8>,
}
