//! Login start, whole: the name, and what versions since 1.19 say besides.

use uuid::Uuid;

use super::LoginError;
use crate::{
    cursor::{Cursor, Stop},
    packets::{Fields, Packet},
    profile::{MAX_NAME_CHARS, check_name},
    put,
    version::Protocol,
};

/// Longest chat key in bytes, as servers read.
const MAX_KEY_BYTES: usize = 512;

/// Longest signature of a chat key in bytes, as servers read.
const MAX_SIGNATURE_BYTES: usize = 4_096;

/// A login start with all its fields. Nothing in it is verified but its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start<'a> {
    /// The name: 1 to 16 printable ASCII characters.
    pub name: &'a str,
    /// The key that the player's chat is signed with: 1.19 to 1.19.2.
    pub key: Option<ChatKey<'a>>,
    /// The player's UUID as the client believes it: may come since 1.19.1, always comes since 1.20.2.
    pub uuid: Option<Uuid>,
}

/// A chat key with the session server's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatKey<'a> {
    /// When it expires, in milliseconds since 1970.
    pub expires: i64,
    /// An RSA key in DER.
    pub key: &'a [u8],
    /// Over the fields before and, since 1.19.1, the player's UUID.
    pub signature: &'a [u8],
}

impl<'a> Start<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Self, LoginError> {
        let mut cursor = Cursor::whole(body);
        // One byte a character: others are not allowed anyway.
        let name = cursor.string(MAX_NAME_CHARS)?;
        check_name(name)?;
        let key = if protocol.login_start_has_key() {
            cursor.option(ChatKey::read)?
        } else {
            None
        };
        let uuid = if protocol.login_start_needs_uuid() {
            Some(cursor.uuid()?)
        } else if protocol.login_start_has_uuid() {
            cursor.option(Cursor::uuid)?
        } else {
            None
        };
        cursor.finish()?;
        Ok(Self { name, key, uuid })
    }
}

impl Fields for Start<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::LoginStart
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        put::string(self.name, out);
        if protocol.login_start_has_key() {
            put::option(self.key, out, |key, out| key.write(out));
        }
        if protocol.login_start_needs_uuid() {
            put::uuid(self.uuid.unwrap_or_default(), out);
        } else if protocol.login_start_has_uuid() {
            put::option(self.uuid, out, put::uuid);
        }
    }
}

impl<'a> ChatKey<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Stop> {
        Ok(Self {
            expires: cursor.i64()?,
            key: cursor.bytes(MAX_KEY_BYTES)?,
            signature: cursor.bytes(MAX_SIGNATURE_BYTES)?,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.expires.to_be_bytes());
        put::bytes(self.key, out);
        put::bytes(self.signature, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::WireError, profile::NameError};

    const KEY: ChatKey<'_> = ChatKey {
        expires: 1 << 40,
        key: &[7; 294],
        signature: &[9; 512],
    };
    const UUID: Uuid = Uuid::from_u128(0x1234);

    #[track_caller]
    fn check(release: &str, start: &Start<'_>, length: usize) {
        let protocol = Protocol::of_release(release).unwrap();
        let mut out = Vec::new();
        start.write(protocol, &mut out);
        assert_eq!(out.len(), length, "{release}");
        assert_eq!(Start::read(&out, protocol).as_ref(), Ok(start), "{release}");
        for end in 0..length {
            let error = Start::read(&out[..end], protocol).unwrap_err();
            assert_eq!(error, WireError::Truncated.into(), "{release} {end}");
        }
        out.push(0);
        let error = Start::read(&out, protocol).unwrap_err();
        assert_eq!(error, WireError::TrailingBytes(1).into(), "{release}");
    }

    #[test]
    fn every_version_has_its_form() {
        let start = |key, uuid| Start {
            name: "Notch",
            key,
            uuid,
        };
        let (plain, key) = (6, 1 + 8 + 2 + 294 + 2 + 512);
        check("1.7.2", &start(None, None), plain);
        check("1.18.2", &start(None, None), plain);
        check("1.19", &start(None, None), plain + 1);
        check("1.19", &start(Some(KEY), None), plain + key);
        check("1.19.2", &start(Some(KEY), Some(UUID)), plain + key + 17);
        check("1.19.2", &start(None, None), plain + 2);
        check("1.19.3", &start(None, Some(UUID)), plain + 17);
        check("1.20.1", &start(None, None), plain + 1);
        check("1.20.2", &start(None, Some(UUID)), plain + 16);
        check("26.3", &start(None, Some(UUID)), plain + 16);
    }

    #[test]
    fn names_are_judged_first() {
        let read = |body: &[u8]| Start::read(body, Protocol::NEWEST).unwrap_err();
        assert_eq!(read(&[0]), NameError::Empty.into());
        assert_eq!(read(b"\x03a b"), NameError::Character.into());
        let error = WireError::StringTooLong { length: 17, limit: 16 };
        assert_eq!(read(&[17]), error.into());
    }

    #[test]
    fn keys_longer_than_servers_read_are_refused() {
        let body = [&b"\x01a\x01"[..], &[0; 8], &[0x81, 0x04]].concat();
        let error = WireError::ListTooLong {
            length: 513,
            limit: 512,
        };
        assert_eq!(Start::read(&body, Protocol::V1_19), Err(error.into()));
    }
}
