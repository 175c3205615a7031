use std::hash::Hasher;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_registry::{Registry, Session};
use portcullis_telemetry::Metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::timeout;

use super::*;
use crate::metrics::RelayMetrics;
use crate::roll::Roll;

/// A session between two sockets in the test's hands.
struct Rig {
    client: TcpStream,
    server: TcpStream,
    mover: Mover,
    session: Arc<Session>,
    roll: Roll,
    kit: Rc<Kit>,
}

const IDLE: Duration = Duration::from_secs(120);

async fn rig(mode: Mode) -> Rig {
    let (client, near_client) = connection().await;
    let (server, near_server) = connection().await;
    let registry = Registry::new();
    let peer = SocketAddr::from(([127, 0, 0, 1], 1));
    let session = Arc::new(Session::new(registry.sessions.next_id(), peer, "test".into()));
    let (roll, kit) = (Roll::default(), Rc::new(Kit::new()));
    let bytes = RelayMetrics::new(&Metrics::new())
        .listener("test".into())
        .link("server")
        .bytes;
    let entry = roll.enter(Arc::clone(&session), IDLE, bytes);
    let mover = Mover::new(near_client, near_server, mode, entry, Rc::clone(&kit));
    Rig {
        client,
        server,
        mover,
        session,
        roll,
        kit,
    }
}

/// Both ends of a connection whose buffers are small, so that there is back-pressure soon.
async fn connection() -> (TcpStream, TcpStream) {
    const BUFFER: u32 = 256 << 10;
    let listening = TcpSocket::new_v4().unwrap();
    listening.set_recv_buffer_size(BUFFER).unwrap();
    listening.set_send_buffer_size(BUFFER).unwrap();
    listening.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listening: TcpListener = listening.listen(1).unwrap();
    let connecting = TcpSocket::new_v4().unwrap();
    connecting.set_recv_buffer_size(BUFFER).unwrap();
    connecting.set_send_buffer_size(BUFFER).unwrap();
    connecting.set_nodelay(true).unwrap();
    let (near, accepted) = tokio::join!(connecting.connect(listening.local_addr().unwrap()), listening.accept());
    let accepted = accepted.unwrap().0;
    accepted.set_nodelay(true).unwrap();
    (near.unwrap(), accepted)
}

/// Bytes that differ from place to place, and the hash of what was sent.
async fn send(to: &mut (impl AsyncWriteExt + Unpin), total: usize, seed: u64) -> u64 {
    let (mut state, mut hash, mut sent) = (seed | 1, Fnv::default(), 0);
    // Odd, so that moves never end where writes did.
    let mut chunk = vec![0; 100_003];
    while sent < total {
        let part = &mut chunk[..(total - sent).min(100_003)];
        for byte in part.iter_mut() {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            *byte = (state >> 56) as u8;
        }
        hash.write(part);
        to.write_all(part).await.unwrap();
        sent += part.len();
    }
    to.shutdown().await.unwrap();
    hash.finish()
}

async fn receive(from: &mut (impl AsyncReadExt + Unpin)) -> (usize, u64) {
    let (mut hash, mut received, mut chunk) = (Fnv::default(), 0, vec![0; 64 << 10]);
    loop {
        let count = from.read(&mut chunk).await.unwrap();
        if count == 0 {
            return (received, hash.finish());
        }
        hash.write(&chunk[..count]);
        received += count;
    }
}

/// Fowler, Noll and Vo's hash: it depends on the order of bytes and not on how they were cut.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[test]
fn an_idle_session_is_small() {
    // With the session's record, its tables and two of tokio's sockets, an idle session stays far below 6 KiB.
    assert!(size_of::<Mover>() <= 384, "{}", size_of::<Mover>());
}

#[tokio::test]
async fn what_either_side_says_the_other_hears_and_nothing_is_held() {
    for mode in [Mode::Splice, Mode::Copy] {
        let Rig {
            mut client,
            mut server,
            mover,
            session,
            kit,
            ..
        } = rig(mode).await;
        let talk = async {
            let mut heard = [0; 5];
            for _ in 0..100 {
                client.write_all(b"hello").await.unwrap();
                server.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, b"hello");
                server.write_all(b"world").await.unwrap();
                client.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, b"world");
            }
            assert_eq!(kit.pipes.lent(), 0);
            drop(client);
            assert_eq!(server.read(&mut heard).await.unwrap(), 0);
            drop(server);
        };
        let (end, ()) = tokio::join!(mover, talk);
        assert_eq!(end, End::ClientLeft);
        assert_eq!((session.up_bytes(), session.down_bytes()), (500, 500));
    }
}

async fn check_bulk(mode: Mode, prepare: impl FnOnce(&Kit)) {
    const TOTAL: usize = 64 << 20;
    let Rig {
        mut client,
        mut server,
        mover,
        session,
        kit,
        ..
    } = rig(mode).await;
    prepare(&kit);
    let lent = kit.pipes.lent();
    let (mut client_in, mut client_out) = client.split();
    let (mut server_in, mut server_out) = server.split();
    let (_, up, up_heard, down, down_heard) = tokio::join!(
        mover,
        send(&mut client_out, TOTAL, 7),
        receive(&mut server_in),
        send(&mut server_out, TOTAL, 8),
        receive(&mut client_in),
    );
    assert_eq!((TOTAL, up), up_heard);
    assert_eq!((TOTAL, down), down_heard);
    assert_eq!((session.up_bytes(), session.down_bytes()), (TOTAL as u64, TOTAL as u64));
    assert_eq!(kit.pipes.lent(), lent, "every pipe was given back");
}

#[tokio::test]
async fn both_directions_at_once_arrive_whole_when_spliced() {
    check_bulk(Mode::Splice, |_| {}).await;
}

#[tokio::test]
async fn both_directions_at_once_arrive_whole_when_copied() {
    check_bulk(Mode::Copy, |_| {}).await;
}

#[tokio::test]
async fn without_a_pipe_to_be_had_bytes_are_copied() {
    check_bulk(Mode::Splice, |kit| kit.pipes.exhaust()).await;
}

#[tokio::test]
async fn a_kernel_that_cannot_splice_is_not_asked_to() {
    check_bulk(Mode::Splice, |kit| kit.can_splice.set(false)).await;
}

#[tokio::test]
async fn a_client_that_has_finished_sending_still_hears_the_answer() {
    let Rig {
        mut client,
        mut server,
        mover,
        ..
    } = rig(Mode::Splice).await;
    let talk = async {
        client.write_all(b"bye").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"bye");
        let said = send(&mut server, 1 << 20, 1).await;
        assert_eq!(receive(&mut client).await, (1 << 20, said));
    };
    let (end, ()) = tokio::join!(mover, talk);
    assert_eq!(end, End::ClientLeft);
}

#[tokio::test]
async fn a_servers_last_words_are_heard_although_it_listens_no_more() {
    let Rig {
        mut client,
        mut server,
        mover,
        ..
    } = rig(Mode::Splice).await;
    let talk = async {
        client
            .write_all(b"a movement that the server never reads")
            .await
            .unwrap();
        server.readable().await.unwrap();
        server.write_all(b"kicked").await.unwrap();
        let mut heard = [0; 6];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"kicked");
        // With unread bytes, closing resets the connection.
        drop(server);
        assert_eq!(client.read(&mut heard).await.unwrap_or(0), 0);
    };
    let (end, ()) = tokio::join!(mover, talk);
    assert_eq!(end, End::ServerLeft);
}

#[tokio::test]
async fn a_slow_reader_stops_the_sender_and_loses_nothing() {
    const TOTAL: usize = 32 << 20;
    for mode in [Mode::Splice, Mode::Copy] {
        let Rig {
            mut client,
            mut server,
            mover,
            session,
            ..
        } = rig(mode).await;
        let talk = async {
            let mut sending = std::pin::pin!(send(&mut server, TOTAL, 3));
            // Everything between the two is full when the sender makes no progress for a while.
            let mut before = None;
            while before != Some(session.down_bytes()) {
                before = Some(session.down_bytes());
                assert!(
                    timeout(Duration::from_millis(100), &mut sending).await.is_err(),
                    "the sender was not stopped"
                );
            }
            assert!(
                session.down_bytes() < TOTAL as u64 / 2,
                "{} bytes were taken",
                session.down_bytes()
            );
            let (sent, heard) = tokio::join!(sending, receive(&mut client));
            assert_eq!(heard, (TOTAL, sent));
            client.shutdown().await.unwrap();
        };
        let (end, ()) = tokio::join!(mover, talk);
        assert_eq!(end, End::ServerLeft);
    }
}

#[tokio::test]
async fn a_session_in_which_nothing_moves_is_idle_and_one_byte_keeps_it() {
    let Rig {
        mut client,
        mut server,
        mover,
        roll,
        ..
    } = rig(Mode::Splice).await;
    let watch = async {
        let start = Instant::now();
        roll.sweep(start + IDLE - Duration::from_secs(1));
        client.write_all(b"!").await.unwrap();
        server.read_exact(&mut [0]).await.unwrap();
        roll.sweep(start + IDLE);
        roll.sweep(start + 2 * IDLE - Duration::from_secs(1));
        client.write_all(b"!").await.unwrap();
        server.read_exact(&mut [0]).await.unwrap();
        roll.sweep(start + 2 * IDLE);
        roll.sweep(start + 3 * IDLE);
    };
    let (end, ()) = tokio::join!(mover, watch);
    assert_eq!(end, End::Idle);
}

#[tokio::test]
async fn a_stopping_host_ends_its_sessions_and_waits_for_them() {
    let Rig {
        client: _client,
        server: _server,
        mover,
        roll,
        ..
    } = rig(Mode::Splice).await;
    let entry = Rc::clone(&mover.entry);
    let moving = async {
        let end = mover.await;
        roll.leave(&entry);
        end
    };
    let (end, ()) = tokio::join!(moving, roll.close());
    assert_eq!(end, End::ClosedByHost);
}
