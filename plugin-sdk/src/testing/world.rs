//! Everything that the mock host knows: one world for each thread.

use std::cell::{Cell, RefCell};

use super::log_line::LogLine;
use super::numbers::Numbers;
use super::orders::Order;
use super::sent::SentPacket;
use super::session::{MockSession, WeakSession};
use super::store::Store;
use super::tokens::Tokens;
use super::web::Web;
use crate::servers::{Server, Target};

/// The first moment of 2026, so that times of day look like such.
const START_UNIX_MS: u64 = 1_767_225_600_000;

/// Any will do: what follows from it is the same in every run.
const SEED: u64 = 0x5eed;

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
    /// Of the world before as well: a plugin that asks must not take one world's servers for another's.
    static LAST_REVISION: Cell<u64> = const { Cell::new(0) };
}

#[derive(Debug)]
pub(super) struct World {
    /// In the order of the configuration.
    servers: Vec<Server>,
    servers_revision: u64,
    /// Nanoseconds since the start.
    pub(super) now_ns: u64,
    /// The time of day at the start, in milliseconds.
    pub(super) start_unix_ms: u64,
    pub(super) logs: Vec<LogLine>,
    pub(super) store: Store,
    pub(super) tokens: Tokens,
    pub(super) numbers: Numbers,
    pub(super) web: Web,
    /// Sessions that the test asks for, as long as it holds them.
    pub(super) asked: Vec<WeakSession>,
    /// Players who are there beside.
    pub(super) players: Vec<MockSession>,
    pub(super) orders: Vec<Order>,
    pub(super) sent: Vec<SentPacket>,
    call: Option<Call>,
    random: u64,
    sessions: u64,
}

/// Whether a hook may wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    Hot,
    Slow,
}

/// The call under way.
#[derive(Debug)]
struct Call {
    pace: Pace,
    session: Option<MockSession>,
    /// What was ordered and sent before.
    given: Given,
}

/// How many orders and packets there were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    orders: usize,
    pub(super) sent: usize,
}

impl Default for World {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            servers_revision: next_revision(),
            now_ns: 1,
            start_unix_ms: START_UNIX_MS,
            logs: Vec::new(),
            store: Store::default(),
            tokens: Tokens::default(),
            numbers: Numbers::default(),
            web: Web::default(),
            asked: Vec::new(),
            players: Vec::new(),
            orders: Vec::new(),
            sent: Vec::new(),
            call: None,
            random: SEED,
            sessions: 0,
        }
    }
}

impl World {
    /// Steele, Lea and Flood's SplitMix64.
    pub(super) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn next_session(&mut self) -> u64 {
        self.sessions += 1;
        self.sessions
    }

    /// A call begins. Gives what [`undo`](Self::undo) goes back to.
    pub(super) fn begin(&mut self, pace: Pace, session: Option<MockSession>) -> Given {
        let given = Given {
            orders: self.orders.len(),
            sent: self.sent.len(),
        };
        self.call = Some(Call { pace, session, given });
        given
    }

    /// The call under way is over.
    pub(super) fn end(&mut self) {
        self.call = None;
    }

    /// A call has failed: what it ordered and sent never was.
    pub(super) fn undo(&mut self, given: Given) {
        self.orders.truncate(given.orders);
        self.sent.truncate(given.sent);
    }

    /// Whether the call under way may wait; a test that calls services itself may.
    pub(super) fn may_wait(&self) -> bool {
        self.call.as_ref().is_none_or(|call| call.pace == Pace::Slow)
    }

    /// The session that the call under way is about, and what was given before the call.
    pub(super) fn at_hand(&self) -> Option<(MockSession, Given)> {
        let call = self.call.as_ref()?;
        Some((call.session.clone()?, call.given))
    }

    /// Whether there is such a server or group.
    pub(super) fn knows(&self, target: &Target) -> bool {
        match target {
            Target::Server(name) => self.servers.iter().any(|server| server.name == *name),
            Target::Group(name) => self.groups().contains(name),
        }
    }

    pub(super) fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// To change them: what plugins found out about them before no longer holds.
    pub(super) fn servers_mut(&mut self) -> &mut Vec<Server> {
        self.servers_revision = next_revision();
        &mut self.servers
    }

    pub(super) fn servers_revision(&self) -> u64 {
        self.servers_revision
    }

    /// Names of all groups, sorted.
    pub(super) fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self
            .servers
            .iter()
            .flat_map(|server| server.groups.iter().cloned())
            .collect();
        groups.sort();
        groups.dedup();
        groups
    }
}

/// Looks at this thread's world, or changes it.
pub(super) fn with<R>(look: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(look)
}

fn next_revision() -> u64 {
    LAST_REVISION.set(LAST_REVISION.get() + 1);
    LAST_REVISION.get()
}
