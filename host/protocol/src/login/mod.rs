//! The login state: who a player claims to be, encryption, compression, plugins' questions, and how it ends.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Packets#Login>
//!
//! [`LoginStart`] and [`write_disconnect`] need no version and are for a host that leaves logging in to the servers.

pub(crate) mod disconnect;
mod encryption;
mod query;
mod start;
mod success;

use std::ops::RangeInclusive;

use thiserror::Error;

use crate::{
    Progress,
    cursor::{Cursor, Stop},
    error::WireError,
    frame,
    profile::{MAX_NAME_CHARS, NameError, check_name},
};

pub use disconnect::{Disconnect, MAX_DISCONNECT_UNITS, write_disconnect};
pub use encryption::{EncryptionRequest, EncryptionResponse, Proof};
pub use query::{MAX_QUERY_BYTES, PluginRequest, PluginResponse, SetCompression};
pub use start::{ChatKey, Start};
pub use success::Success;

/// Bytes of a login start up to the end of the longest name: frame length, packet id, length of the name, name.
pub const HEAD_BYTES: usize = frame::MAX_LENGTH_BYTES + 1 + 1 + MAX_NAME_CHARS;

/// The packet id of a login start, in every version.
const PACKET_ID: u8 = 0x00;

/// Bytes of body that a login start may declare: at least an id and a name of one character; at most 1.19.1's, with an
/// expiry, a key of 512 bytes, a signature of 4,096 and a UUID, their lengths and presence, and the longest name.
const BODY: RangeInclusive<usize> = 3..=(1 + 1 + MAX_NAME_CHARS) + (1 + 8 + 2 + 512 + 2 + 4096) + (1 + 16);

/// Why a login start was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LoginError {
    /// Not a login start at all.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// No name, or none that a server takes.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl LoginError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.label(),
            Self::Name(error) => error.label(),
        }
    }
}

impl From<Stop> for LoginError {
    fn from(stop: Stop) -> Self {
        Self::Wire(stop.into())
    }
}

/// The part of a login start that every version from 1.7 to 26.3 has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginStart<'a> {
    /// The name that the client claims: 1 to 16 printable ASCII characters. Nobody has verified it.
    pub name: &'a str,
}

impl<'a> LoginStart<'a> {
    /// Reads the login start behind a handshake, as soon as its name is there. What follows the name (keys, signatures,
    /// UUIDs) differs by version and is the server's to judge; `Complete` counts the whole frame, whether or not that part
    /// has arrived.
    pub fn parse(prefix: &'a [u8]) -> Result<Progress<Self>, LoginError> {
        let Progress::Complete(name, taken) = frame::read(prefix, BODY, read_name)? else {
            return Ok(Progress::Incomplete);
        };
        check_name(name)?;
        Ok(Progress::Complete(Self { name }, taken))
    }
}

fn read_name<'a>(mut body: Cursor<'a>) -> Result<&'a str, Stop> {
    body.packet_id(&[PACKET_ID])?;
    // One byte a character: others are not allowed anyway.
    body.string(MAX_NAME_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::varint::write_string;

    fn start(name: &str, rest: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        frame::write(&mut out, |body| {
            body.push(PACKET_ID);
            write_string(name, body);
            body.extend_from_slice(rest);
        });
        out
    }

    #[track_caller]
    fn check(bytes: &[u8], expect: Result<Progress<&str>, LoginError>) {
        assert_eq!(
            LoginStart::parse(bytes).map(|progress| progress.map(|start| start.name)),
            expect,
            "{bytes:02x?}"
        );
    }

    #[test]
    fn the_name_is_known_in_every_version() {
        let key = [&[1][..], &[0; 8], &[0xa6, 0x02], &[7; 294], &[0x80, 0x04], &[9; 512]].concat();
        for (version, rest) in [
            ("1.7 to 1.18.2", vec![]),
            ("1.19 without a key", vec![0]),
            ("1.19 with a key", key.clone()),
            ("1.19.1 with a key and a UUID", [&key[..], &[1], &[3; 16]].concat()),
            ("1.19.3 to 1.20.1", [&[1][..], &[3; 16]].concat()),
            ("1.20.2 to 26.3", vec![3; 16]),
        ] {
            let bytes = start("Notch", &rest);
            assert_eq!(
                LoginStart::parse(&bytes),
                Ok(Progress::Complete(LoginStart { name: "Notch" }, bytes.len())),
                "{version}"
            );
        }
    }

    #[test]
    fn the_name_is_known_before_the_rest_arrives() {
        let bytes = start("Notch", &[3; 16]);
        check(&bytes[..6], Ok(Progress::Incomplete));
        check(&bytes[..8], Ok(Progress::Complete("Notch", bytes.len())));
    }

    #[test]
    fn names_that_no_server_takes_are_refused() {
        check(
            &start("abcdefghijklmnop", &[]),
            Ok(Progress::Complete("abcdefghijklmnop", 19)),
        );
        check(
            &start("abcdefghijklmnopq", &[]),
            Err(WireError::StringTooLong { length: 17, limit: 16 }.into()),
        );
        check(&start("", &[0]), Err(NameError::Empty.into()));
        check(&start("a b", &[]), Err(NameError::Character.into()));
        check(&start("a\n", &[]), Err(NameError::Character.into()));
        check(&start("é", &[]), Err(NameError::Character.into()));
    }

    #[test]
    fn other_packets_and_lengths_are_refused_with_their_own_bytes() {
        check(&[0x10, 0x01], Err(WireError::BadPacket { found: 1 }.into()));
        check(&[0x02], Err(WireError::Undersized { length: 2, least: 3 }.into()));
        check(
            &[0xff, 0x7f],
            Err(WireError::Oversized {
                length: 16383,
                limit: *BODY.end(),
            }
            .into()),
        );
    }
}
