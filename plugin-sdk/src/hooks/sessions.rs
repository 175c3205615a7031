//! What became of sessions.

use std::time::Duration;

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::session::exports::portcullis::plugin::session as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// What became of sessions. Only observes: a failure here never hurts the player, whatever the policy.
///
/// Every plugin of the chain is told, in order of players who join and in reverse order of those who leave.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// static JOINS: Counter<1> = Counter::new("joins_total", ["server"]);
///
/// /// Counts joins.
/// #[derive(Plugin)]
/// #[plugin(stage = "observe")]
/// struct Count;
///
/// #[hooks]
/// impl Sessions for Count {
///     fn joined(&mut self, _session: &Session, server: &str) {
///         JOINS.add(1, [server]);
///     }
/// }
///
/// let host = Host::new();
/// host.start::<Count>("").joined(&Session::build().at_route(), "lobby");
/// assert_eq!(host.metric_with("joins_total", [("server", "lobby")]), 1.0);
/// ```
pub trait Sessions: Plugin + Exported<hook::Sessions> {
    /// A server accepted the player's connection, and bytes are about to move.
    fn joined(&mut self, session: &Session, server: &str) -> impl Outcome<()> {
        let _ = (session, server);
    }

    /// The session is over. Called once for each `joined`.
    fn left(&mut self, session: &Session, server: &str, departure: &Departure) -> impl Outcome<()> {
        let _ = (session, server, departure);
    }
}

/// How a session ended, and what it was.
///
/// ```
/// use std::time::Duration;
///
/// use portcullis_sdk::{Departure, End};
///
/// let departure = Departure { end: End::Idle, up_bytes: 10, down_bytes: 20, duration: Duration::from_secs(5) };
/// assert_eq!(departure.up_bytes + departure.down_bytes, 30);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// Why it ended.
    pub end: End,
    /// Client to server, after the handshake.
    pub up_bytes: u64,
    /// Server to client.
    pub down_bytes: u64,
    /// From the server's acceptance to the end.
    pub duration: Duration,
}

/// Why a session ended.
///
/// ```
/// use portcullis_sdk::End;
///
/// assert_ne!(End::ClientLeft, End::ServerLeft);
/// ```
pub use contract::End;

impl Departure {
    pub(crate) fn of(end: End, tally: &contract::Tally) -> Self {
        Self {
            end,
            up_bytes: tally.up_bytes,
            down_bytes: tally.down_bytes,
            duration: Duration::from_millis(tally.duration_ms),
        }
    }
}

impl<P: Sessions> contract::Guest for Exports<P> {
    fn on_joined(server: String) {
        ask::<P, _>(|plugin| plugin.joined(&Session::at_hand(), &server).outcome());
    }

    fn on_left(server: String, end: End, tally: contract::Tally) {
        let departure = Departure::of(end, &tally);
        ask::<P, _>(|plugin| plugin.left(&Session::at_hand(), &server, &departure).outcome());
    }
}
