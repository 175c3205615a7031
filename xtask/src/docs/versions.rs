//! The page of the game's versions: what the host can do in each, from the protocol crate, and which of them real clients of the
//! tests play.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, ensure};
use portcullis_protocol::packets::Table;
use portcullis_protocol::version::Protocol;

use crate::workspace;

/// Where each version that real clients play in framed sessions stands in quotes.
const JOURNEYS: &str = "host/cli/tests/end_to_end/framed/journeys.rs";

const HEAD: &str = "<!-- Written by `cargo xtask docs` from host/protocol and the end-to-end tests. Change those. -->

# Versions of the game

Routing, status and splicing work for every version that can name a host or ping, those before and after this table as well: bytes are not
looked into. The table is about sessions in which the host stands in the middle (`framed`).

- **Moved by**: how a player gets to another server. *configuration*: through the state that 1.20.2 brought, which clears the client. *join*: a join
  game and a respawn of the same world. *detour*: a join game that claims another dimension, then a respawn with the true one, since
  these clients keep a world as long as its dimension stays.
- **Identity by**: the newest way in which servers of this version can be told who a player is. `bungeeguard` and `legacy` work in all.
- **Text is**: how texts outside the login are written.
- **Real clients**: an end-to-end test in which clients and servers of minecraft-protocol ping, join, talk, and move to another server and
  back, twice: in offline mode, and authenticated and encrypted; compressed from the same length, from different ones, and not at all; through
  every way of forwarding that the version knows, to servers that refuse whoever comes in another way.

| Releases | Protocol | Moved by | Identity by | Transfers, cookies | Text is | Real clients |
|---|--:|---|---|---|---|---|
";

const TAIL: &str = "
Packet ids of 26.2 and 26.3 follow from those of 26.1 and from what these releases inserted; those of 1.7.2 to 1.7.5, 1.9.1 and 1.14.2 are those of
a neighbour. They agree with other proxies' tables, and were not checked against the games' own reports: see the head of
`host/protocol/data/packets.txt`. Snapshots, and releases newer than this table, are spliced or refused, as
[decision 14](../decisions/0014-framed-where-somebody-says-who-players-are.md) says.
";

/// The page.
pub(super) fn page() -> Result<String> {
    let played = played()?;
    let mut page = String::from(HEAD);
    for protocol in Protocol::releases().rev() {
        ensure!(Table::of(protocol).is_ok(), "{protocol} has no table of packets");
        let names = protocol.names();
        let releases = match names {
            [first, .., last] => format!("{first} – {last}"),
            _ => names.concat(),
        };
        let switched = if protocol.has_configuration() {
            "configuration"
        } else if protocol.has_named_dimensions() {
            "join"
        } else {
            "detour"
        };
        let identity = if protocol.has_login_plugin_messages() {
            "`velocity`"
        } else {
            "`bungeeguard`"
        };
        let mark = |yes: bool| if yes { "yes" } else { "" };
        writeln!(
            page,
            "| {releases} | {} | {switched} | {identity} | {} | {} | {} |",
            protocol.0,
            mark(protocol.has_transfer()),
            if protocol.text_is_nbt() { "NBT" } else { "JSON" },
            mark(played.contains(&protocol)),
        )?;
    }
    page.push_str(TAIL);
    Ok(page)
}

/// The versions in the list of journeys.
fn played() -> Result<Vec<Protocol>> {
    let file = workspace::root().join(JOURNEYS);
    let source = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let list = source
        .split_once("journeys! {")
        .and_then(|(_, rest)| rest.split_once('}'))
        .context("the tests list no journeys")?;
    let names = list.0.split('"').skip(1).step_by(2);
    names
        .map(|name| Protocol::of_release(name).with_context(|| format!("no release is called {name}")))
        .collect()
}
