//! The life of a connection, from the first byte to the last: one file for each stage, in this order.
//!
//! `peer` learns who it is, `opening` what it wants; a ping goes to `ping`, a player to `join`, and from there to
//! `session`, unless the host is to stand in the middle ([`framed`]); whoever is turned away passes through `farewell`. Until a route is chosen, nothing is buffered: what has
//! arrived is looked at where it lies, in the kernel's queue (`peek`).

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use portcullis_registry::{Session, SessionId};
use portcullis_runtime::{Accept, Refusal};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::census::Present;
use crate::listener::{Listener, Seat, Settings};
use crate::refusal::Reason;
use crate::worker::Worker;

mod farewell;
mod framed;
mod introduction;
mod join;
mod opening;
mod peek;
mod peer;
mod ping;
mod session;

use farewell::Turned;
pub(crate) use framed::{Attentions, BoardingLog};
use opening::Wish;

/// A connection that has just been accepted.
pub(crate) struct Arrival {
    pub(crate) id: SessionId,
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) worker: Rc<Worker>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) settings: Arc<Settings>,
    /// Held until the connection ends.
    pub(crate) seat: Seat,
    /// Held until there is a route.
    pub(crate) pending: Seat,
    pub(crate) presence: Present,
}

/// What of a connection goes on when its socket is in other hands.
pub(crate) struct Guest {
    pub(crate) peer: SocketAddr,
    /// Where the client connected to.
    pub(crate) local: SocketAddr,
    pub(crate) worker: Rc<Worker>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) seat: Seat,
    pub(crate) pending: Seat,
    pub(crate) presence: Present,
}

impl Arrival {
    /// The socket, and everything else.
    pub(crate) fn split(self) -> (TcpStream, Guest) {
        let local = self.local();
        let guest = Guest {
            peer: self.peer,
            local,
            worker: self.worker,
            listener: self.listener,
            settings: self.settings,
            seat: self.seat,
            pending: self.pending,
            presence: self.presence,
        };
        (self.stream, guest)
    }

    /// Where the client connected to.
    fn local(&self) -> SocketAddr {
        self.stream.local_addr().unwrap_or(self.listener.address)
    }
}

/// Serves a connection to its end, or to where a session begins.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` keeps its arguments twice, for each connection that waits"
)]
pub(crate) fn serve(mut arrival: Arrival) -> impl Future<Output = ()> {
    // Thousands may wait here at a time. They stay small because what comes later has a box of its own.
    async move {
        let limit = arrival.settings.config.handshake_timeout;
        let wish = match timeout(limit, receive(&mut arrival)).await {
            Ok(wish) => wish,
            Err(_) => Err(Turned::silently(Reason::HandshakeTimeout)),
        };
        match wish {
            Ok((session, Wish::Ping(question))) => Box::pin(ping::answer(arrival, session, question)).await,
            Ok((session, Wish::Join(plan))) => Box::pin(join::join(arrival, session, plan)).await,
            Ok((session, Wish::Enter(door))) => Box::pin(framed::serve(arrival, session, door)).await,
            Err(turned) => Box::pin(farewell::part(arrival, turned)).await,
        }
    }
}

/// Learns who it is and what it wants.
async fn receive(arrival: &mut Arrival) -> Result<(Arc<Session>, Wish), Turned> {
    arrival.peer = peer::behind_proxy(
        &arrival.stream,
        &arrival.worker.kit,
        arrival.peer,
        &arrival.settings.config,
    )
    .await?;
    tracing::Span::current().record("peer", tracing::field::display(arrival.peer));
    let session = Arc::new(Session::new(
        arrival.id,
        arrival.peer,
        Arc::clone(&arrival.listener.name),
    ));
    let barred = match arrival.worker.plugins.accept(&arrival.settings.chain, &session) {
        Accept::Admit => None,
        Accept::Drop(by) => return Err(Turned::silently(Reason::PluginDrop(by))),
        Accept::Tarpit(time, by) => return Err(Turned::after(time, Reason::PluginTarpit(by))),
        // A player who meets a plugin that is away is told so, which takes a handshake; nobody else is asked meanwhile.
        Accept::Refuse(refusal @ Refusal::PluginFailed(_)) => Some(refusal),
        Accept::Refuse(refusal) => return Err(Turned::silently(Reason::Undecided(refusal))),
    };
    let wish = opening::read(arrival, &session, barred).await?;
    Ok((session, wish))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, F: Future>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_connection_without_a_route_is_small() {
        // 2 KiB are allowed. tokio adds about 600 bytes for the socket, the task and the timer, and the session's record
        // has 512 at most.
        assert!(size_of_future(serve) <= 900, "{}", size_of_future(serve));
    }
}
