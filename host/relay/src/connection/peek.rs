//! Reads without taking: what has arrived is copied to the worker's scratch buffer, looked at, and left in the kernel's
//! queue until somebody knows whose bytes they are. A connection that waits for more costs its task and its socket.

use std::io;

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::farewell::Turned;
use crate::mover::Kit;
use crate::refusal::Reason;

/// Shows `look` the first bytes of the queue, again each time that more have arrived, until it has seen enough. At most
/// `limit` bytes are shown; if that is not enough for `look`, the connection is turned away.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` keeps its arguments twice, for each connection that waits"
)]
pub(super) fn peek<T>(
    stream: &TcpStream,
    kit: &Kit,
    limit: usize,
    mut look: impl FnMut(&[u8]) -> Result<Option<T>, Reason>,
) -> impl Future<Output = Result<T, Turned>> {
    async move {
        loop {
            let Ok(ready) = stream.ready(Interest::READABLE).await else {
                return Err(Turned::silently(Reason::ClosedEarly));
            };
            let looked = stream.try_io(Interest::READABLE, || {
                let scratch = &mut *kit.scratch.borrow_mut();
                let window = scratch.get_mut(..limit).unwrap_or_default();
                let (count, _) = recv(stream, &mut *window, RecvFlags::PEEK)?;
                let arrived = window.get(..count).unwrap_or_default();
                match look(arrived) {
                    Ok(Some(seen)) => Ok(Ok(seen)),
                    Err(reason) => Ok(Err(reason)),
                    // The end had arrived before the bytes were looked at, so there will be no more of them.
                    Ok(None) if arrived.is_empty() || ready.is_read_closed() => Ok(Err(Reason::ClosedEarly)),
                    Ok(None) if count == limit => Ok(Err(Reason::TooManyBytes)),
                    // Makes tokio wait for the next edge, which the kernel signals when more arrives.
                    Ok(None) => Err(io::ErrorKind::WouldBlock.into()),
                }
            });
            match looked {
                Ok(seen) => return seen.map_err(Turned::silently),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(Turned::silently(Reason::ClosedEarly)),
            }
        }
    }
}

/// Shows `look` what the queue holds at this moment, however little that is, without waiting for more.
pub(super) fn glance<T>(
    stream: &TcpStream,
    kit: &Kit,
    limit: usize,
    look: impl FnOnce(&[u8]) -> Result<Option<T>, Reason>,
) -> Result<Option<T>, Turned> {
    let scratch = &mut *kit.scratch.borrow_mut();
    let window = scratch.get_mut(..limit).unwrap_or_default();
    let Ok((count, _)) = recv(stream, &mut *window, RecvFlags::PEEK) else {
        return Err(Turned::silently(Reason::ClosedEarly));
    };
    look(window.get(..count).unwrap_or_default()).map_err(Turned::silently)
}

/// Takes the first `count` bytes off the queue, where [`peek`] has seen them.
pub(super) fn take(stream: &TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    let (taken, _) = recv(stream, &mut *bytes, RecvFlags::empty())?;
    // What can be peeked at can be taken: only this task reads the socket.
    bytes.truncate(taken);
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::super::farewell::tests::reason;
    use super::*;

    /// A client's end and the host's end of a connection.
    pub(in super::super) async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let client = client.unwrap();
        client.set_nodelay(true).unwrap();
        (client, accepted.unwrap().0)
    }

    #[tokio::test]
    async fn bytes_that_were_looked_at_can_still_be_taken() {
        let (mut client, stream) = connection().await;
        client.write_all(b"abcdef").await.unwrap();
        let look = |bytes: &[u8]| Ok((bytes.len() == 6).then(|| bytes.to_vec()));
        assert_eq!(peek(&stream, &Kit::new(), 100, look).await.unwrap(), b"abcdef");
        assert_eq!(take(&stream, 4).unwrap(), b"abcd");
        let rest = |bytes: &[u8]| Ok(Some(bytes.to_vec()));
        assert_eq!(peek(&stream, &Kit::new(), 100, rest).await.unwrap(), b"ef");
    }

    #[tokio::test]
    async fn each_byte_of_a_slow_client_is_seen_when_it_comes() {
        let (mut client, stream) = connection().await;
        let mut seen = Vec::new();
        let kit = Kit::new();
        let look = peek(&stream, &kit, 100, |bytes| {
            seen.push(bytes.len());
            Ok((bytes.len() == 5).then_some(()))
        });
        let send = async {
            for _ in 0..5 {
                client.write_all(b"!").await.unwrap();
                // The looker has its turn.
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::join!(async { look.await.unwrap() }, send);
        assert!(seen.is_sorted() && seen.last() == Some(&5), "{seen:?}");
    }

    #[tokio::test]
    async fn more_bytes_than_the_limit_are_not_waited_for() {
        let (mut client, stream) = connection().await;
        client.write_all(&[7; 200]).await.unwrap();
        let turned = peek(&stream, &Kit::new(), 100, |_| Ok(None::<()>)).await.unwrap_err();
        assert_eq!(reason(&turned), Reason::TooManyBytes);
    }
}
