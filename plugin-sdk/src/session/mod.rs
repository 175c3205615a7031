//! The session at hand: the one that a hook is called for.

mod at_hand;
mod facts;
mod identity;

use std::cell::OnceCell;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use self::at_hand::AtHand;
pub use self::facts::{AttributeError, HandshakeFacts, Intent, Marker, SessionId};
pub use self::identity::{ChatKey, Identity, Profile, Property};
use crate::bindings::services::portcullis::plugin::types::Endpoint;
use crate::hooks::Cause;

/// What the host knows of the session at hand. Every fact is fetched when it is first asked for, and at most once in a call.
///
/// A hook cannot keep it: note what later hooks need with [`Session::set_attribute`].
///
/// ```
/// use portcullis_sdk::Session;
///
/// let session = Session::build().host("play.example.com").protocol(765).peer("192.0.2.7:4000").at_route();
/// assert_eq!(session.host(), "play.example.com");
/// assert_eq!(session.protocol(), 765);
/// assert_eq!(session.peer().ip().to_string(), "192.0.2.7");
/// ```
pub struct Session {
    at_hand: AtHand,
    host: OnceCell<Option<String>>,
    claimed_name: OnceCell<Option<String>>,
    listener: OnceCell<String>,
    peer: OnceCell<SocketAddr>,
    handshake: OnceCell<Option<HandshakeFacts>>,
    identity: OnceCell<Option<Identity>>,
    chat_key: OnceCell<Option<ChatKey>>,
    server: OnceCell<Option<String>>,
    cause: Cause,
}

impl Session {
    #[inline]
    pub(crate) fn of(at_hand: AtHand) -> Self {
        Self {
            at_hand,
            host: OnceCell::new(),
            claimed_name: OnceCell::new(),
            listener: OnceCell::new(),
            peer: OnceCell::new(),
            handshake: OnceCell::new(),
            identity: OnceCell::new(),
            chat_key: OnceCell::new(),
            server: OnceCell::new(),
            cause: Cause::Initial,
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn mock(&self) -> &AtHand {
        &self.at_hand
    }

    #[inline]
    pub(crate) fn because(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// Never reused while the host runs; the same in logs, metrics and `portcullis ctl sessions`.
    ///
    /// ```
    /// use portcullis_sdk::Session;
    ///
    /// assert_ne!(Session::build().at_accept().id(), Session::build().at_accept().id());
    /// ```
    pub fn id(&self) -> SessionId {
        SessionId::of(self.at_hand.id())
    }

    /// The client's address.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().peer("[2001:db8::1]:4000").at_accept();
    /// assert!(session.peer().is_ipv6());
    /// ```
    pub fn peer(&self) -> SocketAddr {
        *self.peer.get_or_init(|| address(&self.at_hand.peer()))
    }

    /// The listener's `bind` address as configured, for example `0.0.0.0:25565`.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().at_accept().listener(), "127.0.0.1:25565");
    /// ```
    pub fn listener(&self) -> &str {
        self.listener.get_or_init(|| self.at_hand.listener())
    }

    /// The host name that the client asked for: lower case, without port, markers or trailing dot, as an earlier link may
    /// have rewritten it. Empty in `accept`, where nothing has been read yet, and where a legacy ping names none.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().host("a.example").at_status().host(), "a.example");
    /// ```
    pub fn host(&self) -> &str {
        let host = self.host.get_or_init(|| self.at_hand.host());
        host.as_deref().unwrap_or_default()
    }

    /// The client's protocol number, for example 763 for 1.20.1. -1 in `accept`, and where a legacy ping gives none.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().at_accept().protocol(), -1);
    /// ```
    pub fn protocol(&self) -> i32 {
        self.at_hand.protocol().unwrap_or(-1)
    }

    /// The player's name as the client claims it: not verified. Absent in `accept`, `handshake` and
    /// `status`.
    ///
    /// ```
    /// use portcullis_sdk::Session;
    ///
    /// assert_eq!(Session::build().name("Ada").at_route().claimed_name(), Some("Ada"));
    /// assert_eq!(Session::build().name("Ada").at_handshake().claimed_name(), None);
    /// ```
    pub fn claimed_name(&self) -> Option<&str> {
        let name = self.claimed_name.get_or_init(|| self.at_hand.claimed_name());
        name.as_deref()
    }

    /// The whole handshake; ask for the host or the protocol alone where that is enough. Absent in `accept`.
    ///
    /// ```
    /// use portcullis_sdk::{Intent, Session};
    ///
    /// let session = Session::build().at_status();
    /// assert_eq!(session.handshake().unwrap().intent, Intent::Status);
    /// ```
    pub fn handshake(&self) -> Option<&HandshakeFacts> {
        self.handshake.get_or_init(|| self.at_hand.handshake()).as_ref()
    }

    /// Who the player is, once the [`Login`](crate::Login) hooks have said so. Absent: earlier, in `status`, and where servers log
    /// players in ([`Mode::Splice`](crate::Mode::Splice), [`Mode::Copy`](crate::Mode::Copy)).
    ///
    /// ```
    /// use portcullis_sdk::{Profile, Session};
    ///
    /// let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
    /// assert_eq!(Session::build().verified(ada.clone()).at_route().identity().unwrap().profile, ada);
    /// assert!(Session::build().at_route().identity().is_none());
    /// ```
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.get_or_init(|| self.at_hand.identity()).as_ref()
    }

    /// The key that the player's chat is signed with, which nobody has verified. Absent: another version than 1.19 to 1.19.2, a client
    /// that signs nothing, and where servers log players in ([`Mode::Splice`](crate::Mode::Splice), [`Mode::Copy`](crate::Mode::Copy)).
    ///
    /// ```
    /// use portcullis_sdk::{ChatKey, Session};
    ///
    /// let key = ChatKey { expires_ms: 1_700_000_000_000, key: vec![0x30], signature: vec![1], holder: None };
    /// let session = Session::build().protocol(759).chat_key(key).at_route();
    /// assert_eq!(session.chat_key().unwrap().key, [0x30]);
    /// assert!(Session::build().at_route().chat_key().is_none());
    /// ```
    pub fn chat_key(&self) -> Option<&ChatKey> {
        self.chat_key.get_or_init(|| self.at_hand.chat_key()).as_ref()
    }

    /// The server that the player is on. Absent: on none yet.
    ///
    /// ```
    /// use portcullis_sdk::Session;
    ///
    /// assert_eq!(Session::build().on("lobby").in_play().server(), Some("lobby"));
    /// assert_eq!(Session::build().at_route().server(), None);
    /// ```
    pub fn server(&self) -> Option<&str> {
        self.server.get_or_init(|| self.at_hand.server()).as_deref()
    }

    /// Why the player needs a place, in [`Route`](crate::Route); elsewhere [`Cause::Initial`].
    ///
    /// ```
    /// use portcullis_sdk::{Cause, Session};
    ///
    /// let session = Session::build().cause(Cause::Lost("lobby-1".into())).at_route();
    /// assert_eq!(*session.cause(), Cause::Lost("lobby-1".into()));
    /// ```
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What an earlier hook or link noted, in whichever plugin. Absent: never set, or removed.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().attribute("country", "nz").at_route();
    /// assert_eq!(session.attribute("country").as_deref(), Some("nz"));
    /// ```
    pub fn attribute(&self, key: &str) -> Option<String> {
        self.at_hand.attribute(key)
    }

    /// Notes something for later links and hooks of this session, in whichever plugin. Gone with the session; undone if this call
    /// fails. At most 32 attributes, keys of 1 to 64 bytes, values of at most 1 KiB.
    ///
    /// ```
    /// use portcullis_sdk::{AttributeError, Session};
    ///
    /// let session = Session::build().at_handshake();
    /// session.set_attribute("country", "nz")?;
    /// assert_eq!(session.attribute("country").as_deref(), Some("nz"));
    /// assert_eq!(session.set_attribute("", "nz"), Err(AttributeError::TooLong));
    /// # Ok::<(), AttributeError>(())
    /// ```
    pub fn set_attribute(&self, key: &str, value: &str) -> Result<(), AttributeError> {
        self.at_hand.set_attribute(key, Some(value)).map_err(Into::into)
    }

    /// Removes a note. Removing what is not there succeeds.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().attribute("country", "nz").at_route();
    /// session.remove_attribute("country")?;
    /// assert_eq!(session.attribute("country"), None);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn remove_attribute(&self, key: &str) -> Result<(), AttributeError> {
        self.at_hand.set_attribute(key, None).map_err(Into::into)
    }
}

/// The contract says that the text is an address.
pub(crate) fn address(endpoint: &Endpoint) -> SocketAddr {
    let ip = endpoint.ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    SocketAddr::new(ip, endpoint.port)
}

/// As the contract spells an address: IPv4-mapped ones as IPv4.
pub(crate) fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint {
        ip: address.ip().to_canonical().to_string(),
        port: address.port(),
    }
}

/// The session's number alone: a fact that nobody asked for is not fetched for a log line.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.id())
    }
}
