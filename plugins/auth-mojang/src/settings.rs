//! What is configured.

use std::time::Duration;

use portcullis_sdk::hosts::HostPattern;
use portcullis_sdk::prelude::*;

use crate::session_server::SessionServer;

#[derive(Config, Debug)]
pub(crate) struct Settings {
    /// Only players who ask for one of these hosts; later plugins are asked about the others. Absent: all players.
    #[config(min_items = 1, max_items = 1000)]
    pub(crate) hosts: Option<Vec<HostPattern>>,
    /// Where a player's session is asked for, in order. Each needs the grant `http:ORIGIN`.
    #[config(
        default = "https://sessionserver.mojang.com/session/minecraft/hasJoined",
        max_items = 8
    )]
    pub(crate) session_server: OneOrMany<SessionServer>,
    /// Have the session server compare the player's address with the one that he logged in from. Not for players whose launcher and
    /// game take different ways.
    #[config(default = false)]
    pub(crate) send_ip: bool,
    /// How long one session server is waited for.
    #[config(default = "2s", range("100ms"..="30s"))]
    pub(crate) timeout: Duration,
    /// Where none of the session servers that know a player answers: turn everybody away, or let those in who came from the same
    /// address lately.
    #[config(default = "deny")]
    pub(crate) outage: Outage,
    /// How long somebody counts as known after he was verified.
    #[config(default = "24h", range("1m"..="30d"))]
    pub(crate) known_for: Duration,
    /// A player who is there already: turn the new one away, send the old one away, or leave it to the server.
    #[config(default = "deny-new")]
    pub(crate) duplicate: Duplicate,
    /// Markup shown to players whom no session server knows.
    #[config(default = "<red>Your account could not be verified. Restart the game and try again.")]
    pub(crate) unverified_text: Text,
    /// Markup shown during an outage.
    #[config(default = "<red>Accounts cannot be verified right now. Please try again in a minute.")]
    pub(crate) outage_text: Text,
    /// Markup shown to the new one of two.
    #[config(default = "<red>You are here already.")]
    pub(crate) duplicate_text: Text,
    /// Markup shown to the old one of two.
    #[config(default = "<red>You joined from elsewhere.")]
    pub(crate) kicked_text: Text,
}

#[derive(Config, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outage {
    Deny,
    AllowKnown,
}

#[derive(Config, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Duplicate {
    DenyNew,
    KickOld,
    Leave,
}

impl Settings {
    pub(crate) fn is_for(&self, host: &str) -> bool {
        let hosts = self.hosts.as_ref();
        hosts.is_none_or(|hosts| hosts.iter().any(|pattern| pattern.fit(host).is_some()))
    }
}
