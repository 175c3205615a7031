//! Packets: which ones a plugin sees, and its own. Needs the grant `packets`.
//!
//! [`Packets`](crate::Packets) is the hook; [`send_named`] and [`send_numbered`] send a packet of the plugin's own to the player or the
//! server of the session at hand. Own packets go out in front of the packet that the hook is called for, pass no other plugin, and are
//! not sent where the hook fails.
//!
//! With the feature `packets`, the usual packets have types, which are read and written in every version: `Chat`, `Command`,
//! `TabComplete`, `Settings`, `PluginMessage`, `Brand`, `KeepAlive`, `Disconnect`, `SystemChat`, `Title`, `Transfer`,
//! `StoreCookie`, `CookieRequest` and `CookieResponse`. Others are derived: `#[derive(Packet)]`.
//!
//! ```
//! use portcullis_sdk::prelude::*;
//! use portcullis_sdk::testing::Host;
//!
//! /// Answers what is half typed with nothing, so that servers are not asked.
//! #[derive(Plugin)]
//! #[plugin(stage = "transform")]
//! struct Silent;
//!
//! #[hooks]
//! impl Packets for Silent {
//!     fn subscriptions(&self) -> Subscriptions {
//!         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "tab-complete", Payload::Head(5))
//!     }
//!
//!     fn packet(&mut self, session: &Session, packet: &RawPacket) -> Result<PacketVerdict> {
//!         if session.protocol() < 393 {
//!             // No suggestions: a count of 0.
//!             packets::send_named(Direction::Clientbound, "tab-complete", &[0])?;
//!         }
//!         Ok(PacketVerdict::Drop)
//!     }
//! }
//!
//! let host = Host::new();
//! let mut silent = host.start::<Silent>("");
//! let session = Session::build().protocol(340).in_play();
//! assert_eq!(silent.packet(&session, Direction::Serverbound, "tab-complete", b"\x01a\0\0"), PacketVerdict::Drop);
//! assert_eq!(host.sent()[0].name(), Some("tab-complete"));
//! ```

mod raw;
mod subscriptions;
#[cfg(feature = "packets")]
pub(crate) mod typed;

use crate::bindings::granted::portcullis::plugin::packets as contract;
use crate::host;

pub use self::raw::RawPacket;
#[cfg(feature = "packets")]
pub use self::typed::{
    Bounded, Brand, Chat, ChatMode, Clientbound, Command, CookieRequest, CookieResponse, Disconnect, Field,
    FieldReader, KeepAlive, Known, Packet, PacketError, Place, PluginMessage, Rest, Serverbound, Settings, StoreCookie,
    SystemChat, TabComplete, Title, Transfer, VarInt, send_to_client, send_to_server,
};
/// Makes a packet of a struct: its fields in the order of the packet, each with the releases that have it. The trait
/// [`Packet`](trait@Packet) has the arguments.
///
/// ```
/// use portcullis_sdk::packets::{Packet, Protocol, VarInt};
///
/// /// The player holds another slot of the hotbar.
/// #[derive(Packet, Debug, PartialEq)]
/// #[packet(name = "held-item-slot", direction = "serverbound")]
/// struct HeldItem {
///     slot: u16,
/// }
/// ```
#[cfg(feature = "packets")]
pub use portcullis_macros::Packet;
#[cfg(feature = "packets")]
mod passed_on {
    /// Why another text was not put into a player's line.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Chat, SignedText};
    ///
    /// let changed: Result<Chat, SignedText> = Chat::unsigned("hello").with_text("bye");
    /// assert!(changed.is_ok());
    /// ```
    pub use portcullis_protocol::chat::SignedText;
    /// Why bytes are no field.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Field, FieldReader, Protocol, WireError};
    ///
    /// /// A byte that is never 0.
    /// struct NotZero(u8);
    ///
    /// impl Field for NotZero {
    ///     fn read(reader: &mut FieldReader<'_>, most: Option<usize>) -> Result<Self, WireError> {
    ///         u8::read(reader, most).map(Self)
    ///     }
    ///
    ///     fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
    ///         self.0.write(protocol, out);
    ///     }
    /// }
    /// ```
    pub use portcullis_protocol::error::WireError;
    /// A UUID among a packet's fields.
    ///
    /// ```
    /// use portcullis_sdk::packets::Uuid;
    ///
    /// fn is_same(one: Uuid, other: Uuid) -> bool {
    ///     one == other
    /// }
    /// ```
    pub use portcullis_protocol::fields::Uuid;
    /// A version of the protocol by its number.
    ///
    /// ```
    /// use portcullis_sdk::packets::Protocol;
    ///
    /// assert!(Protocol(47) < Protocol(763));
    /// ```
    pub use portcullis_protocol::version::Protocol;
}
#[cfg(feature = "packets")]
#[doc(inline)]
pub use passed_on::{Protocol, SignedText, Uuid, WireError};

pub use self::subscriptions::{Numbered, PacketState, Payload, Subscription, Subscriptions, Which};

/// Who is meant to read a packet.
///
/// ```
/// use portcullis_sdk::packets::Direction;
///
/// assert_ne!(Direction::Serverbound, Direction::Clientbound);
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Direction;

/// Why a packet of the plugin's own cannot be sent.
///
/// ```
/// use portcullis_sdk::packets::{self, Direction, SendError};
/// use portcullis_sdk::testing::Host;
///
/// Host::new();
/// let nowhere = packets::send_named(Direction::Clientbound, "chat", b"");
/// assert_eq!(nowhere, Err(SendError::Unavailable));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The session is not one whose packets the host follows, or not yet; or the hook is about none.
    #[error("the host does not follow this session's packets, or not yet")]
    Unavailable,
    /// The session's version has no packet of that name or number at this moment.
    #[error("this version has no such packet at this moment")]
    NoSuchPacket,
    /// The packet leads to another state or another compression, where both sides have to go together.
    #[error("only the host sends packets that lead to another state or compression")]
    NotYours,
    /// More than 64 packets or 2 MiB in one call.
    #[error("more than 64 packets or 2 MiB in one call")]
    TooMany,
    /// A reason that this version of the SDK does not know.
    #[error("the packet could not be sent: {0}")]
    Other(String),
}

/// Sends a packet by a name that the host knows in every version. `fields` is what follows the number, as the session's version
/// spells it.
///
/// ```
/// use portcullis_sdk::packets::{self, Direction, SendError};
///
/// /// Tells the client of a ping, which it answers.
/// fn ping() -> Result<(), SendError> {
///     packets::send_named(Direction::Clientbound, "ping", &7_i32.to_be_bytes())
/// }
/// ```
pub fn send_named(direction: Direction, name: &str, fields: &[u8]) -> Result<(), SendError> {
    Ok(host::packets::send(direction, name, fields)?)
}

/// Sends a packet by its number in the session's version.
///
/// ```
/// use portcullis_sdk::packets::{self, Direction, SendError};
///
/// fn ping_of_1_20_1() -> Result<(), SendError> {
///     packets::send_numbered(Direction::Clientbound, 0x32, &7_i32.to_be_bytes())
/// }
/// ```
pub fn send_numbered(direction: Direction, id: u32, fields: &[u8]) -> Result<(), SendError> {
    Ok(host::packets::send_numbered(direction, id, fields)?)
}

impl From<contract::Error> for SendError {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::Unavailable => Self::Unavailable,
            contract::Error::NoSuchPacket => Self::NoSuchPacket,
            contract::Error::NotYours => Self::NotYours,
            contract::Error::TooMany => Self::TooMany,
            contract::Error::Other(reason) => Self::Other(reason),
        }
    }
}
