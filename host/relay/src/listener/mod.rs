//! A listener as its connections see it: settings that may change under it, limits shared by all workers, and numbers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use portcullis_config as config;
use portcullis_runtime::ListenerChain;

use crate::metrics::{Gauged, ListenerMetrics, RelayMetrics};

pub(crate) mod accept;

/// One configured listener.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) name: Arc<str>,
    /// Where it really listens: not what is configured where that has port 0.
    pub(crate) address: SocketAddr,
    pub(crate) metrics: ListenerMetrics,
    settings: ArcSwap<Settings>,
    connections: AtomicU32,
    pending: AtomicU32,
    tarpits: AtomicU32,
}

/// What a connection keeps of the configuration for as long as it lives.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: config::Listener,
    pub(crate) chain: ListenerChain,
}

/// What a listener has a limited number of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seating {
    Connections,
    Pending,
    Tarpits,
}

/// One seat taken; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    listener: Arc<Listener>,
    seating: Seating,
    _gauged: Option<Gauged>,
}

impl Listener {
    pub(crate) fn new(config: config::Listener, address: SocketAddr, metrics: &RelayMetrics) -> Self {
        let name: Arc<str> = config.bind.to_string().into();
        Self {
            metrics: metrics.listener(Arc::clone(&name)),
            name,
            address,
            settings: ArcSwap::from_pointee(config.into()),
            connections: AtomicU32::new(0),
            pending: AtomicU32::new(0),
            tarpits: AtomicU32::new(0),
        }
    }

    /// The address it is configured with, which is what it is known by.
    pub(crate) fn bind(&self) -> SocketAddr {
        self.settings.load().config.bind
    }

    /// The settings for a new connection.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// Changes the settings for new connections.
    pub(crate) fn apply(&self, config: config::Listener) {
        self.settings.store(Arc::new(config.into()));
    }

    /// A seat, while fewer than `limit` are taken by all workers together.
    pub(crate) fn seat(self: &Arc<Self>, seating: Seating, limit: u32) -> Option<Seat> {
        let taken = self.taken(seating);
        if taken.fetch_add(1, Ordering::Relaxed) >= limit {
            taken.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let gauged = match seating {
            Seating::Connections => None,
            Seating::Pending => Some(Gauged::new(&self.metrics.pending)),
            Seating::Tarpits => Some(Gauged::new(&self.metrics.tarpits)),
        };
        Some(Seat {
            listener: Arc::clone(self),
            seating,
            _gauged: gauged,
        })
    }

    fn taken(&self, seating: Seating) -> &AtomicU32 {
        match seating {
            Seating::Connections => &self.connections,
            Seating::Pending => &self.pending,
            Seating::Tarpits => &self.tarpits,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.listener.taken(self.seating).fetch_sub(1, Ordering::Relaxed);
    }
}

impl From<config::Listener> for Settings {
    fn from(config: config::Listener) -> Self {
        let chain = ListenerChain {
            name: config.chain.clone(),
            auto_chain: config.auto_chain,
        };
        Self { config, chain }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use portcullis_config::ProxyAcceptance;
    use portcullis_telemetry::Metrics;
    use std::time::Duration;

    use super::*;

    /// A listener's configuration as the defaults have it, on a free port.
    pub(crate) fn configured() -> config::Listener {
        config::Listener {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            chain: "main".parse().unwrap(),
            auto_chain: true,
            proxy_protocol: ProxyAcceptance::Off,
            trusted_proxies: Vec::new(),
            max_connections: 10_000,
            max_pending: 2_000,
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(120),
            tarpit_max: 256,
        }
    }

    /// A listener that listens nowhere.
    pub(crate) fn listener(config: config::Listener) -> Arc<Listener> {
        let address = config.bind;
        Arc::new(Listener::new(config, address, &RelayMetrics::new(&Metrics::new())))
    }

    #[test]
    fn seats_are_limited_across_threads_and_free_again_when_left() {
        let listener = listener(configured());
        let seats = std::thread::scope(|scope| {
            let take = || {
                (0..100)
                    .filter_map(|_| listener.seat(Seating::Pending, 50))
                    .collect::<Vec<_>>()
            };
            let threads = [scope.spawn(take), scope.spawn(take)];
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(seats.len(), 50);
        assert_eq!(listener.metrics.pending.get(), 50);
        assert!(
            listener.seat(Seating::Tarpits, 1).is_some(),
            "each kind of seat has its own limit"
        );
        drop(seats);
        assert_eq!(listener.metrics.pending.get(), 0);
        assert!(listener.seat(Seating::Pending, 1).is_some());
    }

    #[test]
    fn changed_settings_are_for_new_connections() {
        let listener = listener(configured());
        let before = listener.settings();
        listener.apply(config::Listener {
            max_pending: 7,
            ..configured()
        });
        assert_eq!(
            (before.config.max_pending, listener.settings().config.max_pending),
            (2_000, 7)
        );
    }
}
