//! One network thread: its own listening sockets, plugins, buffers and caches. Its connections never leave it, so nothing in
//! here is locked.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, mpsc as blocking};
use std::thread::JoinHandle;
use std::time::Instant;

use portcullis_protocol::key::{KeyError, ServerKey};
use portcullis_registry::Registry;
use portcullis_runtime::WorkerPlugins;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_local;
use tokio::time::{MissedTickBehavior, interval};

use crate::census::Census;
use crate::connection::{Attentions, BoardingLog};
use crate::dial::{Dialler, Resolver};
use crate::error::RelayError;
use crate::host_key::HostKey;
use crate::listener::{Listener, accept};
use crate::metrics::RelayMetrics;
use crate::mover::Kit;
use crate::refusal::RefusalLog;
use crate::roll::{Roll, SWEEP_INTERVAL};
use crate::status::{answers, passthrough};

/// What the tasks of a worker share.
pub(crate) struct Worker {
    pub(crate) plugins: Rc<WorkerPlugins>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) dialler: Rc<Dialler>,
    pub(crate) kit: Rc<Kit>,
    pub(crate) roll: Roll,
    pub(crate) answers: answers::Answers,
    pub(crate) servers_answers: Arc<passthrough::Answers>,
    pub(crate) log: RefusalLog,
    pub(crate) census: Arc<Census>,
    pub(crate) attentions: Attentions,
    pub(crate) boarding_log: BoardingLog,
    key: Arc<HostKey>,
}

/// What all workers share, and each begins with.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) dns: Vec<SocketAddr>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) metrics: RelayMetrics,
    pub(crate) servers_answers: Arc<passthrough::Answers>,
    pub(crate) census: Arc<Census>,
    pub(crate) key: Arc<HostKey>,
}

/// Dropped when what it was sent with is done.
pub(crate) type Done = blocking::Sender<()>;

/// What a worker is told.
pub(crate) enum Command {
    Open(Arc<Listener>, std::net::TcpListener),
    /// Closes the listener configured with this address.
    Close(SocketAddr, Done),
    /// Asks these name servers from now on; none: the system's.
    ResolveThrough(Vec<SocketAddr>),
}

/// A worker's thread and the way to it. The thread ends when this way is gone.
pub(crate) struct Handle {
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) thread: JoinHandle<()>,
}

/// Starts the thread and waits until it is ready.
pub(crate) fn start(index: usize, plugins: WorkerPlugins, shared: Shared) -> Result<Handle, RelayError> {
    let (commands, inbox) = mpsc::unbounded_channel();
    let (ready, started) = blocking::channel();
    let thread = std::thread::Builder::new()
        .name(format!("worker-{index}"))
        .spawn(move || run(plugins, shared, inbox, &ready))
        .map_err(RelayError::Thread)?;
    match started.recv() {
        Ok(Ok(())) => Ok(Handle { commands, thread }),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(RelayError::Thread(io::Error::other("the thread ended at once"))),
    }
}

fn run(
    plugins: WorkerPlugins,
    shared: Shared,
    inbox: mpsc::UnboundedReceiver<Command>,
    ready: &blocking::Sender<Result<(), RelayError>>,
) {
    let runtime = match Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(RelayError::Thread(error)))),
    };
    runtime.block_on(async {
        match Worker::new(plugins, shared) {
            Ok(worker) => {
                let _ = ready.send(Ok(()));
                Rc::new(worker).work(inbox).await;
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
}

impl Worker {
    fn new(plugins: WorkerPlugins, shared: Shared) -> Result<Self, RelayError> {
        let resolver = Resolver::new(&shared.dns)?;
        Ok(Self {
            plugins: Rc::new(plugins),
            dialler: Rc::new(Dialler::new(
                Arc::clone(&shared.registry),
                resolver,
                shared.metrics.dials(),
            )),
            registry: shared.registry,
            kit: Rc::new(Kit::new()),
            roll: Roll::default(),
            answers: answers::Answers::default(),
            servers_answers: shared.servers_answers,
            log: RefusalLog::new(),
            census: shared.census,
            attentions: Attentions::default(),
            boarding_log: BoardingLog::new(shared.metrics),
            key: shared.key,
        })
    }

    /// The key that players encrypt their secrets with.
    pub(crate) fn key(&self) -> Result<&ServerKey, KeyError> {
        self.key.get()
    }

    /// Does as it is told until nobody is there to tell it, then ends its sessions. Connections without one are dropped
    /// with the runtime.
    async fn work(self: Rc<Self>, mut inbox: mpsc::UnboundedReceiver<Command>) {
        spawn_local(Rc::clone(&self.plugins).run());
        spawn_local(Rc::clone(&self).sweep());
        let mut open = HashMap::new();
        while let Some(command) = inbox.recv().await {
            match command {
                Command::Open(listener, socket) => match TcpListener::from_std(socket) {
                    Ok(socket) => {
                        let (close, closing) = oneshot::channel();
                        open.insert(listener.bind(), close);
                        spawn_local(accept::run(Rc::clone(&self), listener, socket, closing));
                    }
                    Err(error) => tracing::error!(listener = %listener.name, %error, "failed to listen on one worker"),
                },
                Command::Close(bind, done) => {
                    if let Some(close) = open.remove(&bind) {
                        // Sent on to be dropped with the socket.
                        let _ = close.send(done);
                    }
                }
                Command::ResolveThrough(name_servers) => match Resolver::new(&name_servers) {
                    Ok(resolver) => self.dialler.resolve_with(resolver),
                    Err(error) => tracing::error!(%error, "failed to change the name servers of one worker"),
                },
            }
        }
        drop(open);
        self.roll.close().await;
    }

    async fn sweep(self: Rc<Self>) {
        let mut ticks = interval(SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.roll.sweep(Instant::now());
            self.plugins.report_memory();
        }
    }
}
