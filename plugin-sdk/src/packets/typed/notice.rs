//! Texts that servers show.

use portcullis_protocol::packets::Fields as _;
use portcullis_protocol::play;
use portcullis_protocol::version::Protocol;

use super::packet::{Clientbound, Known, Packet, PacketError, Place};
use super::text::{of_wire, to_wire};
use crate::Text;
use crate::packets::{Direction, PacketState};

/// A server sends the player away, with a text.
///
/// ```
/// use portcullis_sdk::packets::Disconnect;
///
/// assert_eq!(Disconnect::new("<red>Bye").reason.to_plain(), "Bye");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Disconnect {
    /// What the player reads.
    pub reason: Text,
}

impl Disconnect {
    /// With this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Disconnect::new("Bye").reason.to_plain(), "Bye");
    /// ```
    pub fn new(reason: impl Into<Text>) -> Self {
        Self { reason: reason.into() }
    }
}

impl Packet for Disconnect {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Clientbound, PacketState::Configuration, "disconnect"),
        Place::named(Direction::Clientbound, PacketState::Play, "disconnect"),
    ];

    fn read(fields: &[u8], _: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let read = play::Disconnect::read(fields, protocol)?;
        Ok(Some(Self {
            reason: of_wire(&read.reason),
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let reason = to_wire(&self.reason);
        play::Disconnect { reason }.write(protocol, out);
    }
}

impl Clientbound for Disconnect {}

/// A text of the server's, in the chat or above the hotbar. To 1.18.2 lines of players come as this, too.
///
/// ```
/// use portcullis_sdk::packets::SystemChat;
///
/// let line = SystemChat::new("<gold>Hello");
/// assert_eq!((line.text.to_plain().as_str(), line.above_hotbar), ("Hello", false));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SystemChat {
    /// What the player reads.
    pub text: Text,
    /// It stands above the hotbar (1.8 and later).
    pub above_hotbar: bool,
}

impl SystemChat {
    /// A line in the chat, markup unless it is a [`Text`].
    ///
    /// ```
    /// assert!(!portcullis_sdk::packets::SystemChat::new("Hello").above_hotbar);
    /// ```
    pub fn new(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            above_hotbar: false,
        }
    }
}

impl Packet for SystemChat {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Clientbound, PacketState::Play, "system-chat"),
        Place::named(Direction::Clientbound, PacketState::Play, "chat"),
    ];

    fn read(fields: &[u8], _: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let read = play::SystemChat::read(fields, protocol)?;
        Ok(Some(Self {
            text: of_wire(&read.text),
            above_hotbar: read.above_hotbar,
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        wire(self).write(protocol, out);
    }

    fn known_as(&self, protocol: Protocol, direction: Direction) -> Option<Known> {
        let name = wire(self).packet(protocol).name();
        (direction == Direction::Clientbound).then_some(Known::Name(name))
    }
}

impl Clientbound for SystemChat {}

fn wire(said: &SystemChat) -> play::SystemChat {
    play::SystemChat {
        text: to_wire(&said.text),
        above_hotbar: said.above_hotbar,
    }
}
