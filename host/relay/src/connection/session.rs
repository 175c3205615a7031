//! A session: bytes move, and the `session` hooks hear when that begins and, exactly once, when and why it ends.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use portcullis_registry::{Occupancy, Session};
use portcullis_runtime::{End, Mode, Tally};
use tokio::task::spawn_local;
use tracing::Instrument;

use super::{Arrival, farewell};
use crate::census::Present;
use crate::dial::Dialled;
use crate::listener::{Listener, Seat, Settings};
use crate::metrics::Gauged;
use crate::mover::Mover;
use crate::roll::Entry;
use crate::worker::Worker;

/// Everything a session begins with.
pub(super) struct Beginning {
    pub(super) arrival: Arrival,
    pub(super) session: Arc<Session>,
    pub(super) dialled: Dialled,
    pub(super) mode: Mode,
    /// Bytes of the handshake that will be moved with the rest, and do not count as the player's.
    pub(super) handshake: usize,
}

/// Begins a session, in a task of its own: it may be idle for hours, and is small.
pub(super) fn begin(beginning: Beginning) {
    let Beginning {
        arrival,
        session,
        dialled,
        mode,
        handshake,
    } = beginning;
    let Arrival {
        stream: client,
        worker,
        listener,
        settings,
        seat,
        pending,
        presence,
        ..
    } = arrival;
    drop(pending);
    let server = Arc::clone(dialled.server.config.name.shared());
    session.set_server(&dialled.server.config.name);
    let link = listener.metrics.link(&server);
    let entry = worker
        .roll
        .enter(session, settings.config.idle_timeout, link.bytes.clone());
    let mut mover = Mover::new(client, dialled.stream, mode, Rc::clone(&entry), Rc::clone(&worker.kit));
    let mut joined = Joined {
        worker,
        settings,
        server,
        entry,
        handshake: handshake as u64,
        began: Instant::now(),
        end: End::ClosedByHost,
        _gauged: link.start(),
        _occupancy: dialled.occupancy,
        _seat: seat,
        _presence: presence,
        listener,
    };
    joined.announce();
    let session = async move {
        let end = (&mut mover).await;
        let server_left = matches!(end, End::ServerLeft);
        joined.end = end;
        let kit = Rc::clone(&joined.worker.kit);
        drop(joined);
        // The server's last words, mostly why it sends the player away, may still be on their way to the client.
        if server_left {
            Box::pin(async move { farewell::linger(mover.client(), &kit).await }).await;
        }
    };
    spawn_local(session.in_current_span());
}

/// A session that the plugins were told of, on all the lists that it is on. Dropping it tells them that it has ended, which
/// so happens exactly once, also when the whole worker goes.
struct Joined {
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    settings: Arc<Settings>,
    server: Arc<str>,
    entry: Rc<Entry>,
    handshake: u64,
    began: Instant,
    end: End,
    _gauged: Gauged,
    _occupancy: Occupancy,
    _seat: Seat,
    _presence: Present,
}

impl Joined {
    fn announce(&self) {
        let session = self.entry.session();
        self.worker.registry.sessions.insert(Arc::clone(session));
        self.worker.plugins.joined(&self.settings.chain, session, &self.server);
        tracing::debug!(server = &*self.server, name = session.claimed_name(), "joined");
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let session = self.entry.session();
        self.worker.roll.leave(&self.entry);
        self.worker.registry.sessions.remove(session.id());
        let tally = Tally {
            up_bytes: session.up_bytes().saturating_sub(self.handshake),
            down_bytes: session.down_bytes(),
            duration: self.began.elapsed(),
        };
        self.worker
            .plugins
            .left(&self.settings.chain, session, &self.server, &self.end, tally);
        self.listener.metrics.session_ended(&self.end);
        tracing::debug!(
            server = &*self.server,
            end = self.end.label(),
            up = tally.up_bytes,
            down = tally.down_bytes,
            "left"
        );
    }
}
