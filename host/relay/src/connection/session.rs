//! A session: bytes move, and the `session` hooks hear when that begins and, exactly once, when and why it ends.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use portcullis_registry::{Occupancy, Server, Session};
use portcullis_runtime::{End, Mode, Tally};
use tokio::task::spawn_local;
use tracing::Instrument;

use super::{Arrival, Guest, farewell};
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
    let (client, guest) = arrival.split();
    let Dialled {
        stream,
        server,
        occupancy,
    } = dialled;
    let joined = Joined::begin(guest, session, server, occupancy, handshake as u64);
    let (entry, kit) = (Rc::clone(joined.entry()), Rc::clone(&joined.worker.kit));
    let mover = Mover::new(client, stream, mode, entry, kit);
    spawn_local(relay(joined, mover).in_current_span());
}

/// Moves a session's bytes until it ends.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` keeps its arguments twice, for each session that is idle"
)]
pub(super) fn relay(mut joined: Joined, mut mover: Mover) -> impl Future<Output = ()> {
    async move {
        let end = (&mut mover).await;
        let server_left = matches!(end, End::ServerLeft);
        joined.set_end(end);
        let kit = Rc::clone(&joined.worker.kit);
        drop(joined);
        // The server's last words, mostly why it sends the player away, may still be on their way to the client.
        if server_left {
            Box::pin(async move { farewell::linger(mover.client(), &kit).await }).await;
        }
    }
}

/// A session that the plugins were told of, on all the lists that it is on. Dropping it tells them that it has ended, which
/// so happens exactly once, also when the whole worker goes.
pub(super) struct Joined {
    pub(super) worker: Rc<Worker>,
    pub(super) listener: Arc<Listener>,
    pub(super) settings: Arc<Settings>,
    server: Arc<str>,
    entry: Rc<Entry>,
    /// Bytes that were moved and are not the player's.
    handshake: u64,
    began: Instant,
    end: End,
    gauged: Gauged,
    occupancy: Occupancy,
    _seat: Seat,
    _presence: Present,
}

impl Joined {
    /// Puts a session on the lists, and tells the plugins.
    pub(super) fn begin(
        guest: Guest,
        session: Arc<Session>,
        server: Arc<Server>,
        occupancy: Occupancy,
        handshake: u64,
    ) -> Self {
        let Guest {
            worker,
            listener,
            settings,
            seat,
            pending,
            presence,
            ..
        } = guest;
        drop(pending);
        session.set_server(&server.config.name);
        session.open_orders();
        let server = Arc::clone(server.config.name.shared());
        let link = listener.metrics.link(&server);
        let entry = worker
            .roll
            .enter(session, settings.config.idle_timeout, link.bytes.clone());
        let joined = Self {
            worker,
            listener,
            settings,
            server,
            entry,
            handshake,
            began: Instant::now(),
            end: End::ClosedByHost,
            gauged: link.start(),
            occupancy,
            _seat: seat,
            _presence: presence,
        };
        joined.announce();
        joined
    }

    pub(super) fn entry(&self) -> &Rc<Entry> {
        &self.entry
    }

    /// The server that the player is on, or was on last.
    pub(super) fn server(&self) -> &Arc<str> {
        &self.server
    }

    /// Why it ends, should it end now.
    pub(super) fn set_end(&mut self, end: End) {
        self.end = end;
    }

    /// The player is on another server.
    pub(super) fn move_to(&mut self, server: Arc<Server>, occupancy: Occupancy) {
        self.entry.session().set_server(&server.config.name);
        self.server = Arc::clone(server.config.name.shared());
        let link = self.listener.metrics.link(&self.server);
        self.entry.count_for(link.bytes.clone());
        self.gauged = link.start();
        self.occupancy = occupancy;
        tracing::debug!(server = &*self.server, "moved");
    }

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
        session.end_orders();
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
