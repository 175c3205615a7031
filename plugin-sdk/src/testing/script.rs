//! Servers as a test wants them.

use std::time::Duration;

use super::world::with;
use crate::servers::{Health, Server};

/// A server of the mock host, to be described: [`Host::server`](super::Host::server) gives it.
///
/// ```
/// use portcullis_sdk::testing::Host;
/// use portcullis_sdk::{Health, servers};
///
/// let host = Host::new();
/// host.server("lobby-1").group("lobby").sessions(3).health(Health::Up);
/// assert_eq!(servers::members("lobby")[0].sessions, 3);
/// ```
#[derive(Debug)]
pub struct ServerScript(String);

impl ServerScript {
    /// The server of that name, new if there is none yet: of weight 1, of unknown health, without groups, labels or
    /// sessions.
    pub(super) fn of(name: &str) -> Self {
        with(|world| {
            if !world.servers().iter().any(|server| server.name == name) {
                world.servers_mut().push(Server {
                    name: name.to_owned(),
                    groups: Vec::new(),
                    labels: Vec::new(),
                    weight: 1,
                    health: Health::Unknown,
                    sessions: 0,
                    latency_us: None,
                });
            }
        });
        Self(name.to_owned())
    }

    /// Puts it into a group, beside those it is in.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby-1").group("lobby").group("all");
    /// assert_eq!(portcullis_sdk::servers::groups(), ["all", "lobby"]);
    /// ```
    pub fn group(self, group: &str) -> Self {
        self.change(|server| server.groups.push(group.to_owned()))
    }

    /// Gives it a label.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby").label("region", "eu");
    /// ```
    pub fn label(self, key: &str, value: &str) -> Self {
        self.change(|server| server.labels.push((key.to_owned(), value.to_owned())))
    }

    /// Gives it a weight.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby").weight(3);
    /// ```
    pub fn weight(self, weight: u32) -> Self {
        self.change(|server| server.weight = weight)
    }

    /// Says how it is.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby").health(portcullis_sdk::Health::Down);
    /// ```
    pub fn health(self, health: Health) -> Self {
        self.change(|server| server.health = health)
    }

    /// Puts so many sessions on it.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby").sessions(40);
    /// ```
    pub fn sessions(self, sessions: u32) -> Self {
        self.change(|server| server.sessions = sessions)
    }

    /// Says how long connecting takes.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby").latency(std::time::Duration::from_millis(2));
    /// ```
    pub fn latency(self, latency: Duration) -> Self {
        self.change(|server| server.latency_us = Some(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX)))
    }

    fn change(self, change: impl FnOnce(&mut Server)) -> Self {
        with(|world| {
            let server = world.servers_mut().iter_mut().find(|server| server.name == self.0);
            // Gone where the test has removed it meanwhile.
            if let Some(server) = server {
                change(server);
            }
        });
        self
    }
}
