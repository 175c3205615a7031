//! Sends players to servers by the host name they asked for.
//!
//! Patterns and the rule by which the most specific wins are those of [`portcullis_sdk::hosts`]; examples of what is configured
//! are in `README.md`.
//!
//! - A route's `to` lists names of servers or groups, best first. `$1` to `$9` in it stand for what the wildcards or groups
//!   of the route's pattern captured, in lower case as hosts are, and `$0` for the whole host name.
//! - Names are looked up at each login, as servers come and go. A name that nobody has is skipped. When none remains,
//!   the host is treated as unknown.
//! - An unknown host is one that no route fits, or whose route leads nowhere: `unknown` says what becomes of it.
//! - A player whose server is lost goes to `fallback`, as names are now, unless he came from another server, on which he stays. Whom a
//!   server sends away with a text that says why is told so, but where `fallback-on-kick` says otherwise.
//! - `mode` is chosen when the handshake arrives, by the host name as it is then: put plugins that rewrite it earlier.

mod settings;

use portcullis_sdk::hosts::{Captures, Template};
use portcullis_sdk::prelude::*;
use portcullis_sdk::{Intent, Mode};

use crate::settings::{Settings, Unknown};

/// Sends players to servers by the host name they asked for.
#[derive(Plugin)]
#[plugin(stage = "route", start = "Self::start")]
pub struct Router {
    settings: Settings,
    /// Whether any route has a mode: if not, handshakes need no look.
    chooses_modes: bool,
}

impl Router {
    fn start(&mut self) {
        self.chooses_modes = self.settings.routes.values().any(|route| route.mode.is_some());
        let mut missing: Vec<&str> = Vec::new();
        for name in self.settings.plain_names() {
            if !missing.contains(&name) && servers::target(name).is_none() {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            // No error: servers come and go while routes stay.
            warn!("skipped names that no server or group has yet: {}", missing.join(", "));
        }
    }

    fn mode(&self, host: &str) -> Option<Mode> {
        let (route, _) = self.settings.routes.find(host)?;
        route.mode.map(Mode::from)
    }

    fn unknown(&self, host: &str) -> RouteVerdict {
        let Settings {
            unknown,
            default,
            unknown_text,
            ..
        } = &self.settings;
        let targets = match (unknown, default) {
            (None | Some(Unknown::Default), Some(default)) => known(default, &Captures::none(host)),
            (Some(Unknown::Drop), _) => return RouteVerdict::Drop,
            _ => Vec::new(),
        };
        if targets.is_empty() {
            RouteVerdict::Disconnect(unknown_text.clone())
        } else {
            RouteVerdict::To(targets)
        }
    }
}

#[hooks]
impl Handshake for Router {
    fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
        let plays = || session.handshake().is_some_and(|facts| facts.intent != Intent::Status);
        if !self.chooses_modes || !plays() {
            return HandshakeVerdict::Next;
        }
        self.mode(session.host())
            .map_or(HandshakeVerdict::Next, HandshakeVerdict::UseMode)
    }
}

#[hooks]
impl Route for Router {
    fn route(&mut self, session: &Session) -> RouteVerdict {
        let Some((route, captures)) = self.settings.routes.find(session.host()) else {
            return self.unknown(session.host());
        };
        if let Some(text) = &route.disconnect {
            return RouteVerdict::Disconnect(text.clone());
        }
        let targets = route
            .to
            .as_ref()
            .map(|names| known(names, &captures))
            .unwrap_or_default();
        if targets.is_empty() {
            self.unknown(session.host())
        } else {
            RouteVerdict::To(targets)
        }
    }
}

#[hooks]
impl Backend for Router {
    fn kicked(&mut self, session: &Session, server: &str, cause: &KickCause, on_board: bool) -> KickedVerdict {
        let is_elsewhere = !on_board && session.server().is_some();
        let is_meant = match cause {
            KickCause::Kicked(text) => self.settings.fallback_on_kick.allows(text),
            KickCause::Unreachable | KickCause::Closed | KickCause::Timeout => true,
        };
        let Some(fallback) = self.settings.fallback.as_ref().filter(|_| is_meant && !is_elsewhere) else {
            return KickedVerdict::Next;
        };
        let lost = |target: &Target| matches!(target, Target::Server(name) if name == server);
        let targets = fallback.iter().filter_map(|name| servers::target(name.name()));
        let targets: Vec<Target> = targets.filter(|target| !lost(target)).collect();
        match targets.is_empty() {
            true => KickedVerdict::Next,
            false => KickedVerdict::Redirect(targets),
        }
    }
}

/// What the names stand for now, without those that stand for nothing.
fn known(names: &[Template], captures: &Captures<'_>) -> Vec<Target> {
    names
        .iter()
        .filter_map(|name| servers::target(&name.fill(captures)))
        .collect()
}

#[cfg(test)]
mod tests;
