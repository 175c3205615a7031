//! Turning a connection away: counted, logged now and then, and, where there is something to say, heard.

use std::time::Duration;

use portcullis_protocol::login;
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::Arrival;
use crate::listener::Seating;
use crate::mover::Kit;
use crate::refusal::Reason;

/// How long the last words may take to be heard.
pub(super) const LINGER: Duration = Duration::from_millis(500);

/// A connection turned away.
#[derive(Debug)]
pub(super) struct Turned {
    reason: Reason,
    parting: Parting,
}

#[derive(Debug)]
enum Parting {
    Silence,
    Words(Vec<u8>),
    Wait(Duration),
}

impl Turned {
    pub(super) fn silently(reason: Reason) -> Self {
        Self {
            reason,
            parting: Parting::Silence,
        }
    }

    /// With these bytes, already in the client's format.
    pub(super) fn saying(words: Vec<u8>, reason: Reason) -> Self {
        Self {
            reason,
            parting: Parting::Words(words),
        }
    }

    /// With a text for a player who is logging in.
    pub(super) fn disconnecting(text: &Text, client: Protocol, reason: Reason) -> Self {
        let mut words = Vec::new();
        login::write_disconnect(text, client, &mut words);
        Self::saying(words, reason)
    }

    /// Without a word, but not soon.
    pub(super) fn after(time: Duration, reason: Reason) -> Self {
        Self {
            reason,
            parting: Parting::Wait(time),
        }
    }
}

/// Sees a connection off.
pub(super) async fn part(arrival: Arrival, turned: Turned) {
    let Arrival {
        mut stream,
        worker,
        listener,
        settings,
        peer,
        pending,
        presence,
        seat: _seat,
        ..
    } = arrival;
    drop(pending);
    worker.log.refused(&listener, &peer, &turned.reason);
    match turned.parting {
        Parting::Silence => {}
        Parting::Words(words) => say(&mut stream, &worker.kit, &words).await,
        Parting::Wait(time) => {
            if let Some(_tarpit) = listener.seat(Seating::Tarpits, settings.config.tarpit_max) {
                // Nobody waits for these when the host stops.
                drop(presence);
                sleep(time).await;
            }
        }
    }
}

/// Says `words` and closes in a way that lets them be heard.
pub(super) async fn say(stream: &mut TcpStream, kit: &Kit, words: &[u8]) {
    let spoken = timeout(LINGER, async {
        stream.write_all(words).await?;
        stream.shutdown().await
    });
    if let Ok(Ok(())) = spoken.await {
        linger(stream, kit).await;
    }
}

/// Waits, not for long, until the peer has closed as well. A socket closed while bytes are on their way to it resets the
/// connection, and a peer that is reset forgets what it has not read yet.
pub(super) async fn linger(stream: &TcpStream, kit: &Kit) {
    let hear_out = async {
        while stream.readable().await.is_ok() {
            let scratch = &mut *kit.scratch.borrow_mut();
            match stream.try_read(scratch) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = timeout(LINGER, hear_out).await;
}

#[cfg(test)]
pub(super) mod tests {
    use tokio::io::AsyncReadExt;

    use super::super::peek::tests::connection;
    use super::*;

    /// Why it was turned away.
    pub(in super::super) fn reason(turned: &Turned) -> Reason {
        turned.reason.clone()
    }

    #[tokio::test]
    async fn last_words_are_heard_although_nobody_read_what_the_client_said() {
        let (mut client, mut stream) = connection().await;
        client.write_all(&[7; 10_000]).await.unwrap();
        let mut heard = Vec::new();
        let hear = async {
            client.read_to_end(&mut heard).await.unwrap();
            drop(client);
        };
        let kit = Kit::new();
        tokio::join!(say(&mut stream, &kit, b"goodbye"), hear);
        assert_eq!(heard, b"goodbye");
    }

    #[tokio::test]
    async fn a_peer_that_stays_is_not_waited_for_long() {
        let (_client, mut stream) = connection().await;
        timeout(4 * LINGER, say(&mut stream, &Kit::new(), b"goodbye"))
            .await
            .unwrap();
    }
}
