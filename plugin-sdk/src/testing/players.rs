//! Players as a test wants them: those at hand, and others that the host has.

use super::Host;
use super::session::{MockSession, WeakSession};
use super::world::with;
use crate::SessionId;
use crate::bindings::granted::portcullis::plugin::control::{Filter, Player};
use crate::session::{Identity, Profile};

/// The contract's bound on a page.
const MAX_PAGE: usize = 1_000;

/// A player of the mock host, to be described: [`Host::player`] gives it.
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.player("Ada").on("lobby").protocol(765);
/// assert_eq!(control::players().on("lobby").count(), 1);
/// ```
#[derive(Debug)]
pub struct PlayerScript(MockSession);

impl Host {
    /// A player who is there beside those that the test asks for: on no server, with an unverified profile, with packets that the host
    /// follows. A second one of the same name is somebody else.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().named("Ada").count(), 1);
    /// ```
    pub fn player(&self, name: &str) -> PlayerScript {
        let session = MockSession::of_player(name);
        with(|world| world.players.push(session.clone()));
        PlayerScript(session)
    }
}

impl PlayerScript {
    /// The player's session.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// assert_ne!(host.player("Ada").id(), host.player("Bob").id());
    /// ```
    pub fn id(&self) -> SessionId {
        SessionId::of(self.0.id())
    }

    /// Puts the player on a server.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").on("lobby");
    /// ```
    pub fn on(self, server: &str) -> Self {
        self.0.change(|facts| facts.server = Some(server.to_owned()));
        self
    }

    /// Gives the player a profile that a session server has vouched for.
    ///
    /// ```
    /// use portcullis_sdk::Profile;
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").verified(Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada"));
    /// ```
    pub fn verified(self, profile: Profile) -> Self {
        let identity = Identity {
            profile,
            verified: true,
        };
        self.0.change(|facts| facts.identity = Some(identity));
        self
    }

    /// The client's protocol number.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").protocol(47);
    /// ```
    pub fn protocol(self, protocol: i32) -> Self {
        self.0.change(|facts| {
            if let Some(handshake) = &mut facts.handshake {
                handshake.protocol = protocol;
            }
        });
        self
    }

    /// The client's address, such as `192.0.2.7:1234`.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").peer("192.0.2.7:1234");
    /// ```
    ///
    /// # Panics
    ///
    /// Where the text is no address with a port.
    pub fn peer(self, peer: &str) -> Self {
        let peer = super::session::address(peer);
        self.0.change(|facts| facts.peer = peer);
        self
    }

    /// The host does not follow the packets, and has not logged the player in: few orders reach him, and no name finds him.
    ///
    /// ```
    /// use portcullis_sdk::control::{self, ControlError};
    ///
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").spliced();
    /// assert_eq!(control::players().send_text("Hello"), Err(ControlError::Nobody));
    /// ```
    pub fn spliced(self) -> Self {
        self.0.change(|facts| (facts.framed, facts.identity) = (false, None));
        self
    }

    /// Takes the player away.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").leaves();
    /// assert_eq!(portcullis_sdk::control::players().count(), 0);
    /// ```
    pub fn leaves(self) {
        with(|world| world.players.retain(|session| session.id() != self.0.id()));
    }
}

/// What decides whether an order reaches somebody.
pub(super) struct Fits {
    pub(super) id: SessionId,
    pub(super) framed: bool,
    pub(super) protocol: i32,
    pub(super) server: Option<String>,
}

/// All that fit, in the order of their numbers.
pub(super) fn fitting(filter: &Filter) -> Vec<Fits> {
    let found = found(filter).into_iter();
    let fits = found.map(|session| Fits {
        id: SessionId::of(session.id()),
        framed: session.is_framed(),
        protocol: session.protocol().unwrap_or(-1),
        server: session.server(),
    });
    fits.collect()
}

/// A page of those that fit.
pub(super) fn page(filter: &Filter, after: Option<u64>, limit: u32) -> Vec<Player> {
    let most = usize::try_from(limit).unwrap_or(MAX_PAGE).min(MAX_PAGE);
    let found = found(filter).into_iter();
    let behind = found.filter(|session| after.is_none_or(|after| session.id() > after));
    behind.take(most).map(|session| session.player()).collect()
}

fn found(filter: &Filter) -> Vec<MockSession> {
    let mut all: Vec<MockSession> = with(|world| {
        // Those of the test's own sessions that it still holds.
        world.asked.retain(|session| session.upgrade().is_some());
        let asked = world.asked.iter().filter_map(WeakSession::upgrade);
        asked.chain(world.players.iter().cloned()).collect()
    });
    all.sort_by_key(MockSession::id);
    all.retain(|session| fits(filter, session));
    all
}

fn fits(filter: &Filter, session: &MockSession) -> bool {
    let profile = session.identity().map(|identity| identity.profile);
    let is_named = |name: &String| {
        profile
            .as_ref()
            .is_some_and(|profile| profile.name.eq_ignore_ascii_case(name))
    };
    let is_of = |uuid: &String| {
        profile
            .as_ref()
            .is_some_and(|profile| profile.uuid.eq_ignore_ascii_case(uuid))
    };
    filter.session.is_none_or(|id| id == session.id())
        && filter
            .server
            .as_ref()
            .is_none_or(|server| session.server().as_ref() == Some(server))
        && filter.name.as_ref().is_none_or(is_named)
        && filter.uuid.as_ref().is_none_or(is_of)
}
