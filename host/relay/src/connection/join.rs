//! A player joins: a server is dialled, told what it needs to know, and the session begins.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use portcullis_config::ProxyEmission;
use portcullis_protocol::Progress;
use portcullis_protocol::handshake::Handshake;
use portcullis_protocol::proxy_header::ProxyHeader;
use portcullis_protocol::text::Text;
use portcullis_registry::Session;
use tokio::io::AsyncWriteExt;

use super::Arrival;
use super::farewell::{Turned, part};
use super::opening::Plan;
use super::peek::take;
use super::session::{self, Beginning};
use crate::dial::Dialled;
use crate::refusal::Reason;
use crate::text;

/// Connects a player to the first server on the list that answers.
pub(super) async fn join(arrival: Arrival, session: Arc<Session>, plan: Plan) {
    let Some(mut dialled) = arrival.worker.dialler.dial_first(&plan.targets).await else {
        return turn_away(arrival, &plan).await;
    };
    let replayed = match replay(&arrival, &session, &plan, &mut dialled).await {
        Ok(replayed) => replayed,
        Err(error) => {
            tracing::debug!(server = %dialled.server.config.name, %error, "failed to begin a session");
            return turn_away(arrival, &plan).await;
        }
    };
    session::begin(Beginning {
        arrival,
        session,
        dialled,
        mode: plan.mode,
        handshake: replayed,
    });
}

async fn turn_away(arrival: Arrival, plan: &Plan) {
    let turned = Turned::disconnecting(&Text::plain(text::NO_SERVER), plan.client, Reason::NoServer);
    part(arrival, turned).await;
}

/// Tells the server what the client's own bytes do not: a PROXY header, and a handshake with another host. What the client
/// sent is otherwise still in the queue, and is moved with everything that follows. Returns how many bytes of the
/// handshake will be.
async fn replay(arrival: &Arrival, session: &Session, plan: &Plan, dialled: &mut Dialled) -> io::Result<usize> {
    let mut head = Vec::new();
    write_proxy_header(dialled.server.config.proxy_protocol, arrival, session.peer(), &mut head)?;
    let rewritten = session.rewritten_host();
    if let Some(host) = &rewritten {
        let bytes = take(&arrival.stream, plan.handshake)?;
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&bytes) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        handshake.write_renamed(host, &mut head).map_err(io::Error::other)?;
    }
    if !head.is_empty() {
        dialled.stream.write_all(&head).await?;
    }
    Ok(if rewritten.is_some() { 0 } else { plan.handshake })
}

/// Appends the header that a server wants, in the client's name.
fn write_proxy_header(
    emission: ProxyEmission,
    arrival: &Arrival,
    client: SocketAddr,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let header = || -> io::Result<ProxyHeader> {
        let destination = arrival.stream.local_addr()?;
        Ok(ProxyHeader::Proxied {
            source: client,
            destination,
        })
    };
    match emission {
        ProxyEmission::Off => {}
        ProxyEmission::V1 => header()?.write_v1(out),
        ProxyEmission::V2 => header()?.write_v2(out),
    }
    Ok(())
}
