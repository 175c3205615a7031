//! Sessions as a test wants them.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use super::world::with;
use crate::bindings::services::portcullis::plugin::session_facts::AttributeError;
use crate::bindings::services::portcullis::plugin::types::Endpoint;
use crate::{Cause, HandshakeFacts, Intent, Marker, Session};

/// The contract's bounds on attributes.
const MAX_ATTRIBUTES: usize = 32;
const MAX_KEY_BYTES: usize = 64;
const MAX_VALUE_BYTES: usize = 1_024;

/// The protocol number of 1.20.1.
const PROTOCOL: i32 = 763;

/// The port that clients try first.
const PORT: u16 = 25_565;

/// What the mock host knows of a session. Copies are of the same session.
#[derive(Clone, Debug, Default)]
pub(crate) struct MockSession(Rc<RefCell<Facts>>);

#[derive(Clone, Debug)]
struct Facts {
    id: u64,
    peer: SocketAddr,
    listener: String,
    handshake: Option<HandshakeFacts>,
    claimed_name: Option<String>,
    attributes: Attributes,
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
            attributes: Vec::new(),
        }
    }
}

/// Signatures are those of the generated resource.
impl MockSession {
    pub(crate) fn id(&self) -> u64 {
        self.0.borrow().id
    }

    pub(crate) fn peer(&self) -> Endpoint {
        let peer = self.0.borrow().peer;
        Endpoint {
            ip: peer.ip().to_canonical().to_string(),
            port: peer.port(),
        }
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
        if let Some(handshake) = &mut self.0.borrow_mut().handshake {
            handshake.host = host.to_owned();
        }
    }
}

impl Session {
    /// Scripts a session for the mock host; see [`SessionBuilder`] for what there is to say. With the feature `testing`.
    ///
    /// ```
    /// use portcullis_sdk::Session;
    ///
    /// let session = Session::build().host("play.example.com").protocol(765).peer("192.0.2.7:1234").at_route();
    /// assert_eq!(session.protocol(), 765);
    /// ```
    pub fn build() -> SessionBuilder {
        SessionBuilder {
            facts: Facts::default(),
            handshake: HandshakeFacts {
                protocol: PROTOCOL,
                host: "play.example.com".to_owned(),
                raw_host: String::new(),
                port: PORT,
                intent: Intent::Login,
                marker: None,
                legacy: false,
            },
            name: "Player".to_owned(),
            cause: Cause::Initial,
        }
    }
}

/// A session on its way, for the mock host: [`Session::build`] starts one, and `at_…` gives it as a hook would see it.
///
/// A player called `Player` at 192.0.2.1:50000 who asks for `play.example.com` with 1.20.1, unless said otherwise.
///
/// ```
/// use portcullis_sdk::Session;
///
/// let builder = Session::build().host("a.example").name("Ada");
/// assert_eq!(builder.clone().at_accept().host(), "");
/// assert_eq!(builder.clone().at_handshake().host(), "a.example");
/// assert_eq!(builder.at_route().claimed_name(), Some("Ada"));
/// ```
#[derive(Clone, Debug)]
pub struct SessionBuilder {
    facts: Facts,
    handshake: HandshakeFacts,
    name: String,
    cause: Cause,
}

impl SessionBuilder {
    /// The host name that the client asks for.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().host("a.example").at_route().host(), "a.example");
    /// ```
    pub fn host(mut self, host: &str) -> Self {
        self.handshake.host = host.to_owned();
        self
    }

    /// The client's protocol number.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().protocol(47).at_route().protocol(), 47);
    /// ```
    pub fn protocol(mut self, protocol: i32) -> Self {
        self.handshake.protocol = protocol;
        self
    }

    /// The client's address, such as `192.0.2.7:1234`.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().peer("192.0.2.7:1234").at_accept().peer().port(), 1234);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the text is no address with a port.
    pub fn peer(mut self, peer: &str) -> Self {
        self.facts.peer = match peer.parse() {
            Ok(peer) => peer,
            Err(_) => panic!("{peer:?} is no address with a port; write \"192.0.2.7:1234\" or \"[2001:db8::1]:1234\""),
        };
        self
    }

    /// The address that the listener is bound to.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().listener("0.0.0.0:25566").at_accept().listener(), "0.0.0.0:25566");
    /// ```
    pub fn listener(mut self, listener: &str) -> Self {
        self.facts.listener = listener.to_owned();
        self
    }

    /// The name that the player claims.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().name("Ada").at_route().claimed_name(), Some("Ada"));
    /// ```
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// What the client wants; [`SessionBuilder::at_status`] says so by itself.
    ///
    /// ```
    /// use portcullis_sdk::{Intent, Session};
    ///
    /// let session = Session::build().intent(Intent::Status).at_handshake();
    /// assert_eq!(session.handshake().unwrap().intent, Intent::Status);
    /// ```
    pub fn intent(mut self, intent: Intent) -> Self {
        self.handshake.intent = intent;
        self
    }

    /// The marker of a modded client.
    ///
    /// ```
    /// use portcullis_sdk::{Marker, Session};
    ///
    /// let session = Session::build().marker(Marker::Fml2).at_route();
    /// assert_eq!(session.handshake().unwrap().marker, Some(Marker::Fml2));
    /// ```
    pub fn marker(mut self, marker: Marker) -> Self {
        self.handshake.marker = Some(marker);
        self
    }

    /// A legacy ping, of a client before 1.7.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().legacy().at_status().handshake().unwrap().legacy);
    /// ```
    pub fn legacy(mut self) -> Self {
        self.handshake.legacy = true;
        self
    }

    /// A note that an earlier link has left.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().attribute("country", "nz").at_route();
    /// assert_eq!(session.attribute("country").as_deref(), Some("nz"));
    /// ```
    pub fn attribute(mut self, key: &str, value: &str) -> Self {
        self.facts.attributes.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Why the player needs a place.
    ///
    /// ```
    /// use portcullis_sdk::{Cause, Session};
    ///
    /// assert_eq!(*Session::build().cause(Cause::Switch).at_route().cause(), Cause::Switch);
    /// ```
    pub fn cause(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// As [`Accept`](crate::Accept) sees it: nothing has been read.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().at_accept().handshake().is_none());
    /// ```
    pub fn at_accept(self) -> Session {
        Session::of(MockSession(Rc::new(RefCell::new(self.facts))))
    }

    /// As [`Handshake`](crate::Handshake) sees it: without a name.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().at_handshake().claimed_name().is_none());
    /// ```
    pub fn at_handshake(mut self) -> Session {
        if self.handshake.raw_host.is_empty() {
            self.handshake.raw_host.clone_from(&self.handshake.host);
        }
        self.facts.handshake = Some(self.handshake);
        Session::of(MockSession(Rc::new(RefCell::new(self.facts))))
    }

    /// As [`Status`](crate::Status) sees it.
    ///
    /// ```
    /// use portcullis_sdk::{Intent, Session};
    ///
    /// assert_eq!(Session::build().at_status().handshake().unwrap().intent, Intent::Status);
    /// ```
    pub fn at_status(self) -> Session {
        self.intent(Intent::Status).at_handshake()
    }

    /// As [`Route`](crate::Route) and [`Sessions`](crate::Sessions) see it: with the name that the player claims.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().at_route().claimed_name(), Some("Player"));
    /// ```
    pub fn at_route(mut self) -> Session {
        self.facts.claimed_name = Some(std::mem::take(&mut self.name));
        let cause = self.cause.clone();
        self.at_handshake().because(cause)
    }
}
