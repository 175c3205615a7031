//! Players whom the host has let in, and what scripted plugins noted about them.

use std::sync::Arc;

use portcullis_protocol::version::Protocol;
use portcullis_registry::{Handshake, Identity, Intent, Phase, Phases, Profile, Registry, Session};
use uuid::Uuid;

use super::Host;
use super::questions::accepted;

/// A player on the server `lobby-1`, with a verified profile, whose packets the host follows.
pub(crate) fn player(registry: &Registry, name: &str, release: &str) -> Arc<Session> {
    let session = unframed(registry, name, release);
    session.set_identity(identity(name, true));
    session.set_framed(Phases {
        clientbound: Phase::Play,
        serverbound: Phase::Play,
    });
    session
}

/// A player on the server `lobby-1` whom the host has not logged in.
pub(crate) fn unframed(registry: &Registry, name: &str, release: &str) -> Arc<Session> {
    let session = accepted(registry);
    session.set_handshake(Handshake {
        protocol: Protocol::of_release(release).unwrap().0,
        host: "play.example.com".into(),
        raw_host: None,
        port: 25565,
        intent: Intent::Login,
        marker: None,
        legacy: false,
    });
    session.set_claimed_name(name);
    session.set_server(&"lobby-1".parse().unwrap());
    session
}

pub(crate) fn identity(name: &str, verified: bool) -> Identity {
    Identity {
        profile: Arc::new(Profile {
            uuid: uuid_of(name),
            name: name.into(),
            properties: Vec::new(),
        }),
        verified,
    }
}

/// Any will do, as long as each name has its own.
pub(crate) fn uuid_of(name: &str) -> Uuid {
    let bytes = name.bytes().take(16);
    Uuid::from_u128(bytes.fold(0, |number, byte| number << 8 | u128::from(byte)))
}

impl Host {
    /// What a plugin left under a key in its `state`, line by line.
    pub(crate) fn noted(&self, plugin: &str, key: &str) -> Vec<String> {
        let value = self.state(plugin).get(key).unwrap().unwrap_or_default();
        let text = String::from_utf8(value).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}
