//! What servers can ask, and the answers. <https://docs.papermc.io/paper/dev/plugin-messaging/>

use portcullis_sdk::control::{self, Player, Players};
use portcullis_sdk::prelude::*;

use crate::data::{Input, Output};
use crate::forward::{forward, forward_to_player};

/// Every server, or every player.
const ALL: &str = "ALL";

/// Players whose names are told at once: each comes with his profile, of some 2 KB, and to copy 2 MiB can take as long as a call may take
/// altogether.
const MAX_LISTED: u32 = 500;

/// The request by its name, and what the server is told, if anything. Absent: not known, or not as it should be.
pub(crate) fn answer(session: &Session, data: &[u8]) -> Option<(&'static str, Option<Vec<u8>>)> {
    let mut input = Input::new(data);
    let request = REQUESTS
        .iter()
        .find(|(name, _)| *name == input.clone().text().unwrap_or_default());
    let (name, answer) = request?;
    let _name = input.text()?;
    let told = answer(session, &mut input)?;
    Some((name, told))
}

type Answer = fn(&Session, &mut Input<'_>) -> Option<Option<Vec<u8>>>;

const REQUESTS: [(&str, Answer); 18] = [
    ("Connect", connect),
    ("ConnectOther", connect_other),
    ("IP", ip),
    ("IPOther", ip_other),
    ("PlayerCount", player_count),
    ("PlayerList", player_list),
    ("GetServers", get_servers),
    ("GetServer", get_server),
    ("GetPlayerServer", get_player_server),
    ("Message", message),
    ("MessageRaw", message_raw),
    ("UUID", uuid),
    ("UUIDOther", uuid_other),
    ("ServerIP", server_ip),
    ("KickPlayer", kick_player),
    ("KickPlayerRaw", kick_player_raw),
    ("Forward", forward),
    ("ForwardToPlayer", forward_to_player),
];

fn connect(session: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    switch(&control::player(session.id()), &input.text()?);
    Some(None)
}

fn connect_other(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let player = named(&input.text()?);
    switch(&player, &input.text()?);
    Some(None)
}

fn ip(session: &Session, _: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let peer = session.peer();
    let address = peer.ip().to_canonical().to_string();
    told(Output::default().text("IP").text(&address).int(peer.port().into()))
}

fn ip_other(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let Some(player) = one(&input.text()?) else {
        return Some(None);
    };
    let address = player.peer.ip().to_canonical().to_string();
    let answer = Output::default().text("IPOther").text(&player.name);
    told(answer.text(&address).int(player.peer.port().into()))
}

fn player_count(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let target = input.text()?;
    let Some(players) = on(&target) else {
        return Some(None);
    };
    told(Output::default().text("PlayerCount").text(&target).int(players.count()))
}

fn player_list(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let target = input.text()?;
    let Some(players) = on(&target) else {
        return Some(None);
    };
    let count = players.count();
    if count > MAX_LISTED {
        warn!("listed no players of {target}: there are {count}, and a call has time for {MAX_LISTED}");
        return Some(None);
    }
    let names: Vec<String> = players
        .list()
        .filter(|player| player.framed)
        .map(|player| player.name)
        .collect();
    told(
        Output::default()
            .text("PlayerList")
            .text(&target)
            .text(&names.join(", ")),
    )
}

fn get_servers(_: &Session, _: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let names: Vec<String> = servers::all().into_iter().map(|server| server.name).collect();
    told(Output::default().text("GetServers").text(&names.join(", ")))
}

fn get_server(session: &Session, _: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let server = session.server().unwrap_or_default();
    told(Output::default().text("GetServer").text(server))
}

fn get_player_server(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let name = input.text()?;
    let server = one(&name).and_then(|player| player.server).unwrap_or_default();
    told(Output::default().text("GetPlayerServer").text(&name).text(&server))
}

fn message(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (players, text) = (addressed(&input.text()?), input.text()?);
    // § codes stay codes: clients show them in plain text.
    tell(players.send_text(Text::plain(&*text)));
    Some(None)
}

fn message_raw(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (players, text) = (addressed(&input.text()?), input.text()?);
    tell(players.send_text(Text::json(&*text)));
    Some(None)
}

fn uuid(session: &Session, _: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let Some(identity) = session.identity() else {
        return Some(None);
    };
    told(Output::default().text("UUID").text(&undashed(&identity.profile)))
}

fn uuid_other(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let player = one(&input.text()?);
    let Some(profile) = player.and_then(|player| player.profile) else {
        return Some(None);
    };
    told(
        Output::default()
            .text("UUIDOther")
            .text(&profile.name)
            .text(&undashed(&profile)),
    )
}

/// The host tells plugins no addresses: it is what the operator says in the server's label `address`.
fn server_ip(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let name = input.text()?;
    let server = servers::get(&name);
    let address = server.as_ref().and_then(|server| server.label("address"));
    let Some((host, port)) = address.and_then(|address| address.rsplit_once(':')) else {
        return Some(None);
    };
    let port = port.parse().ok()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    told(Output::default().text("ServerIP").text(&name).text(host).short(port))
}

fn kick_player(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (player, reason) = (named(&input.text()?), input.text()?);
    tell(player.disconnect(Text::plain(&*reason)));
    Some(None)
}

fn kick_player_raw(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (player, reason) = (named(&input.text()?), input.text()?);
    tell(player.disconnect(Text::json(&*reason)));
    Some(None)
}

pub(crate) fn named(name: &str) -> Players {
    control::players().named(name)
}

fn one(name: &str) -> Option<Player> {
    named(name).list().next()
}

/// Players to whom something is said: all, or one by his name.
fn addressed(target: &str) -> Players {
    match target {
        ALL => control::players(),
        name => named(name),
    }
}

/// Players on a server that there is, or on all.
fn on(target: &str) -> Option<Players> {
    match target {
        ALL => Some(control::players()),
        server => servers::get(server).map(|server| control::players().on(server.name)),
    }
}

fn switch(players: &Players, server: &str) {
    if servers::get(server).is_some() {
        tell(players.switch([Target::Server(server.to_owned())]));
    }
}

/// Nobody being there is no failure: the server asked for somebody who has just left.
pub(crate) fn tell(ordered: Result<u32, control::ControlError>) {
    if let Err(error) = ordered {
        debug!("a server's request reached nobody: {error}");
    }
}

fn undashed(profile: &Profile) -> String {
    profile.uuid.replace('-', "")
}

#[expect(clippy::unnecessary_wraps, reason = "what every request gives")]
fn told(answer: Output) -> Option<Option<Vec<u8>>> {
    Some(Some(answer.finish()))
}
