//! The figures, and how each is measured.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::ValueEnum;

use super::framed;
use super::lab::Lab;
use super::load::{self, Volume, bulk, echo, logins};
use super::meter::Meter;
use super::rows::{self, Row};
use super::subject::{Running, Subject};
use super::swap;

/// Logins under way at one time: enough to keep a proxy busy, few enough that none waits long.
const LOGINS_AT_ONCE: usize = 32;
const LOGIN_SECONDS: f64 = 4.0;
/// A player of any name but those that the backend treats in another way.
const LOGIN: &str = "login";
/// Connections that echo at one time, in ascending order.
const ECHO_CONNECTIONS: [usize; 3] = [1, 8, 32];
const ECHO_SECONDS: f64 = 2.0;
const BULK_CONNECTIONS: usize = 4;
const BULK_SECONDS: f64 = 3.0;
const IDLE_SESSIONS: usize = 5_000;
const HALF_OPEN: usize = 5_000;
/// The first bytes of a handshake: its length, its packet id, half of its protocol number.
const HALF_A_HANDSHAKE: &[u8] = &[0x17, 0x00, 0xfb];
/// How long a proxy may take to give back what it held while data flowed.
const SETTLE: Duration = Duration::from_millis(1_500);
/// Sessions before memory is first read, and for as long as it is: what a first session sets up for all is not counted.
const WARM_UP_SESSIONS: usize = 50;
/// The allocator gives free memory back at once. Otherwise connections come to lie where the start has left some free, and what is
/// resident tells nothing of them.
const FREE_AT_ONCE: [(&str, &str); 1] = [("MIMALLOC_PURGE_DELAY", "0")];
const GIGABYTE: f64 = 1e9;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Figure {
    Logins,
    Echo,
    Bulk,
    Idle,
    Pending,
    Start,
    Swap,
    Framed,
    Codec,
    Hooks,
    Sdk,
    Languages,
}

/// The values of one run, in the order of the figure's rows; `None` where a subject has no such value.
pub(super) type Values = Vec<Option<f64>>;

impl Figure {
    pub(super) const ALL: [Self; 12] = [
        Self::Logins,
        Self::Echo,
        Self::Bulk,
        Self::Idle,
        Self::Pending,
        Self::Start,
        Self::Swap,
        Self::Framed,
        Self::Codec,
        Self::Hooks,
        Self::Sdk,
        Self::Languages,
    ];

    /// None for what another program measures.
    pub(super) fn rows(self) -> &'static [Row] {
        match self {
            Self::Logins => rows::LOGINS,
            Self::Echo => rows::ECHO,
            Self::Bulk => rows::BULK,
            Self::Idle => rows::IDLE,
            Self::Pending => rows::PENDING,
            Self::Start => rows::START,
            Self::Swap => rows::SWAP,
            Self::Framed => rows::FRAMED,
            Self::Codec | Self::Hooks | Self::Sdk | Self::Languages => &[],
        }
    }

    /// Whether this way to the backend has such a figure at all.
    pub(super) fn concerns(self, subject: Subject) -> bool {
        match self {
            Self::Logins | Self::Echo | Self::Bulk => true,
            Self::Idle | Self::Pending | Self::Start => subject != Subject::Direct,
            Self::Swap | Self::Framed => subject == Subject::Portcullis,
            Self::Codec | Self::Hooks | Self::Sdk | Self::Languages => false,
        }
    }

    /// One run against a proxy started for it.
    pub(super) fn measure(self, lab: &Lab, subject: Subject) -> anyhow::Result<Values> {
        let processors = match self {
            // Both compile or set up beside the worker, which other processors are there for.
            Self::Start | Self::Swap => &lab.processors.all,
            _ => &lab.processors.shared,
        };
        let way = match self {
            Self::Idle | Self::Pending => lab.start_with(subject, processors, &FREE_AT_ONCE)?,
            _ => lab.start(subject, processors)?,
        };
        match self {
            Self::Logins => measure_logins(lab, &way),
            Self::Echo => measure_echo(lab, &way),
            Self::Bulk => measure_bulk(lab, &way),
            Self::Idle => measure_idle(&way),
            Self::Pending => measure_pending(&way),
            Self::Start => Ok(vec![Some(milliseconds(way.started_in))]),
            Self::Swap => swap::measure(lab, &way),
            Self::Framed => framed::measure(lab, &way),
            Self::Codec | Self::Hooks | Self::Sdk | Self::Languages => Ok(Vec::new()),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn measure_logins(lab: &Lab, way: &Running) -> anyhow::Result<Values> {
    let volume = logins::run(way.address, LOGIN, LOGINS_AT_ONCE, lab.span(LOGIN_SECONDS), way.meter)?;
    Ok(vec![
        Some(volume.per_second()),
        volume.cpu_seconds_per(1_000.0).map(|seconds| seconds * 1e3),
    ])
}

fn measure_echo(lab: &Lab, way: &Running) -> anyhow::Result<Values> {
    let mut values = Values::new();
    for connections in ECHO_CONNECTIONS {
        let echoes = echo::run(way.address, connections, lab.span(ECHO_SECONDS), way.meter)?;
        let microseconds = |share| Some(milliseconds(echoes.quantile(share)) * 1e3);
        let cpu = echoes.volume.cpu_seconds_per(1.0).map(|seconds| seconds * 1e6);
        values.extend([microseconds(0.5), microseconds(0.99), cpu]);
    }
    Ok(values)
}

fn measure_bulk(lab: &Lab, way: &Running) -> anyhow::Result<Values> {
    let span = lab.span(BULK_SECONDS);
    let down = bulk::down(way.address, BULK_CONNECTIONS, span, way.meter)?;
    let up = bulk::up(way.address, BULK_CONNECTIONS, span, way.meter, &lab.backend)?;
    let pair = |volume: Volume| [Some(volume.per_second() / 1e6), volume.cpu_seconds_per(GIGABYTE)];
    Ok([pair(down), pair(up)].concat())
}

fn measure_idle(way: &Running) -> anyhow::Result<Values> {
    let session = |_| echo::once(load::join(way.address, "idle")?);
    let growth = growth(way, IDLE_SESSIONS, session)?;
    Ok(vec![Some(growth.kibibytes), Some(growth.descriptors)])
}

fn measure_pending(way: &Running) -> anyhow::Result<Values> {
    let half_open = |_| half_open(way.address);
    Ok(vec![Some(growth(way, HALF_OPEN, half_open)?.kibibytes)])
}

fn half_open(target: SocketAddr) -> anyhow::Result<std::net::TcpStream> {
    let mut stream = load::connect(target)?;
    std::io::Write::write_all(&mut stream, HALF_A_HANDSHAKE)?;
    Ok(stream)
}

/// What each of many connections adds to a proxy.
struct Growth {
    kibibytes: f64,
    descriptors: f64,
}

fn growth<T>(
    way: &Running,
    count: usize,
    open: impl FnMut(usize) -> anyhow::Result<T> + Copy,
) -> anyhow::Result<Growth> {
    let _warm = (0..WARM_UP_SESSIONS).map(open).collect::<Result<Vec<_>, _>>()?;
    let (memory_before, descriptors_before) = settled(&way.meter)?;
    let held = (0..count)
        .map(open)
        .collect::<Result<Vec<_>, _>>()
        .context("opening many connections")?;
    let (memory, descriptors) = settled(&way.meter)?;
    let per_connection = |after: f64, before: f64| (after - before) / held.len() as f64;
    let growth = Growth {
        kibibytes: per_connection(memory, memory_before) / 1024.0,
        descriptors: per_connection(descriptors, descriptors_before),
    };
    ensure!(
        growth.descriptors >= 0.99,
        "the proxy closed connections that it should have kept"
    );
    Ok(growth)
}

/// Resident bytes and descriptors, once the descriptors have not changed for as long as a proxy may take to settle.
fn settled(meter: &Meter) -> anyhow::Result<(f64, f64)> {
    let deadline = Instant::now() + 10 * SETTLE;
    let mut before = meter.descriptors()?;
    loop {
        std::thread::sleep(SETTLE);
        let now = meter.descriptors()?;
        if now == before || Instant::now() > deadline {
            let memory = meter.memory()?.context("there is no proxy to look at")?;
            return Ok((
                memory.resident as f64,
                now.context("there is no proxy to look at")? as f64,
            ));
        }
        before = now;
    }
}
