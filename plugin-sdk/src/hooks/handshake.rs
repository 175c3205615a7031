//! A handshake or a legacy ping has been read.

use std::net::SocketAddr;

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::handshake::exports::portcullis::plugin::handshake as contract;
use crate::plugin::Exports;
use crate::session::endpoint;
use crate::{Plugin, Session, Text};

/// A handshake or a legacy ping has been read and checked. Called before [`Status`](crate::Status) and
/// [`Route`](crate::Route).
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Tells clients that are too old.
/// #[derive(Plugin)]
/// #[plugin(stage = "guard")]
/// struct Oldest;
///
/// #[hooks]
/// impl Handshake for Oldest {
///     fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
///         if session.protocol() < 763 {
///             return HandshakeVerdict::disconnect("<red>Please update to 1.20");
///         }
///         HandshakeVerdict::Next
///     }
/// }
///
/// let mut oldest = Host::new().start::<Oldest>("");
/// assert_eq!(oldest.handshake(&Session::build().protocol(765).at_handshake()), HandshakeVerdict::Next);
/// ```
pub trait Handshake: Plugin + Exported<hook::Handshake> {
    /// Called once per connection that got this far.
    fn handshake(&mut self, session: &Session) -> impl Outcome<HandshakeVerdict>;
}

/// What becomes of a connection that said what it wants.
///
/// ```
/// use portcullis_sdk::{HandshakeVerdict, Text};
///
/// assert_eq!(HandshakeVerdict::disconnect("no"), HandshakeVerdict::Disconnect(Text::markup("no")));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum HandshakeVerdict {
    /// No opinion: ask the next link, then go on.
    Next,
    /// Go on as if the client had asked for this host: later links see it, and the server is sent it. 1 to 255 characters. Not
    /// final.
    RewriteHost(String),
    /// Go on as if the client came from this address: later links see it, and so do servers that are told one. For a proxy in front
    /// that vouches for it in the handshake. Not final.
    RewritePeer(SocketAddr),
    /// Set these attributes, as [`Session::set_attribute`] does. Not final.
    Tag(Vec<(String, String)>),
    /// Choose how bytes are moved; the last link that says so wins. Not final.
    UseMode(Mode),
    /// Final: show this text. A status ping shows it as the server's description.
    Disconnect(Text),
    /// Final: close without a word.
    Drop,
}

/// How bytes move between a client and its server. Where no link chooses, it is `Framed` if a link of the chain says who players are
/// ([`Login`](crate::Login)), otherwise `Splice`. Any protocol version works with `Splice` and `Copy`.
///
/// ```
/// use portcullis_sdk::{HandshakeVerdict, Mode};
///
/// let verdict = HandshakeVerdict::UseMode(Mode::Copy);
/// assert_ne!(verdict, HandshakeVerdict::UseMode(Mode::Splice));
/// ```
pub use contract::Mode;

impl HandshakeVerdict {
    /// Final: show this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{HandshakeVerdict, Text};
    ///
    /// let verdict = HandshakeVerdict::disconnect(Text::plain("<3"));
    /// assert_eq!(verdict, HandshakeVerdict::Disconnect(Text::Plain("<3".into())));
    /// ```
    pub fn disconnect(text: impl Into<Text>) -> Self {
        Self::Disconnect(text.into())
    }
}

impl From<HandshakeVerdict> for contract::Verdict {
    fn from(verdict: HandshakeVerdict) -> Self {
        match verdict {
            HandshakeVerdict::Next => Self::Next,
            HandshakeVerdict::RewriteHost(host) => Self::RewriteHost(host),
            HandshakeVerdict::RewritePeer(peer) => Self::RewritePeer(endpoint(peer)),
            HandshakeVerdict::Tag(attributes) => Self::Tag(attributes),
            HandshakeVerdict::UseMode(mode) => Self::UseMode(mode),
            HandshakeVerdict::Disconnect(text) => Self::Disconnect(text),
            HandshakeVerdict::Drop => Self::Drop,
        }
    }
}

impl<P: Handshake> contract::Guest for Exports<P> {
    fn on_handshake() -> contract::Verdict {
        ask::<P, _>(|plugin| plugin.handshake(&Session::at_hand()).outcome()).into()
    }
}
