//! Moves the bytes of a session both ways until it ends: through the worker's scratch buffer where little flows, from
//! kernel to kernel where much does. Nothing is held while nothing flows.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use portcullis_runtime::{End, Mode};
use tokio::net::TcpStream;

use crate::codec::Codec;
use crate::roll::Entry;

mod direction;
mod pace;
mod pipes;

pub(crate) use pace::Pace;

use direction::{Direction, Done};
use pipes::PipePool;

/// Bytes of the worker's scratch buffer. Long streams of frames are read into all of it: the fewer reads, the fewer wake a peer.
const SCRATCH_BYTES: usize = 256 << 10;

/// Bytes of it that are read into otherwise: a read that fills them is a stream worth splicing.
pub(crate) const COPY_BYTES: usize = 64 << 10;

/// What the sessions of one worker share for moving bytes.
pub(crate) struct Kit {
    /// Borrowed only within one poll, never across a wait.
    pub(crate) scratch: RefCell<Box<[u8]>>,
    /// Packs and unpacks packets; borrowed like the scratch buffer.
    pub(crate) codec: RefCell<Codec>,
    /// Where frames are put together that are not where they came.
    pub(crate) assembly: RefCell<Vec<u8>>,
    pipes: PipePool,
    /// Cleared for good when the kernel says that it cannot splice sockets.
    can_splice: Cell<bool>,
}

impl Kit {
    pub(crate) fn new() -> Self {
        Self {
            scratch: RefCell::new(vec![0; SCRATCH_BYTES].into_boxed_slice()),
            codec: RefCell::default(),
            assembly: RefCell::default(),
            pipes: PipePool::default(),
            can_splice: Cell::new(true),
        }
    }
}

/// A session on the move. As a future, it ends with the reason why the session did.
pub(crate) struct Mover {
    client: TcpStream,
    server: TcpStream,
    up: Direction,
    down: Direction,
    /// What happened first: that is why the session ends, whatever follows from it.
    first: Option<End>,
    entry: Rc<Entry>,
    kit: Rc<Kit>,
}

#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
}

impl Mover {
    pub(crate) fn new(client: TcpStream, server: TcpStream, mode: Mode, entry: Rc<Entry>, kit: Rc<Kit>) -> Self {
        let direction = || Direction::new(matches!(mode, Mode::Splice));
        Self {
            client,
            server,
            up: direction(),
            down: direction(),
            first: None,
            entry,
            kit,
        }
    }

    /// The client's socket, for a last goodbye.
    pub(crate) fn client(&mut self) -> &mut TcpStream {
        &mut self.client
    }

    /// Notes what one direction has come to; `Some` when that ends the session at once.
    fn settle(&mut self, done: Done, source: Side, sink: Side) -> Option<End> {
        match done {
            Done::Ended => {
                self.first.get_or_insert(left(source));
                None
            }
            // What the sink still says is for the source, who may hear it although it is not listened to any more: a
            // server's last words are a disconnect text.
            Done::SinkBroke(error) => {
                self.first.get_or_insert_with(|| broke(sink, &error));
                None
            }
            Done::SourceBroke(error) => Some(self.first.take().unwrap_or_else(|| broke(source, &error))),
        }
    }
}

impl Future for Mover {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = &mut *self;
        if let Poll::Ready(end) = this.entry.poll_ordered_end(cx) {
            return Poll::Ready(end);
        }
        // All that can be done to a session whose packets nobody follows.
        if this.entry.session().poll_disconnect(cx).is_ready() {
            return Poll::Ready(End::ClosedByHost);
        }
        if !this.up.is_done() {
            let (finished, moved) = (this.down.is_source_ended(), |count| this.entry.session().add_up(count));
            if let Poll::Ready(done) =
                (this.up).poll(cx, &this.kit, &mut this.client, &mut this.server, finished, moved)
                && let Some(end) = this.settle(done, Side::Client, Side::Server)
            {
                return Poll::Ready(end);
            }
        }
        if !this.down.is_done() {
            let (finished, moved) = (this.up.is_source_ended(), |count| this.entry.session().add_down(count));
            if let Poll::Ready(done) =
                (this.down).poll(cx, &this.kit, &mut this.server, &mut this.client, finished, moved)
                && let Some(end) = this.settle(done, Side::Server, Side::Client)
            {
                return Poll::Ready(end);
            }
        }
        match this.first.take() {
            Some(end) if this.up.is_done() && this.down.is_done() => Poll::Ready(end),
            first => {
                this.first = first;
                Poll::Pending
            }
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.up.let_go(&self.kit);
        self.down.let_go(&self.kit);
    }
}

impl fmt::Debug for Mover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mover")
            .field("up", &self.up)
            .field("down", &self.down)
            .finish_non_exhaustive()
    }
}

fn left(side: Side) -> End {
    match side {
        Side::Client => End::ClientLeft,
        Side::Server => End::ServerLeft,
    }
}

/// A peer that resets the connection has left, if rudely; anything else is the network's fault.
fn broke(side: Side, error: &io::Error) -> End {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    match error.kind() {
        ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected => left(side),
        _ => {
            let who = match side {
                Side::Client => "client",
                Side::Server => "server",
            };
            End::Error(format!("{who}: {error}"))
        }
    }
}

#[cfg(test)]
mod tests;
