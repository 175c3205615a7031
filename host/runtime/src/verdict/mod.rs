//! Verdicts as plugins return them, checked against what the contract says of each, and turned into the host's terms: those
//! on arrivals, logins, servers and packets each in a room of its own.

mod arrival;
mod login;
mod packets;
mod profile;
mod servers;

use portcullis_registry::Target;

pub(crate) use self::arrival::{Accept, Handshake, Route, Status};
pub(crate) use self::login::{Claim, Conflict, Profile, Proof};
pub(crate) use self::packets::{
    Command, Data, MAX_FIELDS_BYTES, OnMessage, Packet, Request, ResourcePack, Transfer, contract_address,
    contract_pack, contract_pack_result,
};
pub(crate) use self::profile::contract_profile;
pub(crate) use self::servers::{
    Acceptance, Answer, Forward, Kicked, contract_destination, contract_kick_cause, contract_question,
};
use crate::bindings::exports::portcullis::plugin::{route, session};
use crate::bindings::portcullis::plugin::types;
use crate::context::Context;
use crate::outcome::{End, RouteCause, Tally, Text};

const MAX_TARGETS: usize = 64;

/// What a hook returned.
pub(crate) trait Verdict {
    /// The same in the host's terms.
    type Checked;

    /// Its number in [`crate::Hook::verdicts`].
    fn number(&self) -> usize;

    /// The error completes "it returned …".
    fn check(self, call: &mut Context) -> Result<Self::Checked, String>;
}

impl Verdict for () {
    type Checked = ();

    fn number(&self) -> usize {
        0
    }

    fn check(self, _: &mut Context) -> Result<(), String> {
        Ok(())
    }
}

/// Targets as a plugin names them; at least one, and none that is not there.
fn check_targets(verdict: &str, targets: Vec<types::Target>, call: &mut Context) -> Result<Vec<Target>, String> {
    if targets.is_empty() {
        return Err(format!("{verdict} with no target"));
    }
    if targets.len() > MAX_TARGETS {
        return Err(format!(
            "{verdict} with {} targets; at most {MAX_TARGETS}",
            targets.len()
        ));
    }
    targets.into_iter().map(|target| check_target(target, call)).collect()
}

fn check_target(target: types::Target, call: &mut Context) -> Result<Target, String> {
    let target = Target::from(target);
    if call.servers().knows(&target) {
        return Ok(target);
    }
    Err(match target {
        Target::Server(name) => format!("the unknown server `{}`", name.escape_debug()),
        Target::Group(name) => format!("the unknown group `{}`", name.escape_debug()),
    })
}

impl From<types::Target> for Target {
    fn from(target: types::Target) -> Self {
        match target {
            types::Target::Server(name) => Self::Server(name),
            types::Target::Group(name) => Self::Group(name),
        }
    }
}

impl From<types::Text> for Text {
    fn from(text: types::Text) -> Self {
        match text {
            types::Text::Plain(text) => Self::Plain(text),
            types::Text::Markup(text) => Self::Markup(text),
            types::Text::Json(text) => Self::Json(text),
        }
    }
}

/// For `on-kicked`.
fn contract_text(text: &Text) -> types::Text {
    match text {
        Text::Plain(text) => types::Text::Plain(text.clone()),
        Text::Markup(text) => types::Text::Markup(text.clone()),
        Text::Json(text) => types::Text::Json(text.clone()),
    }
}

/// For `on-route`.
pub(crate) fn contract_route_cause(cause: &RouteCause) -> route::Cause {
    match cause {
        RouteCause::Initial => route::Cause::Initial,
        RouteCause::Switch => route::Cause::Switch,
        RouteCause::Lost(server) => route::Cause::Lost(server.clone()),
    }
}

/// For `on-left`.
pub(crate) fn contract_end(end: &End) -> session::End {
    match end {
        End::ClientLeft => session::End::ClientLeft,
        End::ServerLeft => session::End::ServerLeft,
        End::Idle => session::End::Idle,
        End::Error(text) => session::End::Error(text.clone()),
        End::ClosedByHost => session::End::ClosedByHost,
    }
}

/// For `on-left`.
pub(crate) fn contract_tally(tally: Tally) -> session::Tally {
    session::Tally {
        up_bytes: tally.up_bytes,
        down_bytes: tally.down_bytes,
        duration_ms: u64::try_from(tally.duration.as_millis()).unwrap_or(u64::MAX),
    }
}
