//! The first packet of every client since 1.7: version, the address asked for, and what it is after.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Packets#Handshake>

use std::ops::RangeInclusive;

use thiserror::Error;

use crate::{
    PRE_ROUTE_BYTES, Progress,
    cursor::{Cursor, Stop},
    error::WireError,
    frame,
    host::{HostError, HostField},
    login,
    varint::write_string,
    version::Protocol,
};

/// The handshake's packet id.
pub const PACKET_ID: u8 = 0x00;

/// Bytes of body that a handshake may declare. At least an id, a version, an empty host field, a port and an intent; at most
/// what leaves room for the player's name, which arrives behind it, within [`PRE_ROUTE_BYTES`].
pub const BODY: RangeInclusive<usize> = 6..=PRE_ROUTE_BYTES - frame::MAX_LENGTH_BYTES - login::HEAD_BYTES;

/// Why a handshake was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HandshakeError {
    /// Not a handshake at all.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Neither status, nor login, nor transfer: a client of a version that nobody knows yet, or random bytes.
    #[error("unknown intent {0}")]
    Intent(i32),
    /// A host name that nobody types.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl HandshakeError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.label(),
            Self::Intent(_) => "unknown-intent",
            Self::Host(error) => error.label(),
        }
    }
}

/// What the client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// The server list's question.
    Status = 1,
    /// To play.
    Login = 2,
    /// To play, sent here by another server's transfer packet (1.20.5 and later).
    Transfer = 3,
}

impl Intent {
    /// Stable name for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Login => "login",
            Self::Transfer => "transfer",
        }
    }
}

impl TryFrom<i32> for Intent {
    type Error = HandshakeError;

    fn try_from(wire: i32) -> Result<Self, HandshakeError> {
        match wire {
            1 => Ok(Self::Status),
            2 => Ok(Self::Login),
            3 => Ok(Self::Transfer),
            _ => Err(HandshakeError::Intent(wire)),
        }
    }
}

/// A handshake, borrowed from the bytes it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// The client's version.
    pub protocol: Protocol,
    /// The host it believes it connected to, and what hides behind the name.
    pub host: HostField<'a>,
    /// The port it believes it connected to.
    pub port: u16,
    /// What it wants.
    pub intent: Intent,
}

impl<'a> Handshake<'a> {
    /// Reads the handshake at the front of a connection's bytes.
    pub fn parse(prefix: &'a [u8]) -> Result<Progress<Self>, HandshakeError> {
        let Progress::Complete(fields, taken) = frame::read(prefix, BODY, Fields::read)? else {
            return Ok(Progress::Incomplete);
        };
        let handshake = Self {
            protocol: Protocol(fields.protocol),
            host: HostField::parse(fields.host)?,
            port: fields.port,
            intent: fields.intent.try_into()?,
        };
        Ok(Progress::Complete(handshake, taken))
    }

    /// Appends the handshake as a frame.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.fields(self.host.raw()).write(out);
    }

    /// Appends the handshake as a frame that asks for `name`; markers and forwarded fields stay.
    pub fn write_renamed(&self, name: &str, out: &mut Vec<u8>) -> Result<(), HostError> {
        self.fields(&self.host.renamed(name)?).write(out);
        Ok(())
    }

    /// Appends the handshake as a frame with `host` as the whole field and another intent: what a server is told by somebody who
    /// knows more than the client.
    pub fn write_as(&self, host: &str, intent: Intent, out: &mut Vec<u8>) {
        let fields = Fields {
            intent: intent as i32,
            ..self.fields(host)
        };
        fields.write(out);
    }

    fn fields<'h>(&self, host: &'h str) -> Fields<'h> {
        Fields {
            protocol: self.protocol.0,
            host,
            port: self.port,
            intent: self.intent as i32,
        }
    }
}

/// The packet's fields as they are on the wire.
pub(crate) struct Fields<'a> {
    pub(crate) protocol: i32,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) intent: i32,
}

impl<'a> Fields<'a> {
    fn read(mut body: Cursor<'a>) -> Result<Self, Stop> {
        body.packet_id(&[PACKET_ID])?;
        let fields = Self {
            protocol: body.var_int()?,
            host: body.string(*BODY.end())?,
            port: body.u16()?,
            intent: body.var_int()?,
        };
        body.finish()?;
        Ok(fields)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        frame::write(out, |body| {
            body.push(PACKET_ID);
            crate::varint::write(self.protocol, body);
            write_string(self.host, body);
            body.extend_from_slice(&self.port.to_be_bytes());
            crate::varint::write(self.intent, body);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(host: &str, intent: i32) -> Vec<u8> {
        let mut out = Vec::new();
        Fields {
            protocol: 763,
            host,
            port: 25565,
            intent,
        }
        .write(&mut out);
        out
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], expect: HandshakeError) {
        assert_eq!(Handshake::parse(bytes), Err(expect), "{bytes:02x?}");
    }

    #[test]
    fn a_handshake_is_read_with_all_its_fields() {
        let bytes = bytes("Play.Example.com.\0FML3\0", 2);
        let Ok(Progress::Complete(handshake, taken)) = Handshake::parse(&bytes) else {
            panic!("whole and good")
        };
        assert_eq!(taken, bytes.len());
        assert_eq!(handshake.protocol, Protocol(763));
        assert_eq!(handshake.host.name(), "play.example.com");
        assert_eq!(handshake.host.marker(), Some(crate::host::Marker::Fml3));
        assert_eq!(handshake.port, 25565);
        assert_eq!(handshake.intent, Intent::Login);
        assert_eq!(handshake.intent.label(), "login");
    }

    #[test]
    fn a_login_start_behind_it_is_left_alone() {
        let mut all = bytes("a", 2);
        let alone = all.len();
        all.extend_from_slice(&[3, 0, 1, b'x']);
        assert!(matches!(Handshake::parse(&all), Ok(Progress::Complete(_, taken)) if taken == alone));
    }

    #[test]
    fn written_again_it_is_the_same_or_asks_for_another_host() {
        let original = bytes("A.example.\0FML2\0", 3);
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&original) else {
            panic!("whole and good")
        };
        let mut again = Vec::new();
        handshake.write(&mut again);
        assert_eq!(again, original);

        let mut renamed = Vec::new();
        handshake.write_renamed("b.example", &mut renamed).unwrap();
        assert_eq!(renamed, bytes("b.example\0FML2\0", 3));
        assert_eq!(handshake.write_renamed("", &mut renamed), Err(HostError::Empty));
    }

    #[test]
    fn a_wrong_id_or_length_is_refused_with_its_own_bytes() {
        check_refused(&[0x10, 0x01], WireError::BadPacket { found: 1 }.into());
        check_refused(&[0x10, 0x80], WireError::BadPacket { found: 0x80 }.into());
        check_refused(&[0x05], WireError::Undersized { length: 5, least: 6 }.into());
        check_refused(
            &[0xff, 0x7f],
            WireError::Oversized {
                length: 16383,
                limit: *BODY.end(),
            }
            .into(),
        );
        check_refused(&[0xff, 0xff, 0xff], WireError::VarIntTooLong.into());
    }

    #[test]
    fn a_host_field_longer_than_its_frame_is_refused_before_it_arrives() {
        check_refused(&[0x10, 0x00, 0x04, 0x20], WireError::Truncated.into());
        check_refused(
            &[0x10, 0x00, 0x04, 0xff, 0xff, 0x03],
            WireError::StringTooLong {
                length: 65535,
                limit: *BODY.end(),
            }
            .into(),
        );
        check_refused(
            &[0x10, 0x00, 0x04, 0xff, 0xff, 0xff, 0xff, 0x0f],
            WireError::StringTooLong {
                length: -1,
                limit: *BODY.end(),
            }
            .into(),
        );
    }

    #[test]
    fn broken_fields_are_refused() {
        check_refused(&bytes("a", 4), HandshakeError::Intent(4));
        check_refused(&bytes("a", 0), HandshakeError::Intent(0));
        check_refused(&bytes("a\n", 2), HostError::ControlCharacter.into());
        check_refused(&bytes(&"a".repeat(256), 2), HostError::TooLong.into());

        let mut not_utf8 = bytes("a", 2);
        let at = not_utf8.iter().position(|byte| *byte == b'a').unwrap();
        not_utf8[at] = 0xff;
        check_refused(&not_utf8, WireError::NotUnicode.into());

        let mut longer = bytes("a", 2);
        longer[0] += 1;
        check_refused(&longer, WireError::TrailingBytes(1).into());
    }

    #[test]
    fn the_longest_host_field_leaves_room_for_a_name() {
        // Id, version, length of the field, port and intent take eight.
        let room = BODY.end() - 8;
        let forwarded = format!("a\0{}", "x".repeat(room - 2));
        let frame = bytes(&forwarded, 2);
        assert!(matches!(Handshake::parse(&frame), Ok(Progress::Complete(..))));
        assert!(frame.len() + login::HEAD_BYTES <= PRE_ROUTE_BYTES);
        assert!(Handshake::parse(&bytes(&format!("{forwarded}x"), 2)).is_err());
    }
}
