//! Velocity's forwarding: a server asks during the login, the proxy answers with the profile and a signature under a secret that
//! both have. For servers since 1.13. <https://docs.papermc.io/velocity/player-information-forwarding/>

use std::{fmt, net::IpAddr};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::ForwardingError;
use crate::{
    cursor::{Cursor, Stop},
    login::ChatKey,
    profile::{Profile, read_name, read_properties, write_properties},
    put,
    version::Protocol,
};

/// The channel of the server's question.
pub const CHANNEL: &str = "velocity:player_info";

/// Bytes of the signature in front of the data: HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// Longest address in characters: IPv6 with an IPv4 tail.
const MAX_ADDRESS_CHARS: usize = 45;

/// What both sides know. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// A secret; what surrounds it in a file (spaces, a line's end) is left out. None if nothing is left.
    pub fn new(secret: &str) -> Option<Self> {
        let secret = secret.trim();
        (!secret.is_empty()).then(|| Self(secret.as_bytes().into()))
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes keys of any length")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What the data contains besides the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Nothing.
    Default = 1,
    /// 1.19's chat key.
    WithKey = 2,
    /// 1.19.1's chat key, and whose it is.
    WithKeyV2 = 3,
    /// Nothing: the chat key comes later, with a packet in play (1.19.3).
    LazySession = 4,
}

impl Version {
    /// The newest version that a server understands which asked with `question`, and that says all there is to say about a
    /// client of `protocol` with or without a chat key in its login start.
    pub fn choose(question: &[u8], protocol: Protocol, has_key: bool) -> Self {
        // No byte: a server that knows only the first version.
        let asked = question.first().copied().unwrap_or(1);
        if asked >= Self::LazySession as u8 && protocol >= Protocol::V1_19_3 {
            Self::LazySession
        } else if asked >= Self::WithKey as u8 && protocol == Protocol::V1_19 && has_key {
            Self::WithKey
        } else if asked >= Self::WithKeyV2 as u8 && protocol == Protocol::V1_19_1 && has_key {
            Self::WithKeyV2
        } else {
            Self::Default
        }
    }

    fn of_wire(version: i32) -> Result<Self, ForwardingError> {
        match version {
            1 => Ok(Self::Default),
            2 => Ok(Self::WithKey),
            3 => Ok(Self::WithKeyV2),
            4 => Ok(Self::LazySession),
            _ => Err(ForwardingError::Version(version)),
        }
    }
}

/// What a proxy says about its player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerInfo<'a> {
    /// The client's address as the proxy saw it.
    pub address: IpAddr,
    /// The player's profile.
    pub profile: Profile,
    /// The chat key of the login start; only versions 2 and 3 carry it.
    pub key: Option<ChatKey<'a>>,
    /// Whose key it is; only version 3 carries it.
    pub key_holder: Option<Uuid>,
}

impl<'a> PlayerInfo<'a> {
    /// The answer to a server's question: signature and data.
    pub fn answer(&self, version: Version, secret: &Secret) -> Vec<u8> {
        let mut answer = vec![0; SIGNATURE_BYTES];
        self.write(version, &mut answer);
        if let Some((signature, data)) = answer.split_first_chunk_mut::<SIGNATURE_BYTES>() {
            *signature = secret.mac().chain_update(&*data).finalize().into_bytes().into();
        }
        answer
    }

    /// Reads an answer as a server does: the signature first, in constant time, and nothing of the data before it holds.
    pub fn verify(answer: &'a [u8], secret: &Secret) -> Result<Self, ForwardingError> {
        let split = answer.split_at_checked(SIGNATURE_BYTES);
        let (signature, data) = split.ok_or(ForwardingError::Malformed)?;
        let mac = secret.mac().chain_update(data);
        mac.verify_slice(signature).map_err(|_| ForwardingError::Signature)?;

        let mut cursor = Cursor::whole(data);
        let version = cursor.var_int().map_err(malformed)?;
        let version = Version::of_wire(version)?;
        Self::read(version, cursor)
            .map_err(malformed)?
            .ok_or(ForwardingError::Malformed)
    }

    fn write(&self, version: Version, out: &mut Vec<u8>) {
        put::var_int(version as i32, out);
        put::string(&self.address.to_canonical().to_string(), out);
        put::uuid(self.profile.uuid, out);
        put::string(&self.profile.name, out);
        write_properties(&self.profile.properties, out);
        if let (Version::WithKey | Version::WithKeyV2, Some(key)) = (version, self.key) {
            key.write(out);
        }
        if version == Version::WithKeyV2 {
            put::option(self.key_holder, out, put::uuid);
        }
    }

    /// None if the address is none.
    fn read(version: Version, mut cursor: Cursor<'a>) -> Result<Option<Self>, Stop> {
        let address = cursor.text(MAX_ADDRESS_CHARS)?.parse();
        let profile = Profile {
            uuid: cursor.uuid()?,
            name: read_name(&mut cursor)?,
            properties: read_properties(&mut cursor)?,
        };
        let has_key = matches!(version, Version::WithKey | Version::WithKeyV2);
        let key = has_key.then(|| ChatKey::read(&mut cursor)).transpose()?;
        let key_holder = match version {
            Version::WithKeyV2 => cursor.option(Cursor::uuid)?,
            _ => None,
        };
        cursor.finish()?;
        Ok(address.ok().map(|address| Self {
            address,
            profile,
            key,
            key_holder,
        }))
    }
}

fn malformed(_: Stop) -> ForwardingError {
    ForwardingError::Malformed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Property;

    const KEY: ChatKey<'_> = ChatKey {
        expires: 5,
        key: &[1, 2, 3],
        signature: &[4, 5],
    };

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("a secret")
    }

    fn info(version: Version) -> PlayerInfo<'static> {
        let has_key = matches!(version, Version::WithKey | Version::WithKeyV2);
        PlayerInfo {
            address: "192.0.2.1".parse().unwrap(),
            profile: Profile {
                uuid: Uuid::from_u128(7),
                name: "Notch".into(),
                properties: vec![Property {
                    name: "textures".into(),
                    value: "x".into(),
                    signature: Some("y".into()),
                }],
            },
            key: has_key.then_some(KEY),
            key_holder: (version == Version::WithKeyV2).then(|| Uuid::from_u128(8)),
        }
    }

    const VERSIONS: [Version; 4] = [
        Version::Default,
        Version::WithKey,
        Version::WithKeyV2,
        Version::LazySession,
    ];

    #[test]
    fn answers_of_every_version_are_verified() {
        for version in VERSIONS {
            let answer = info(version).answer(version, &secret("s"));
            assert_eq!(
                PlayerInfo::verify(&answer, &secret("s")),
                Ok(info(version)),
                "{version:?}"
            );
            assert_eq!(answer[SIGNATURE_BYTES], version as u8);
        }
    }

    /// Made with `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_signature_is_hmac_sha256_in_front_of_the_data() {
        let player = PlayerInfo {
            profile: Profile {
                properties: Vec::new(),
                ..info(Version::Default).profile
            },
            ..info(Version::Default)
        };
        let answer = player.answer(Version::Default, &secret("secret"));
        let data = [&b"\x01\x09192.0.2.1"[..], &[0; 15], &[7], b"\x05Notch", &[0]].concat();
        assert_eq!(answer[SIGNATURE_BYTES..], data);
        let signature = answer[..SIGNATURE_BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        assert_eq!(
            signature,
            "3d6744a24a39650d570b1b31e207214965dd284a1e64d3fabe489c6c16a2e498"
        );
    }

    #[test]
    fn forgeries_are_refused() {
        let answer = info(Version::Default).answer(Version::Default, &secret("s"));
        let check = |answer: &[u8], key, expect| {
            assert_eq!(PlayerInfo::verify(answer, &secret(key)).unwrap_err(), expect);
        };
        check(&answer, "other", ForwardingError::Signature);
        for at in 0..answer.len() {
            let mut forged = answer.clone();
            forged[at] ^= 1;
            check(&forged, "s", ForwardingError::Signature);
        }
        check(&answer[..answer.len() - 1], "s", ForwardingError::Signature);
        check(&answer[..31], "s", ForwardingError::Malformed);
        check(&[], "s", ForwardingError::Malformed);
    }

    #[test]
    fn signed_nonsense_is_refused_too() {
        let check = |data: &[u8], expect| {
            let signature = secret("s").mac().chain_update(data).finalize().into_bytes();
            let answer = [&signature[..], data].concat();
            assert_eq!(PlayerInfo::verify(&answer, &secret("s")), Err(expect));
        };
        check(&[], ForwardingError::Malformed);
        check(&[5], ForwardingError::Version(5));
        check(&[1, 1, b'x'], ForwardingError::Malformed);
        let nowhere = [&b"\x01\x07nowhere"[..], &[0; 16], b"\x01a", &[0]].concat();
        check(&nowhere, ForwardingError::Malformed);
    }

    #[test]
    fn the_version_is_the_newest_that_both_sides_know_and_need() {
        for (question, release, has_key, expect) in [
            (&[][..], "1.13", false, Version::Default),
            (&[1], "1.20.1", false, Version::Default),
            (&[4], "1.18.2", false, Version::Default),
            (&[4], "1.19", true, Version::WithKey),
            (&[4], "1.19", false, Version::Default),
            (&[2], "1.19.2", true, Version::Default),
            (&[3], "1.19.2", true, Version::WithKeyV2),
            (&[3], "1.19.3", false, Version::Default),
            (&[4], "1.19.3", false, Version::LazySession),
            (&[200], "26.3", false, Version::LazySession),
        ] {
            let protocol = Protocol::of_release(release).unwrap();
            assert_eq!(
                Version::choose(question, protocol, has_key),
                expect,
                "{question:?} {release}"
            );
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(Secret::new("a\n"), Secret::new("a"));
        assert_eq!(Secret::new("\n"), None);
        assert_eq!(format!("{:?}", secret("a")), "Secret(..)");
    }
}
