//! Where the host can be asked about itself: the metrics page and the control socket. Both follow the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Weak;

use anyhow::Context as _;
use portcullis_config::Config;
use portcullis_telemetry::{Metrics, serve_prometheus};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Host;
use crate::control::Socket;

/// The endpoints that are open. Dropping one closes it.
pub(super) struct Endpoints {
    runtime: Handle,
    metrics: Metrics,
    host: Weak<Host>,
    page: Option<Open<SocketAddr>>,
    control: Option<Open<PathBuf>>,
}

/// Endpoints that a configuration asks for and that were not open before.
pub(super) struct Opened {
    page: Option<Option<Open<SocketAddr>>>,
    control: Option<Open<PathBuf>>,
}

struct Open<A> {
    at: A,
    task: JoinHandle<()>,
}

impl Endpoints {
    pub(super) fn new(runtime: Handle, metrics: Metrics, host: Weak<Host>) -> Self {
        Self {
            runtime,
            metrics,
            host,
            page: None,
            control: None,
        }
    }

    /// Opens what is missing, and closes nothing yet: should another part of a change fail, dropping this undoes it.
    pub(super) fn open(&self, config: &Config) -> anyhow::Result<Opened> {
        let _context = self.runtime.enter();
        let page = match (self.page.as_ref().map(|open| open.at), config.telemetry.metrics) {
            (old, new) if old == new => None,
            (_, None) => Some(None),
            (_, Some(address)) => Some(Some(self.open_page(address)?)),
        };
        let path = &config.host.control;
        let control = match &self.control {
            Some(open) if open.at == *path => None,
            _ => {
                let socket = Socket::bind(path)?;
                let task = self.runtime.spawn(socket.serve(self.host.clone()));
                Some(Open { at: path.clone(), task })
            }
        };
        Ok(Opened { page, control })
    }

    /// Takes over what was opened, and closes what it replaces.
    pub(super) fn commit(&mut self, opened: Opened) {
        if let Some(page) = opened.page {
            self.page = page;
        }
        if let Some(control) = opened.control {
            self.control = Some(control);
        }
    }

    fn open_page(&self, address: SocketAddr) -> anyhow::Result<Open<SocketAddr>> {
        let open = || {
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        };
        let listener = open().with_context(|| format!("cannot serve metrics on {address} ([telemetry] metrics)"))?;
        let task = self.runtime.spawn(serve_prometheus(listener, self.metrics.clone()));
        Ok(Open { at: address, task })
    }
}

impl<A> Drop for Open<A> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
