//! A connection has been accepted.

use std::time::Duration;

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::accept::exports::portcullis::plugin::accept as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// A connection has been accepted; nothing has been read from it. This is where floods arrive: return fast, and write to no
/// log.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::{Host, SessionBuilder};
///
/// /// Lets nobody in from one network.
/// #[derive(Plugin)]
/// #[plugin(stage = "guard")]
/// struct Deny {
///     settings: Settings,
/// }
///
/// #[derive(Config)]
/// struct Settings {
///     network: Cidr,
/// }
///
/// #[hooks]
/// impl Accept for Deny {
///     fn accept(&mut self, session: &Session) -> AcceptVerdict {
///         match self.settings.network.contains(session.peer().ip()) {
///             true => AcceptVerdict::Drop,
///             false => AcceptVerdict::Next,
///         }
///     }
/// }
///
/// let host = Host::new();
/// let mut deny = host.start::<Deny>("network = '192.0.2.0/24'");
/// assert_eq!(deny.accept(&Session::build().peer("192.0.2.7:4000").at_accept()), AcceptVerdict::Drop);
/// ```
pub trait Accept: Plugin + Exported<hook::Accept> {
    /// Called once per connection.
    fn accept(&mut self, session: &Session) -> impl Outcome<AcceptVerdict>;
}

/// What becomes of a connection.
///
/// ```
/// use portcullis_sdk::AcceptVerdict;
///
/// assert_ne!(AcceptVerdict::Next, AcceptVerdict::Drop);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum AcceptVerdict {
    /// No opinion: ask the next link, then go on.
    Next,
    /// Close without a word.
    Drop,
    /// Keep the peer waiting for so long (at most a minute), then close without a word. The host bounds how many wait at
    /// once; above the bound this is `Drop`.
    Tarpit(Duration),
}

impl From<AcceptVerdict> for contract::Verdict {
    fn from(verdict: AcceptVerdict) -> Self {
        match verdict {
            AcceptVerdict::Next => Self::Next,
            AcceptVerdict::Drop => Self::Drop,
            AcceptVerdict::Tarpit(time) => Self::TarpitMs(crate::clock::whole_ms(time)),
        }
    }
}

impl<P: Accept> contract::Guest for Exports<P> {
    fn on_accept() -> contract::Verdict {
        ask::<P, _>(|plugin| plugin.accept(&Session::at_hand()).outcome()).into()
    }
}
