//! Entries of the list of players, to 1.20.1: a client that is moved to another server keeps the old one's, so whoever moves it has
//! to take them away. Since 1.20.2 the configuration state clears the list.

use uuid::Uuid;

use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    packets::{Fields, Packet},
    profile::{MAX_NAME_CHARS, read_properties},
    put,
    version::Protocol,
};

/// Entries that one packet may have: more than servers take players.
const MAX_ENTRIES: usize = 65_536;

/// Longest entry of 1.7 in characters, colours included.
const MAX_LINE_CHARS: usize = 40;

/// Longest display name in characters.
const MAX_DISPLAY_CHARS: usize = 262_144;

/// Longest key and signature of a player's chat in bytes, as clients read.
const MAX_KEY_BYTES: usize = 512;
const MAX_SIGNATURE_BYTES: usize = 4_096;

/// Actions to 1.19.2, by their numbers.
const ADD: i32 = 0;
const REMOVE: i32 = 4;

/// Actions since 1.19.3, by their bits.
const ADD_PLAYER: u8 = 1 << 0;
const INITIALISE_CHAT: u8 = 1 << 1;
const UPDATE_MODE: u8 = 1 << 2;
const UPDATE_LISTED: u8 = 1 << 3;
const UPDATE_LATENCY: u8 = 1 << 4;
const UPDATE_DISPLAY: u8 = 1 << 5;

/// What stands for an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// To 1.7.10: its text.
    Line(Box<str>),
    /// Since 1.8: the player's UUID.
    Player(Uuid),
}

/// What a packet does to the list. Changes of entries that are there already are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChange {
    /// Entries that appear.
    pub added: Vec<Entry>,
    /// Entries that disappear.
    pub removed: Vec<Entry>,
}

impl ListChange {
    /// Reads [`Packet::PlayerInfo`] or [`Packet::PlayerInfoRemove`] of a version to 1.20.1; nothing of other packets.
    pub fn read(packet: Packet, body: &[u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let mut change = Self::default();
        match packet {
            Packet::PlayerInfoRemove => {
                change.removed = cursor.list(MAX_ENTRIES, |cursor| cursor.uuid().map(Entry::Player))?;
            }
            Packet::PlayerInfo if protocol < Protocol::V1_8 => {
                let line = Entry::Line(cursor.text(MAX_LINE_CHARS)?.into());
                let is_there = cursor.bool()?;
                let list = if is_there {
                    &mut change.added
                } else {
                    &mut change.removed
                };
                list.push(line);
            }
            Packet::PlayerInfo if protocol < Protocol::V1_19_3 => match cursor.var_int()? {
                ADD => change.added = cursor.list(MAX_ENTRIES, |cursor| read_entry(cursor, protocol))?,
                REMOVE => change.removed = cursor.list(MAX_ENTRIES, |cursor| cursor.uuid().map(Entry::Player))?,
                _ => {}
            },
            Packet::PlayerInfo => {
                let actions = cursor.u8()?;
                if actions & ADD_PLAYER != 0 {
                    change.added = cursor.list(MAX_ENTRIES, |cursor| read_new_entry(cursor, actions))?;
                }
            }
            _ => {}
        }
        Ok(change)
    }
}

/// Takes entries away: all of one kind, that of the version. In 1.7 one packet takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeEntries<'a>(pub &'a [Entry]);

impl Fields for TakeEntries<'_> {
    fn packet(&self, protocol: Protocol) -> Packet {
        if protocol < Protocol::V1_19_3 {
            Packet::PlayerInfo
        } else {
            Packet::PlayerInfoRemove
        }
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        if let [Entry::Line(line), ..] = self.0 {
            put::string(line, out);
            put::bool(false, out);
            out.extend_from_slice(&0_u16.to_be_bytes());
            return;
        }
        if protocol < Protocol::V1_19_3 {
            put::var_int(REMOVE, out);
        }
        put::list(self.0, out, |entry, out| {
            if let Entry::Player(uuid) = entry {
                put::uuid(*uuid, out);
            }
        });
    }
}

/// 1.8 to 1.19.2.
fn read_entry(cursor: &mut Cursor<'_>, protocol: Protocol) -> Result<Entry, Stop> {
    let uuid = cursor.uuid()?;
    let _name = cursor.text(MAX_NAME_CHARS)?;
    read_properties(cursor)?;
    let _mode = cursor.var_int()?;
    let _latency = cursor.var_int()?;
    cursor.option(|cursor| cursor.text(MAX_DISPLAY_CHARS).map(drop))?;
    if protocol >= Protocol::V1_19 {
        cursor.option(read_key)?;
    }
    Ok(Entry::Player(uuid))
}

/// 1.19.3 to 1.20.1.
fn read_new_entry(cursor: &mut Cursor<'_>, actions: u8) -> Result<Entry, Stop> {
    let uuid = cursor.uuid()?;
    let _name = cursor.text(MAX_NAME_CHARS)?;
    read_properties(cursor)?;
    if actions & INITIALISE_CHAT != 0 {
        cursor.option(|cursor| {
            let _session = cursor.uuid()?;
            read_key(cursor)
        })?;
    }
    if actions & UPDATE_MODE != 0 {
        let _mode = cursor.var_int()?;
    }
    if actions & UPDATE_LISTED != 0 {
        let _is_listed = cursor.bool()?;
    }
    if actions & UPDATE_LATENCY != 0 {
        let _latency = cursor.var_int()?;
    }
    if actions & UPDATE_DISPLAY != 0 {
        cursor.option(|cursor| cursor.text(MAX_DISPLAY_CHARS).map(drop))?;
    }
    Ok(Entry::Player(uuid))
}

fn read_key(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    let _expires = cursor.i64()?;
    cursor.bytes(MAX_KEY_BYTES)?;
    cursor.bytes(MAX_SIGNATURE_BYTES).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(release: &str) -> Protocol {
        Protocol::of_release(release).unwrap()
    }

    fn player(number: u128) -> Entry {
        Entry::Player(Uuid::from_u128(number))
    }

    /// One entry as a server adds it, with all that can be said of it.
    fn entry(number: u128, protocol: Protocol, out: &mut Vec<u8>) {
        put::uuid(Uuid::from_u128(number), out);
        put::string("Ada", out);
        out.extend_from_slice(b"\x01\x01a\x01b\x01\x01c");
        let key = &b"\x01\0\0\0\0\0\0\0\x05\x02kk\x02ss"[..];
        if protocol >= Protocol::V1_19_3 {
            let (has, rest) = key.split_at(1);
            out.extend_from_slice(has);
            put::uuid(Uuid::from_u128(99), out);
            out.extend_from_slice(rest);
            out.extend_from_slice(&[1, 1, 20]);
            out.extend_from_slice(b"\x01\x02{}");
            return;
        }
        out.extend_from_slice(&[1, 20]);
        out.extend_from_slice(b"\x01\x02{}");
        if protocol >= Protocol::V1_19 {
            out.extend_from_slice(key);
        }
    }

    #[test]
    fn entries_that_appear_are_read_in_every_version() {
        for release in ["1.8", "1.12.2", "1.18.2", "1.19", "1.19.2", "1.19.3", "1.20.1"] {
            let protocol = protocol(release);
            let mut body = if protocol >= Protocol::V1_19_3 {
                vec![0x3f, 2]
            } else {
                vec![0, 2]
            };
            entry(1, protocol, &mut body);
            entry(2, protocol, &mut body);
            let change = ListChange::read(Packet::PlayerInfo, &body, protocol).unwrap();
            assert_eq!(change.added, [player(1), player(2)], "{release}");
            let cut = body.get(..body.len() - 1).unwrap();
            assert!(
                ListChange::read(Packet::PlayerInfo, cut, protocol).is_err(),
                "{release}"
            );
        }
        let change = ListChange::read(Packet::PlayerInfo, b"\x03Ada\x01\0\x14", protocol("1.7.10")).unwrap();
        assert_eq!(change.added, [Entry::Line("Ada".into())]);
    }

    #[test]
    fn what_takes_entries_away_is_read_again() {
        for release in ["1.7.10", "1.8", "1.19.2", "1.19.3", "1.20.1"] {
            let protocol = protocol(release);
            let entries = if protocol < Protocol::V1_8 {
                vec![Entry::Line("Ada".into())]
            } else {
                vec![player(1), player(2)]
            };
            let taken = TakeEntries(&entries);
            let mut body = Vec::new();
            taken.write(protocol, &mut body);
            let change = ListChange::read(taken.packet(protocol), &body, protocol).unwrap();
            assert_eq!(change.removed, entries, "{release}");
            assert_eq!(change.added, []);
        }
    }

    #[test]
    fn other_changes_are_passed_over() {
        let latency = [&[2, 1][..], &[0; 16], &[5]].concat();
        assert_eq!(
            ListChange::read(Packet::PlayerInfo, &latency, protocol("1.18.2")),
            Ok(ListChange::default())
        );
        let latency = [&[1 << 4, 1][..], &[0; 16], &[5]].concat();
        assert_eq!(
            ListChange::read(Packet::PlayerInfo, &latency, protocol("1.20.1")),
            Ok(ListChange::default())
        );
    }
}
