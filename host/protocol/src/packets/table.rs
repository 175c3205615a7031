//! Reads `data/packets.txt` into one flat table for each version, once.
//!
//! A row is `state direction packet protocol:id …`: from that protocol number on the packet has that id (hexadecimal), or, with
//! `-`, no id any more. `#` begins a comment.

use std::sync::LazyLock;

use super::{Direction, Lane, Packet, State, Table};
use crate::version::Protocol;

/// States with a table times directions.
pub(super) const LANES: usize = 6;

/// One more than the highest id that has a name, with room to grow; ids above are nobody's.
pub(super) const IDS: usize = 192;

const SOURCE: &str = include_str!("../../data/packets.txt");

/// The tables of all releases, ascending by protocol.
pub(super) fn all() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> =
        LazyLock::new(|| parse(SOURCE).expect("the committed table is well-formed: a test reads it"));
    &TABLES
}

/// Where a state and direction stand in a table.
pub(super) fn lane(state: State, direction: Direction) -> Option<usize> {
    let state = match state {
        State::Status => return None,
        State::Login => 0,
        State::Configuration => 1,
        State::Play => 2,
    };
    Some(state * 2 + direction as usize)
}

/// The tables, or the first line that is no row.
fn parse(source: &str) -> Result<Vec<Table>, &str> {
    let mut tables = Protocol::releases().map(empty).collect::<Vec<_>>();
    for line in source.lines() {
        let row = line.split('#').next().unwrap_or_default();
        if !row.trim().is_empty() {
            read_row(row, &mut tables).ok_or(line)?;
        }
    }
    Ok(tables)
}

fn empty(protocol: Protocol) -> Table {
    Table {
        protocol,
        lanes: std::array::from_fn(|_| Lane {
            packets: [None; IDS],
            ids: [None; Packet::ALL.len()],
        }),
    }
}

fn read_row(row: &str, tables: &mut [Table]) -> Option<()> {
    let mut words = row.split_whitespace();
    let state = match words.next()? {
        "login" => State::Login,
        "configuration" => State::Configuration,
        "play" => State::Play,
        _ => return None,
    };
    let direction = match words.next()? {
        "clientbound" => Direction::Clientbound,
        "serverbound" => Direction::Serverbound,
        _ => return None,
    };
    let lane = lane(state, direction)?;
    let packet = Packet::of_name(words.next()?)?;
    let mut changes = words.map(read_change).collect::<Option<Vec<_>>>()?;
    changes.reverse();
    for table in tables {
        let since = changes.iter().find(|(since, _)| *since <= table.protocol);
        let Some(id) = since.and_then(|(_, id)| *id) else {
            continue;
        };
        let lane = table.lanes.get_mut(lane)?;
        let of_id = lane.packets.get_mut(usize::from(id))?;
        if of_id.replace(packet).is_some() {
            return None;
        }
        *lane.ids.get_mut(packet as usize)? = Some(id);
    }
    Some(())
}

fn read_change(word: &str) -> Option<(Protocol, Option<u8>)> {
    let (since, id) = word.split_once(':')?;
    let since = Protocol(since.parse().ok()?);
    let id = match id {
        "-" => None,
        id => Some(u8::from_str_radix(id, 16).ok()?),
    };
    since.is_known().then_some((since, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_well_formed() {
        assert_eq!(parse(SOURCE).unwrap().len(), Protocol::releases().count());
    }

    #[test]
    fn a_row_holds_until_its_next_change() {
        let tables = parse("# a comment\n\nplay clientbound title 47:45 335:47 755:- # gone\n").unwrap();
        let id = |protocol| {
            let table = tables
                .iter()
                .find(|table| table.protocol == Protocol(protocol))
                .unwrap();
            table.id(State::Play, Direction::Clientbound, Packet::Title)
        };
        for (protocol, expect) in [
            (5, None),
            (47, Some(0x45)),
            (316, Some(0x45)),
            (340, Some(0x47)),
            (755, None),
        ] {
            assert_eq!(id(protocol), expect, "{protocol}");
        }
    }

    #[test]
    fn rows_that_make_no_sense_are_named() {
        for row in [
            "play clientbound nothing 4:00",
            "play both title 4:00",
            "lobby clientbound title 4:00",
            "play clientbound title 3:00",
            "play clientbound title 4:100",
            "play clientbound title 4:ff",
            "play clientbound title 4",
            "play clientbound",
        ] {
            assert_eq!(parse(row).err(), Some(row));
        }
        let twice = "play clientbound title 4:01\nplay clientbound chat 4:01";
        assert_eq!(parse(twice).err(), Some("play clientbound chat 4:01"));
    }
}
