//! Tells servers who players are in BungeeCord's way: behind the name in the handshake's host field.
//!
//! - It acts for servers whose `forwarding` is `legacy`, or says nothing.
//! - Nothing protects what is told: whoever reaches such a server past the proxy is whoever he says.
//! - A player whom the host has not logged in is turned away: the server would be told nothing, and let in whoever claims to be
//!   somebody.

use std::collections::BTreeSet;

use portcullis_sdk::forwarding;
use portcullis_sdk::prelude::*;

/// What the `forwarding` of a server calls this way.
const WAY: &str = "legacy";

/// Tells servers who players are, as BungeeCord does.
#[derive(Plugin)]
#[plugin(stage = "forward")]
pub struct BungeeForwarding {
    settings: Settings,
    /// Servers that the log has: one line each is enough.
    told: BTreeSet<String>,
}

#[derive(Config, Debug)]
struct Settings {
    /// Markup shown to players whom a server cannot be told of.
    #[config(default = "<red>This server cannot be joined right now.")]
    denied_text: Text,
}

/// Players turned away.
static DENIED: Counter<1> = Counter::new("denied_total", ["server"]);

impl BungeeForwarding {
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
impl Forward for BungeeForwarding {
    fn introduce(&mut self, session: &Session, server: &Destination) -> Result<ForwardVerdict> {
        if !server.is_forwarded_by(WAY) {
            return Ok(ForwardVerdict::Next);
        }
        match session.identity() {
            Some(identity) => Ok(ForwardVerdict::host(forwarding::bungeecord(
                session,
                &identity.profile,
                &[],
            )?)),
            None => Ok(self.deny(server)),
        }
    }
}

#[cfg(test)]
mod tests;
