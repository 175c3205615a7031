//! The load generator: one thread that plays any number of clients and measures over a window of time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::net::sockopt::set_socket_linger;

use super::meter::Meter;
use super::wire;

pub(super) mod bulk;
mod crowd;
pub(super) mod echo;
pub(super) mod frames;
pub(super) mod logins;

/// No answer in this time is a failure: every step takes microseconds on loopback.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a load runs before and while it is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) warm_up: Duration,
    pub(super) measured: Duration,
}

/// What one window showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Volume {
    /// Logins, round trips or bytes.
    pub(super) units: u64,
    pub(super) elapsed: Duration,
    /// Of the proxy; `None` without one.
    pub(super) cpu: Option<Duration>,
}

impl Volume {
    pub(super) fn per_second(&self) -> f64 {
        self.units as f64 / self.elapsed.as_secs_f64()
    }

    /// Seconds of processor time for `units` of them.
    pub(super) fn cpu_seconds_per(&self, units: f64) -> Option<f64> {
        Some(self.cpu?.as_secs_f64() / self.units as f64 * units)
    }
}

/// Tells a loop when its window opens and when to stop, and takes the readings at both moments.
struct Window {
    opens: Instant,
    closes: Instant,
    meter: Meter,
    opened: Option<(Instant, Option<Duration>, u64)>,
}

impl Window {
    fn new(span: Span, meter: Meter) -> Self {
        let opens = Instant::now() + span.warm_up;
        Self {
            opens,
            closes: opens + span.measured,
            meter,
            opened: None,
        }
    }

    /// Called once a turn with the units so far; returns the result when the time is up.
    fn tick(&mut self, units: u64) -> anyhow::Result<Option<Volume>> {
        let now = Instant::now();
        match self.opened {
            None if now >= self.opens => self.opened = Some((now, self.meter.cpu()?, units)),
            Some((opened, cpu_before, units_before)) if now >= self.closes => {
                let cpu = self.meter.cpu()?.zip(cpu_before).map(|(after, before)| after - before);
                return Ok(Some(Volume {
                    units: units - units_before,
                    elapsed: now - opened,
                    cpu,
                }));
            }
            _ => {}
        }
        Ok(None)
    }

    fn is_open(&self) -> bool {
        self.opened.is_some()
    }
}

/// Joins through the proxy as a player of this name and reads the backend's answer.
pub(super) fn join(target: SocketAddr, name: &str) -> anyhow::Result<TcpStream> {
    let mut stream = connect(target)?;
    stream.write_all(&wire::login(name))?;
    let mut answer = [0; wire::LOGIN_ANSWER.len()];
    stream.read_exact(&mut answer).context("no answer to a login")?;
    ensure!(answer == wire::LOGIN_ANSWER, "a login got {answer:02x?}");
    Ok(stream)
}

/// One status ping: whether it was answered.
pub(super) fn status(target: SocketAddr) -> anyhow::Result<()> {
    let mut stream = connect(target)?;
    stream.write_all(&wire::status_request())?;
    let mut answer = [0; 512];
    let read = stream.read(&mut answer)?;
    ensure!(read > 0, "the connection was closed instead of a status answer");
    Ok(())
}

/// A blocking connection that gives up after [`PATIENCE`] and leaves no TIME_WAIT behind.
pub(super) fn connect(target: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(target)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    set_socket_linger(&stream, Some(Duration::ZERO))?;
    Ok(stream)
}
