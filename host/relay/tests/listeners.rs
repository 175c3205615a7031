//! Listeners of a relay without any plugin: opened, refused, changed, closed; and what becomes of their connections.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use portcullis_config::{self as config, Config};
use portcullis_registry::Registry;
use portcullis_relay::{ListenError, Options, Relay};
use portcullis_runtime::Runtime;
use portcullis_telemetry::Metrics;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Host {
    relay: Relay,
    metrics: Metrics,
    config: Config,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Host {
    /// With two workers, no plugins, and one listener in the configuration that is not open yet.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "[host]\nworkers = 2\n[[listener]]\nbind = \"127.0.0.1:0\"\n[chains]\nmain = []\n";
        let config = config::parse(&folder.path().join("portcullis.toml"), text).unwrap();
        let (registry, metrics) = (Registry::new(), Metrics::new());
        let (runtime, plugins) = Runtime::start(Arc::new(config.clone()), Arc::clone(&registry), &metrics).unwrap();
        let relay = Relay::start(Options::default(), plugins, registry, &metrics).unwrap();
        Self {
            relay,
            metrics,
            config,
            _runtime: runtime,
            _folder: folder,
        }
    }

    fn listener(&self, bind: SocketAddr) -> config::Listener {
        config::Listener {
            bind,
            ..self.config.listeners[0].clone()
        }
    }

    /// Opens the configured listener with one change; where it listens.
    fn open(&self, change: impl FnOnce(&mut config::Listener)) -> SocketAddr {
        let mut listener = self.config.listeners[0].clone();
        change(&mut listener);
        self.relay.apply(&[listener.clone()]).unwrap();
        self.relay.addresses()[&listener.bind]
    }

    /// How often the listener has refused connections for a reason.
    fn refused(&self, reason: &str) -> u64 {
        let text = self.metrics.render();
        let line = text.lines().find(|line| {
            line.starts_with("portcullis_refusals_total{") && line.contains(&format!("reason=\"{reason}\""))
        });
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }
}

/// What a connection hears before it is closed: nothing.
fn hears_nothing(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    assert!(heard.is_empty());
}

#[test]
fn with_an_empty_chain_every_connection_is_closed_and_counted() {
    let host = Host::start();
    let address = host.open(|_| {});
    for _ in 0..10 {
        hears_nothing(address);
    }
    assert_eq!(host.refused("empty-chain"), 10);
    assert_eq!(host.relay.sessions(), 0);
    host.relay.stop();
}

#[test]
fn limits_are_those_of_the_settings_at_the_time() {
    let host = Host::start();
    let address = host.open(|listener| listener.max_connections = 0);
    hears_nothing(address);
    assert_eq!(host.refused("max-connections"), 1);
    assert_eq!(
        host.open(|listener| listener.max_pending = 0),
        address,
        "the listener stayed open"
    );
    hears_nothing(address);
    assert_eq!((host.refused("max-connections"), host.refused("max-pending")), (1, 1));
    host.open(|_| {});
    hears_nothing(address);
    assert_eq!(host.refused("empty-chain"), 1);
    host.relay.stop();
}

#[test]
fn a_port_in_use_is_named_and_changes_nothing() {
    let host = Host::start();
    let kept = host.open(|_| {});
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _holder = TcpListener::bind(taken).unwrap();
    let free = SocketAddr::from(([127, 0, 0, 2], taken.port()));
    let error = host
        .relay
        .apply(&[host.listener(free), host.listener(taken)])
        .unwrap_err();
    assert!(matches!(error, ListenError::InUse { bind } if bind == taken), "{error}");
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
    hears_nothing(kept);
    assert!(
        TcpListener::bind(free).is_ok(),
        "the other new listener was not left open"
    );
    host.relay.stop();
}

#[test]
fn another_host_of_the_same_user_does_not_share_the_port_unnoticed() {
    let (one, other) = (Host::start(), Host::start());
    let address = one.open(|_| {});
    let error = other.relay.apply(&[other.listener(address)]).unwrap_err();
    assert!(matches!(error, ListenError::InUse { .. }), "{error}");
    other.relay.stop();
    one.relay.stop();
}

#[test]
fn a_closed_listeners_port_is_free_at_once() {
    let host = Host::start();
    let address = host.open(|_| {});
    host.relay.apply(&[]).unwrap();
    for _ in 0..5 {
        host.relay.apply(&[host.listener(address)]).unwrap();
        hears_nothing(address);
        host.relay.close_listeners();
        assert!(TcpStream::connect(address).is_err());
    }
    host.relay.stop();
}

#[test]
fn a_host_is_drained_when_its_last_connection_has_ended() {
    let host = Host::start();
    let address = host.open(|listener| {
        // Nobody hears of this connection before it has sent a header, so it stays until the time is up.
        listener.proxy_protocol = config::ProxyAcceptance::Require;
        listener.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        listener.handshake_timeout = Duration::from_millis(300);
    });
    let waiting = TcpStream::connect(address).unwrap();
    host.relay.close_listeners();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, host.relay.drained()).await })
        .unwrap();
    assert_eq!(host.refused("handshake-timeout"), 1);
    drop(waiting);
    host.relay.stop();
}
