//! What a server is told of a player.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::forward::exports::portcullis::plugin::forward as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session, Text};

/// What a server is told of a player: asked for each server that is dialled, in every mode; each link in turn, so that one can
/// say who the player is and another where he comes from.
///
/// A plugin that needs [`Session::identity`] denies where there is none, rather than let somebody in unnamed: the host did not log
/// the player in.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Tells servers behind a balancer which name the player asked for.
/// #[derive(Plugin)]
/// #[plugin(stage = "forward")]
/// struct Authority;
///
/// /// PROXY protocol, version 2: the host name.
/// const AUTHORITY: u8 = 2;
///
/// #[hooks]
/// impl Forward for Authority {
///     fn introduce(&mut self, session: &Session, _server: &Destination) -> ForwardVerdict {
///         ForwardVerdict::tlvs([Tlv { kind: AUTHORITY, value: session.host().into() }])
///     }
/// }
///
/// let mut plugin = Host::new().start::<Authority>("");
/// let session = Session::build().host("a.example").at_route();
/// let verdict = plugin.introduce(&session, &Destination::new("lobby"));
/// assert_eq!(verdict, ForwardVerdict::tlvs([Tlv { kind: 2, value: b"a.example".to_vec() }]));
/// ```
pub trait Forward: Plugin + Exported<hook::Forward> {
    /// The handshake is about to be written.
    fn introduce(&mut self, session: &Session, server: &Destination) -> impl Outcome<ForwardVerdict> {
        let _ = (session, server);
        ForwardVerdict::Next
    }

    /// The server asks something during the login (1.13 and later). Only where the host stands in the middle.
    fn question(
        &mut self,
        session: &Session,
        server: &Destination,
        question: &Question,
    ) -> impl Outcome<QuestionVerdict> {
        let _ = (session, server, question);
        QuestionVerdict::Next
    }

    /// The server has let the player in, having asked on these channels what a link of the chain answered. A plugin whose
    /// question did not come denies: that server trusts anybody. Only where the host stands in the middle.
    fn accepted(
        &mut self,
        session: &Session,
        server: &Destination,
        answered: &[String],
    ) -> impl Outcome<AcceptedVerdict> {
        let _ = (session, server, answered);
        AcceptedVerdict::Next
    }
}

/// The server that is about to be told: its own settings, and no other's.
///
/// ```
/// use portcullis_sdk::Destination;
///
/// let server = Destination { forwarding: Some("velocity".into()), ..Destination::new("lobby") };
/// assert!(server.is_forwarded_by("velocity") && !server.is_forwarded_by("legacy"));
/// assert!(Destination::new("lobby").is_forwarded_by("legacy"));
/// ```
pub use contract::Destination;

/// A field of PROXY protocol version 2 beside the addresses.
///
/// ```
/// let authority = portcullis_sdk::Tlv { kind: 2, value: b"play.example.com".to_vec() };
/// assert_eq!(authority.kind, 2);
/// ```
pub use contract::Tlv;

/// What a server is told beside what the client says itself.
///
/// ```
/// use portcullis_sdk::{ForwardVerdict, Introduction};
///
/// let introduction = Introduction { host: Some("a.example".into()), tlvs: Vec::new() };
/// assert_eq!(ForwardVerdict::host("a.example"), ForwardVerdict::Introduce(introduction));
/// ```
pub use contract::Introduction;

/// What a server is told, if it is told anything.
///
/// ```
/// use portcullis_sdk::{ForwardVerdict, Text};
///
/// assert_eq!(ForwardVerdict::deny("no"), ForwardVerdict::Deny(Text::markup("no")));
/// ```
pub use contract::Verdict as ForwardVerdict;

/// A question that a server asks during the login.
///
/// ```
/// let question = portcullis_sdk::Question { channel: "velocity:player_info".into(), data: vec![4] };
/// assert_eq!(question.data, [4]);
/// ```
pub use contract::Question;

/// The answer to a server's question.
///
/// ```
/// use portcullis_sdk::QuestionVerdict;
///
/// assert_ne!(QuestionVerdict::Data(vec![1]), QuestionVerdict::Unknown);
/// ```
pub use contract::Answer as QuestionVerdict;

/// Whether a server that has let the player in is one to be on.
///
/// ```
/// use portcullis_sdk::{AcceptedVerdict, Text};
///
/// assert_eq!(AcceptedVerdict::deny("no"), AcceptedVerdict::Deny(Text::markup("no")));
/// ```
pub use contract::Acceptance as AcceptedVerdict;

impl Destination {
    /// A server of that name, of whose forwarding nothing is said, without labels: for tests.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Destination::new("lobby").name, "lobby");
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            forwarding: None,
            labels: Vec::new(),
        }
    }

    /// Whether the server is to be told in this way: its `forwarding` names it, or names none.
    ///
    /// ```
    /// use portcullis_sdk::Destination;
    ///
    /// let server = Destination { forwarding: Some("velocity".into()), ..Destination::new("lobby") };
    /// assert!(server.is_forwarded_by("velocity") && !server.is_forwarded_by("bungee"));
    /// ```
    pub fn is_forwarded_by(&self, way: &str) -> bool {
        self.forwarding.as_deref().is_none_or(|named| named == way)
    }

    /// The value of one of its labels in the configuration.
    ///
    /// ```
    /// use portcullis_sdk::Destination;
    ///
    /// let labels = vec![("region".to_owned(), "eu".to_owned())];
    /// let server = Destination { labels, ..Destination::new("lobby") };
    /// assert_eq!(server.label("region"), Some("eu"));
    /// ```
    pub fn label(&self, key: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels.find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

impl ForwardVerdict {
    /// Tell it this host name. Not final.
    ///
    /// ```
    /// use portcullis_sdk::ForwardVerdict;
    ///
    /// assert!(matches!(ForwardVerdict::host("a.example"), ForwardVerdict::Introduce(told) if told.tlvs.is_empty()));
    /// ```
    pub fn host(host: impl Into<String>) -> Self {
        Self::Introduce(Introduction {
            host: Some(host.into()),
            tlvs: Vec::new(),
        })
    }

    /// Tell it these fields of PROXY protocol version 2. Not final.
    ///
    /// ```
    /// use portcullis_sdk::ForwardVerdict;
    ///
    /// assert!(matches!(ForwardVerdict::tlvs([]), ForwardVerdict::Introduce(told) if told.host.is_none()));
    /// ```
    pub fn tlvs(tlvs: impl IntoIterator<Item = Tlv>) -> Self {
        Self::Introduce(Introduction {
            host: None,
            tlvs: tlvs.into_iter().collect(),
        })
    }

    /// Final: this server is not told anything; the player is shown this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{ForwardVerdict, Text};
    ///
    /// assert_eq!(ForwardVerdict::deny("no"), ForwardVerdict::Deny(Text::markup("no")));
    /// ```
    pub fn deny(text: impl Into<Text>) -> Self {
        Self::Deny(text.into())
    }
}

impl QuestionVerdict {
    /// Final: give the login up; the player is shown this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{QuestionVerdict, Text};
    ///
    /// assert_eq!(QuestionVerdict::deny("no"), QuestionVerdict::Deny(Text::markup("no")));
    /// ```
    pub fn deny(text: impl Into<Text>) -> Self {
        Self::Deny(text.into())
    }
}

impl AcceptedVerdict {
    /// Final: leave the server; the player is shown this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{AcceptedVerdict, Text};
    ///
    /// assert_eq!(AcceptedVerdict::deny("no"), AcceptedVerdict::Deny(Text::markup("no")));
    /// ```
    pub fn deny(text: impl Into<Text>) -> Self {
        Self::Deny(text.into())
    }
}

impl<P: Forward> contract::Guest for Exports<P> {
    fn on_connect(server: Destination) -> ForwardVerdict {
        ask::<P, _>(|plugin| plugin.introduce(&Session::at_hand(), &server).outcome())
    }

    fn on_question(server: Destination, question: Question) -> QuestionVerdict {
        ask::<P, _>(|plugin| plugin.question(&Session::at_hand(), &server, &question).outcome())
    }

    fn on_accepted(server: Destination, answered: Vec<String>) -> AcceptedVerdict {
        ask::<P, _>(|plugin| plugin.accepted(&Session::at_hand(), &server, &answered).outcome())
    }
}
