//! The page of packets by name: where each is met, and in which releases, from the protocol crate's tables.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::mem;

use anyhow::{Context, Result, ensure};
use portcullis_protocol::packets::{Direction, Packet, State, Table};
use portcullis_protocol::version::Protocol;

use crate::workspace;

/// Where what a packet says stands above its name.
const NAMES: &str = "host/protocol/src/packets/name.rs";

/// What plugins can subscribe to.
const STATES: [(State, &str); 2] = [(State::Configuration, "configuration"), (State::Play, "play")];

const HEAD: &str = "<!-- Written by `cargo xtask docs` from host/protocol. Change that. -->

# Packets by name

Packets that a plugin can subscribe to and send by a name, whatever their numbers: see [Packets](../plugin-author/packets.md). The table says
in which state of the connection clients send one (serverbound) or are sent it (clientbound), and in which releases, where those are not
all from 1.7.2 to the newest in [Versions of the game](game-versions.md). A subscription to a name in a state and direction in
which no release has it refuses the load.

| Name | Serverbound | Clientbound | What it says |
|---|---|---|---|
";

/// The page.
pub(super) fn page() -> Result<String> {
    let says = what_they_say()?;
    let mut page = String::from(HEAD);
    for packet in Packet::ALL {
        let serverbound = met(packet, Direction::Serverbound)?;
        let clientbound = met(packet, Direction::Clientbound)?;
        if serverbound.is_empty() && clientbound.is_empty() {
            continue;
        }
        let name = packet.name();
        let says = says
            .get(name)
            .with_context(|| format!("{NAMES} does not say what {name} is"))?;
        writeln!(page, "| `{name}` | {serverbound} | {clientbound} | {says} |")?;
    }
    Ok(page)
}

/// States and releases in which a packet goes this way, for people; empty where there are none.
fn met(packet: Packet, direction: Direction) -> Result<String> {
    let mut states = Vec::new();
    for (state, name) in STATES {
        let spans = spans(packet, state, direction)?;
        if !spans.is_empty() {
            states.push(format!("{name}{}", spans.join(" and")));
        }
    }
    Ok(states.join("; "))
}

/// The releases that have it, as spans without a gap.
fn spans(packet: Packet, state: State, direction: Direction) -> Result<Vec<String>> {
    let releases: Vec<Protocol> = Protocol::releases().collect();
    let mut have = Vec::with_capacity(releases.len());
    for release in &releases {
        have.push(Table::of(*release)?.id(state, direction, packet).is_some());
    }
    let all: Vec<(Protocol, bool)> = releases.iter().copied().zip(have).collect();
    let runs = all.chunk_by(|(_, one), (_, next)| one == next);
    let (oldest, newest) = (releases.first(), releases.last());
    let mut spans = Vec::new();
    for run in runs.filter(|run| run.iter().all(|(_, has)| *has)) {
        let ends = run.first().zip(run.last()).context("a run has releases")?;
        let ((first, _), (last, _)) = ends;
        let since = (oldest != Some(first)).then(|| name(first.names().first()));
        let until = (newest != Some(last)).then(|| name(last.names().last()));
        spans.push(match (since, until) {
            (None, None) => String::new(),
            (Some(since), None) => format!(" since {since}"),
            (None, Some(until)) => format!(" to {until}"),
            (Some(since), Some(until)) => format!(" from {since} to {until}"),
        });
    }
    Ok(spans)
}

fn name(release: Option<&&'static str>) -> &'static str {
    release.copied().unwrap_or("?")
}

/// The comments of the protocol crate's list, by name.
fn what_they_say() -> Result<BTreeMap<String, String>> {
    let source = fs::read_to_string(workspace::root().join(NAMES)).with_context(|| format!("reading {NAMES}"))?;
    let list = source
        .split_once("\npackets! {\n")
        .and_then(|(_, rest)| rest.split_once("\n}"));
    let (list, _) = list.with_context(|| format!("{NAMES} lists no packets"))?;
    let (mut says, mut comment) = (BTreeMap::new(), String::new());
    for line in list.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            comment.push_str(if comment.is_empty() { "" } else { " " });
            comment.push_str(text);
        } else if let Some((_, name)) = line.split_once(" = \"") {
            says.insert(name.trim_end_matches("\",").to_owned(), mem::take(&mut comment));
        }
    }
    ensure!(says.len() == Packet::ALL.len(), "{NAMES} is not read right");
    Ok(says)
}
