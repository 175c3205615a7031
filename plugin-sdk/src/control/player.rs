//! Players as the host knows them, and going through them page by page.

use std::net::SocketAddr;

use crate::bindings::granted::portcullis::plugin::control as contract;
use crate::session::{Profile, address};
use crate::{SessionId, host};

/// Players asked for at once: enough for the round trip not to count, few enough for a worker not to wait.
const PAGE: u32 = 256;

/// A player as the host knows him.
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.player("Ada").on("lobby").protocol(765);
/// let ada = control::players().list().next().unwrap();
/// assert_eq!((ada.name.as_str(), ada.server.as_deref(), ada.protocol), ("Ada", Some("lobby"), 765));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// The session.
    pub session: SessionId,
    /// The client's address.
    pub peer: SocketAddr,
    /// Absent where the host did not log the player in.
    pub profile: Option<Profile>,
    /// The profile's; without one, as the client claims it.
    pub name: String,
    /// The client's protocol number.
    pub protocol: i32,
    /// Absent while on none.
    pub server: Option<String>,
    /// The host follows the packets, so that all orders reach the player. Otherwise only `disconnect` does, without its text.
    pub framed: bool,
}

impl From<contract::Player> for Player {
    fn from(player: contract::Player) -> Self {
        Self {
            session: SessionId::of(player.session),
            peer: address(&player.peer),
            profile: player.profile,
            name: player.name,
            protocol: player.protocol,
            server: player.server,
            framed: player.framed,
        }
    }
}

/// Goes through players, asking the host for some at a time: [`Players::list`](super::Players::list).
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// for number in 0..600 {
///     host.player(&format!("Bot{number}"));
/// }
/// assert_eq!(control::players().list().count(), 600);
/// ```
#[derive(Debug)]
pub struct Listed {
    filter: contract::Filter,
    page: std::vec::IntoIter<contract::Player>,
    /// The last one of the page; none before the first page.
    last: Option<u64>,
    is_over: bool,
}

impl Listed {
    pub(super) fn of(filter: contract::Filter) -> Self {
        Self {
            filter,
            page: Vec::new().into_iter(),
            last: None,
            is_over: false,
        }
    }
}

impl Iterator for Listed {
    type Item = Player;

    fn next(&mut self) -> Option<Player> {
        if self.page.len() == 0 && !self.is_over {
            let page = host::control::sessions(&self.filter, self.last, PAGE);
            self.last = page.last().map(|player| player.session);
            self.is_over = page.is_empty();
            self.page = page.into_iter();
        }
        self.page.next().map(Player::from)
    }
}
