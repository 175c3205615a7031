//! The host field of a handshake: a name, and what clients and proxies have hidden behind it.
//!
//! Seen in the wild: `name`, `name.` (after an SRV lookup), `name\0FML\0` and its kin (Forge), `name///ip:port///time///signature`
//! (TCPShield) and `name\0ip\0uuid\0properties` (BungeeCord's forwarding). Nothing here is verified, so nothing is to be trusted.

use std::{borrow::Cow, net::IpAddr};

use thiserror::Error;

/// Longest name in characters, as in DNS and in Minecraft's own field.
pub const MAX_NAME_CHARS: usize = 255;

/// What separates the name from TCPShield's fields.
const TCPSHIELD: &str = "///";

/// A name that no client asks for in earnest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HostError {
    /// More than 255 characters: no resolver knows such a name, so it was not typed by a player.
    #[error("a host name of more than {MAX_NAME_CHARS} characters")]
    TooLong,
    /// A control character: an attempt to write into somebody's log or terminal.
    #[error("a control character in a host name")]
    ControlCharacter,
    /// No name, where one is to be written in place of the client's.
    #[error("an empty host name")]
    Empty,
}

impl HostError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::TooLong => "host-too-long",
            Self::ControlCharacter => "host-control-character",
            Self::Empty => "host-empty",
        }
    }
}

/// What tells a modded client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    /// `FML`: Forge for 1.8 to 1.12.
    Fml,
    /// `FML2`: Forge for 1.13 to 1.17.
    Fml2,
    /// `FML3`: Forge for 1.18 to 1.20.1.
    Fml3,
    /// `FORGE`, a network version behind it or not: Forge for 1.20.2 and later.
    Forge,
}

impl Marker {
    fn parse(part: &str) -> Option<Self> {
        match part {
            "FML" => Some(Self::Fml),
            "FML2" => Some(Self::Fml2),
            "FML3" => Some(Self::Fml3),
            _ => part
                .strip_prefix("FORGE")?
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(Self::Forge),
        }
    }

    /// Stable name for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fml => "fml",
            Self::Fml2 => "fml2",
            Self::Fml3 => "fml3",
            Self::Forge => "forge",
        }
    }
}

/// What a proxy in front claims about its player, in BungeeCord's form. Anybody can write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded<'a> {
    /// The player's address as the proxy saw it.
    pub address: IpAddr,
    /// The player's UUID: 32 hexadecimal digits.
    pub uuid: &'a str,
    /// The profile's properties: a JSON array, not looked into. Absent where the proxy has none.
    pub properties: Option<&'a str>,
}

impl<'a> Forwarded<'a> {
    /// From what follows the name's `\0`.
    fn parse(fields: &'a str) -> Option<Self> {
        let mut parts = fields.splitn(3, '\0');
        let address = parts.next()?;
        let uuid = parts.next()?;
        // A link-local IPv6 address comes with the proxy's own interface (`%eth0`), which says nothing here.
        let address = address.split('%').next()?.parse().ok()?;
        let is_uuid = uuid.len() == 32 && uuid.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_uuid.then(|| Self {
            address,
            uuid,
            properties: parts.next(),
        })
    }
}

/// A host field taken apart. Borrows from the field; only a name in upper case costs an allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostField<'a> {
    raw: &'a str,
    name: Cow<'a, str>,
    /// Everything behind the name, the separator included; a trailing dot is left out.
    suffix: &'a str,
    marker: Option<Marker>,
    forwarded: Option<Forwarded<'a>>,
}

impl<'a> HostField<'a> {
    /// Takes `raw` apart. The name may be empty: a client may ask for nothing.
    pub fn parse(raw: &'a str) -> Result<Self, HostError> {
        let (before_nul, fields) = raw.split_once('\0').unwrap_or((raw, ""));
        let name = before_nul.split(TCPSHIELD).next().unwrap_or_default();
        let suffix = raw.get(name.len()..).unwrap_or_default();
        let name = lower_case(name.strip_suffix('.').unwrap_or(name));
        check_name(&name)?;
        Ok(Self {
            raw,
            name,
            suffix,
            marker: fields.split('\0').find_map(Marker::parse),
            forwarded: Forwarded::parse(fields),
        })
    }

    /// The field as received.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The name asked for: lower case, nothing behind it, one trailing dot stripped; at most 255 characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mark of a modded client.
    pub fn marker(&self) -> Option<Marker> {
        self.marker
    }

    /// What a proxy in front claims about the player.
    pub fn forwarded(&self) -> Option<Forwarded<'a>> {
        self.forwarded
    }

    /// The field `raw` with the marker alone behind the name, where it may be taken for BungeeCord's forwarding, well written or not:
    /// servers that are told in this way believe whoever writes it. `None`: it cannot be taken for that.
    pub fn without_claims(raw: &str) -> Option<String> {
        // Behind the name and one more.
        let claims = raw.split('\0').skip(2).any(|field| !field.is_empty());
        claims.then(|| {
            let (name, fields) = raw.split_once('\0').unwrap_or((raw, ""));
            match fields.split('\0').find(|field| Marker::parse(field).is_some()) {
                Some(marker) => format!("{name}\0{marker}\0"),
                None => name.to_owned(),
            }
        })
    }

    /// The field with `name` in the old name's place; what was behind it stays. A TCPShield signature stays as well, yet
    /// no longer fits: it covers the name.
    pub fn renamed(&self, name: &str) -> Result<String, HostError> {
        if name.is_empty() {
            return Err(HostError::Empty);
        }
        check_name(name)?;
        Ok([name, self.suffix].concat())
    }
}

/// Whether `name` can stand in a host field as it is.
pub(crate) fn check_name(name: &str) -> Result<(), HostError> {
    // Bytes first: characters need not be counted where there are not enough bytes for too many.
    if name.len() > MAX_NAME_CHARS && name.chars().count() > MAX_NAME_CHARS {
        return Err(HostError::TooLong);
    }
    if name.chars().any(char::is_control) {
        return Err(HostError::ControlCharacter);
    }
    Ok(())
}

fn lower_case(name: &str) -> Cow<'_, str> {
    // Other scripts go the slow way, even where they have no case: clients send punycode.
    if name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, name: &str, marker: Option<Marker>) {
        let host = HostField::parse(raw).expect("a good field");
        assert_eq!((host.name(), host.marker()), (name, marker), "{raw:?}");
        assert_eq!(host.raw(), raw);
    }

    #[test]
    fn the_name_comes_clean_of_everything_behind_it() {
        check("", "", None);
        check("play.example.com", "play.example.com", None);
        check("Play.Example.COM.", "play.example.com", None);
        check("play.example.com..", "play.example.com.", None);
        check("ÄPFEL.example", "äpfel.example", None);
        check("[::1]", "[::1]", None);
        check("a\0FML\0", "a", Some(Marker::Fml));
        check("a.\0FML2\0", "a", Some(Marker::Fml2));
        check("A\0FML3\0", "a", Some(Marker::Fml3));
        check("a\0FORGE", "a", Some(Marker::Forge));
        check("a\0FORGE3", "a", Some(Marker::Forge));
        check("a\0FORGERY", "a", None);
        check("a\0fml\0", "a", None);
        check("a.///1.2.3.4:5///1700000000///c2ln", "a", None);
        check("a///1.2.3.4:5///1700000000///c2ln\0FML2\0", "a", Some(Marker::Fml2));
        check("\0///\0", "", None);
    }

    #[test]
    fn forwarded_fields_are_recognised() {
        let uuid = "069a79f444e94726a5befca90e38aaf5";
        let raw = format!("a\0fe80::1%eth0\0{uuid}\0[{{\"name\":\"textures\"}}]");
        let forwarded = HostField::parse(&raw).unwrap().forwarded().expect("three fields");
        assert_eq!(forwarded.address, "fe80::1".parse::<IpAddr>().unwrap());
        assert_eq!(forwarded.uuid, uuid);
        assert_eq!(forwarded.properties, Some("[{\"name\":\"textures\"}]"));

        let raw = format!("a\x0010.0.0.1\0{uuid}");
        assert_eq!(
            HostField::parse(&raw)
                .unwrap()
                .forwarded()
                .expect("two fields")
                .properties,
            None
        );
    }

    #[test]
    fn what_only_looks_like_forwarding_is_not_taken_for_it() {
        for raw in [
            "a",
            "a\0FML\0",
            "a\x0010.0.0.1",
            "a\x0010.0.0.1\0short",
            "a\0nowhere\x00069a79f444e94726a5befca90e38aaf5",
        ] {
            assert_eq!(HostField::parse(raw).unwrap().forwarded(), None, "{raw:?}");
        }
    }

    #[test]
    fn who_claims_to_be_somebody_loses_the_claim_and_keeps_the_marker() {
        let uuid = "069a79f444e94726a5befca90e38aaf5";
        for (raw, expect) in [
            (format!("A.example.\x0010.0.0.1\0{uuid}"), "A.example."),
            (format!("a\x0010.0.0.1\0{uuid}\0[]"), "a"),
            // Servers are less particular than this host.
            ("a\0nowhere\0somebody".into(), "a"),
            (format!("a\0\0{uuid}"), "a"),
            (format!("a\0FML\0{uuid}"), "a\0FML\0"),
            (
                format!("a///1.2.3.4:5///1///s\x0010.0.0.1\0{uuid}\0FML2"),
                "a///1.2.3.4:5///1///s\0FML2\0",
            ),
        ] {
            assert_eq!(HostField::without_claims(&raw).as_deref(), Some(expect), "{raw:?}");
        }
        for raw in [
            "a",
            "a\0FML\0",
            "a\0FORGE",
            "a\0^Floodgate^data",
            "a///1.2.3.4:5///1///s\0FML\0",
            "\0\0",
        ] {
            assert_eq!(HostField::without_claims(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn names_that_nobody_types_are_refused() {
        assert!(HostField::parse(&"a".repeat(255)).is_ok());
        assert!(HostField::parse(&"ä".repeat(255)).is_ok());
        assert_eq!(HostField::parse(&"a".repeat(256)), Err(HostError::TooLong));
        // Lower case is longer than upper case here: two characters for one.
        assert_eq!(HostField::parse(&"İ".repeat(200)), Err(HostError::TooLong));
        assert_eq!(HostField::parse("a\x1b[31m"), Err(HostError::ControlCharacter));
        assert_eq!(HostField::parse("a\nb"), Err(HostError::ControlCharacter));
    }

    #[test]
    fn a_new_name_keeps_what_was_behind_the_old_one() {
        for (raw, renamed) in [
            ("a", "new"),
            ("A.", "new"),
            ("a.\0FML2\0", "new\0FML2\0"),
            ("a///1.2.3.4:5///1///s\0FML\0", "new///1.2.3.4:5///1///s\0FML\0"),
        ] {
            assert_eq!(
                HostField::parse(raw).unwrap().renamed("new").as_deref(),
                Ok(renamed),
                "{raw:?}"
            );
        }
        let host = HostField::parse("a").unwrap();
        assert_eq!(host.renamed(""), Err(HostError::Empty));
        assert_eq!(host.renamed("a\0b"), Err(HostError::ControlCharacter));
        assert_eq!(host.renamed(&"a".repeat(256)), Err(HostError::TooLong));
    }
}
