//! Takes connections from a worker's listening socket and lets each begin its life, for as long as the listener is open.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use tokio::time::sleep;
use tracing::Instrument;

use super::{Listener, Seating};
use crate::connection::{self, Arrival};
use crate::refusal::Reason;
use crate::worker::Worker;

/// Rest after the system failed to hand over a connection, so that a lack of descriptors does not become a busy loop.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Accepts until `close` fires or its sender is gone; what it carries is dropped when the socket is closed.
pub(crate) async fn run<C>(
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    socket: TcpListener,
    close: oneshot::Receiver<C>,
) {
    let accept_all = async {
        loop {
            match socket.accept().await {
                Ok((stream, peer)) => admit(&worker, &listener, stream, peer),
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    listener.metrics.accept_errors.inc();
                    if let Some(suppressed) = worker.log.degraded.admit() {
                        tracing::warn!(listener = %listener.name, %error, suppressed, "failed to accept a connection");
                    }
                    sleep(BACK_OFF).await;
                }
            }
        }
    };
    let closed = tokio::select! {
        closed = close => closed.ok(),
        () = accept_all => None,
    };
    // The kernel has completed these, so they are ours: closing the socket now would reset them.
    if let Ok(socket) = socket.into_std() {
        for (stream, peer) in waiting(&socket) {
            admit(&worker, &listener, stream, peer);
        }
    }
    drop(closed);
}

/// The connections in the kernel's queue now. Asked of the kernel itself: tokio may not have heard of them yet.
fn waiting(socket: &std::net::TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    std::iter::from_fn(|| {
        loop {
            match socket.accept() {
                Ok((stream, peer)) => {
                    stream.set_nonblocking(true).ok()?;
                    return Some((TcpStream::from_std(stream).ok()?, peer));
                }
                Err(error) if is_the_peers(&error) => {}
                Err(_) => return None,
            }
        }
    })
}

fn admit(worker: &Rc<Worker>, listener: &Arc<Listener>, stream: TcpStream, peer: SocketAddr) {
    listener.metrics.connections.inc();
    let settings = listener.settings();
    let Some(seat) = listener.seat(Seating::Connections, settings.config.max_connections) else {
        return worker.log.refused(listener, &peer, &Reason::MaxConnections);
    };
    let Some(pending) = listener.seat(Seating::Pending, settings.config.max_pending) else {
        return worker.log.refused(listener, &peer, &Reason::MaxPending);
    };
    let id = worker.registry.sessions.next_id();
    let span = tracing::debug_span!("session", %id, peer = tracing::field::Empty);
    let arrival = Arrival {
        id,
        stream,
        peer: SocketAddr::new(peer.ip().to_canonical(), peer.port()),
        worker: Rc::clone(worker),
        listener: Arc::clone(listener),
        settings,
        seat,
        pending,
        presence: worker.census.enter(),
    };
    spawn_local(connection::serve(arrival).instrument(span));
}

/// A connection that was gone before it was taken says nothing about the system.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
