//! A backend server: what is configured of it, and what is true of it right now.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use portcullis_config as config;

use crate::shards::lock;

/// Weight of a new sample in the smoothed latency, as a shift: 1/8, as TCP smooths its round-trip time (RFC 6298 §2).
const SMOOTHING: u32 = 3;

/// How long a server that could not be reached is left alone while others can be: long enough that its players' waiting for it
/// stays rare, short enough that one that has restarted gets players again soon.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// A server as of one configuration. Those of one name share what is true right now, through any number of configurations.
#[derive(Clone, Debug)]
pub struct Server {
    /// What is configured.
    pub config: config::Server,
    live: Arc<Live>,
}

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Nobody has connected yet.
    Unknown,
    /// The last attempt to connect succeeded.
    Up,
    /// The last attempt to connect failed.
    Down,
    /// An operator takes it out of service; it keeps its sessions.
    Draining,
}

/// What is true of a server right now. Each value stands for itself: no order between them is promised or needed.
#[derive(Debug, Default)]
struct Live {
    /// One of the constants below.
    reached: AtomicU8,
    /// When it may be tried again in its place; only looked at while it is down.
    retry_at: Mutex<Option<Instant>>,
    draining: AtomicBool,
    sessions: AtomicU32,
    /// 0: no success yet.
    latency_us: AtomicU32,
}

const NEVER_TRIED: u8 = 0;
const REACHED: u8 = 1;
const NOT_REACHED: u8 = 2;

impl Server {
    pub(crate) fn new(config: config::Server) -> Self {
        Self {
            config,
            live: Arc::default(),
        }
    }

    /// The same server under another configuration. If it has moved, what was learnt by connecting no longer counts.
    pub(crate) fn reconfigured(&self, config: config::Server) -> Self {
        if config.address != self.config.address {
            self.live.reached.store(NEVER_TRIED, Ordering::Relaxed);
            self.live.latency_us.store(0, Ordering::Relaxed);
        }
        Self {
            config,
            live: Arc::clone(&self.live),
        }
    }

    /// How it is.
    pub fn health(&self) -> Health {
        if self.live.draining.load(Ordering::Relaxed) {
            return Health::Draining;
        }
        match self.live.reached.load(Ordering::Relaxed) {
            REACHED => Health::Up,
            NOT_REACHED => Health::Down,
            _ => Health::Unknown,
        }
    }

    /// Sessions on it now, dials under way included.
    pub fn sessions(&self) -> u32 {
        self.live.sessions.load(Ordering::Relaxed)
    }

    /// Smoothed time to connect, in microseconds; absent before the first success.
    pub fn latency_us(&self) -> Option<u32> {
        Some(self.live.latency_us.load(Ordering::Relaxed)).filter(|&latency| latency != 0)
    }

    /// An attempt to connect succeeded after so long.
    pub fn dial_succeeded(&self, after: Duration) {
        self.live.reached.store(REACHED, Ordering::Relaxed);
        let sample = u32::try_from(after.as_micros()).unwrap_or(u32::MAX).max(1);
        // `fetch_update` with a function that always gives a value cannot fail.
        let _ = self
            .live
            .latency_us
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| {
                let smoothed = if old == 0 {
                    sample
                } else if sample >= old {
                    old + ((sample - old) >> SMOOTHING)
                } else {
                    old - ((old - sample) >> SMOOTHING)
                };
                Some(smoothed)
            });
    }

    /// An attempt to connect failed.
    pub fn dial_failed(&self) {
        *lock(&self.live.retry_at) = Instant::now().checked_add(RETRY_AFTER);
        self.live.reached.store(NOT_REACHED, Ordering::Relaxed);
    }

    /// Whether it is time to find out if a server that is down is back. Says so once in 10 seconds: one player asks for all.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let mut retry_at = lock(&self.live.retry_at);
        let due = retry_at.is_some_and(|at| at <= now);
        if due {
            *retry_at = now.checked_add(RETRY_AFTER);
        }
        due
    }

    /// Counts a session, from before the dial until the guard is dropped.
    pub fn enter(&self) -> Occupancy {
        self.live.sessions.fetch_add(1, Ordering::Relaxed);
        Occupancy(Arc::clone(&self.live))
    }

    pub(crate) fn drain(&self, draining: bool) {
        self.live.draining.store(draining, Ordering::Relaxed);
    }
}

/// A session's place on a server; counted until dropped, even if the server leaves the configuration meanwhile.
#[derive(Debug)]
#[must_use = "the session is counted only while this lives"]
pub struct Occupancy(Arc<Live>);

impl Drop for Occupancy {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
