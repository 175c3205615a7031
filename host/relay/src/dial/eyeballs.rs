//! Connects to the first of several addresses that answers (happy eyeballs, RFC 8305 §5): they are tried in order, each a
//! little after the one before it, or at once when that one fails.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::socket;

/// Head start of one address over the next.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first of `addresses` that answers. Each attempt may take `limit`.
pub(crate) async fn connect(addresses: &[SocketAddr], limit: Duration) -> io::Result<TcpStream> {
    // One address is the rule, and needs no tasks.
    if let [only] = addresses {
        return attempt(*only, limit).await;
    }
    let mut rest = addresses.iter();
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        let next = rest.next();
        if let Some(address) = next {
            attempts.spawn_local(attempt(*address, limit));
        }
        let ended = if next.is_some() {
            // Too late only means that the next address gets its chance.
            timeout(ATTEMPT_DELAY, attempts.join_next()).await.unwrap_or(None)
        } else {
            attempts.join_next().await
        };
        match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => failure = Some(error),
            Some(Err(error)) => failure = Some(error.into()),
            None if next.is_none() => {
                return Err(failure.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no address")));
            }
            None => {}
        }
    }
}

async fn attempt(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()?
    } else {
        TcpSocket::new_v4()?
    };
    socket::set_server_options(&socket)?;
    timeout(limit, socket.connect(address)).await?
}
