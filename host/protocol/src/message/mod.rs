//! Plugin messages: a channel and a plugin's bytes, in the configuration and play states, both ways.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Plugin_channels>

mod brand;
mod channel;

pub use brand::{MAX_BRAND_CHARS, read_brand, write_brand};
pub use channel::{
    Builtin, ChannelList, LIST_SEPARATOR, MAX_CHANNEL_CHARS, MAX_CHANNELS, legacy_name, namespaced_name, write_channels,
};

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Direction, Fields, Packet},
    put,
    version::Protocol,
};

/// Longest message to a server in bytes, as servers read.
pub const MAX_SERVERBOUND_BYTES: usize = 32_767;

/// Longest message to a client in bytes, as clients read.
pub const MAX_CLIENTBOUND_BYTES: usize = 1 << 20;

/// The highest bit of 1.7's length: Forge puts eight more bits behind it.
const FORGE_MORE: u16 = 1 << 15;

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginMessage<'a> {
    /// The channel as it is on the wire: a namespaced name since 1.13.
    pub channel: &'a str,
    /// A plugin's bytes.
    pub data: &'a [u8],
}

impl<'a> PluginMessage<'a> {
    /// Reads the fields of a message sent in `direction`.
    pub fn read(body: &'a [u8], direction: Direction, protocol: Protocol) -> Result<Self, WireError> {
        let limit = match direction {
            Direction::Serverbound => MAX_SERVERBOUND_BYTES,
            Direction::Clientbound => MAX_CLIENTBOUND_BYTES,
        };
        let mut cursor = Cursor::whole(body);
        let channel = cursor.text(MAX_CHANNEL_CHARS)?;
        if protocol.has_short_arrays() {
            let length = forge_length(&mut cursor)?;
            if length > limit {
                return Err(WireError::ListTooLong {
                    length: i64::try_from(length).unwrap_or(i64::MAX),
                    limit,
                });
            }
            let data = cursor.take(length)?;
            cursor.finish()?;
            return Ok(Self { channel, data });
        }
        let data = cursor.remaining(limit)?;
        Ok(Self { channel, data })
    }

    /// The channel alone, of a message whose data is not looked at.
    pub fn channel(body: &'a [u8]) -> Result<&'a str, WireError> {
        Ok(Cursor::whole(body).text(MAX_CHANNEL_CHARS)?)
    }
}

/// Appends a message of at most [`MAX_CLIENTBOUND_BYTES`].
impl Fields for PluginMessage<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::PluginMessage
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        put::string(self.channel, out);
        if protocol.has_short_arrays() {
            put_forge_length(self.data.len(), out);
        }
        out.extend_from_slice(self.data);
    }
}

/// 16 bits, or 15 and eight more: how 1.7 with Forge counts, and without it as long as 15 are enough.
fn forge_length(cursor: &mut Cursor<'_>) -> Result<usize, WireError> {
    let low = cursor.u16()?;
    let high = if low & FORGE_MORE == 0 { 0 } else { cursor.u8()? };
    Ok(usize::from(high) << 15 | usize::from(low & !FORGE_MORE))
}

fn put_forge_length(length: usize, out: &mut Vec<u8>) {
    let (low, high) = (length as u16 & !FORGE_MORE, (length >> 15) as u8);
    if high == 0 {
        out.extend_from_slice(&low.to_be_bytes());
    } else {
        out.extend_from_slice(&(low | FORGE_MORE).to_be_bytes());
        out.push(high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_in_every_version() {
        for protocol in Protocol::releases() {
            for length in [0, 1, 300, 32_767, 32_768, 1 << 20] {
                let data = vec![7; length];
                let message = PluginMessage {
                    channel: "portcullis:test",
                    data: &data,
                };
                let mut out = Vec::new();
                message.write(protocol, &mut out);
                assert_eq!(
                    PluginMessage::read(&out, Direction::Clientbound, protocol),
                    Ok(message),
                    "{protocol}"
                );
                let serverbound = PluginMessage::read(&out, Direction::Serverbound, protocol);
                assert_eq!(
                    serverbound.is_ok(),
                    length <= MAX_SERVERBOUND_BYTES,
                    "{protocol} {length}"
                );
            }
        }
    }

    #[test]
    fn forge_for_1_7_counts_beyond_16_bits() {
        let mut out = Vec::new();
        put_forge_length(0x7fff, &mut out);
        put_forge_length(0x8000, &mut out);
        put_forge_length(0x12_3456, &mut out);
        assert_eq!(out, [0x7f, 0xff, 0x80, 0x00, 0x01, 0xb4, 0x56, 0x24]);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let read = |body| PluginMessage::read(body, Direction::Serverbound, Protocol(5)).unwrap_err();
        assert_eq!(read(b"\x01a\0\x02x"), WireError::Truncated);
        assert_eq!(read(b"\x01a\0\x01xy"), WireError::TrailingBytes(1));
        let error = WireError::ListTooLong {
            length: 32_768,
            limit: 32_767,
        };
        assert_eq!(read(b"\x01a\x80\0\x01"), error);
    }
}
