//! Clients before 1.7: their server list pings, and the one packet that every one of them understands.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping#1.6>

use crate::{
    Progress,
    cursor::{Cursor, Stop},
    error::WireError,
    status::StatusResponse,
    text::{Text, strip_codes},
};

/// First byte of every legacy ping.
pub const PING: u8 = 0xfe;

/// First byte of a legacy login.
pub const LOGIN: u8 = 0x02;

/// First byte of a kick, which is also the answer to a ping.
pub const KICK: u8 = 0xff;

/// Longest text of a kick in UTF-16 units: clients drop the connection over a longer one.
pub const MAX_KICK_UNITS: usize = 256;

/// Longest version text in UTF-16 units, so that it leaves room for the description.
const MAX_VERSION_UNITS: usize = 64;

/// What a 1.6 client puts before its question, in UTF-16.
const PING_HOST_HEAD: [u8; 27] = *b"\xfe\x01\xfa\x00\x0b\x00M\x00C\x00|\x00P\x00i\x00n\x00g\x00H\x00o\x00s\x00t";

/// Longest host in UTF-16 units: as in the handshake of later versions.
const MAX_HOST_UNITS: usize = 255;

/// A ping of a client before 1.7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ping {
    /// `FE`: beta 1.8 to 1.3.
    Bare,
    /// `FE 01`: 1.4 and 1.5.
    Versioned,
    /// `FE 01 FA`: 1.6.
    WithHost {
        /// The client's protocol number, from a count that ended with 1.6: 78 for 1.6.4.
        protocol: u8,
        /// The host it believes it connected to, as received.
        host: String,
        /// The port it believes it connected to.
        port: u16,
    },
}

impl Ping {
    /// Reads the ping of a 1.6 client, whose first bytes are `FE 01 FA`. The others have no length: only the silence behind
    /// them tells that they are whole, see [`crate::first::sniff`].
    pub fn parse_with_host(prefix: &[u8]) -> Result<Progress<Self>, WireError> {
        let head = prefix.get(..PING_HOST_HEAD.len()).unwrap_or(prefix);
        if let Some((found, _)) = head
            .iter()
            .zip(PING_HOST_HEAD)
            .find(|(found, expected)| *found != expected)
        {
            return Err(WireError::BadPacket { found: *found });
        }
        let Some((_, rest)) = prefix.split_at_checked(PING_HOST_HEAD.len()) else {
            return Ok(Progress::Incomplete);
        };
        match with_host(Cursor::new(rest, usize::from(u16::MAX))) {
            Ok((ping, taken)) => Ok(Progress::Complete(ping, PING_HOST_HEAD.len() + taken)),
            Err(Stop::Incomplete) => Ok(Progress::Incomplete),
            Err(Stop::Bad(error)) => Err(error),
        }
    }

    /// Appends the answer that this kind of client reads. The description gives way where the whole is too long.
    pub fn write_answer(&self, response: &StatusResponse, out: &mut Vec<u8>) {
        let StatusResponse { online, maximum, .. } = response;
        match self {
            Self::Bare => {
                let counts = format!("§{online}§{maximum}");
                let description = strip_codes(&one_line(&response.description.to_plain()));
                let room = MAX_KICK_UNITS - units(&counts);
                write_kick_units(&[cut(&description, room), &counts].concat(), out);
            }
            Self::Versioned | Self::WithHost { .. } => {
                let version = one_line(&response.version_name);
                let head = format!("§1\0{}\0{}\0", response.protocol.0, cut(&version, MAX_VERSION_UNITS));
                let counts = format!("\0{online}\0{maximum}");
                let description = one_line(&response.description.to_legacy());
                let room = MAX_KICK_UNITS - units(&head) - units(&counts);
                write_kick_units(&[&head, cut(&description, room), &counts].concat(), out);
            }
        }
    }
}

/// Appends the packet that shows `text` and ends the connection.
pub fn write_kick(text: &Text, out: &mut Vec<u8>) {
    write_kick_units(cut(&text.to_legacy(), MAX_KICK_UNITS), out);
}

/// The fields of a 1.6 ping, and the bytes they took.
fn with_host(mut fields: Cursor<'_>) -> Result<(Ping, usize), Stop> {
    // Protocol, length of the host, port; the host's own bytes come on top.
    const BARE: usize = 1 + 2 + 4;
    let declared = usize::from(fields.u16()?);
    let limit = BARE + 2 * MAX_HOST_UNITS;
    if declared > limit {
        return Err(WireError::Oversized {
            length: declared,
            limit,
        }
        .into());
    }
    let protocol = fields.u8()?;
    let host_units = usize::from(fields.u16()?);
    if declared != BARE + 2 * host_units {
        return Err(WireError::Truncated.into());
    }
    let host = fields.take(2 * host_units)?;
    let host = host.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
    let host = char::decode_utf16(host)
        .collect::<Result<_, _>>()
        .map_err(|_| WireError::NotUnicode)?;
    // A negative or larger port is no port.
    let port = u16::try_from(fields.i32()?).map_err(|_| WireError::Truncated)?;
    Ok((Ping::WithHost { protocol, host, port }, 2 + declared))
}

fn write_kick_units(text: &str, out: &mut Vec<u8>) {
    debug_assert!(units(text) <= MAX_KICK_UNITS, "callers cut the text");
    out.push(KICK);
    out.extend_from_slice(&(units(text) as u16).to_be_bytes());
    out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Legacy clients show one line, and take `\0` for the end of a field.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The longest start of `text` within `room` UTF-16 units that does not end inside a `§` code.
fn cut(text: &str, room: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += character.len_utf16();
        used > room
    });
    match end {
        None => text,
        Some((end, _)) => text.get(..end).unwrap_or_default().trim_end_matches('§'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Protocol;

    fn ping_with_host(host: &str, port: i32) -> Vec<u8> {
        let host: Vec<_> = host.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut bytes = PING_HOST_HEAD.to_vec();
        bytes.extend_from_slice(&(7 + host.len() as u16).to_be_bytes());
        bytes.push(78);
        bytes.extend_from_slice(&(host.len() as u16 / 2).to_be_bytes());
        bytes.extend_from_slice(&host);
        bytes.extend_from_slice(&port.to_be_bytes());
        bytes
    }

    fn response(description: &str) -> StatusResponse {
        StatusResponse {
            version_name: "Portcullis 1.7+".into(),
            protocol: Protocol(763),
            description: Text::markup(description),
            online: 3,
            maximum: 100,
            sample: vec![],
            favicon: None,
        }
    }

    #[track_caller]
    fn check_kick(bytes: &[u8], text: &str) {
        let [KICK, high, low, rest @ ..] = bytes else {
            panic!("a kick: {bytes:02x?}")
        };
        let read: Vec<_> = rest
            .chunks(2)
            .map(|unit| u16::from_be_bytes([unit[0], unit[1]]))
            .collect();
        assert_eq!(usize::from(u16::from_be_bytes([*high, *low])), read.len());
        assert_eq!(String::from_utf16(&read).unwrap(), text);
    }

    #[test]
    fn a_ping_of_1_6_names_version_host_and_port() {
        let bytes = ping_with_host("play.exämple", 25566);
        for end in 0..bytes.len() {
            assert_eq!(Ping::parse_with_host(&bytes[..end]), Ok(Progress::Incomplete), "{end}");
        }
        let ping = Ping::WithHost {
            protocol: 78,
            host: "play.exämple".into(),
            port: 25566,
        };
        assert_eq!(Ping::parse_with_host(&bytes), Ok(Progress::Complete(ping, bytes.len())));
    }

    #[test]
    fn broken_pings_are_refused_as_early_as_can_be() {
        let good = ping_with_host("ab", 1);
        let broken = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Ping::parse_with_host(&bytes[..=at])
        };
        assert_eq!(broken(5, b'X'), Err(WireError::BadPacket { found: b'X' }));
        assert_eq!(broken(27, 0x7f), Ok(Progress::Incomplete));
        assert_eq!(
            broken(28, 0xff),
            Ok(Progress::Incomplete),
            "255 bytes may be a long host"
        );
        assert_eq!(broken(31, 3), Err(WireError::Truncated));
        assert_eq!(
            Ping::parse_with_host(&ping_with_host("ab", -1)),
            Err(WireError::Truncated)
        );
        assert_eq!(
            Ping::parse_with_host(&ping_with_host(&"a".repeat(256), 1)),
            Err(WireError::Oversized {
                length: 519,
                limit: 517
            })
        );
        assert_eq!(broken(32, 0xd8), Ok(Progress::Incomplete));
        let mut lone_surrogate = good.clone();
        lone_surrogate[32] = 0xd8;
        assert_eq!(Ping::parse_with_host(&lone_surrogate), Err(WireError::NotUnicode));
    }

    #[test]
    fn the_oldest_clients_get_plain_text_and_counts() {
        let mut out = Vec::new();
        Ping::Bare.write_answer(&response("<red>Hello</red><newline>§aWorld"), &mut out);
        check_kick(&out, "Hello World§3§100");
    }

    #[test]
    fn clients_since_1_4_get_all_fields() {
        let mut out = Vec::new();
        Ping::Versioned.write_answer(&response("<red>Hello</red>\0World"), &mut out);
        check_kick(&out, "§1\x00763\0Portcullis 1.7+\0§cHello§r World\x003\x00100");
    }

    #[test]
    fn a_long_description_gives_way() {
        let mut out = Vec::new();
        Ping::Bare.write_answer(&response(&"😀".repeat(200)), &mut out);
        assert!(out.len() <= 3 + 2 * MAX_KICK_UNITS);
        check_kick(&out, &format!("{}§3§100", "😀".repeat(125)));

        out.clear();
        Ping::Versioned.write_answer(
            &StatusResponse {
                version_name: "v".repeat(500),
                ..response(&"x".repeat(500))
            },
            &mut out,
        );
        let head = format!("§1\x00763\0{}\0", "v".repeat(64));
        check_kick(
            &out,
            &format!("{head}{}\x003\x00100", "x".repeat(256 - head.chars().count() - 6)),
        );
    }

    #[test]
    fn a_kick_shows_codes_and_is_cut_between_them() {
        let mut out = Vec::new();
        write_kick(&Text::markup("<red>no"), &mut out);
        check_kick(&out, "§cno");

        out.clear();
        write_kick(&Text::markup(&format!("{}<red>no", "x".repeat(255))), &mut out);
        check_kick(&out, &"x".repeat(255));
    }
}
