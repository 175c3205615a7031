//! The relay as a whole: its workers, and the listeners that they share.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as blocking};
use std::time::Duration;

use portcullis_config as config;
use portcullis_registry::Registry;
use portcullis_runtime::WorkerPlugins;
use portcullis_telemetry::Metrics;

use crate::census::Census;
use crate::error::{ListenError, RelayError};
use crate::host_key::HostKey;
use crate::listener::Listener;
use crate::metrics::RelayMetrics;
use crate::socket;
use crate::status::passthrough;
use crate::worker::{self, Command, Handle, Shared};

/// How long [`Relay::apply`] waits until workers have closed their sockets. They do between two moves of bytes.
const CLOSING: Duration = Duration::from_secs(2);

/// How a relay is set up beside its listeners and servers.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name servers; empty: the system's.
    pub dns: Vec<SocketAddr>,
}

/// Network threads that accept connections, have plugins decide on them, and move their bytes.
///
/// Dropping it is as [`Relay::stop`], without waiting.
pub struct Relay {
    workers: Vec<Handle>,
    listeners: Mutex<BTreeMap<SocketAddr, Arc<Listener>>>,
    registry: Arc<Registry>,
    metrics: RelayMetrics,
    census: Arc<Census>,
}

impl Relay {
    /// Starts one thread for each element of `plugins`. They listen nowhere yet, see [`Relay::apply`]; servers are those of
    /// `registry` at any moment.
    pub fn start(
        options: Options,
        plugins: Vec<WorkerPlugins>,
        registry: Arc<Registry>,
        metrics: &Metrics,
    ) -> Result<Self, RelayError> {
        let descriptors = socket::raise_descriptor_limit();
        let metrics = RelayMetrics::new(metrics);
        let census = Arc::<Census>::default();
        let shared = Shared {
            dns: options.dns,
            registry: Arc::clone(&registry),
            metrics: metrics.clone(),
            servers_answers: Arc::<passthrough::Answers>::default(),
            census: Arc::clone(&census),
            key: HostKey::in_the_making(),
        };
        let workers = plugins
            .into_iter()
            .enumerate()
            .map(|(index, plugins)| worker::start(index, plugins, shared.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        tracing::info!(workers = workers.len(), descriptors, "started the network threads");
        Ok(Self {
            workers,
            listeners: Mutex::default(),
            registry,
            metrics,
            census,
        })
    }

    /// Makes `listeners` the ones there are. New ones (by `bind`) are all opened first: if one cannot be, nothing changes.
    /// Changed settings hold for new connections. Listeners that are gone are closed; their connections live on.
    pub fn apply(&self, listeners: &[config::Listener]) -> Result<(), ListenError> {
        let mut open = self.listeners();
        let mut opened = Vec::new();
        for config in listeners.iter().filter(|config| !open.contains_key(&config.bind)) {
            let sockets = socket::listen(config.bind, self.workers.len())
                .map_err(|error| ListenError::new(config.bind, error))?;
            opened.push((config, sockets));
        }
        for config in listeners {
            if let Some(listener) = open.get(&config.bind) {
                listener.apply(config.clone());
            }
        }
        for (config, sockets) in opened {
            let address = sockets
                .first()
                .and_then(|socket| socket.local_addr().ok())
                .unwrap_or(config.bind);
            let listener = Arc::new(Listener::new(config.clone(), address, &self.metrics));
            for (worker, socket) in self.workers.iter().zip(sockets) {
                // Refused only by a worker that has panicked, which has said so itself.
                let _ = worker.commands.send(Command::Open(Arc::clone(&listener), socket));
            }
            tracing::info!(listener = %listener.name, %address, "opened a listener");
            open.insert(config.bind, listener);
        }
        let gone: Vec<_> = open
            .keys()
            .filter(|bind| listeners.iter().all(|config| config.bind != **bind))
            .copied()
            .collect();
        self.close(&mut open, &gone);
        Ok(())
    }

    /// Looks names up through these name servers from now on; none: those of the system.
    pub fn resolve_through(&self, name_servers: &[SocketAddr]) {
        for worker in &self.workers {
            let _ = worker.commands.send(Command::ResolveThrough(name_servers.to_vec()));
        }
    }

    /// Closes all listeners; their connections live on.
    pub fn close_listeners(&self) {
        let mut open = self.listeners();
        let all: Vec<_> = open.keys().copied().collect();
        self.close(&mut open, &all);
    }

    /// Where listeners really listen, by `bind`. Differs where that has port 0.
    pub fn addresses(&self) -> BTreeMap<SocketAddr, SocketAddr> {
        self.listeners()
            .iter()
            .map(|(bind, listener)| (*bind, listener.address))
            .collect()
    }

    /// How many players' bytes are being moved.
    pub fn sessions(&self) -> usize {
        self.registry.sessions.len()
    }

    /// Waits until the last connection has ended, those that somebody holds in a tarpit aside. For after
    /// [`Relay::close_listeners`].
    pub async fn drained(&self) {
        self.census.empty().await;
    }

    /// Ends every session, of which the plugins hear as [`portcullis_runtime::End::ClosedByHost`], and waits for the threads.
    pub fn stop(self) {
        let threads: Vec<_> = self.workers.into_iter().map(|Handle { thread, .. }| thread).collect();
        for thread in threads {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
        tracing::info!("stopped the network threads");
    }

    /// Returns once the ports are free, or nearly.
    fn close(&self, open: &mut BTreeMap<SocketAddr, Arc<Listener>>, gone: &[SocketAddr]) {
        let (done, closed) = blocking::channel();
        for bind in gone {
            for worker in &self.workers {
                let _ = worker.commands.send(Command::Close(*bind, done.clone()));
            }
            if let Some(listener) = open.remove(bind) {
                tracing::info!(listener = %listener.name, "closed a listener");
            }
        }
        drop(done);
        // Nothing is ever sent: it ends when the last worker has dropped its copy.
        let _ = closed.recv_timeout(CLOSING);
    }

    fn listeners(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Arc<Listener>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("workers", &self.workers.len())
            .finish_non_exhaustive()
    }
}
