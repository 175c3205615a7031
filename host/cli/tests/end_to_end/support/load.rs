//! Sessions and pings that go on while something else happens, and what went wrong with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{
    wait::until_true,
    wire::{self, Peer, V1_20_1},
};

/// Work that is repeated until it is told to stop or fails.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Result<(), String>>>,
}

/// Sessions per thread.
const SESSIONS_PER_THREAD: usize = 50;

impl Load {
    /// Joins that many sessions to a server that echoes, then echoes over each of them, over and over.
    pub(crate) fn echo(port: u16, host: &str, sessions: usize) -> Self {
        let mut load = Self::none();
        for first in (0..sessions).step_by(SESSIONS_PER_THREAD) {
            let names = first..sessions.min(first + SESSIONS_PER_THREAD);
            let mut peers: Vec<Peer> = names.map(|index| joined(port, host, &format!("P{index}"))).collect();
            load.repeat(move |round| {
                let length = 1 + round * 37 % 1500;
                for (index, peer) in peers.iter_mut().enumerate() {
                    peer.try_send(&pattern(round + index, length))
                        .map_err(|error| format!("session {index}: {error}"))?;
                }
                for (index, peer) in peers.iter_mut().enumerate() {
                    let back = peer
                        .read_exact(length)
                        .map_err(|error| format!("session {index}: {error}"))?;
                    if back != pattern(round + index, length) {
                        return Err(format!("session {index}: other bytes came back"));
                    }
                }
                Ok(())
            });
        }
        load
    }

    /// Asks for the status, over and over.
    pub(crate) fn pings(port: u16, host: &'static str) -> Self {
        let mut load = Self::none();
        load.repeat(move |_| {
            wire::status(port, V1_20_1, host)
                .map(drop)
                .map_err(|error| format!("ping: {error}"))
        });
        load
    }

    /// Joins, over and over; each must be told one of these texts.
    pub(crate) fn joins(port: u16, host: &'static str, told: &'static [&'static str]) -> Self {
        let mut load = Self::none();
        load.repeat(move |_| {
            let text = wire::refused_text(port, V1_20_1, host).map_err(|error| format!("join: {error}"))?;
            if told.contains(&text.as_str()) {
                Ok(())
            } else {
                Err(format!("join: was told {text:?}"))
            }
        });
        load
    }

    /// Waits until every part has done that many rounds more, at least on average.
    pub(crate) fn wait_rounds(&self, more: usize) {
        let goal = self.rounds() + more * self.threads.len();
        until_true("the load goes on", || {
            self.rounds() >= goal || self.threads.iter().any(JoinHandle::is_finished)
        });
    }

    /// Stops and gives the rounds done; panics when anything went wrong.
    pub(crate) fn finish(mut self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        let results: Vec<_> = self
            .threads
            .drain(..)
            .map(|thread| thread.join().expect("a load does not panic"))
            .collect();
        let failed: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "under load: {}", failed.join("; "));
        self.rounds()
    }

    fn rounds(&self) -> usize {
        self.rounds.load(Ordering::SeqCst)
    }

    fn none() -> Self {
        Self {
            stop: Arc::default(),
            rounds: Arc::default(),
            threads: Vec::new(),
        }
    }

    fn repeat(&mut self, mut work: impl FnMut(usize) -> Result<(), String> + Send + 'static) {
        let (stop, rounds) = (Arc::clone(&self.stop), Arc::clone(&self.rounds));
        self.threads.push(thread::spawn(move || {
            for round in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                work(round)?;
                rounds.fetch_add(1, Ordering::SeqCst);
            }
            Ok(())
        }));
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// A session on a server that echoes, its replayed login read.
pub(crate) fn joined(port: u16, host: &str, name: &str) -> Peer {
    let mut peer = Peer::join(port, host, name);
    let login = wire::login(V1_20_1, host, name);
    let replayed = peer
        .read_exact(login.len())
        .unwrap_or_else(|error| panic!("{name} did not get in: {error}"));
    assert_eq!(replayed, login, "the login of {name} was changed");
    peer
}

/// Bytes that differ between sessions and rounds.
fn pattern(seed: usize, length: usize) -> Vec<u8> {
    (seed..seed + length)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[1])
        .collect()
}
