//! A plugin that the mock host has started, and the calls of its hooks.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::checks::Checked;
use super::configuration::to_json;
use crate::hooks::Outcome;
use crate::{
    Accept, AcceptVerdict, Departure, Error, Handshake, HandshakeVerdict, Plugin, Result, Route, RouteVerdict, Session,
    Sessions, Status, StatusVerdict,
};

/// A plugin that the mock host has started: [`Host::start`](super::Host::start) gives it. Its fields and methods can be looked at
/// as those of the plugin.
///
/// Each hook can be called in two ways: `route` gives the verdict and fails the test where the call fails; `try_route` gives a
/// [`Result`].
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Counts what it is asked.
/// #[derive(Plugin)]
/// #[plugin(stage = "guard")]
/// struct Count {
///     asked: u32,
/// }
///
/// #[hooks]
/// impl Accept for Count {
///     fn accept(&mut self, _session: &Session) -> Result<AcceptVerdict> {
///         self.asked += 1;
///         if self.asked > 1 { Err(Error::new("too much")) } else { Ok(AcceptVerdict::Next) }
///     }
/// }
///
/// let mut count = Host::new().start::<Count>("");
/// let session = Session::build().at_accept();
/// assert_eq!(count.accept(&session), AcceptVerdict::Next);
/// assert_eq!(count.try_accept(&session).unwrap_err().to_string(), "too much");
/// assert_eq!(count.asked, 2);
/// ```
pub struct Running<P> {
    plugin: P,
    config: String,
}

/// Not the plugin, which need not be printable for a failed start to be looked at.
impl<P> fmt::Debug for Running<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

macro_rules! calls {
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

calls! {
    /// Calls [`Accept::accept`].
    accept, try_accept: Accept -> AcceptVerdict;
    /// Calls [`Status::status`].
    status, try_status: Status -> StatusVerdict;
    /// Calls [`Route::route`].
    route, try_route: Route -> RouteVerdict;
}

impl<P: Handshake> Running<P> {
    /// Calls [`Handshake::handshake`], and does to the session what the verdict says: a host is rewritten, tags are set.
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

impl<P: Plugin> Running<P> {
    pub(super) fn start(config: &str) -> Result<Self> {
        let config = to_json::<P>(config)?;
        Ok(Self {
            plugin: P::create(&config)?,
            config,
        })
    }

    /// Swaps the plugin for itself, as when its file is written anew: what derives [`State`](crate::State) is handed over, all
    /// else starts afresh.
    ///
    /// ```
    /// # use portcullis_sdk::prelude::*;
    /// # use portcullis_sdk::testing::Host;
    /// /// Remembers nothing.
    /// #[derive(Plugin)]
    /// #[plugin(stage = "observe")]
    /// struct Forgetful {
    ///     seen: u32,
    /// }
    ///
    /// #[hooks]
    /// impl Sessions for Forgetful {}
    ///
    /// let mut plugin = Host::new().start::<Forgetful>("");
    /// plugin.seen = 3;
    /// plugin.swap();
    /// assert_eq!(plugin.seen, 0);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the host would give the swap up.
    pub fn swap(&mut self) {
        let next = succeed(self.next::<P>(&self.config));
        *self = next;
    }

    /// Swaps the plugin for another build of it, with this configuration: for tests of what is handed over between versions.
    /// An error gives the swap up, and this one goes on.
    ///
    /// ```
    /// # use portcullis_sdk::prelude::*;
    /// # use portcullis_sdk::testing::Host;
    /// # #[derive(Plugin)]
    /// # #[plugin(stage = "observe")]
    /// # struct Old { #[plugin(state)] seen: Seen }
    /// # #[derive(State, Default)]
    /// # struct Seen { players: u32 }
    /// # #[hooks]
    /// # impl Sessions for Old {}
    /// # #[derive(Plugin)]
    /// # #[plugin(stage = "observe")]
    /// # struct New { #[plugin(state)] seen: SeenV2 }
    /// # #[derive(State, Default)]
    /// # #[state(version = 2, from = "Seen")]
    /// # struct SeenV2 { players: u64 }
    /// # impl From<Seen> for SeenV2 {
    /// #     fn from(old: Seen) -> Self { Self { players: old.players.into() } }
    /// # }
    /// # #[hooks]
    /// # impl Sessions for New {}
    /// let mut old = Host::new().start::<Old>("");
    /// old.seen.players = 3;
    /// let new = old.swap_for::<New>("")?;
    /// assert_eq!(new.seen.players, 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn swap_for<Q: Plugin>(&self, config: &str) -> Result<Running<Q>> {
        self.next(config)
    }

    fn next<Q: Plugin>(&self, config: &str) -> Result<Running<Q>> {
        let mut next = Running::<Q>::start(config)?;
        if let (Some(version), Some(_)) = (P::DESCRIPTION.state_version, Q::DESCRIPTION.state_version) {
            next.plugin.load(version, &self.plugin.save())?;
        }
        Ok(next)
    }
}

impl<P> Deref for Running<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.plugin
    }
}

impl<P> DerefMut for Running<P> {
    fn deref_mut(&mut self) -> &mut P {
        &mut self.plugin
    }
}

impl Session {
    /// A session is fetched anew for each call, as on a host.
    fn again(&self) -> Self {
        Self::of(self.mock().clone()).because(self.cause().clone())
    }
}

/// One call: what it noted on the session is undone where it fails.
fn ask<V: Checked>(session: &Session, call: impl FnOnce(&Session) -> Result<V>) -> Result<V> {
    let before = session.mock().attributes();
    let verdict = call(&session.again()).and_then(|verdict| verdict.check().map(|()| verdict));
    if verdict.is_err() {
        session.mock().restore(before);
    }
    verdict
}

fn succeed<V>(outcome: Result<V, Error>) -> V {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
