//! What a player says.

use portcullis_protocol::chat::{Line, SignedText};
use portcullis_protocol::packets::{Fields as _, Packet as Wire};
use portcullis_protocol::version::Protocol;

use super::packet::{Packet, PacketError, Place, Serverbound};
use crate::packets::{Direction, PacketState};

/// What a player says, in every version. Commands are [`Command`](super::Command)s, also where they are chat that starts with a
/// slash (to 1.18.2).
///
/// ```
/// use portcullis_sdk::packets::Chat;
///
/// let chat = Chat::unsigned("hello");
/// assert_eq!((chat.text(), chat.is_signed()), ("hello", false));
/// assert_eq!(chat.with_text("bye")?.text(), "bye");
/// # Ok::<(), portcullis_sdk::packets::SignedText>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    text: String,
    is_signed: bool,
    /// As they came, with time, salt and signature; empty where nobody has sent them.
    fields: Vec<u8>,
}

impl Chat {
    /// A line that nobody has signed: servers take it where they do not insist on signatures.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Chat::unsigned("hello").text(), "hello");
    /// ```
    pub fn unsigned(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_signed: false,
            fields: Vec::new(),
        }
    }

    /// What was said.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Chat::unsigned("hello").text(), "hello");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it carries the player's signature (1.19 and later): then it can be dropped, but not changed.
    ///
    /// ```
    /// assert!(!portcullis_sdk::packets::Chat::unsigned("hello").is_signed());
    /// ```
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// The same line with other words.
    ///
    /// ```
    /// use portcullis_sdk::packets::Chat;
    ///
    /// assert_eq!(Chat::unsigned("hello").with_text("bye")?.text(), "bye");
    /// # Ok::<(), portcullis_sdk::packets::SignedText>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where it is signed.
    pub fn with_text(self, text: impl Into<String>) -> Result<Self, SignedText> {
        match self.is_signed {
            true => Err(SignedText),
            false => Ok(Self {
                text: text.into(),
                ..self
            }),
        }
    }
}

impl Packet for Chat {
    const PLACES: &'static [Place] = &[Place::named(Direction::Serverbound, PacketState::Play, "chat")];

    fn read(fields: &[u8], _: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let line = Line::read(Wire::Chat, fields, protocol)?;
        let said = line.filter(|line| !line.is_command());
        Ok(said.map(|line| Self {
            text: line.text().to_owned(),
            is_signed: line.is_signed(),
            fields: fields.to_vec(),
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_line(Wire::Chat, &self.text, self.is_signed, &self.fields, protocol, out);
    }
}

impl Serverbound for Chat {}

/// The line with these words: as it came where it is signed, otherwise with what came along with it.
pub(super) fn write_line(
    packet: Wire,
    text: &str,
    is_signed: bool,
    fields: &[u8],
    protocol: Protocol,
    out: &mut Vec<u8>,
) {
    if is_signed {
        return out.extend_from_slice(fields);
    }
    let came = Line::read(packet, fields, protocol).ok().flatten();
    let changed = came.and_then(|line| line.with_text(text).ok());
    let line = changed.unwrap_or_else(|| Line::unsigned(packet, text, protocol));
    line.write(protocol, out);
}
