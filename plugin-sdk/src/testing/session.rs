//! What the mock host knows of a session.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};

use super::world::with;
use crate::bindings::granted::portcullis::plugin::control::Player;
use crate::bindings::services::portcullis::plugin::session_facts::AttributeError;
use crate::bindings::services::portcullis::plugin::types::Endpoint;
use crate::session::{ChatKey, Identity, Profile, endpoint};
use crate::{HandshakeFacts, Intent};

/// The contract's bounds on attributes.
const MAX_ATTRIBUTES: usize = 32;
const MAX_KEY_BYTES: usize = 64;
const MAX_VALUE_BYTES: usize = 1_024;

/// The protocol number of 1.20.1.
const PROTOCOL: i32 = 763;

/// Of a player of whom nothing else is said: version 3, as those of offline mode are.
const SOME_UUID: &str = "0d3f5a17-1c3b-3e62-9d4a-7b0a52f7c6e1";

/// The port that clients try first.
const PORT: u16 = 25_565;

/// What the mock host knows of a session. Copies are of the same session.
#[derive(Clone, Debug, Default)]
pub(crate) struct MockSession(Rc<RefCell<Facts>>);

/// A session that is there as long as the test holds it.
#[derive(Debug)]
pub(super) struct WeakSession(Weak<RefCell<Facts>>);

impl WeakSession {
    pub(super) fn upgrade(&self) -> Option<MockSession> {
        self.0.upgrade().map(MockSession)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Facts {
    id: u64,
    pub(super) peer: SocketAddr,
    pub(super) listener: String,
    pub(super) handshake: Option<HandshakeFacts>,
    pub(super) claimed_name: Option<String>,
    pub(super) claimed_uuid: Option<String>,
    pub(super) identity: Option<Identity>,
    pub(super) chat_key: Option<ChatKey>,
    pub(super) server: Option<String>,
    /// The host follows its packets.
    pub(super) framed: bool,
    pub(super) attributes: Attributes,
}

pub(super) type Attributes = Vec<(String, String)>;

impl Default for Facts {
    fn default() -> Self {
        Self {
            id: with(|world| world.next_session()),
            peer: SocketAddr::from(([192, 0, 2, 1], 50_000)),
            listener: "127.0.0.1:25565".to_owned(),
            handshake: None,
            claimed_name: None,
            claimed_uuid: None,
            identity: None,
            chat_key: None,
            server: None,
            framed: false,
            attributes: Vec::new(),
        }
    }
}

impl Facts {
    /// Before the login, no host knows who plays.
    pub(super) fn forget_the_player(&mut self) {
        (self.claimed_name, self.claimed_uuid, self.identity) = (None, None, None);
        (self.chat_key, self.server) = (None, None);
    }
}

/// Signatures are those of the generated resource.
impl MockSession {
    pub(crate) fn id(&self) -> u64 {
        self.0.borrow().id
    }

    pub(crate) fn peer(&self) -> Endpoint {
        endpoint(self.0.borrow().peer)
    }

    pub(crate) fn listener(&self) -> String {
        self.0.borrow().listener.clone()
    }

    pub(crate) fn handshake(&self) -> Option<HandshakeFacts> {
        self.0.borrow().handshake.clone()
    }

    pub(crate) fn host(&self) -> Option<String> {
        self.handshake().map(|handshake| handshake.host)
    }

    pub(crate) fn protocol(&self) -> Option<i32> {
        self.handshake().map(|handshake| handshake.protocol)
    }

    pub(crate) fn claimed_name(&self) -> Option<String> {
        self.0.borrow().claimed_name.clone()
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        self.0.borrow().identity.clone()
    }

    pub(crate) fn chat_key(&self) -> Option<ChatKey> {
        self.0.borrow().chat_key.clone()
    }

    pub(crate) fn server(&self) -> Option<String> {
        self.0.borrow().server.clone()
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<String> {
        let facts = self.0.borrow();
        let found = facts.attributes.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.clone())
    }

    pub(crate) fn set_attribute(&self, key: &str, value: Option<&str>) -> Result<(), AttributeError> {
        let long = value.is_some_and(|value| value.len() > MAX_VALUE_BYTES);
        if long || !(1..=MAX_KEY_BYTES).contains(&key.len()) {
            return Err(AttributeError::TooLong);
        }
        let mut facts = self.0.borrow_mut();
        let known = facts.attributes.iter().position(|(known, _)| known == key);
        if value.is_some() && known.is_none() && facts.attributes.len() >= MAX_ATTRIBUTES {
            return Err(AttributeError::Full);
        }
        if let Some(known) = known {
            facts.attributes.remove(known);
        }
        facts
            .attributes
            .extend(value.map(|value| (key.to_owned(), value.to_owned())));
        Ok(())
    }

    /// The attributes as they are now, for [`Self::restore`].
    pub(super) fn attributes(&self) -> Attributes {
        self.0.borrow().attributes.clone()
    }

    /// Undoes what a failed call did.
    pub(super) fn restore(&self, attributes: Attributes) {
        self.0.borrow_mut().attributes = attributes;
    }

    pub(super) fn rewrite_host(&self, host: &str) {
        self.change(|facts| {
            if let Some(handshake) = &mut facts.handshake {
                handshake.host = host.to_owned();
            }
        });
    }

    pub(super) fn replace_profile(&self, profile: &Profile) {
        self.change(|facts| {
            if let Some(identity) = &mut facts.identity {
                identity.profile = profile.clone();
            }
        });
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.0.borrow_mut());
    }

    pub(super) fn claimed_uuid(&self) -> Option<String> {
        self.0.borrow().claimed_uuid.clone()
    }

    pub(super) fn is_framed(&self) -> bool {
        self.0.borrow().framed
    }

    /// As `control` lists it.
    pub(super) fn player(&self) -> Player {
        let profile = self.identity().map(|identity| identity.profile);
        Player {
            session: self.id(),
            peer: self.peer(),
            name: profile
                .as_ref()
                .map(|profile| profile.name.clone())
                .or_else(|| self.claimed_name())
                .unwrap_or_default(),
            profile,
            protocol: self.protocol().unwrap_or(-1),
            server: self.server(),
            framed: self.is_framed(),
        }
    }

    /// A player who is there, with packets that the host follows.
    pub(super) fn of_player(name: &str) -> Self {
        let facts = Facts {
            claimed_name: Some(name.to_owned()),
            handshake: Some(handshake()),
            identity: Some(unverified(name)),
            framed: true,
            ..Facts::default()
        };
        Self(Rc::new(RefCell::new(facts)))
    }

    /// One that the test asks for: among the players once it has a name.
    pub(super) fn of(facts: Facts) -> Self {
        let session = Self(Rc::new(RefCell::new(facts)));
        if session.claimed_name().is_some() {
            with(|world| world.asked.push(WeakSession(Rc::downgrade(&session.0))));
        }
        session
    }
}

/// What a player is taken for whom nobody has verified.
pub(super) fn unverified(name: &str) -> Identity {
    Identity {
        profile: Profile::new(SOME_UUID, name),
        verified: false,
    }
}

/// Of a player who asks for `play.example.com`.
pub(super) fn handshake() -> HandshakeFacts {
    HandshakeFacts {
        protocol: PROTOCOL,
        host: "play.example.com".to_owned(),
        raw_host: String::new(),
        port: PORT,
        intent: Intent::Login,
        marker: None,
        legacy: false,
    }
}

/// # Panics
///
/// Where the text is no address with a port.
pub(super) fn address(text: &str) -> SocketAddr {
    match text.parse() {
        Ok(address) => address,
        Err(_) => panic!("{text:?} is no address with a port; write \"192.0.2.7:1234\" or \"[2001:db8::1]:1234\""),
    }
}
