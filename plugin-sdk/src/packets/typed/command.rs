//! What a player orders.

use portcullis_protocol::chat::{Line, SignedText};
use portcullis_protocol::packets::Packet as Wire;
use portcullis_protocol::version::Protocol;

use super::chat::write_line;
use super::packet::{Known, Packet, PacketError, Place, Serverbound};
use crate::packets::{Direction, PacketState};

/// A command that a player types, in every version: a packet of its own since 1.19, before chat that starts with a slash.
///
/// ```
/// use portcullis_sdk::packets::Command;
///
/// let command = Command::unsigned("help 2");
/// assert_eq!(command.text(), "help 2");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    text: String,
    is_signed: bool,
    /// What it came as; none where nobody has sent it.
    came_as: Option<Wire>,
    fields: Vec<u8>,
}

impl Command {
    /// A command that nobody has signed, without its slash.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Command::unsigned("help").text(), "help");
    /// ```
    pub fn unsigned(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_signed: false,
            came_as: None,
            fields: Vec::new(),
        }
    }

    /// The command without its slash.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Command::unsigned("help").text(), "help");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether some of its arguments carry the player's signature (1.19 and later): then it can be dropped, but not changed.
    ///
    /// ```
    /// assert!(!portcullis_sdk::packets::Command::unsigned("help").is_signed());
    /// ```
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Another command in its place, without its slash.
    ///
    /// ```
    /// use portcullis_sdk::packets::Command;
    ///
    /// assert_eq!(Command::unsigned("?").with_text("help")?.text(), "help");
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

    fn goes_as(&self, protocol: Protocol) -> Wire {
        self.came_as.unwrap_or(match () {
            () if !protocol.signs_chat() => Wire::Chat,
            () if protocol.has_unsigned_commands() => Wire::Command,
            () => Wire::SignedCommand,
        })
    }
}

impl Packet for Command {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Serverbound, PacketState::Play, "command"),
        Place::named(Direction::Serverbound, PacketState::Play, "signed-command"),
        Place::named(Direction::Serverbound, PacketState::Play, "chat"),
    ];

    fn read(fields: &[u8], place: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let packet = match place.packet {
            Known::Name("command") => Wire::Command,
            Known::Name("signed-command") => Wire::SignedCommand,
            // Since 1.19 no chat is a command.
            _ if protocol.signs_chat() => return Ok(None),
            _ => Wire::Chat,
        };
        let line = Line::read(packet, fields, protocol)?;
        let command = line.filter(Line::is_command);
        Ok(command.map(|line| {
            let text = match packet {
                Wire::Chat => line.text().strip_prefix('/').unwrap_or_default(),
                _ => line.text(),
            };
            Self {
                text: text.to_owned(),
                is_signed: line.is_signed(),
                came_as: Some(packet),
                fields: fields.to_vec(),
            }
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let packet = self.goes_as(protocol);
        let with_slash;
        let text = match packet {
            Wire::Chat => {
                with_slash = format!("/{}", self.text);
                &with_slash
            }
            _ => &self.text,
        };
        write_line(packet, text, self.is_signed, &self.fields, protocol, out);
    }

    fn known_as(&self, protocol: Protocol, direction: Direction) -> Option<Known> {
        (direction == Direction::Serverbound).then(|| Known::Name(self.goes_as(protocol).name()))
    }
}

impl Serverbound for Command {}
