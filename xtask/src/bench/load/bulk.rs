//! As many bytes as will go through, one way, over a few connections.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;

use anyhow::{Context, ensure};
use rustix::event::epoll::EventFlags;

use super::crowd::Crowd;
use super::{Span, Volume, Window, join};
use crate::bench::backend::{BULK_FRAME, Backend, SINK, SOURCE};
use crate::bench::meter::Meter;

/// Frames written to one connection before the others get their turn.
const FRAMES_PER_TURN: usize = 8;

/// Server to client: chunks and everything else a player is sent.
pub(in crate::bench) fn down(
    target: SocketAddr,
    connections: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Volume> {
    Crowd::gather(connections, EventFlags::IN, || join(target, SOURCE))?.receive(span, meter)
}

/// Client to server. Bytes count when the backend has them.
pub(in crate::bench) fn up(
    target: SocketAddr,
    connections: usize,
    span: Span,
    meter: Meter,
    backend: &Backend,
) -> anyhow::Result<Volume> {
    let Crowd { poll, mut players } = Crowd::gather(connections, EventFlags::OUT, || join(target, SINK))?;
    let mut window = Window::new(span, meter);
    let frame = [0x5a; BULK_FRAME];
    let before = backend.swallowed();
    loop {
        for token in poll.wait()? {
            let Some(player) = players.get_mut(token as usize) else {
                continue;
            };
            for _ in 0..FRAMES_PER_TURN {
                match player.write(&frame) {
                    Ok(length) if length == frame.len() => {}
                    // Full, or cut short because it is about to be: a stream of equal bytes needs no remainder.
                    Ok(_) => break,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error).context("a bulk session broke"),
                }
            }
        }
        if let Some(volume) = window.tick(backend.swallowed() - before)? {
            ensure!(volume.units > 0, "no bulk data arrived");
            return Ok(volume);
        }
    }
}
