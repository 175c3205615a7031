//! Which packet an id means: by version, state and direction, from the table in `data/packets.txt`.
//!
//! Only packets that the host or a plugin may want are named; all others are [`None`] and pass as they are.

mod name;
mod table;

use std::fmt;

use thiserror::Error;

pub use name::Packet;

use crate::{cursor::Cursor, error::WireError, varint, version::Protocol};
use table::{IDS, LANES};

/// The part of a connection's life that decides what its packet ids mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The server list's question; its packets are in [`status`](crate::status).
    Status,
    /// Names, encryption, compression.
    Login,
    /// Registries, resource packs and what else a client must know before a world (1.20.2 and later).
    Configuration,
    /// In a world.
    Play,
}

impl State {
    /// Stable name for metrics, logs and plugins' subscriptions.
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Login => "login",
            Self::Configuration => "configuration",
            Self::Play => "play",
        }
    }
}

/// Who is meant to read a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The client.
    Clientbound,
    /// The server.
    Serverbound,
}

impl Direction {
    /// Of what comes back.
    pub fn opposite(self) -> Self {
        match self {
            Self::Clientbound => Self::Serverbound,
            Self::Serverbound => Self::Clientbound,
        }
    }

    /// Stable name for metrics, logs and plugins' subscriptions.
    pub fn label(self) -> &'static str {
        match self {
            Self::Clientbound => "clientbound",
            Self::Serverbound => "serverbound",
        }
    }
}

/// A version whose packet ids are not in the table: a snapshot, a release newer than this host, or no version at all. Its bytes
/// can be handed through, not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the packets of {0} are not known to this host: hand its bytes through, or update")]
pub struct Unsupported(pub Protocol);

/// The packet ids of one version.
pub struct Table {
    protocol: Protocol,
    lanes: [Lane; LANES],
}

/// The ids of one state and direction, both ways.
struct Lane {
    packets: [Option<Packet>; IDS],
    ids: [Option<u8>; Packet::ALL.len()],
}

impl Table {
    /// The table of `protocol`.
    pub fn of(protocol: Protocol) -> Result<&'static Self, Unsupported> {
        let tables = table::all();
        let at = tables.binary_search_by_key(&protocol, |table| table.protocol);
        at.ok().and_then(|at| tables.get(at)).ok_or(Unsupported(protocol))
    }

    /// The version whose ids these are.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The packet with this id, if it has a name here.
    pub fn packet(&self, state: State, direction: Direction, id: i32) -> Option<Packet> {
        let lane = self.lanes.get(table::lane(state, direction)?)?;
        lane.packets.get(usize::try_from(id).ok()?).copied().flatten()
    }

    /// The packet's id, if this version has it there.
    pub fn id(&self, state: State, direction: Direction, packet: Packet) -> Option<u8> {
        let lane = self.lanes.get(table::lane(state, direction)?)?;
        lane.ids.get(packet as usize).copied().flatten()
    }

    /// Appends the packet's id and its fields: what goes into a frame.
    pub fn write(
        &self,
        state: State,
        direction: Direction,
        fields: &impl Fields,
        out: &mut Vec<u8>,
    ) -> Result<(), NoSuchPacket> {
        let packet = fields.packet(self.protocol);
        let id = self.id(state, direction, packet).ok_or(NoSuchPacket {
            packet,
            state,
            direction,
            protocol: self.protocol,
        })?;
        varint::write(id.into(), out);
        fields.write(self.protocol, out);
        Ok(())
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Table").field(&self.protocol).finish()
    }
}

/// A packet that a version does not have in this state and direction: whoever wants to send it should have asked the version
/// first, for example [`Protocol::has_transfer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{protocol} has no packet {packet} in {} {}", state.label(), direction.label())]
pub struct NoSuchPacket {
    /// The packet.
    pub packet: Packet,
    /// Where it was to be sent.
    pub state: State,
    /// Whither.
    pub direction: Direction,
    /// The version.
    pub protocol: Protocol,
}

/// A packet's fields that this crate can write, in every version that has the packet.
pub trait Fields {
    /// The packet's name in `protocol`: some things are said by different packets in different versions.
    fn packet(&self, protocol: Protocol) -> Packet;

    /// Appends the fields as `protocol` spells them, without the id.
    fn write(&self, protocol: Protocol, out: &mut Vec<u8>);
}

/// A packet without fields: an acknowledgement, a delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bare(pub Packet);

impl Fields for Bare {
    fn packet(&self, _: Protocol) -> Packet {
        self.0
    }

    fn write(&self, _: Protocol, _: &mut Vec<u8>) {}
}

/// The id at the front of an uncompressed packet, and the fields behind it.
pub fn split_id(packet: &[u8]) -> Result<(i32, &[u8]), WireError> {
    let mut cursor = Cursor::whole(packet);
    let id = cursor.var_int()?;
    Ok((id, cursor.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 4] = [State::Status, State::Login, State::Configuration, State::Play];
    const DIRECTIONS: [Direction; 2] = [Direction::Clientbound, Direction::Serverbound];

    fn id(release: &str, state: State, direction: Direction, packet: Packet) -> Option<u8> {
        let protocol = Protocol::of_release(release).unwrap();
        Table::of(protocol).unwrap().id(state, direction, packet)
    }

    #[track_caller]
    fn check(packet: Packet, state: State, direction: Direction, expect: &[(&str, Option<u8>)]) {
        for (release, expect) in expect {
            assert_eq!(id(release, state, direction, packet), *expect, "{packet} in {release}");
        }
    }

    #[test]
    fn every_release_has_a_table_and_nothing_else_has() {
        for protocol in Protocol::releases() {
            assert_eq!(Table::of(protocol).unwrap().protocol(), protocol);
        }
        for protocol in [
            Protocol(46),
            Protocol(778),
            Protocol(1 << 30 | 335),
            Protocol::NONE,
            Protocol(i32::MIN),
        ] {
            assert_eq!(Table::of(protocol).unwrap_err(), Unsupported(protocol));
        }
    }

    #[test]
    fn an_id_and_its_packet_find_each_other_in_every_version() {
        for protocol in Protocol::releases() {
            let table = Table::of(protocol).unwrap();
            for (state, direction) in STATES
                .iter()
                .flat_map(|state| DIRECTIONS.map(|direction| (*state, direction)))
            {
                for packet in Packet::ALL {
                    if let Some(id) = table.id(state, direction, packet) {
                        assert_eq!(table.packet(state, direction, id.into()), Some(packet), "{protocol}");
                    }
                }
                for id in (0..=300).chain([-1, i32::MIN, i32::MAX]) {
                    if let Some(packet) = table.packet(state, direction, id) {
                        let found = table.id(state, direction, packet).map(i32::from);
                        assert_eq!(found, Some(id), "{protocol} {packet}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_table_agrees_with_what_versions_can_do() {
        use Direction::{Clientbound, Serverbound};
        use State::{Configuration, Login, Play};
        for protocol in Protocol::releases() {
            let has = |state, direction, packet| Table::of(protocol).unwrap().id(state, direction, packet).is_some();
            for (state, direction, packet) in [
                (Login, Clientbound, Packet::LoginSuccess),
                (Login, Serverbound, Packet::LoginStart),
                (Play, Clientbound, Packet::JoinGame),
                (Play, Clientbound, Packet::Respawn),
                (Play, Clientbound, Packet::Disconnect),
                (Play, Clientbound, Packet::KeepAlive),
                (Play, Serverbound, Packet::KeepAlive),
                (Play, Clientbound, Packet::PluginMessage),
                (Play, Serverbound, Packet::PluginMessage),
                (Play, Serverbound, Packet::Chat),
                (Play, Serverbound, Packet::Settings),
                (Play, Serverbound, Packet::TabComplete),
            ] {
                assert!(has(state, direction, packet), "{protocol} {packet}");
            }
            for (expect, state, direction, packet) in [
                (protocol.compresses(), Login, Clientbound, Packet::SetCompression),
                (
                    protocol.has_login_plugin_messages(),
                    Login,
                    Clientbound,
                    Packet::LoginPluginRequest,
                ),
                (
                    protocol.has_login_plugin_messages(),
                    Login,
                    Serverbound,
                    Packet::LoginPluginResponse,
                ),
                (
                    protocol.has_configuration(),
                    Login,
                    Serverbound,
                    Packet::LoginAcknowledged,
                ),
                (
                    protocol.has_configuration(),
                    Configuration,
                    Clientbound,
                    Packet::FinishConfiguration,
                ),
                (
                    protocol.has_configuration(),
                    Configuration,
                    Serverbound,
                    Packet::KeepAlive,
                ),
                (
                    protocol.has_configuration(),
                    Play,
                    Clientbound,
                    Packet::StartConfiguration,
                ),
                (
                    protocol.has_configuration(),
                    Play,
                    Serverbound,
                    Packet::ConfigurationAcknowledged,
                ),
                (protocol.has_transfer(), Play, Clientbound, Packet::Transfer),
                (protocol.has_cookies(), Configuration, Clientbound, Packet::StoreCookie),
                (protocol.has_cookies(), Login, Serverbound, Packet::CookieResponse),
                (protocol.signs_chat(), Play, Serverbound, Packet::SignedCommand),
                (protocol.has_unsigned_commands(), Play, Serverbound, Packet::Command),
                (
                    protocol.counts_acknowledgements(),
                    Play,
                    Serverbound,
                    Packet::ChatSession,
                ),
                (protocol.has_system_chat(), Play, Clientbound, Packet::SystemChat),
                (!protocol.has_system_chat(), Play, Clientbound, Packet::Chat),
                (protocol.has_split_titles(), Play, Clientbound, Packet::TitleText),
                (
                    protocol.has_titles() && !protocol.has_split_titles(),
                    Play,
                    Clientbound,
                    Packet::Title,
                ),
                (
                    protocol.has_many_resource_packs(),
                    Play,
                    Clientbound,
                    Packet::ResourcePackPop,
                ),
                (protocol.has_bundles(), Play, Clientbound, Packet::BundleDelimiter),
            ] {
                assert_eq!(has(state, direction, packet), expect, "{protocol} {packet}");
            }
        }
    }

    /// Read off by hand from tables of other proxies and from servers' own reports.
    #[test]
    fn ids_are_those_that_others_found() {
        use Direction::{Clientbound, Serverbound};
        use State::{Configuration, Play};
        let keep_alive = [
            ("1.7.2", 0x00),
            ("1.8.9", 0x00),
            ("1.9", 0x1f),
            ("1.13.2", 0x21),
            ("1.16.1", 0x20),
        ];
        let newer = [
            ("1.20.1", 0x23),
            ("1.20.4", 0x24),
            ("1.21.1", 0x26),
            ("26.2", 0x2c),
            ("26.3", 0x2d),
        ];
        for (release, expect) in keep_alive.into_iter().chain(newer) {
            check(Packet::KeepAlive, Play, Clientbound, &[(release, Some(expect))]);
        }
        check(
            Packet::StartConfiguration,
            Play,
            Clientbound,
            &[
                ("1.20.1", None),
                ("1.20.2", Some(0x65)),
                ("26.1", Some(0x76)),
                ("26.3", Some(0x78)),
            ],
        );
        check(
            Packet::ServerLinks,
            Play,
            Clientbound,
            &[("1.20.6", None), ("1.21", Some(0x7b)), ("26.3", Some(0x8c))],
        );
        check(
            Packet::ResourcePackResponse,
            Play,
            Serverbound,
            &[
                ("1.7.10", None),
                ("1.8", Some(0x19)),
                ("26.2", Some(0x31)),
                ("26.3", Some(0x32)),
            ],
        );
        check(
            Packet::CustomClick,
            Play,
            Serverbound,
            &[("1.21.6", Some(0x41)), ("26.1", Some(0x44)), ("26.3", Some(0x44))],
        );
        check(
            Packet::StoreCookie,
            Configuration,
            Clientbound,
            &[("1.20.5", Some(0x0a)), ("26.2", Some(0x0a)), ("26.3", Some(0x0b))],
        );
        check(
            Packet::Disconnect,
            Play,
            Clientbound,
            &[
                ("1.7.2", Some(0x40)),
                ("1.12.2", Some(0x1a)),
                ("1.20.1", Some(0x1a)),
                ("26.3", Some(0x20)),
            ],
        );
    }

    #[test]
    fn names_are_unique_and_lead_back() {
        for packet in Packet::ALL {
            assert_eq!(Packet::of_name(packet.name()), Some(packet));
        }
        assert_eq!(Packet::of_name("nothing"), None);
    }

    #[test]
    fn an_id_is_split_from_its_fields() {
        assert_eq!(split_id(&[0x21, 1, 2]), Ok((0x21, &[1, 2][..])));
        assert_eq!(split_id(&[0x80, 0x01]), Ok((128, &[][..])));
        assert_eq!(split_id(&[]), Err(WireError::Truncated));
        assert_eq!(split_id(&[0x80]), Err(WireError::Truncated));
    }
}
