//! Packets with fields, for every version that has them. With the feature `packets`.
//!
//! Layouts are those of the host's own code. What the host has no type for is derived: [`Packet`](derive@super::Packet).

mod chat;
mod command;
mod cookie;
mod field;
mod message;
mod notice;
mod packet;
mod play;
mod settings;
mod tab_complete;
mod text;
mod title;

pub use self::chat::Chat;
pub use self::command::Command;
pub use self::cookie::{CookieRequest, CookieResponse, StoreCookie};
pub use self::field::{Bounded, Field, FieldReader, Rest, VarInt, read_fields, release, takes_max};
pub use self::message::{Brand, PluginMessage};
pub use self::notice::{Disconnect, SystemChat};
#[cfg(feature = "testing")]
pub(crate) use self::packet::written;
pub use self::packet::{Clientbound, Known, Packet, PacketError, Place, Serverbound, send_to_client, send_to_server};
pub use self::play::{KeepAlive, Transfer};
pub use self::settings::{ChatMode, Settings};
pub use self::tab_complete::TabComplete;
pub use self::title::Title;
