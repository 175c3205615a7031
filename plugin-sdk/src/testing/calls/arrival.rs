//! Calls of the hooks that every connection meets.

use super::super::running::{Running, ask, succeed};
use crate::hooks::Outcome;
use crate::{
    Accept, AcceptVerdict, Departure, Handshake, HandshakeVerdict, Result, Route, RouteVerdict, Session, Sessions,
    Status, StatusVerdict,
};

macro_rules! verdicts {
    ($($(#[$doc:meta])* $hook:ident, $try_hook:ident: $trait:ident -> $verdict:ty;)+) => {$(
        impl<P: $trait> Running<P> {
            $(#[$doc])*
            ///
            /// # Panics
            ///
            /// Where the call fails, or the host would refuse the verdict.
            pub fn $hook(&mut self, session: &Session) -> $verdict {
                succeed(self.$try_hook(session))
            }

            /// The same, with the failure as a value.
            pub fn $try_hook(&mut self, session: &Session) -> Result<$verdict> {
                ask(session, |session| self.plugin.$hook(session).outcome())
            }
        }
    )+};
}

verdicts! {
    /// Calls [`Accept::accept`].
    accept, try_accept: Accept -> AcceptVerdict;
    /// Calls [`Status::status`].
    status, try_status: Status -> StatusVerdict;
    /// Calls [`Route::route`].
    route, try_route: Route -> RouteVerdict;
}

impl<P: Handshake> Running<P> {
    /// Calls [`Handshake::handshake`], and does to the session what the verdict says: host and peer are rewritten, tags are set.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
        succeed(self.try_handshake(session))
    }

    /// The same, with the failure as a value.
    pub fn try_handshake(&mut self, session: &Session) -> Result<HandshakeVerdict> {
        let verdict = ask(session, |session| self.plugin.handshake(session).outcome())?;
        match &verdict {
            HandshakeVerdict::RewriteHost(host) => session.mock().rewrite_host(host),
            HandshakeVerdict::RewritePeer(peer) => session.mock().change(|facts| facts.peer = *peer),
            HandshakeVerdict::Tag(attributes) => {
                for (key, value) in attributes {
                    session.set_attribute(key, value)?;
                }
            }
            _ => {}
        }
        Ok(verdict)
    }
}

impl<P: Sessions> Running<P> {
    /// Calls [`Sessions::joined`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn joined(&mut self, session: &Session, server: &str) {
        succeed(self.try_joined(session, server));
    }

    /// The same, with the failure as a value.
    pub fn try_joined(&mut self, session: &Session, server: &str) -> Result<()> {
        ask(session, |session| self.plugin.joined(session, server).outcome())
    }

    /// Calls [`Sessions::left`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn left(&mut self, session: &Session, server: &str, departure: &Departure) {
        succeed(self.try_left(session, server, departure));
    }

    /// The same, with the failure as a value.
    pub fn try_left(&mut self, session: &Session, server: &str, departure: &Departure) -> Result<()> {
        ask(session, |session| {
            self.plugin.left(session, server, departure).outcome()
        })
    }
}
