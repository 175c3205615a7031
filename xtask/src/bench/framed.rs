//! What it costs to stand in the middle: frames that nobody wants, beside the same frames spliced, and players who are let in.

use std::time::{Duration, Instant};

use anyhow::Context;
use portcullis_protocol::compression::{Deflater, Inflater, MAX_CLIENTBOUND};
use portcullis_protocol::frame::Frames;
use rustix::time::{ClockId, clock_gettime};

use super::figures::Values;
use super::lab::Lab;
use super::load::{frames, logins};
use super::portcullis::Chain;
use super::subject::Running;
use super::wire::{JOINER, LEVEL, PACKED, PLAIN, THRESHOLD, packed_frame};

const CONNECTIONS: usize = 4;
const SECONDS: f64 = 3.0;
const JOINS_AT_ONCE: usize = 32;
const GIGABYTE: f64 = 1e9;
/// How long inflating and deflating is measured.
const REPACKING: Duration = Duration::from_millis(500);

/// `spliced` is a running Portcullis that splices.
pub(super) fn measure(lab: &Lab, spliced: &Running) -> anyhow::Result<Values> {
    let spliced_plain = cost(lab, spliced, PLAIN)?;
    let spliced_packed = cost(lab, spliced, PACKED)?;
    let framed = lab.start_portcullis(Chain::Framed, &lab.processors.shared, &[])?;
    let framed_plain = cost(lab, &framed, PLAIN)?;
    let joins = logins::run(framed.address, JOINER, JOINS_AT_ONCE, lab.span(SECONDS), framed.meter)?;
    drop(framed);
    let watched = lab.start_portcullis(Chain::Watched, &lab.processors.shared, &[])?;
    let watched_plain = cost(lab, &watched, PLAIN)?;
    let watched_packed = cost(lab, &watched, PACKED)?;
    drop(watched);
    let repacking = repacking()?;
    let join = joins.cpu_seconds_per(1.0).context("there is no proxy to look at")?;
    let values = [
        spliced_plain,
        framed_plain,
        framed_plain / spliced_plain,
        watched_plain / spliced_plain,
        watched_packed / spliced_packed,
        repacking,
        watched_packed / repacking,
        1.0 / join,
    ];
    Ok(values.into_iter().map(Some).collect())
}

/// CPU seconds of the proxy for a gigabyte on the wire.
fn cost(lab: &Lab, way: &Running, player: &str) -> anyhow::Result<f64> {
    let volume = frames::down(way.address, player, CONNECTIONS, lab.span(SECONDS), way.meter)?;
    volume.cpu_seconds_per(GIGABYTE).context("there is no proxy to look at")
}

/// CPU seconds to inflate and deflate the same frames, a gigabyte on the wire.
fn repacking() -> anyhow::Result<f64> {
    let frame = packed_frame()?;
    let body = Frames::new(&frame, frame.len()).next().context("a whole frame")??.body;
    let (mut inflater, mut deflater) = (Inflater::new(), Deflater::new(LEVEL));
    let (mut out, mut rounds) = (Vec::new(), 0_u32);
    let (start, cpu_before) = (Instant::now(), thread_time());
    while start.elapsed() < REPACKING {
        out.clear();
        let packet = inflater.inflate(body, THRESHOLD, MAX_CLIENTBOUND)?;
        deflater.write(packet, THRESHOLD, &mut out)?;
        rounds += 1;
    }
    let cpu = (thread_time() - cpu_before).as_secs_f64();
    Ok(cpu / (f64::from(rounds) * frame.len() as f64) * GIGABYTE)
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
