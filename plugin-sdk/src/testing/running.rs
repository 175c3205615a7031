//! A plugin that the mock host has started, and the calls of its hooks.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::checks::Checked;
use super::configuration::to_json;
use super::world::{Pace, World, with};
use crate::{Error, Plugin, Result, Session};

/// A plugin that the mock host has started: [`Host::start`](super::Host::start) gives it. Its fields and methods can be looked at
/// as those of the plugin.
///
/// Each hook can be called in two ways: `route` gives the verdict and fails the test where the call fails; `try_route` gives a
/// [`Result`]. A failed call ends the instance, as on a host: what it noted and ordered is undone, and the next call meets one that
/// starts afresh.
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
///         if self.asked > 2 { Err(Error::new("too much")) } else { Ok(AcceptVerdict::Next) }
///     }
/// }
///
/// let mut count = Host::new().start::<Count>("");
/// let session = Session::build().at_accept();
/// count.accept(&session);
/// assert_eq!(count.accept(&session), AcceptVerdict::Next);
/// assert_eq!(count.asked, 2);
/// assert_eq!(count.try_accept(&session).unwrap_err().to_string(), "too much");
/// assert_eq!(count.asked, 0);
/// ```
pub struct Running<P> {
    pub(super) plugin: P,
    /// The instance for hooks that may wait, once there was one: it shares nothing with the other.
    waiting: Option<P>,
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

impl<P: Plugin> Running<P> {
    pub(super) fn start(config: &str) -> Result<Self> {
        let config = to_json::<P>(config)?;
        Ok(Self {
            plugin: create(&config)?,
            waiting: None,
            config,
        })
    }

    /// One call of a hook that may not wait.
    pub(super) fn ask<V: Checked>(
        &mut self,
        session: &Session,
        call: impl FnOnce(&mut P, &Session) -> Result<V>,
    ) -> Result<V> {
        let answer = one_call(session, Pace::Hot, |session| call(&mut self.plugin, session));
        if answer.is_err() {
            self.plugin = create(&self.config)?;
        }
        answer
    }

    /// One call of a hook that may wait, in the instance for those.
    pub(super) fn ask_slowly<V: Checked>(
        &mut self,
        session: &Session,
        call: impl FnOnce(&mut P, &Session) -> Result<V>,
    ) -> Result<V> {
        let plugin = match &mut self.waiting {
            Some(plugin) => plugin,
            none => none.insert(create(&self.config)?),
        };
        let answer = one_call(session, Pace::Slow, |session| call(plugin, session));
        if answer.is_err() {
            self.waiting = None;
        }
        answer
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
            next.plugin.load(version, &self.plugin.save()?)?;
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

pub(super) fn succeed<V>(outcome: Result<V, Error>) -> V {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// What a call noted on the session, ordered and sent is undone where it fails.
fn one_call<V: Checked>(session: &Session, pace: Pace, call: impl FnOnce(&Session) -> Result<V>) -> Result<V> {
    let before = session.mock().attributes();
    let given = with(|world| world.begin(pace, Some(session.mock().clone())));
    let verdict = call(&session.again()).and_then(|verdict| verdict.check().map(|()| verdict));
    with(World::end);
    if verdict.is_err() {
        session.mock().restore(before);
        with(|world| world.undo(given));
    }
    verdict
}

fn create<P: Plugin>(config: &str) -> Result<P> {
    with(|world| world.begin(Pace::Hot, None));
    let created = P::create(config);
    with(World::end);
    created
}
