//! Tells servers who players are in BungeeCord's way, with a token among the properties that the server's BungeeGuard compares with those it
//! accepts.
//!
//! - It acts for servers whose `forwarding` is `bungeeguard`, or says nothing.
//! - The first token is sent. Servers accept several, so that a token can be replaced without a moment in which nobody gets in; the
//!   same list can be given to both sides.
//! - A player whom the host has not logged in is turned away. No player brings a token along: properties of that name are left out.

use std::collections::BTreeSet;

use portcullis_sdk::forwarding::{self, Token, token_property};
use portcullis_sdk::prelude::*;

/// What the `forwarding` of a server calls this way.
const WAY: &str = "bungeeguard";

/// Tells servers who players are, as BungeeCord does, with BungeeGuard's token.
#[derive(Plugin)]
#[plugin(stage = "forward", start = "Self::start")]
pub struct Bungeeguard {
    settings: Settings,
    /// The token to send, as a property.
    token: Option<Property>,
    /// Servers that the log has: one line each is enough.
    told: BTreeSet<String>,
}

#[derive(Config, Debug)]
struct Settings {
    /// Tokens that the servers accept. The first is sent.
    #[config(min_items = 1, max_items = 64)]
    tokens: Vec<Secret>,
    /// Markup shown to players whom a server cannot be told of.
    #[config(default = "<red>This server cannot be joined right now.")]
    denied_text: Text,
}

/// Players turned away.
static DENIED: Counter<1> = Counter::new("denied_total", ["server"]);

impl Bungeeguard {
    fn start(&mut self) -> Result<()> {
        let first = self.settings.tokens.first().map(Secret::reveal);
        let token = first.and_then(Token::new);
        let token = token.ok_or_else(|| Error::new("tokens[0]: has nothing but blanks"))?;
        self.token = Some(token_property(&token));
        Ok(())
    }

    fn deny(&mut self, server: &Destination) -> ForwardVerdict {
        DENIED.add(1, [&server.name]);
        if self.told.insert(server.name.clone()) {
            warn!(
                "turned players of {} away: the host did not log the player in: put auth-mojang or auth-offline into the chain, and \
                 route in mode framed",
                server.name
            );
        }
        ForwardVerdict::Deny(self.settings.denied_text.clone())
    }
}

#[hooks]
impl Forward for Bungeeguard {
    fn introduce(&mut self, session: &Session, server: &Destination) -> Result<ForwardVerdict> {
        if !server.is_forwarded_by(WAY) {
            return Ok(ForwardVerdict::Next);
        }
        let (Some(identity), Some(token)) = (session.identity(), &self.token) else {
            return Ok(self.deny(server));
        };
        let mut profile = identity.profile.clone();
        profile.properties.retain(|property| property.name != token.name);
        let field = forwarding::bungeecord(session, &profile, std::slice::from_ref(token))?;
        Ok(ForwardVerdict::host(field))
    }
}

#[cfg(test)]
mod tests;
