//! Login success: the profile under which a player plays.

use uuid::Uuid;

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    profile::{Profile, read_name, read_properties, read_text_uuid, write_properties},
    put,
    version::Protocol,
};

/// The server takes the player in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// Who the player is. Before 1.19 without properties.
    pub profile: Profile,
    /// Whether the client shall leave on a packet that it cannot read: 1.20.5 to 1.21.1, otherwise false.
    pub strict_errors: bool,
    /// The id of the session, the same for all servers of a network: since 26.2, before that none.
    pub session: Option<Uuid>,
}

impl Success {
    /// A success as vanilla servers send it.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            strict_errors: false,
            session: None,
        }
    }

    /// Reads the fields.
    pub fn read(body: &[u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let uuid = if protocol.login_success_has_binary_uuid() {
            cursor.uuid()?
        } else {
            read_text_uuid(&mut cursor)?
        };
        let name = read_name(&mut cursor)?;
        let properties = if protocol.login_success_has_properties() {
            read_properties(&mut cursor)?
        } else {
            Vec::new()
        };
        let success = Self {
            profile: Profile { uuid, name, properties },
            strict_errors: protocol.login_success_has_strict_errors() && cursor.bool()?,
            session: protocol
                .login_success_has_session()
                .then(|| cursor.uuid())
                .transpose()?,
        };
        cursor.finish()?;
        Ok(success)
    }
}

impl Fields for Success {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::LoginSuccess
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let Profile { uuid, name, properties } = &self.profile;
        if protocol.login_success_has_binary_uuid() {
            put::uuid(*uuid, out);
        } else if protocol < Protocol::V1_7_6 {
            // Without dashes: <https://minecraft.wiki/w/Java_Edition_protocol/Version_history>, protocol 5.
            put::string(&uuid.simple().to_string(), out);
        } else {
            put::string(&uuid.hyphenated().to_string(), out);
        }
        put::string(name, out);
        if protocol.login_success_has_properties() {
            write_properties(properties, out);
        }
        if protocol.login_success_has_strict_errors() {
            put::bool(self.strict_errors, out);
        }
        if protocol.login_success_has_session() {
            put::uuid(self.session.unwrap_or_default(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Property;

    fn success(protocol: Protocol) -> Success {
        let property = |signature: Option<&str>| Property {
            name: "textures".into(),
            value: "dmFsdWU=".into(),
            signature: signature.map(str::to_owned),
        };
        let properties = if protocol >= Protocol::V1_19 {
            vec![property(None), property(Some("c2lnbmF0dXJl"))]
        } else {
            Vec::new()
        };
        Success {
            profile: Profile {
                uuid: Uuid::from_u128(0x0695_79f1_40e5_4b5c_86b4_cc37_2f1a_5dfb),
                name: "Notch".into(),
                properties,
            },
            strict_errors: protocol.login_success_has_strict_errors(),
            session: protocol.login_success_has_session().then(|| Uuid::from_u128(7)),
        }
    }

    #[test]
    fn profiles_come_back_in_every_version() {
        for protocol in Protocol::releases() {
            let success = success(protocol);
            let mut out = Vec::new();
            success.write(protocol, &mut out);
            assert_eq!(Success::read(&out, protocol), Ok(success), "{protocol}");
            for end in 0..out.len() {
                assert_eq!(
                    Success::read(&out[..end], protocol),
                    Err(WireError::Truncated),
                    "{protocol}"
                );
            }
        }
    }

    #[test]
    fn uuids_are_spelt_as_each_version_spells_them() {
        for (protocol, expect) in [
            (4, &b"\x20069579f140e54b5c86b4cc372f1a5dfb\x05Notch"[..]),
            (5, b"\x24069579f1-40e5-4b5c-86b4-cc372f1a5dfb\x05Notch"),
            (578, b"\x24069579f1-40e5-4b5c-86b4-cc372f1a5dfb\x05Notch"),
            (
                735,
                b"\x06\x95\x79\xf1\x40\xe5\x4b\x5c\x86\xb4\xcc\x37\x2f\x1a\x5d\xfb\x05Notch",
            ),
        ] {
            let mut out = Vec::new();
            success(Protocol(protocol)).write(Protocol(protocol), &mut out);
            assert_eq!(out, expect, "{protocol}");
        }
    }

    #[test]
    fn what_is_no_profile_is_refused() {
        let error = WireError::BadValue("a UUID");
        assert_eq!(Success::read(b"\x01x\x01a", Protocol(47)), Err(error));
        let many = [&[0; 16][..], b"\x01a", &[65]].concat();
        let error = WireError::ListTooLong { length: 65, limit: 64 };
        assert_eq!(Success::read(&many, Protocol(763)), Err(error));
    }
}
