//! The sessions on whose behalf hooks are called where there are no players.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::{Handshake, Intent, Registry, Session};

use crate::hook::Hook;
use crate::outcome::{End, Tally};

/// An address that documentation uses (RFC 5737), so that nobody's is in a plugin's table by chance.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 50_123);
const LISTENER: &str = "0.0.0.0:25565";
const PORT: u16 = 25_565;

/// A session of a usual size.
pub(super) const TALLY: Tally = Tally {
    up_bytes: 1 << 20,
    down_bytes: 16 << 20,
    duration: Duration::from_secs(600),
};
pub(super) const END: End = End::ClientLeft;

/// What a player asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Where the player comes from.
    pub peer: SocketAddr,
    /// The host name.
    pub host: String,
    /// The protocol number.
    pub protocol: i32,
    /// The claimed name.
    pub player: String,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            peer: PEER,
            host: "play.example.com".into(),
            // 1.21.1.
            protocol: 767,
            player: "Alex".into(),
        }
    }
}

impl Script {
    /// A new session that has got as far as the hook is asked.
    pub(super) fn session(&self, registry: &Registry, hook: Hook) -> Arc<Session> {
        let session = Session::new(registry.sessions.next_id(), self.peer, LISTENER.into());
        let intent = match hook {
            Hook::Accept => return Arc::new(session),
            Hook::Status => Intent::Status,
            Hook::Handshake | Hook::Route | Hook::Session => Intent::Login,
        };
        session.set_handshake(Handshake {
            protocol: self.protocol,
            host: self.host.as_str().into(),
            raw_host: None,
            port: PORT,
            intent,
            marker: None,
            legacy: false,
        });
        if matches!(hook, Hook::Route | Hook::Session) {
            session.set_claimed_name(&self.player);
        }
        Arc::new(session)
    }
}
