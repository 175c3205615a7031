//! Sessions in which the host stands in the middle: it logs the player in, gets him onto a server, follows the packets of both, and
//! can move him to another server while he stays connected.
//!
//! # Rooms
//!
//! - `entrance`: who the player is. `boarding`: onto a server. `voyage`: from then to the end, and from server to server
//!   (`switch`), or without one for a while (`adrift`).
//! - `wire` is one peer's socket with frames, compression and cipher; the `pump` moves frames between two of them. Which
//!   packets anybody looks at is in `attention`, who looks is at the `desk`, what is remembered of them in `memory`.
//! - `stranger`: players of versions that the host does not know.

use std::rc::Rc;
use std::sync::Arc;

use portcullis_protocol::Progress;
use portcullis_protocol::connection::Connection;
use portcullis_protocol::handshake::{Handshake, Intent};
use portcullis_protocol::login::{Start, Success, write_disconnect};
use portcullis_protocol::packets::{Direction, Table};
use portcullis_protocol::text::Text;
use portcullis_registry::{Session, Target};
use tokio::time::timeout;

use super::farewell::{LINGER, linger};
use super::introduction;
use super::opening::{self, Door};
use super::peek::take;
use super::session::Joined;
use super::{Arrival, Guest};
use crate::refusal::Reason;
use crate::text;

mod adrift;
mod attention;
mod boarding;
mod desk;
mod entrance;
mod fault;
mod happening;
mod identity;
mod memory;
mod patience;
mod pump;
mod stranger;
mod switch;
mod voyage;
mod wire;

pub(crate) use attention::Attentions;
pub(crate) use boarding::BoardingLog;

use boarding::{Aboard, NotAboard, Ticket};
use desk::Desk;
use entrance::Parting;
use pump::Pump;
use voyage::{Advice, Voyage, advice};
use wire::Wire;

/// Redirections in a row before a player is told that there is no server for him.
const MAX_REDIRECTIONS: usize = 8;

/// Logs a player in and sees him through to the end of his session.
pub(super) async fn serve(arrival: Arrival, session: Arc<Session>, door: Door) {
    let Ok(table) = Table::of(door.client) else {
        return stranger::serve(arrival, session, door).await;
    };
    let (stream, guest) = arrival.split();
    let mut handshake = take(&stream, door.handshake).unwrap_or_default();
    if let Some(host) = introduction::without_claims(&session, &stream, &guest.settings.config) {
        handshake = with_host(&handshake, &host);
    }
    let Ok(connection) = Connection::new(door.client, Intent::Login) else {
        return;
    };
    let mut client = Wire::new(stream, connection, table, Direction::Serverbound);
    match admit(&mut client, &guest, &session, table, handshake).await {
        Ok((ticket, aboard)) => begin(client, guest, session, ticket, aboard),
        Err(parting) => part(client, guest, parting).await,
    }
}

/// The client's handshake with this host field; nothing, where it is none.
fn with_host(handshake: &[u8], host: &str) -> Vec<u8> {
    let mut written = Vec::new();
    if let Ok(Progress::Complete(said, _)) = Handshake::parse(handshake) {
        said.write_as(host, said.intent, &mut written);
    }
    written
}

/// From the login start to the login success.
async fn admit(
    client: &mut Wire,
    guest: &Guest,
    session: &Arc<Session>,
    table: &'static Table,
    handshake: Vec<u8>,
) -> Result<(Ticket, Aboard), Parting> {
    let start = entrance::read_start(client, guest).await?;
    let read = Start::read(&start, table.protocol()).map_err(fault::Fault::from)?;
    if let Some(key) = &read.key {
        session.set_chat_key(identity::chat_key(key, read.uuid));
    }
    let claim = entrance::identify(client, guest, session, &read).await?;
    let mut targets = opening::route(&guest.worker, &guest.settings, session).map_err(|denied| Parting {
        text: denied.text,
        reason: denied.reason,
    })?;
    let ticket = Ticket {
        worker: Rc::clone(&guest.worker),
        settings: Arc::clone(&guest.settings),
        local: guest.local,
        session: Arc::clone(session),
        table,
        handshake,
        start,
        _claim: claim,
    };
    for _ in 0..MAX_REDIRECTIONS {
        match ticket.board(&targets, Some(client), None, false).await {
            Ok(aboard) => {
                let_in(client, guest, session, &aboard)?;
                client.flush().await?;
                return Ok((ticket, aboard));
            }
            Err(not_aboard) => targets = elsewhere(guest, session, not_aboard)?,
        }
    }
    Err(Parting::saying(Text::plain(text::NO_SERVER), Reason::NoServer))
}

/// Where a player goes who did not get onto a server, if anywhere.
fn elsewhere(guest: &Guest, session: &Arc<Session>, not_aboard: NotAboard) -> Result<Vec<Target>, Parting> {
    let (server, loss) = match not_aboard {
        NotAboard::Lost(server, loss) => (server, loss),
        NotAboard::Denied(text, by) => return Err(Parting::of_plugin(&text, by)),
        NotAboard::Refused(refusal) => return Err(Parting::undecided(refusal)),
        NotAboard::Client(fault) => return Err(fault.into()),
    };
    match advice(&guest.worker, &guest.settings, session, &server, &loss, false) {
        Advice::Redirect(targets) => Ok(targets),
        Advice::Disconnect(parting) => Err(parting),
        // Nobody can be kept waiting in a login.
        Advice::None | Advice::Hold => Err(Parting::saying(loss.words(), Reason::NoServer)),
    }
}

/// Tells the client that it is in. Compression begins at the server's length, so that frames can keep their bytes.
fn let_in(client: &mut Wire, guest: &Guest, session: &Session, aboard: &Aboard) -> Result<(), Parting> {
    let kit = &guest.worker.kit;
    if let Some(threshold) = aboard.wire.threshold() {
        client.begin_compression(kit, threshold)?;
    }
    let profile = session.identity().map_or_else(
        || aboard.success.profile.clone(),
        |identity| identity::to_wire(&identity.profile),
    );
    let success = Success {
        profile,
        ..aboard.success.clone()
    };
    Ok(client.send(kit, &success)?)
}

/// Begins the session, in a task of its own.
fn begin(client: Wire, guest: Guest, session: Arc<Session>, ticket: Ticket, aboard: Aboard) {
    let table = ticket.table;
    let Aboard {
        wire: server,
        server: at,
        occupancy,
        ..
    } = aboard;
    let joined = Joined::begin(guest, session, at, occupancy, 0);
    let desk = Desk::new(
        Rc::clone(&joined.worker),
        Arc::clone(&joined.listener),
        Arc::clone(&joined.settings),
        Rc::clone(joined.entry()),
        table,
    );
    Voyage::new(Pump::new(client, server), desk, joined, ticket).embark();
}

/// Sees somebody off who was not let in.
async fn part(mut client: Wire, guest: Guest, parting: Parting) {
    let Guest {
        worker,
        listener,
        peer,
        pending,
        presence: _presence,
        seat: _seat,
        ..
    } = guest;
    drop(pending);
    worker.log.refused(&listener, &peer, &parting.reason);
    let Some(text) = parting.text else { return };
    let mut words = Vec::new();
    write_disconnect(&text, client.protocol(), &mut words);
    client.queue(&mut words);
    if let Ok(Ok(())) = timeout(LINGER, client.close()).await {
        linger(client.stream(), &worker.kit).await;
    }
}
