//! Servers and groups as they are now. Which there are does not change during a call; between two calls it may, so look names up each
//! time: [`target`] costs next to nothing.
//!
//! ```
//! use portcullis_sdk::servers;
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! host.server("lobby-1").group("lobby").sessions(2);
//! host.server("lobby-2").group("lobby").sessions(3);
//!
//! let players: u32 = servers::members("lobby").iter().map(|server| server.sessions).sum();
//! assert_eq!(players, 5);
//! ```

mod known;

use std::time::Duration;

use crate::bindings::services::portcullis::plugin::servers::Kind;
use crate::host;

/// A server as it is now.
///
/// ```
/// use portcullis_sdk::testing::Host;
/// use portcullis_sdk::{Health, servers};
///
/// let host = Host::new();
/// host.server("lobby").weight(3).health(Health::Up);
/// let lobby = servers::get("lobby").unwrap();
/// assert_eq!((lobby.weight, lobby.health), (3, Health::Up));
/// ```
pub use crate::bindings::services::portcullis::plugin::servers::Server;

/// What the host knows of a server's reachability.
///
/// ```
/// use portcullis_sdk::testing::Host;
/// use portcullis_sdk::{Health, servers};
///
/// Host::new().server("lobby").health(Health::Draining);
/// assert_eq!(servers::get("lobby").unwrap().health, Health::Draining);
/// ```
pub use crate::bindings::services::portcullis::plugin::servers::Health;

/// A place to send somebody, by its name in the configuration.
///
/// ```
/// use portcullis_sdk::{RouteVerdict, Target};
///
/// let verdict = RouteVerdict::to([Target::Group("lobby".into()), Target::Server("hub".into())]);
/// assert!(matches!(verdict, RouteVerdict::To(targets) if targets.len() == 2));
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Target;

impl Server {
    /// The value of one of its labels in the configuration.
    ///
    /// ```
    /// use portcullis_sdk::servers;
    /// use portcullis_sdk::testing::Host;
    ///
    /// Host::new().server("lobby").label("region", "eu");
    /// assert_eq!(servers::get("lobby").unwrap().label("region"), Some("eu"));
    /// ```
    pub fn label(&self, key: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels.find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Smoothed time to connect; absent before the first success.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use portcullis_sdk::servers;
    /// use portcullis_sdk::testing::Host;
    ///
    /// Host::new().server("lobby").latency(Duration::from_millis(2));
    /// assert_eq!(servers::get("lobby").unwrap().latency(), Some(Duration::from_millis(2)));
    /// ```
    pub fn latency(&self) -> Option<Duration> {
        self.latency_us.map(|latency| Duration::from_micros(latency.into()))
    }
}

/// The server of that name.
///
/// ```
/// use portcullis_sdk::servers;
/// use portcullis_sdk::testing::Host;
///
/// Host::new().server("lobby");
/// assert!(servers::get("lobby").is_some());
/// assert!(servers::get("hub").is_none());
/// ```
pub fn get(name: &str) -> Option<Server> {
    host::servers::get(name)
}

/// A group's servers in the order of the configuration; empty where there is no such group.
///
/// ```
/// use portcullis_sdk::servers;
/// use portcullis_sdk::testing::Host;
///
/// Host::new().server("lobby-1").group("lobby");
/// assert_eq!(servers::members("lobby")[0].name, "lobby-1");
/// ```
pub fn members(group: &str) -> Vec<Server> {
    host::servers::members(group)
}

/// The names of all groups, sorted.
///
/// ```
/// use portcullis_sdk::servers;
/// use portcullis_sdk::testing::Host;
///
/// Host::new().server("lobby-1").group("lobby").group("all");
/// assert_eq!(servers::groups(), ["all", "lobby"]);
/// ```
pub fn groups() -> Vec<String> {
    host::servers::groups()
}

/// All servers in the order of the configuration, whether or not they belong to a group.
///
/// ```
/// use portcullis_sdk::servers;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.server("lobby-1").group("lobby");
/// host.server("creative");
/// assert_eq!(servers::all().len(), 2);
/// ```
pub fn all() -> Vec<Server> {
    host::servers::all()
}

/// What a name stands for: a server or a group, for no group has a server's name. Absent: neither. Cheaper than [`get`] and
/// [`members`], and most so for names that were found before; ask this first.
///
/// ```
/// use portcullis_sdk::testing::Host;
/// use portcullis_sdk::{Target, servers};
///
/// Host::new().server("lobby-1").group("lobby");
/// assert_eq!(servers::target("lobby"), Some(Target::Group("lobby".into())));
/// assert_eq!(servers::target("lobby-1"), Some(Target::Server("lobby-1".into())));
/// assert_eq!(servers::target("hub"), None);
/// ```
pub fn target(name: &str) -> Option<Target> {
    known::kind_of(name).map(|kind| match kind {
        Kind::Server => Target::Server(name.to_owned()),
        Kind::Group => Target::Group(name.to_owned()),
    })
}
