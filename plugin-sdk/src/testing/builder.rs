//! Sessions as a test wants them.

use super::session::{Facts, MockSession, address, handshake, unverified};
use crate::session::{ChatKey, Identity, Profile};
use crate::{Cause, HandshakeFacts, Intent, Marker, Session};

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
            handshake: handshake(),
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
        self.facts.peer = address(peer);
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

    /// The host field of the handshake as the client sent it, for example with what a proxy in front wrote behind the name; otherwise
    /// it is the host.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().raw_host("a.example///192.0.2.7:1///1").at_handshake();
    /// assert_eq!(session.handshake().unwrap().raw_host, "a.example///192.0.2.7:1///1");
    /// ```
    pub fn raw_host(mut self, raw_host: &str) -> Self {
        self.handshake.raw_host = raw_host.to_owned();
        self
    }

    /// The UUID that the client claims (1.19.1 and later), with dashes.
    ///
    /// ```
    /// let builder = portcullis_sdk::Session::build().claimed_uuid("069579f1-40e5-4b5c-86b4-cc372f1a5dfb");
    /// assert_eq!(builder.at_login().claimed_name(), Some("Player"));
    /// ```
    pub fn claimed_uuid(mut self, uuid: &str) -> Self {
        self.facts.claimed_uuid = Some(uuid.to_owned());
        self
    }

    /// Who the player is, vouched for by a session server. The claimed name is the profile's.
    ///
    /// ```
    /// use portcullis_sdk::{Profile, Session};
    ///
    /// let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
    /// assert!(Session::build().verified(ada).at_route().identity().unwrap().verified);
    /// ```
    pub fn verified(self, profile: Profile) -> Self {
        self.identity(profile, true)
    }

    /// Who the player says he is. The claimed name is the profile's.
    ///
    /// ```
    /// use portcullis_sdk::{Profile, Session};
    ///
    /// let ada = Profile::new("069579f1-40e5-3b5c-86b4-cc372f1a5dfb", "Ada");
    /// assert!(!Session::build().unverified(ada).at_route().identity().unwrap().verified);
    /// ```
    pub fn unverified(self, profile: Profile) -> Self {
        self.identity(profile, false)
    }

    /// The key that the player's chat is signed with, which comes with the name: [`Accept`](crate::Accept),
    /// [`Handshake`](crate::Handshake) and [`Status`](crate::Status) do not see it.
    ///
    /// ```
    /// use portcullis_sdk::{ChatKey, Session};
    ///
    /// let key = ChatKey { expires_ms: 0, key: vec![0x30], signature: vec![1], holder: None };
    /// let builder = Session::build().chat_key(key.clone());
    /// assert_eq!(builder.clone().at_handshake().chat_key(), None);
    /// assert_eq!(builder.at_route().chat_key(), Some(&key));
    /// ```
    pub fn chat_key(mut self, key: ChatKey) -> Self {
        self.facts.chat_key = Some(key);
        self
    }

    /// The server that the player is on.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().on("lobby").in_play().server(), Some("lobby"));
    /// ```
    pub fn on(mut self, server: &str) -> Self {
        self.facts.server = Some(server.to_owned());
        self
    }

    /// As [`Accept`](crate::Accept) sees it: nothing has been read.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().at_accept().handshake().is_none());
    /// ```
    pub fn at_accept(mut self) -> Session {
        self.facts.forget_the_player();
        Session::of(MockSession::of(self.facts))
    }

    /// As [`Handshake`](crate::Handshake) sees it: without a name.
    ///
    /// ```
    /// assert!(portcullis_sdk::Session::build().at_handshake().claimed_name().is_none());
    /// ```
    pub fn at_handshake(mut self) -> Session {
        self.facts.forget_the_player();
        self.with_handshake()
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

    /// As [`Login`](crate::Login) sees it: with the name that the player claims, and with a profile if it is said to be known.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().name("Ada").at_login();
    /// assert_eq!((session.claimed_name(), session.identity()), (Some("Ada"), None));
    /// ```
    pub fn at_login(mut self) -> Session {
        self.facts.framed = true;
        self.at_route()
    }

    /// As hooks see it that look at packets: in a world, with a profile, unverified unless it is said to be otherwise.
    ///
    /// ```
    /// let session = portcullis_sdk::Session::build().name("Ada").on("lobby").in_play();
    /// assert_eq!(session.server(), Some("lobby"));
    /// assert!(!session.identity().unwrap().verified);
    /// ```
    pub fn in_play(mut self) -> Session {
        let name = self.name.as_str();
        self.facts.identity.get_or_insert_with(|| unverified(name));
        self.at_login()
    }

    /// As [`Route`](crate::Route) and [`Sessions`](crate::Sessions) see it: with the name that the player claims.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Session::build().at_route().claimed_name(), Some("Player"));
    /// ```
    pub fn at_route(mut self) -> Session {
        self.facts.claimed_name = Some(std::mem::take(&mut self.name));
        let cause = self.cause.clone();
        self.with_handshake().because(cause)
    }

    fn with_handshake(mut self) -> Session {
        if self.handshake.raw_host.is_empty() {
            self.handshake.raw_host.clone_from(&self.handshake.host);
        }
        self.facts.handshake = Some(self.handshake);
        Session::of(MockSession::of(self.facts))
    }

    fn identity(mut self, profile: Profile, verified: bool) -> Self {
        self.name.clone_from(&profile.name);
        self.facts.identity = Some(Identity { profile, verified });
        self
    }
}
