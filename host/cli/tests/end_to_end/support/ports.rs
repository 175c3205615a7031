//! Loopback ports for listeners of programs that cannot be handed a bound socket.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below the range that the kernel takes the near ends of outgoing connections from (32,768 and up), so that none of
/// the many connections of other tests can take a port between its choice and its use.
const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

/// Runs of the tests beside each other (another checkout, a developer and CI) start far apart.
const STEP_PER_PROCESS: u32 = 97;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on now and that is not handed out again by this process.
pub(crate) fn free() -> u16 {
    let start = process::id().wrapping_mul(STEP_PER_PROCESS) % u32::from(COUNT);
    (0..COUNT)
        .map(|_| {
            let turn = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
            FIRST + u16::try_from((start + turn) % u32::from(COUNT)).expect("below COUNT, which fits")
        })
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("one of 20,000 loopback ports is free")
}
