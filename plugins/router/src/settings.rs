//! What is configured.

use portcullis_sdk::hosts::{HostTable, Template};
use portcullis_sdk::prelude::*;

#[derive(Config, Debug)]
#[config(check = "Self::check")]
pub(crate) struct Settings {
    /// What to do with players by the host they asked for. The most specific pattern wins, whatever the order.
    #[config(default, max_items = 10_000)]
    pub(crate) routes: HostTable<RouteSettings>,
    /// Servers or groups for hosts that no route fits, or whose route names nothing that exists.
    #[config(max_items = 64)]
    pub(crate) default: Option<OneOrMany<Template>>,
    /// What to do with such hosts: send them to `default`, show `unknown-text`, or close without a word. Absent: `default` where
    /// there is one, otherwise `disconnect`.
    pub(crate) unknown: Option<Unknown>,
    /// Servers or groups for players whose server is lost, in order. Only where the host stands in the middle (`framed`).
    #[config(max_items = 64)]
    pub(crate) fallback: Option<OneOrMany<ServerOrGroup>>,
    /// Whether a player whom his server sends away with a text gets there, too: `true`, `false`, or where the text has one of these
    /// words, whatever their case.
    #[config(default = ["server closed", "server_shutdown", "restart"])]
    pub(crate) fallback_on_kick: OnKick,
    /// Markup shown to players whose host is unknown.
    #[config(default = "<red>There is no server at this address.")]
    pub(crate) unknown_text: Text,
}

#[derive(Config, Debug)]
pub(crate) enum Unknown {
    Default,
    Disconnect,
    Drop,
}

#[derive(Config, Debug)]
pub(crate) enum OnKick {
    #[config(untagged)]
    Always(bool),
    #[config(untagged)]
    Words(Vec<String>),
}

#[derive(Config, Debug)]
#[config(exactly_one(to, disconnect), check = "Self::check")]
pub(crate) struct RouteSettings {
    /// Servers or groups to try in order. `$1` to `$9` stand for what the pattern's wildcards or groups captured, `$0` for the
    /// host.
    #[config(max_items = 64)]
    pub(crate) to: Option<OneOrMany<Template>>,
    /// Markup shown to the player instead, for example during maintenance.
    pub(crate) disconnect: Option<Text>,
    /// How bytes move: `framed` with the host in the middle, `splice` from kernel to kernel, `copy` through the host's buffer. Absent:
    /// as earlier links or the host choose.
    pub(crate) mode: Option<Mode>,
}

#[derive(Config, Clone, Copy, Debug)]
pub(crate) enum Mode {
    Framed,
    Splice,
    Copy,
}

impl Settings {
    /// Names that do not depend on the host: what can be looked up before anybody arrives.
    pub(crate) fn plain_names(&self) -> impl Iterator<Item = &str> {
        let of_routes = self.routes.values().filter_map(|route| route.to.as_ref());
        let fallback = self.fallback.iter().flatten().map(ServerOrGroup::name);
        of_routes
            .chain(&self.default)
            .flatten()
            .filter_map(Template::plain)
            .chain(fallback)
    }

    fn check(&self) -> Result<(), &'static str> {
        match (&self.unknown, &self.default) {
            (Some(Unknown::Default), None) => Err("has unknown = \"default\", but no `default`"),
            _ => Ok(()),
        }
    }
}

impl OnKick {
    /// Whether a player who was sent away with this text gets to a fallback.
    pub(crate) fn allows(&self, text: &Text) -> bool {
        let (Text::Plain(text) | Text::Markup(text) | Text::Json(text)) = text;
        match self {
            Self::Always(always) => *always,
            Self::Words(words) => {
                let text = text.to_lowercase();
                words.iter().any(|word| text.contains(&word.to_lowercase()))
            }
        }
    }
}

impl RouteSettings {
    fn check(&self) -> Result<(), &'static str> {
        match (&self.disconnect, self.mode) {
            (Some(_), Some(_)) => Err("has a `mode`, but disconnects"),
            _ => Ok(()),
        }
    }
}

impl From<Mode> for portcullis_sdk::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Framed => Self::Framed,
            Mode::Splice => Self::Splice,
            Mode::Copy => Self::Copy,
        }
    }
}
