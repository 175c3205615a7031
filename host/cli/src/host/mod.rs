//! A running host: its parts, and what can be done to it while it runs.

mod endpoints;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use portcullis_config::{Changes, Config, LogFormat, Sources};
use portcullis_registry::Registry;
use portcullis_relay::{Options, Relay};
use portcullis_runtime::Runtime;
use portcullis_telemetry::{self as telemetry, Guard, Metrics};
use tokio::runtime::Handle;
use tokio::sync::watch as channel;

use self::endpoints::Endpoints;
use self::watch::Watchers;
use crate::check::describe;

/// How often metrics are pushed to a collector.
const OTLP_INTERVAL: Duration = Duration::from_secs(10);

/// How a host is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// It is not.
    No,
    /// Close listeners, let sessions finish for `drain-seconds`.
    Drain,
    /// End sessions.
    Now,
}

/// The parts, wired.
pub(crate) struct Host {
    config: ArcSwap<Config>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) runtime: Runtime,
    relay: Relay,
    /// Held during a reload: one at a time.
    reloading: Mutex<Reloading>,
    outside: Mutex<Option<Outside>>,
    stop: channel::Sender<Stop>,
}

/// What changes from outside reach the host through.
struct Outside {
    watchers: Watchers,
    endpoints: Endpoints,
}

/// What a reload needs to itself.
struct Reloading {
    sources: Sources,
    telemetry: Guard,
}

impl Host {
    /// Returns when every listener is open.
    pub(crate) fn start(
        sources: Sources,
        config: Arc<Config>,
        metrics: Metrics,
        telemetry: Guard,
    ) -> anyhow::Result<Self> {
        let registry = Registry::new();
        registry.servers.apply(&config.servers);
        let (runtime, workers) = Runtime::start(config.clone(), registry.clone(), &metrics)?;
        let options = Options {
            dns: config.host.dns.clone(),
        };
        let relay = Relay::start(options, workers, registry.clone(), &metrics)?;
        if let Err(problems) = runtime.apply(config.clone()) {
            problems
                .iter()
                .flat_map(|problem| describe(&sources, problem))
                .for_each(|line| eprintln!("{line}"));
            anyhow::bail!("the plugins above were not loaded");
        }
        relay.apply(&config.listeners)?;
        let (stop, _) = channel::channel(Stop::No);
        Ok(Self {
            config: ArcSwap::new(config),
            registry,
            runtime,
            relay,
            reloading: Mutex::new(Reloading { sources, telemetry }),
            outside: Mutex::new(None),
            stop,
        })
    }

    /// From now on, changed files are noticed, and the host answers on its control socket and its metrics page.
    pub(crate) fn open(self: &Arc<Self>, runtime: &Handle, metrics: &Metrics) -> anyhow::Result<()> {
        let config = self.config();
        let mut endpoints = Endpoints::new(runtime.clone(), metrics.clone(), Arc::downgrade(self));
        let opened = endpoints.open(&config)?;
        endpoints.commit(opened);
        let watchers = Watchers::start(self, &lock(&self.reloading).sources, &config)?;
        *lock(&self.outside) = Some(Outside { watchers, endpoints });
        // What changed between the start and now.
        self.runtime.rescan();
        let now = lock(&self.reloading).sources.load();
        if now.is_ok_and(|now| now != *config) {
            // Told of in the log; there is nobody else to tell.
            let _ = self.reload();
        }
        Ok(())
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.config.load_full()
    }

    /// Reads the configuration again and applies the difference: all of it, or nothing and the problems, one a line. Blocks.
    pub(crate) fn reload(&self) -> Result<String, Vec<String>> {
        let result = self.reload_from(&mut lock(&self.reloading));
        match &result {
            Ok(changes) => tracing::info!("configuration was reloaded: {changes}"),
            Err(problems) => problems.iter().for_each(|problem| {
                tracing::error!("configuration was not reloaded, the running one stays: {problem}")
            }),
        }
        result
    }

    fn reload_from(&self, Reloading { sources, telemetry }: &mut Reloading) -> Result<String, Vec<String>> {
        let text = |problems: Vec<_>| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let new = Arc::new(sources.load().map_err(text)?);
        let old = self.config();
        let changes = Changes::between(&old, &new);
        let reported = telemetry
            .prepare(&telemetry_options(&new))
            .map_err(|error| vec![error.to_string()])?;
        // Plugins may route to new servers from their first call on, so servers come first.
        let servers = self.registry.servers.snapshot();
        self.registry.servers.apply(&new.servers);
        if let Err(problems) = self.runtime.try_out(new.clone()) {
            self.registry.servers.restore(servers);
            return Err(problems.iter().flat_map(|problem| describe(sources, problem)).collect());
        }
        if let Err(error) = self.open_ports(sources, &new) {
            self.registry.servers.restore(servers);
            let mut problems = vec![format!("{error:#}")];
            if let Err(more) = self.runtime.try_out(old) {
                problems.extend(more.iter().map(ToString::to_string));
            }
            return Err(problems);
        }
        self.runtime.settle();
        if new.host.dns != old.host.dns {
            self.relay.resolve_through(&new.host.dns);
        }
        telemetry.change(reported);
        for key in &changes.needs_restart {
            tracing::warn!(key, "this change takes effect at the next start");
        }
        self.config.store(new);
        Ok(changes.to_string())
    }

    /// All of them, or none.
    fn open_ports(&self, sources: &Sources, config: &Config) -> anyhow::Result<()> {
        let mut outside = lock(&self.outside);
        let opened = outside
            .as_ref()
            .map(|outside| outside.endpoints.open(config))
            .transpose()?;
        self.relay.apply(&config.listeners)?;
        if let (Some(outside), Some(opened)) = (&mut *outside, opened) {
            outside.endpoints.commit(opened);
            outside.watchers.follow(sources, config);
        }
        Ok(())
    }

    /// Asks the host to stop in this way, unless it has been asked more urgently.
    pub(crate) fn ask_to_stop(&self, how: Stop) {
        self.stop.send_modify(|stop| *stop = how.max(*stop));
    }

    /// A signal: once it means to drain, twice to stop at once.
    pub(crate) fn signalled(&self) {
        self.stop.send_modify(|stop| {
            *stop = match stop {
                Stop::No => Stop::Drain,
                Stop::Drain | Stop::Now => Stop::Now,
            }
        });
    }

    /// Waits until the host was asked to stop and has no sessions left, or may not wait for them.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        let asked = |least: Stop| move |stop: &Stop| *stop >= least;
        // The sender lives in `self`, so waiting cannot fail.
        let _ = stop.wait_for(asked(Stop::Drain)).await;
        self.relay.close_listeners();
        let drain = self.config().host.drain;
        let sessions = self.relay.sessions();
        tracing::info!(sessions, drain_seconds = drain.as_secs(), "host is draining");
        tokio::select! {
            () = self.relay.drained() => tracing::info!("every session has ended"),
            () = tokio::time::sleep(drain) => {
                tracing::warn!(sessions = self.relay.sessions(), "time to drain is over; the rest is closed");
            }
            _ = stop.wait_for(asked(Stop::Now)) => {
                tracing::warn!(sessions = self.relay.sessions(), "told to stop at once; sessions are closed");
            }
        }
    }

    /// Ends what is left. Sessions are told to the plugins before the plugins shut down.
    pub(crate) fn stop(host: Arc<Self>) {
        lock(&host.outside).take();
        let Some(host) = Arc::into_inner(host) else { return };
        host.relay.stop();
        host.runtime.stop();
        tracing::info!("host stopped");
    }
}

/// What the configuration says of logs and traces.
pub(crate) fn telemetry_options(config: &Config) -> telemetry::Options<'_> {
    let config = &config.telemetry;
    telemetry::Options {
        log: &config.log,
        format: match config.log_format {
            LogFormat::Pretty => telemetry::LogFormat::Pretty,
            LogFormat::Json => telemetry::LogFormat::Json,
        },
        otlp: config.otlp.as_deref(),
        otlp_interval: OTLP_INTERVAL,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking reload left behind is the configuration that runs: nothing is stored before it is in force.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
