//! Tells servers who players are in Velocity's way: the server asks during the login, the answer is signed with a secret that
//! both sides know.
//!
//! - It acts for servers whose `forwarding` is `velocity`, or says nothing.
//! - A player whom the host has not logged in is turned away: the server would be told nothing, and let in whoever claims to be
//!   somebody.
//! - A server that let the player in without having asked trusts anybody: the player is turned away, and the log says what to mend.

use std::collections::BTreeSet;

use portcullis_sdk::forwarding::{self, Secret as Key, VELOCITY_CHANNEL};
use portcullis_sdk::prelude::*;

/// What the `forwarding` of a server calls this way.
const WAY: &str = "velocity";

/// The protocol number of 1.13, the first version whose servers can ask.
const V1_13: i32 = 393;

/// Tells servers who players are, as Velocity does.
#[derive(Plugin)]
#[plugin(stage = "forward", start = "Self::start")]
pub struct VelocityForwarding {
    settings: Settings,
    key: Option<Key>,
    /// Servers and troubles that the log has: one line each is enough.
    told: BTreeSet<(String, Trouble)>,
}

#[derive(Config, Debug)]
struct Settings {
    /// What the servers know, too: `forwarding.secret` in Velocity's configuration, `secret` below `proxies.velocity` in Paper's.
    secret: Secret,
    /// Markup shown to players whom a server cannot be told of.
    #[config(default = "<red>This server cannot be joined right now.")]
    denied_text: Text,
}

/// Why a player is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    NobodyLoggedIn,
    CannotAsk,
    DidNotAsk,
}

impl Trouble {
    fn label(self) -> &'static str {
        match self {
            Self::NobodyLoggedIn => "no-identity",
            Self::CannotAsk => "old-version",
            Self::DidNotAsk => "did-not-ask",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::NobodyLoggedIn => {
                "the host did not log the player in: put auth-mojang or auth-offline into the chain, and route in mode framed"
            }
            Self::CannotAsk => "the player's version is older than 1.13, and cannot be forwarded in this way",
            Self::DidNotAsk => {
                "the server did not ask who the player is: switch Velocity's forwarding on there, with this secret"
            }
        }
    }
}

/// Players turned away, by trouble.
static DENIED: Counter<2> = Counter::new("denied_total", ["server", "trouble"]);

impl VelocityForwarding {
    fn start(&mut self) -> Result<()> {
        let key = Key::new(self.settings.secret.reveal());
        self.key = Some(key.ok_or_else(|| Error::new("secret: has nothing but blanks"))?);
        Ok(())
    }

    fn deny(&mut self, server: &Destination, trouble: Trouble) -> Text {
        DENIED.add(1, [server.name.as_str(), trouble.label()]);
        if self.told.insert((server.name.clone(), trouble)) {
            warn!("turned players of {} away: {}", server.name, trouble.advice());
        }
        self.settings.denied_text.clone()
    }
}

#[hooks]
impl Forward for VelocityForwarding {
    fn introduce(&mut self, session: &Session, server: &Destination) -> ForwardVerdict {
        let trouble = match session.identity() {
            _ if !server.is_forwarded_by(WAY) => return ForwardVerdict::Next,
            None => Trouble::NobodyLoggedIn,
            Some(_) if session.protocol() < V1_13 => Trouble::CannotAsk,
            Some(_) => return ForwardVerdict::Next,
        };
        ForwardVerdict::Deny(self.deny(server, trouble))
    }

    fn question(&mut self, session: &Session, server: &Destination, question: &Question) -> Result<QuestionVerdict> {
        if question.channel != VELOCITY_CHANNEL || !server.is_forwarded_by(WAY) {
            return Ok(QuestionVerdict::Next);
        }
        let (Some(identity), Some(key)) = (session.identity(), &self.key) else {
            return Ok(QuestionVerdict::Deny(self.deny(server, Trouble::NobodyLoggedIn)));
        };
        let answer = forwarding::velocity(session, &identity.profile, &question.data, key)?;
        Ok(QuestionVerdict::Data(answer))
    }

    fn accepted(&mut self, _session: &Session, server: &Destination, answered: &[String]) -> AcceptedVerdict {
        let has_asked = answered.iter().any(|channel| channel == VELOCITY_CHANNEL);
        if has_asked || !server.is_forwarded_by(WAY) {
            return AcceptedVerdict::Next;
        }
        AcceptedVerdict::Deny(self.deny(server, Trouble::DidNotAsk))
    }
}

#[cfg(test)]
mod tests;
