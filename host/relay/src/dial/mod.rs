//! Connects to backend servers: candidates in the order given, each within its own time, the next one when one fails.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use portcullis_registry::{Occupancy, Registry, Server, Target};
use portcullis_telemetry::Sampler;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::metrics::DialMetrics;

mod eyeballs;
mod resolve;

pub(crate) use resolve::Resolver;
pub use resolve::ResolverError;

#[cfg(test)]
pub(crate) mod tests;

/// What a worker dials with.
pub(crate) struct Dialler {
    registry: Arc<Registry>,
    resolver: RefCell<Rc<Resolver>>,
    metrics: DialMetrics,
    log: Sampler,
}

/// A connection to a server, and the server's knowledge of it.
pub(crate) struct Dialled {
    pub(crate) stream: TcpStream,
    pub(crate) server: Arc<Server>,
    pub(crate) occupancy: Occupancy,
}

/// Servers that need not be tried, or not again.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    except: Option<Box<str>>,
    names: Vec<Box<str>>,
}

impl Tried {
    /// None but this one, if any.
    pub(crate) fn but(server: Option<&str>) -> Self {
        Self {
            except: server.map(Box::from),
            names: Vec::new(),
        }
    }

    /// The one that was tried last; nameless where none was.
    pub(crate) fn last(&self) -> &str {
        self.names.last().map_or("", |name| name)
    }

    /// Whether a server is still to be tried; it counts as tried from now on.
    fn note(&mut self, server: &Server) -> bool {
        let name = &*server.config.name;
        let is_new = self.names.iter().chain(&self.except).all(|tried| **tried != *name);
        if is_new {
            self.names.push(name.into());
        }
        is_new
    }
}

/// Why a server was not reached.
#[derive(Debug, Error)]
pub(crate) enum DialError {
    /// Its name has no address, or no name server that knows one answered: mostly a typing error in the configuration.
    #[error("failed to resolve its name: {0}")]
    Unresolved(#[source] io::Error),
    /// Neither yes nor no within the time allowed: a firewall, or a machine that is down.
    #[error("no answer in time")]
    Timeout,
    /// Nothing listens there: the server is down or starting.
    #[error("connection refused")]
    Refused,
    /// Anything else, mostly a missing route.
    #[error("{0}")]
    Failed(#[source] io::Error),
}

impl DialError {
    /// Stable name for metrics.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Unresolved(_) => "unresolved",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

impl From<io::Error> for DialError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Timeout,
            io::ErrorKind::ConnectionRefused => Self::Refused,
            _ => Self::Failed(error),
        }
    }
}

impl Dialler {
    /// To be called within a runtime.
    pub(crate) fn new(registry: Arc<Registry>, resolver: Resolver, metrics: DialMetrics) -> Self {
        Self {
            registry,
            resolver: RefCell::new(Rc::new(resolver)),
            metrics,
            log: Sampler::new(1),
        }
    }

    /// From now on names are looked up with this one; look-ups under way end with the one before.
    pub(crate) fn resolve_with(&self, resolver: Resolver) {
        self.resolver.replace(Rc::new(resolver));
    }

    /// Connects to the first server that answers and was not `tried`; `None` when none does. It has been tried then.
    pub(crate) async fn dial_first(&self, targets: &[Target], tried: &mut Tried) -> Option<Dialled> {
        for target in targets {
            for server in self.candidates(target) {
                if !tried.note(&server) {
                    continue;
                }
                // Counted while dialling, so that a burst of logins does not all see the same empty server.
                let occupancy = server.enter();
                if let Ok(stream) = self.dial(&server).await {
                    return Some(Dialled {
                        stream,
                        server,
                        occupancy,
                    });
                }
            }
        }
        None
    }

    /// The servers that `target` stands for, as of now.
    pub(crate) fn candidates(&self, target: &Target) -> Vec<Arc<Server>> {
        self.registry.servers.snapshot().candidates(target, Instant::now())
    }

    /// Connects to a server, and tells the registry, the metrics and, once a second, the log how that went.
    pub(crate) async fn dial(&self, server: &Server) -> Result<TcpStream, DialError> {
        let start = Instant::now();
        let result = self.attempt(server).await;
        let metrics = self.metrics.of(&server.config.name);
        match &result {
            Ok(_) => {
                let took = start.elapsed();
                server.dial_succeeded(took);
                metrics.succeeded(took);
            }
            Err(error) => {
                server.dial_failed();
                metrics.failed(error.label());
                if let Some(suppressed) = self.log.admit() {
                    let server = &server.config;
                    tracing::warn!(server = %server.name, address = %server.address, %error, suppressed, "failed to reach a server");
                }
            }
        }
        result
    }

    async fn attempt(&self, server: &Server) -> Result<TcpStream, DialError> {
        let limit = server.config.connect_timeout;
        let resolver = Rc::clone(&self.resolver.borrow());
        // Looking up the name and trying all of its addresses included.
        let attempt = timeout(limit, async {
            let addresses = resolver.addresses(&server.config.address).await;
            let addresses = addresses.map_err(DialError::Unresolved)?;
            Ok(eyeballs::connect(&addresses, limit).await?)
        });
        attempt.await.unwrap_or(Err(DialError::Timeout))
    }
}
