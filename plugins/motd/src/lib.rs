//! Answers the server list by the host name asked for, or passes the question on to a server.
//!
//! Patterns and the rule by which the most specific wins are those of [`portcullis_sdk::hosts`]; examples of what is configured
//! are in `README.md`.
//!
//! - An entry either gives an answer of its own, or names a server or a group in `passthrough`, with captures as the
//!   router has them. Servers' answers are fetched and kept by the host.
//! - While no server answers a passthrough, its `offline` answer is shown; without one the connection is closed, so that
//!   the client shows the server as unreachable. The same holds for a name that no server or group has.
//! - Hosts without an entry get the `default`; without one, later links of the chain are asked.

mod favicon;
mod settings;

use std::time::Duration;

use portcullis_sdk::hosts::Captures;
use portcullis_sdk::prelude::*;

use crate::settings::{Fallback, Online, Reply, Settings, Shown};

/// In a list of servers and groups: every server.
const EVERY_SERVER: &str = "*";

/// Answers the server list by the host name asked for, or passes it on to a server.
#[derive(Plugin)]
#[plugin(stage = "status")]
pub struct Motd {
    settings: Settings,
}

#[hooks]
impl Status for Motd {
    fn status(&mut self, session: &Session) -> StatusVerdict {
        if let Some((reply, captures)) = self.settings.entries.find(session.host()) {
            return verdict(reply, &captures);
        }
        match &self.settings.default {
            Fallback::Next => StatusVerdict::Next,
            Fallback::Drop => StatusVerdict::Drop,
            Fallback::Reply(reply) => verdict(reply, &Captures::none(session.host())),
        }
    }
}

fn verdict(reply: &Reply, captures: &Captures<'_>) -> StatusVerdict {
    let passthrough = match reply {
        Reply::Answer(own) => return answer(&own.shown, own.ttl_ms).into(),
        Reply::Passthrough(passthrough) => passthrough,
    };
    let unreachable = passthrough
        .offline
        .as_ref()
        .map(|shown| answer(shown, passthrough.failure_ttl_ms));
    match servers::target(&passthrough.passthrough.fill(captures)) {
        Some(to) => StatusVerdict::Passthrough(Passthrough {
            to,
            ttl: ms(passthrough.ttl_ms),
            failure_ttl: ms(passthrough.failure_ttl_ms),
            timeout: ms(passthrough.timeout_ms),
            unreachable,
        }),
        None => unreachable.map_or(StatusVerdict::Drop, StatusVerdict::Answer),
    }
}

fn answer(shown: &Shown, ttl_ms: u32) -> StatusAnswer {
    StatusAnswer {
        version_name: shown.version_text.clone(),
        protocol: shown.protocol,
        favicon: shown.favicon.as_ref().map(|favicon| favicon.png().to_vec()),
        ..StatusAnswer::new(shown.text())
            .online(online(&shown.online))
            .maximum(shown.maximum)
            .sample(&shown.sample)
            .ttl(ms(ttl_ms))
    }
}

/// A server that stands in several of the groups named counts once.
fn online(online: &Online) -> u32 {
    let names = match online {
        Online::Fixed(online) => return *online,
        Online::Sessions(names) => names,
    };
    let mut counted: Vec<Server> = Vec::new();
    for server in names.iter().flat_map(|name| meant(name)) {
        if !counted.iter().any(|other| other.name == server.name) {
            counted.push(server);
        }
    }
    counted
        .iter()
        .fold(0, |sum, server| sum.saturating_add(server.sessions))
}

fn meant(name: &str) -> Vec<Server> {
    match servers::target(name) {
        _ if name == EVERY_SERVER => servers::all(),
        Some(Target::Group(group)) => servers::members(&group),
        Some(Target::Server(server)) => servers::get(&server).into_iter().collect(),
        None => Vec::new(),
    }
}

fn ms(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

#[cfg(test)]
mod tests;
