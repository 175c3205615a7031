//! The sessions on whose behalf hooks are called where there are no players.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::{Handshake, Identity, Intent, Phase, Phases, Profile, Registry, Session};
use uuid::Uuid;

use crate::bindings::exports::portcullis::plugin::login;
use crate::hook::Hook;
use crate::outcome::{Destination, End, Pack, Tally};

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

/// What is on its way where a hook is shown something.
pub(super) const CONTENT: [u8; 64] = [b'x'; 64];
pub(super) const COMMAND: &str = "spawn home";
pub(super) const COOKIE: &str = "example:cookie";

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
    pub(super) fn session(&self, registry: &Registry, hook: Hook, server: &str) -> Arc<Session> {
        let session = Session::new(registry.sessions.next_id(), self.peer, LISTENER.into());
        let intent = match hook {
            Hook::Accept => return Arc::new(session),
            Hook::Status => Intent::Status,
            _ => Intent::Login,
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
        if !matches!(hook, Hook::Status | Hook::Handshake) {
            session.set_claimed_name(&self.player);
        }
        if hook > Hook::Route {
            self.let_in(&session, server);
        }
        Arc::new(session)
    }

    /// The host has logged the player in, and follows his packets.
    fn let_in(&self, session: &Session, server: &str) {
        session.set_identity(Identity {
            profile: Arc::new(self.profile()),
            verified: true,
        });
        session.set_framed(Phases {
            clientbound: Phase::Play,
            serverbound: Phase::Play,
        });
        if let Ok(server) = server.parse() {
            session.set_server(&server);
        }
    }

    fn profile(&self) -> Profile {
        Profile {
            uuid: Uuid::nil(),
            name: self.player.clone(),
            properties: Vec::new(),
        }
    }
}

impl Script {
    /// What the player says of himself.
    pub(super) fn claim(&self) -> login::Claim {
        login::Claim {
            name: self.player.clone(),
            uuid: Some(Uuid::nil().to_string()),
        }
    }
}

/// A server as the configuration has it by default.
pub(super) fn destination(server: &str) -> Destination {
    Destination {
        name: server.to_owned(),
        forwarding: None,
        labels: Vec::new(),
    }
}

/// A pack of a usual size.
pub(super) fn pack() -> Pack {
    Pack {
        id: Some(Uuid::nil()),
        url: "https://example.com/pack.zip".into(),
        hash: String::new(),
        required: true,
    }
}
