//! `cargo xtask packets`: the table of packet ids in `host/protocol/data`, made from the pinned minecraft-data.

mod names;
mod newer;
mod source;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};
use portcullis_protocol::version::Protocol;

use crate::{tools, workspace};
use names::{Name, ROWS, Row};
use source::Names;

const TABLE: &str = "host/protocol/data/packets.txt";

/// Ids of one packet: what it became in which version.
type Changes = BTreeMap<i32, Option<u8>>;

/// Writes the table; with `check` writes nothing and fails when the committed one differs.
pub fn run(check: bool) -> Result<()> {
    let (version, releases) = source::read(&tools::node_modules()?)?;
    let made = table(&version, &releases)?;
    let path = workspace::root().join(TABLE);
    if !check {
        return fs::write(&path, made).with_context(|| format!("could not write {TABLE}"));
    }
    let committed = fs::read_to_string(&path).with_context(|| format!("could not read {TABLE}"))?;
    if committed != made {
        bail!("{TABLE} is not what `cargo xtask packets` writes");
    }
    Ok(())
}

fn table(version: &str, releases: &BTreeMap<i32, Names>) -> Result<String> {
    let mut out = head(version, releases);
    let mut heading = None;
    for row in ROWS {
        if heading.replace((row.state, row.direction)) != Some((row.state, row.direction)) {
            out.push('\n');
        }
        let changes = changes(row, releases);
        if changes.values().all(Option::is_none) {
            bail!(
                "minecraft-data knows no {} {} {}",
                row.state,
                row.direction,
                row.name.ours
            );
        }
        write!(out, "{} {} {}", row.state, row.direction, row.name.ours)?;
        for (protocol, id) in changes {
            match id {
                Some(id) => write!(out, " {protocol}:{id:02x}")?,
                None => write!(out, " {protocol}:-")?,
            }
        }
        out.push('\n');
    }
    Ok(out)
}

/// The row's ids where they change. A release that minecraft-data does not have keeps those of the one before; the first one
/// takes those of the next.
fn changes(row: &Row, releases: &BTreeMap<i32, Names>) -> Changes {
    let mut changes = Changes::new();
    let mut before = None;
    for (at, protocol) in Protocol::releases().enumerate() {
        let known = match releases.get(&protocol.0) {
            Some(names) => id(row.state, row.direction, &row.name, names),
            None if at == 0 => releases
                .values()
                .next()
                .and_then(|names| id(row.state, row.direction, &row.name, names)),
            None => newer::shifted(protocol, row.state, row.direction, before),
        };
        if known != before {
            changes.insert(protocol.0, known);
            before = known;
        }
    }
    changes
}

fn id(state: &str, direction: &str, name: &Name, names: &Names) -> Option<u8> {
    let find = |theirs: &str| names.get(&(state.into(), direction.into(), theirs.into())).copied();
    if let Some(beside) = name.only_beside {
        find(beside)?;
    }
    name.theirs.iter().find_map(|theirs| find(theirs))
}

fn head(version: &str, releases: &BTreeMap<i32, Names>) -> String {
    let missing = Protocol::releases()
        .filter(|protocol| !releases.contains_key(&protocol.0))
        .filter(|protocol| releases.keys().next_back().is_some_and(|last| protocol.0 < *last))
        .map(|protocol| format!("{protocol} ({})", protocol.0))
        .collect::<Vec<_>>();
    format!(
        "# Written by `cargo xtask packets` from npm minecraft-data {version}. Change xtask/src/packets.
#
# state direction packet protocol:id ...   From that protocol number on the packet has that id (hexadecimal); `-`: none any more.
#
# minecraft-data has no data of its own for {missing}: they have the ids of the release before, the first
# those of the next. Other proxies' tables agree.
{newer}",
        missing = missing.join(", "),
        newer = newer::NOTE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(ids: &[(&str, u8)]) -> Names {
        let key = |name: &str| ("play".to_owned(), "serverbound".to_owned(), name.to_owned());
        ids.iter().map(|(name, id)| (key(name), *id)).collect()
    }

    #[track_caller]
    fn check(ours: &str, expect: &[(i32, Option<u8>)]) {
        let releases = BTreeMap::from([
            (5, names(&[("chat", 1)])),
            (759, names(&[("chat_command", 3), ("chat_message", 4)])),
            (
                766,
                names(&[("chat_command", 4), ("chat_command_signed", 5), ("chat_message", 6)]),
            ),
        ]);
        let row = ROWS
            .iter()
            .find(|row| (row.state, row.direction, row.name.ours) == ("play", "serverbound", ours))
            .unwrap();
        assert_eq!(changes(row, &releases), Changes::from_iter(expect.iter().copied()));
    }

    #[test]
    fn an_id_holds_from_its_release_on_and_the_first_release_takes_the_next_ones() {
        check("chat", &[(4, Some(1)), (759, Some(4)), (766, Some(6))]);
    }

    #[test]
    fn one_name_of_theirs_means_two_packets_over_time() {
        check("signed-command", &[(759, Some(3)), (766, Some(5))]);
        check("command", &[(766, Some(4))]);
    }
}
