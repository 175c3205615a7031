//! The server behind every proxy under test: one thread, one epoll, and as little work per byte as can be.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::net::RecvFlags;
use rustix::net::sockopt::{set_socket_linger, set_tcp_nodelay};

use super::cpus;
use super::poll::Poll;
use super::wire::{self, Hello};

/// Players of these names get a stream of frames, or have what they send thrown away. Any other name gets an echo.
pub(super) const SOURCE: &str = "source";
pub(super) const SINK: &str = "sink";

/// A frame of a bulk stream: about the size of a compressed chunk packet.
pub(super) const BULK_FRAME: usize = 8 * 1024;

/// Frames written to one connection before the others get their turn.
const FRAMES_PER_TURN: usize = 8;
/// Longer than a handshake and a login start of the load generator (70 bytes).
const HELLO_BYTES: usize = 128;
const LISTENER: u64 = u64::MAX;

/// A running backend; ends when dropped.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
    swallowed: Arc<AtomicU64>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Backend {
    pub(super) fn start(on: &[usize]) -> anyhow::Result<Self> {
        let listener = listen()?;
        let address = listener.local_addr()?;
        let (stop, swallowed) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let mut server = Server {
            poll: Poll::new()?,
            listener,
            peers: Vec::new(),
            vacant: Vec::new(),
            buffer: vec![0; 256 * 1024],
            frames: Streams {
                bulk: vec![0x5a; BULK_FRAME],
                plain: wire::plain_frame(),
                packed: wire::packed_frame()?,
            },
            swallowed: Arc::clone(&swallowed),
        };
        let (on, stopped) = (on.to_vec(), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("backend".into()).spawn(move || {
            cpus::pin(&on)?;
            server.serve(&stopped)
        })?;
        Ok(Self {
            address,
            stop,
            swallowed,
            thread: Some(thread),
        })
    }

    /// Bytes that arrived from players named [`SINK`].
    pub(super) fn swallowed(&self) -> u64 {
        self.swallowed.load(Ordering::Relaxed)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(Ok(Err(error))) = self.thread.take().map(JoinHandle::join) {
            eprintln!("the backend failed: {error:#}");
        }
    }
}

/// Accepted sockets inherit what is set here, which saves a call for each.
fn listen() -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").context("opening the backend's port")?;
    rustix::net::listen(&listener, 4096)?;
    listener.set_nonblocking(true)?;
    set_tcp_nodelay(&listener, true)?;
    // A reset instead of TIME_WAIT: tens of thousands of logins must not use up the ports of loopback.
    set_socket_linger(&listener, Some(Duration::ZERO))?;
    Ok(listener)
}

struct Server {
    poll: Poll,
    listener: TcpListener,
    peers: Vec<Option<Peer>>,
    vacant: Vec<usize>,
    buffer: Vec<u8>,
    frames: Streams,
    swallowed: Arc<AtomicU64>,
}

/// What is sent over and over to players who get a stream.
struct Streams {
    bulk: Vec<u8>,
    plain: Vec<u8>,
    packed: Vec<u8>,
}

impl Streams {
    fn of(&self, kind: Kind) -> &[u8] {
        match kind {
            Kind::Bulk => &self.bulk,
            Kind::Plain => &self.plain,
            Kind::Packed => &self.packed,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Bulk,
    Plain,
    Packed,
}

struct Peer {
    stream: TcpStream,
    role: Role,
}

enum Role {
    Hello {
        seen: [u8; HELLO_BYTES],
        length: usize,
    },
    Echo,
    /// How much of the frame under way has been written.
    Source {
        kind: Kind,
        sent: usize,
    },
    Sink,
}

impl Server {
    fn serve(&mut self, stop: &AtomicBool) -> anyhow::Result<()> {
        self.poll.add(&self.listener, LISTENER, EventFlags::IN)?;
        while !stop.load(Ordering::Relaxed) {
            for token in self.poll.wait()? {
                if token == LISTENER {
                    self.accept()?;
                } else {
                    self.attend(token as usize);
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionAborted) => {
                    return Ok(());
                }
                Err(error) => return Err(error).context("accepting"),
            };
            stream.set_nonblocking(true)?;
            let index = self.vacant.pop().unwrap_or_else(|| {
                self.peers.push(None);
                self.peers.len() - 1
            });
            self.poll.add(&stream, index as u64, EventFlags::IN)?;
            if let Some(place) = self.peers.get_mut(index) {
                *place = Some(Peer {
                    stream,
                    role: Role::Hello {
                        seen: [0; HELLO_BYTES],
                        length: 0,
                    },
                });
            }
        }
    }

    fn attend(&mut self, index: usize) {
        let Some(Some(peer)) = self.peers.get_mut(index) else {
            return;
        };
        let going_on = match &mut peer.role {
            Role::Hello { .. } => greet(peer, &self.poll, index as u64),
            Role::Echo => echo(&mut peer.stream, &mut self.buffer),
            Role::Source { kind, sent } => pour(&mut peer.stream, sent, self.frames.of(*kind)),
            Role::Sink => swallow(&peer.stream, &mut self.buffer, &self.swallowed),
        };
        if !going_on.unwrap_or_else(|error| error.kind() == ErrorKind::WouldBlock) {
            if let Some(place) = self.peers.get_mut(index) {
                *place = None;
            }
            self.vacant.push(index);
        }
    }
}

/// `Ok(false)`, or an error other than `WouldBlock`, from these four ends the connection.
type Progress = std::io::Result<bool>;

fn greet(peer: &mut Peer, poll: &Poll, token: u64) -> Progress {
    let Role::Hello { seen, length } = &mut peer.role else {
        return Ok(true);
    };
    let room = seen.get_mut(*length..).unwrap_or_default();
    let read = peer.stream.read(room)?;
    *length += read;
    let next = match wire::hello(seen.get(..*length).unwrap_or_default()) {
        _ if read == 0 => return Ok(false),
        Hello::Incomplete => return Ok(true),
        Hello::Garbage => return Ok(false),
        Hello::Status => {
            peer.stream.write_all(&wire::status_answer())?;
            Role::Echo
        }
        Hello::Login { name } => {
            let source = |kind| Role::Source { kind, sent: 0 };
            let (answer, role) = match name {
                wire::PLAIN => (wire::let_in(name), source(Kind::Plain)),
                wire::PACKED => (wire::let_in(name), source(Kind::Packed)),
                wire::JOINER => (wire::let_in(name), Role::Sink),
                SOURCE => (wire::LOGIN_ANSWER.to_vec(), source(Kind::Bulk)),
                SINK => (wire::LOGIN_ANSWER.to_vec(), Role::Sink),
                _ => (wire::LOGIN_ANSWER.to_vec(), Role::Echo),
            };
            peer.stream.write_all(&answer)?;
            role
        }
    };
    if matches!(next, Role::Source { .. }) {
        epoll::modify(poll, &peer.stream, EventData::new_u64(token), EventFlags::OUT)?;
    }
    peer.role = next;
    Ok(true)
}

fn echo(stream: &mut TcpStream, buffer: &mut [u8]) -> Progress {
    let read = stream.read(buffer)?;
    // Echoes are a few bytes with one under way at a time: they always fit into the socket's buffer.
    stream.write_all(buffer.get(..read).unwrap_or_default())?;
    Ok(read > 0)
}

fn pour(stream: &mut TcpStream, sent: &mut usize, frame: &[u8]) -> Progress {
    for _ in 0..FRAMES_PER_TURN {
        *sent += stream.write(frame.get(*sent..).unwrap_or_default())?;
        *sent %= frame.len();
    }
    Ok(true)
}

/// TRUNC lets the kernel drop the bytes without copying them: the receiver's cost is not what is measured.
fn swallow(stream: &TcpStream, buffer: &mut [u8], swallowed: &AtomicU64) -> Progress {
    let (_, read) = rustix::net::recv(stream, buffer, RecvFlags::TRUNC)?;
    swallowed.fetch_add(read as u64, Ordering::Relaxed);
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(backend: &Backend, name: &str) -> TcpStream {
        let mut stream = TcpStream::connect(backend.address).unwrap();
        stream.write_all(&wire::login(name)).unwrap();
        let mut answer = [0; wire::LOGIN_ANSWER.len()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, wire::LOGIN_ANSWER);
        stream
    }

    #[test]
    fn each_name_gets_its_treatment() {
        let processors = cpus::Processors::of_this_machine(cpus::Layout::All).unwrap();
        let backend = Backend::start(&processors.all).unwrap();

        let mut echo = session(&backend, "anybody");
        let mut bytes = [0; 5];
        echo.write_all(b"hello").unwrap();
        echo.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"hello");

        let mut source = session(&backend, SOURCE);
        source.read_exact(&mut vec![0; 10 * BULK_FRAME]).unwrap();

        let mut sink = session(&backend, SINK);
        sink.write_all(&[0; 100_000]).unwrap();
        while backend.swallowed() < 100_000 {
            std::thread::yield_now();
        }
    }
}
