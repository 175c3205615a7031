//! The mock host's own controls.

use std::time::{Duration, SystemTime};

use super::log_line::LogLine;
use super::running::Running;
use super::script::ServerScript;
use super::world::{World, with};
use crate::{Plugin, Result};

/// The mock host of this thread.
///
/// ```
/// use portcullis_sdk::servers;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.server("lobby");
/// assert!(servers::get("lobby").is_some());
/// Host::new();
/// assert!(servers::get("lobby").is_none());
/// ```
#[derive(Debug)]
pub struct Host {
    /// Of this thread alone.
    not_send: std::marker::PhantomData<*const ()>,
}

impl Host {
    /// A host that has just started, with no servers, in place of the one that this thread had.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// assert!(host.logs().is_empty());
    /// ```
    #[expect(
        clippy::new_without_default,
        reason = "`new` forgets the host there was, which no default would"
    )]
    pub fn new() -> Self {
        crate::log::install();
        with(|world| *world = World::default());
        Self {
            not_send: std::marker::PhantomData,
        }
    }

    /// Starts a plugin with the configuration that stands below `[plugins.NAME.config]`, as TOML or, in braces, as JSON.
    ///
    /// ```
    /// # use portcullis_sdk::prelude::*;
    /// # #[derive(Plugin)]
    /// # #[plugin(stage = "observe")]
    /// # struct Greeter { settings: Settings }
    /// # #[derive(Config)]
    /// # struct Settings { word: String }
    /// # #[hooks]
    /// # impl Sessions for Greeter {}
    /// let host = portcullis_sdk::testing::Host::new();
    /// let greeter = host.start::<Greeter>("word = 'hello'");
    /// assert_eq!(greeter.settings.word, "hello");
    /// ```
    ///
    /// # Panics
    ///
    /// Where the host would refuse to load the plugin.
    pub fn start<P: Plugin>(&self, config: &str) -> Running<P> {
        match self.try_start(config) {
            Ok(plugin) => plugin,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts a plugin, or says why the host would refuse to load it.
    ///
    /// ```
    /// # use portcullis_sdk::prelude::*;
    /// # #[derive(Plugin, Debug)]
    /// # #[plugin(stage = "observe")]
    /// # struct Greeter { settings: Settings }
    /// # #[derive(Config, Debug)]
    /// # struct Settings { word: String }
    /// # #[hooks]
    /// # impl Sessions for Greeter {}
    /// let host = portcullis_sdk::testing::Host::new();
    /// let error = host.try_start::<Greeter>("word = 3").unwrap_err();
    /// assert_eq!(error.to_string(), "word: must be a text, and is a whole number");
    /// ```
    pub fn try_start<P: Plugin>(&self, config: &str) -> Result<Running<P>> {
        Running::start(config)
    }

    /// The server of that name, to be described; new if there is none yet.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby-1").group("lobby").sessions(3);
    /// host.server("lobby-1").sessions(4);
    /// assert_eq!(portcullis_sdk::servers::get("lobby-1").unwrap().sessions, 4);
    /// ```
    pub fn server(&self, name: &str) -> ServerScript {
        ServerScript::of(name)
    }

    /// Takes a server away, as when it leaves the configuration.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby");
    /// host.remove_server("lobby");
    /// assert!(portcullis_sdk::servers::get("lobby").is_none());
    /// ```
    pub fn remove_server(&self, name: &str) {
        with(|world| world.servers_mut().retain(|server| server.name != name));
    }

    /// Lets time pass: clocks go on, buckets fill, state expires.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// let before = portcullis_sdk::clock::unix_ms();
    /// host.advance(Duration::from_secs(1));
    /// assert_eq!(portcullis_sdk::clock::unix_ms() - before, 1000);
    /// ```
    pub fn advance(&self, time: Duration) {
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        with(|world| world.now_ns = world.now_ns.saturating_add(ns));
    }

    /// Sets the time of day; other clocks are not touched.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
    /// assert_eq!(portcullis_sdk::clock::unix_ms(), 86_400_000);
    /// ```
    pub fn set_time(&self, time: SystemTime) {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        with(|world| {
            let passed = Duration::from_nanos(world.now_ns).as_millis();
            world.start_unix_ms = ms.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
        });
    }

    /// Bounds keys and bytes of state, as the operator's `state-keys` and `state-mib` do.
    ///
    /// ```
    /// use portcullis_sdk::state::{Counter, StateError};
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.state_quota(0, 0);
    /// assert_eq!(Counter::new("joins").add(1), Err(StateError::Quota));
    /// ```
    pub fn state_quota(&self, keys: usize, bytes: usize) {
        with(|world| (world.store.max_keys, world.store.max_bytes) = (keys, bytes));
    }

    /// What was logged so far, the oldest line first.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// portcullis_sdk::log::info!("hello");
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    pub fn logs(&self) -> Vec<LogLine> {
        with(|world| world.logs.clone())
    }

    /// A metric: the sum of its series; of a histogram, the sum of what was observed. 0 where nothing was recorded.
    ///
    /// ```
    /// static JOINS: portcullis_sdk::Counter<1> = portcullis_sdk::Counter::new("joins_total", ["host"]);
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// JOINS.add(1, ["a"]);
    /// JOINS.add(2, ["b"]);
    /// assert_eq!(host.metric("joins_total"), 3.0);
    /// ```
    pub fn metric(&self, name: &str) -> f64 {
        with(|world| world.numbers.sum(name)).unwrap_or_default()
    }

    /// The series of a metric that has these labels.
    ///
    /// ```
    /// static JOINS: portcullis_sdk::Counter<1> = portcullis_sdk::Counter::new("joins_total", ["host"]);
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// JOINS.add(2, ["b"]);
    /// assert_eq!(host.metric_with("joins_total", [("host", "b")]), 2.0);
    /// ```
    pub fn metric_with<const N: usize>(&self, name: &str, labels: [(&str, &str); N]) -> f64 {
        with(|world| world.numbers.series(name, &labels)).unwrap_or_default()
    }

    /// How many numbers were not recorded, because they broke a rule: another kind or other labels than at first, a value too long,
    /// too many metrics or series.
    ///
    /// ```
    /// static JOINS: portcullis_sdk::Counter<1> = portcullis_sdk::Counter::new("joins_total", ["host"]);
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// JOINS.add(1, [&"x".repeat(129)]);
    /// assert_eq!(host.metrics_refused(), 1);
    /// ```
    pub fn metrics_refused(&self) -> u64 {
        with(|world| world.numbers.refused)
    }
}
