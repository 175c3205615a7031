//! Backend servers that do one thing and count what reaches them.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::json;

use super::wire;

/// What a backend does with a connection; can be changed while it runs and then holds for new connections.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Gives back every byte, the handshake included.
    Echo,
    /// Tells every player this text by a disconnect and closes: shows which server was reached.
    Tell(&'static str),
    /// Answers a status request with this description.
    Status(String),
    /// Answers a status request with this description once the gate is open.
    StatusBehind(String, Gate),
    /// Reads and says nothing, for as long as the connection lives.
    Silent,
    /// Closes at once.
    HangUp,
}

/// Closed until it is opened, once and for all.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let is_open = lock(&self.0.0);
        drop(self.0.1.wait_while(is_open, |is_open| !*is_open));
    }
}

/// Stops when dropped: its port refuses connections from then on.
pub(crate) struct Backend {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    manner: Mutex<Manner>,
    accepted: AtomicUsize,
    closed: AtomicUsize,
    stopped: AtomicBool,
    received: Mutex<Vec<Vec<u8>>>,
    streams: Mutex<Vec<TcpStream>>,
}

impl Backend {
    pub(crate) fn start(manner: Manner) -> Self {
        Self::start_at(manner, 0)
    }

    pub(crate) fn start_at(manner: Manner, port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            accepted: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            received: Mutex::default(),
            streams: Mutex::default(),
        });
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &for_thread));
        Self { address, shared }
    }

    pub(crate) fn echo() -> Self {
        Self::start(Manner::Echo)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *lock(&self.shared.manner) = manner;
    }

    /// Connections accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Connections that came and ended.
    pub(crate) fn closed(&self) -> usize {
        self.shared.closed.load(Ordering::SeqCst)
    }

    /// The bytes that the latest connection began with (all that was sent so far, at most 16 KiB).
    pub(crate) fn last_received(&self) -> Vec<u8> {
        lock(&self.shared.received).last().cloned().unwrap_or_default()
    }

    /// Closes every connection from this side.
    pub(crate) fn close_all(&self) {
        lock(&self.shared.streams)
            .drain(..)
            .for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then drops its socket.
        drop(TcpStream::connect(self.address));
        self.close_all();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        lock(&shared.streams).extend(stream.try_clone());
        let own = Arc::clone(shared);
        thread::spawn(move || {
            serve(&stream, &own);
            // `streams` holds the socket open.
            let _ = stream.shutdown(Shutdown::Both);
            own.closed.fetch_add(1, Ordering::SeqCst);
        });
    }
}

/// What is kept of a connection's beginning.
const RECEIVED_MAX: usize = 16 * 1024;

fn serve(mut stream: &TcpStream, shared: &Shared) {
    let manner = lock(&shared.manner).clone();
    if matches!(manner, Manner::HangUp) {
        return;
    }
    let slot = {
        let mut received = lock(&shared.received);
        received.push(Vec::new());
        received.len() - 1
    };
    let mut buffer = [0; 16 * 1024];
    let mut answered = false;
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let piece = &buffer[..length];
        let whole = {
            let mut received = lock(&shared.received);
            if received[slot].len() < RECEIVED_MAX {
                received[slot].extend_from_slice(piece);
            }
            received[slot].clone()
        };
        match &manner {
            Manner::Echo => {
                if stream.write_all(piece).is_err() {
                    return;
                }
            }
            // The status request is the last thing that is asked; a ping may follow, and is given back as it is.
            Manner::Status(_) | Manner::StatusBehind(..) if answered => drop(stream.write_all(piece)),
            Manner::Status(text) | Manner::StatusBehind(text, _) if whole.ends_with(&[1, 0]) => {
                if let Manner::StatusBehind(_, gate) = &manner {
                    gate.pass();
                }
                answered = true;
                drop(stream.write_all(&status_answer(text)));
            }
            Manner::Tell(text) => {
                drop(stream.write_all(&disconnect(text)));
                return;
            }
            Manner::Status(_) | Manner::StatusBehind(..) | Manner::Silent | Manner::HangUp => {}
        }
    }
}

/// A server's own status answer: tells a passed-through answer from one that the proxy made.
fn status_answer(text: &str) -> Vec<u8> {
    let answer = json!({
        "version": { "name": "backend 1.0", "protocol": 763 },
        "players": { "online": 7, "max": 70, "sample": [] },
        "description": { "text": text },
        "backend-only": true,
    });
    wire::frame(&[vec![0], wire::string(&answer.to_string())].concat())
}

/// The disconnect packet of the login state, the same in every version.
fn disconnect(text: &str) -> Vec<u8> {
    wire::frame(&[vec![0], wire::string(&json!({ "text": text }).to_string())].concat())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
