//! Plugin messages, and the brand, which is one of them.

use portcullis_protocol::message::{self, Builtin};
use portcullis_protocol::packets::Fields as _;
use portcullis_protocol::version::Protocol;

use super::packet::{Clientbound, Packet, PacketError, Place, Serverbound};
use crate::packets::{Direction, PacketState};

/// A plugin message on any channel; see [`Messages`](crate::Messages) for those on channels that you name.
///
/// ```
/// use portcullis_sdk::packets::PluginMessage;
///
/// let message = PluginMessage::new("example:hello", *b"hi");
/// assert_eq!(message.data, b"hi");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PluginMessage {
    /// The channel as this version spells it: with a namespace since 1.13.
    pub channel: String,
    /// A plugin's bytes; of a head that was subscribed to, as many as there are.
    pub data: Vec<u8>,
}

impl PluginMessage {
    /// A message.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::PluginMessage::new("example:hello", *b"hi").channel, "example:hello");
    /// ```
    pub fn new(channel: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        Self {
            channel: channel.into(),
            data: data.into(),
        }
    }
}

impl Packet for PluginMessage {
    const PLACES: &'static [Place] = PLACES;

    fn read(fields: &[u8], place: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let message = read(fields, place, protocol)?;
        Ok(Some(Self::new(message.channel, message.data)))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let (channel, data) = (self.channel.as_str(), self.data.as_slice());
        message::PluginMessage { channel, data }.write(protocol, out);
    }
}

impl Clientbound for PluginMessage {}
impl Serverbound for PluginMessage {}

/// What a client or a server calls its software.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::Brand("vanilla".into()).0, "vanilla");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Brand(pub String);

impl Packet for Brand {
    const PLACES: &'static [Place] = PLACES;

    fn read(fields: &[u8], place: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let message = read(fields, place, protocol)?;
        let data = (Builtin::of_name(message.channel) == Some(Builtin::Brand)).then_some(message.data);
        Ok(data.and_then(message::read_brand).map(|brand| Self(brand.to_owned())))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let mut data = Vec::new();
        message::write_brand(&self.0, protocol, &mut data);
        PluginMessage::new(Builtin::Brand.name(protocol), data).write(protocol, out);
    }
}

impl Clientbound for Brand {}
impl Serverbound for Brand {}

const PLACES: &[Place] = &[
    Place::named(Direction::Serverbound, PacketState::Configuration, "plugin-message"),
    Place::named(Direction::Clientbound, PacketState::Configuration, "plugin-message"),
    Place::named(Direction::Serverbound, PacketState::Play, "plugin-message"),
    Place::named(Direction::Clientbound, PacketState::Play, "plugin-message"),
];

fn read<'a>(fields: &'a [u8], place: &Place, protocol: Protocol) -> Result<message::PluginMessage<'a>, PacketError> {
    let direction = match place.direction {
        Direction::Serverbound => portcullis_protocol::packets::Direction::Serverbound,
        Direction::Clientbound => portcullis_protocol::packets::Direction::Clientbound,
    };
    Ok(message::PluginMessage::read(fields, direction, protocol)?)
}
