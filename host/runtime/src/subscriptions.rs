//! What a plugin wants to see of what is on its way: packets and channels, as it says at load, checked.

use portcullis_protocol::message::MAX_CHANNEL_CHARS;
use portcullis_protocol::packets::{Direction, Packet, State, Table};
use portcullis_protocol::version::Protocol;

use crate::bindings::exports::portcullis::plugin::packet;

const MAX_SUBSCRIPTIONS: usize = 256;
const MAX_NUMBERS: usize = 64;
const MAX_CHANNELS: usize = 64;

/// The largest head that can be asked for; more than any packet's telling part.
const MAX_HEAD_BYTES: u32 = 32_767;

/// How much of a packet is wanted. The larger, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payload {
    /// Nothing but the fact.
    None,
    /// At most so many bytes of the fields, from the front.
    Head(usize),
    /// All of the fields.
    Whole,
}

impl Payload {
    /// The part of the fields that is wanted.
    pub fn of(self, fields: &[u8]) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Head(length) => fields.get(..length).unwrap_or(fields),
            Self::Whole => fields,
        }
    }
}

/// Everything that a plugin wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    /// By the numbers that the plugin knows them by.
    pub(crate) packets: Vec<Subscription>,
    /// Named as in 1.13.
    pub(crate) channels: Vec<String>,
}

/// A wish for packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) direction: Direction,
    pub(crate) state: State,
    pub(crate) payload: Payload,
    which: Which,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Name(Packet),
    Numbers(Vec<Numbered>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbered {
    id: u32,
    since: Protocol,
    until: Protocol,
}

impl Subscription {
    /// The ids that it means in a version; none where the version has no such packet.
    pub(crate) fn ids(&self, table: &Table) -> Vec<u32> {
        match &self.which {
            Which::Name(packet) => {
                let id = table.id(self.state, self.direction, *packet);
                id.into_iter().map(u32::from).collect()
            }
            Which::Numbers(numbers) => numbers
                .iter()
                .filter(|numbered| (numbered.since..=numbered.until).contains(&table.protocol()))
                .map(|numbered| numbered.id)
                .collect(),
        }
    }
}

/// Checks what `packet.subscriptions` returned; the error completes "its subscriptions …".
pub(crate) fn check_packets(wanted: Vec<packet::Subscription>) -> Result<Vec<Subscription>, String> {
    if wanted.len() > MAX_SUBSCRIPTIONS {
        return Err(format!("are {}; at most {MAX_SUBSCRIPTIONS} are allowed", wanted.len()));
    }
    wanted.into_iter().map(check_packet).collect()
}

/// Checks what `message.channels` returned; the error completes "its channels …".
pub(crate) fn check_channels(wanted: Vec<String>) -> Result<Vec<String>, String> {
    if wanted.len() > MAX_CHANNELS {
        return Err(format!("are {}; at most {MAX_CHANNELS} are allowed", wanted.len()));
    }
    match wanted.iter().find(|name| !is_channel(name)) {
        Some(name) => Err(format!(
            "have {name:?} among them; names are as in 1.13, for example `bungeecord:main`"
        )),
        None => Ok(wanted),
    }
}

/// Whether a name is a channel's as in 1.13: a namespace, a colon and a path.
/// <https://minecraft.wiki/w/Identifier>
pub(crate) fn is_channel(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    name.len() <= MAX_CHANNEL_CHARS
        && name.split_once(':').is_some_and(|(namespace, path)| {
            !namespace.is_empty()
                && namespace.bytes().all(is_plain)
                && !path.is_empty()
                && path.bytes().all(|byte| is_plain(byte) || byte == b'/')
        })
}

fn check_packet(wanted: packet::Subscription) -> Result<Subscription, String> {
    let direction = wanted.direction.into();
    let state = match wanted.state {
        packet::State::Configuration => State::Configuration,
        packet::State::Play => State::Play,
    };
    let which = match wanted.packet {
        packet::Which::Name(name) => Which::Name(check_name(&name, state, direction)?),
        packet::Which::Numbers(numbers) if numbers.len() > MAX_NUMBERS => {
            return Err(format!(
                "name a packet by {} numbers; at most {MAX_NUMBERS} are allowed",
                numbers.len()
            ));
        }
        packet::Which::Numbers(numbers) => Which::Numbers(
            numbers
                .into_iter()
                .map(|numbered| Numbered {
                    id: numbered.id,
                    since: Protocol(numbered.since),
                    until: Protocol(numbered.until),
                })
                .collect(),
        ),
    };
    let payload = match wanted.payload {
        packet::Payload::None => Payload::None,
        packet::Payload::Head(bytes) if bytes > MAX_HEAD_BYTES => {
            return Err(format!(
                "want a head of {bytes} bytes; at most {MAX_HEAD_BYTES} are allowed, or the whole"
            ));
        }
        // As many bytes as a u16 counts.
        packet::Payload::Head(bytes) => Payload::Head(usize::try_from(bytes).unwrap_or(usize::MAX)),
        packet::Payload::Whole => Payload::Whole,
    };
    Ok(Subscription {
        direction,
        state,
        payload,
        which,
    })
}

/// The packet of a name that some version has there: one that none has would never arrive, and nobody would know why.
fn check_name(name: &str, state: State, direction: Direction) -> Result<Packet, String> {
    let has = |packet: Packet| {
        let mut tables = Protocol::releases().filter_map(|protocol| Table::of(protocol).ok());
        tables.any(|table| table.id(state, direction, packet).is_some())
    };
    let there = || {
        let known = Packet::ALL.into_iter().filter(|packet| has(*packet));
        known.map(Packet::name).collect::<Vec<_>>().join(", ")
    };
    match Packet::of_name(name) {
        Some(packet) if has(packet) => Ok(packet),
        _ => Err(format!(
            "name the packet {name:?}, which no version has in {} {}; known there: {}",
            state.label(),
            direction.label(),
            there()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(name: &str) -> packet::Subscription {
        packet::Subscription {
            direction: crate::bindings::portcullis::plugin::types::Direction::Serverbound,
            state: packet::State::Play,
            packet: packet::Which::Name(name.into()),
            payload: packet::Payload::Whole,
        }
    }

    fn table(release: &str) -> &'static Table {
        Table::of(Protocol::of_release(release).unwrap()).unwrap()
    }

    #[test]
    fn a_name_stands_for_each_version_s_own_id() {
        let command = &check_packets(vec![subscription("command")]).unwrap()[0];
        assert!(command.ids(table("1.20.4")).is_empty());
        assert_eq!(command.ids(table("1.20.5")), [4]);
        assert_eq!(command.ids(table("26.3")), [7]);
    }

    #[test]
    fn numbers_stand_for_the_versions_that_they_name() {
        let numbered = |id, since, until| packet::Numbered { id, since, until };
        let wanted = packet::Subscription {
            packet: packet::Which::Numbers(vec![numbered(0x11, 47, 340), numbered(0x12, 340, 340)]),
            ..subscription("")
        };
        let checked = &check_packets(vec![wanted]).unwrap()[0];
        assert_eq!(checked.ids(table("1.8")), [0x11]);
        assert_eq!(checked.ids(table("1.12.2")), [0x11, 0x12]);
        assert!(checked.ids(table("1.13")).is_empty());
    }

    #[test]
    fn names_that_no_version_has_there_are_refused_with_those_that_are_known() {
        for name in ["chatt", "system-chat", ""] {
            let error = check_packets(vec![subscription(name)]).unwrap_err();
            assert!(error.contains(&format!("{name:?}")), "{error}");
            assert!(error.contains("play serverbound; known there: "), "{error}");
            assert!(error.contains(", chat, command, signed-command"), "{error}");
        }
    }

    #[test]
    fn more_than_the_contract_allows_is_refused() {
        assert!(check_packets(vec![subscription("chat"); MAX_SUBSCRIPTIONS]).is_ok());
        assert!(check_packets(vec![subscription("chat"); MAX_SUBSCRIPTIONS + 1]).is_err());
        let head = |bytes| packet::Subscription {
            payload: packet::Payload::Head(bytes),
            ..subscription("chat")
        };
        assert!(check_packets(vec![head(MAX_HEAD_BYTES)]).is_ok());
        assert!(check_packets(vec![head(MAX_HEAD_BYTES + 1)]).is_err());
        assert!(check_channels(vec!["a:b".into(); MAX_CHANNELS]).is_ok());
        assert!(check_channels(vec!["a:b".into(); MAX_CHANNELS + 1]).is_err());
    }

    #[test]
    fn channels_are_identifiers() {
        for name in ["bungeecord:main", "a:b/c.d-e_f", "my-mod.x:1"] {
            assert!(is_channel(name), "{name}");
        }
        let long = format!("a:{}", "b".repeat(MAX_CHANNEL_CHARS));
        for name in ["BungeeCord", "a", ":b", "a:", "A:b", "a/b:c", "a:b c", "", &long] {
            assert!(!is_channel(name), "{name}");
        }
    }

    #[test]
    fn the_payload_is_the_part_that_is_wanted() {
        assert!(Payload::None < Payload::Head(0) && Payload::Head(9) < Payload::Whole);
        for (payload, expect) in [
            (Payload::None, &b""[..]),
            (Payload::Head(2), b"ab"),
            (Payload::Head(9), b"abc"),
            (Payload::Whole, b"abc"),
        ] {
            assert_eq!(payload.of(b"abc"), expect);
        }
    }
}
