//! As many bytes as will go through, one way, over a few connections.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail, ensure};
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::{Span, Volume, Window, join};
use crate::bench::backend::{BULK_FRAME, Backend, SINK, SOURCE};
use crate::bench::meter::Meter;
use crate::bench::poll::Poll;

/// Frames written to one connection before the others get their turn.
const FRAMES_PER_TURN: usize = 8;
/// Taken from the kernel by one call at most.
const READ: usize = 256 * 1024;

/// Server to client: chunks and everything else a player is sent.
pub(in crate::bench) fn down(
    target: SocketAddr,
    connections: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Volume> {
    let (poll, players) = crowd(target, connections, SOURCE, EventFlags::IN)?;
    let mut window = Window::new(span, meter);
    let mut buffer = vec![0; READ];
    let mut received = 0;
    loop {
        for token in poll.wait()? {
            let Some(player) = players.get(token as usize) else {
                continue;
            };
            // TRUNC drops the bytes inside the kernel: what the client does with them is not measured.
            match rustix::net::recv(player, &mut *buffer, RecvFlags::TRUNC) {
                Ok((_, 0)) => bail!("a bulk session was closed"),
                Ok((_, length)) => received += length as u64,
                Err(Errno::AGAIN) => {}
                Err(error) => return Err(error).context("a bulk session broke"),
            }
        }
        if let Some(volume) = window.tick(received)? {
            ensure!(volume.units > 0, "no bulk data arrived");
            return Ok(volume);
        }
    }
}

/// Client to server. Bytes count when the backend has them.
pub(in crate::bench) fn up(
    target: SocketAddr,
    connections: usize,
    span: Span,
    meter: Meter,
    backend: &Backend,
) -> anyhow::Result<Volume> {
    let (poll, mut players) = crowd(target, connections, SINK, EventFlags::OUT)?;
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

fn crowd(
    target: SocketAddr,
    connections: usize,
    name: &str,
    flags: EventFlags,
) -> anyhow::Result<(Poll, Vec<TcpStream>)> {
    let poll = Poll::new()?;
    let mut players = Vec::with_capacity(connections);
    for token in 0..connections as u64 {
        let stream = join(target, name)?;
        stream.set_nonblocking(true)?;
        poll.add(&stream, token, flags)?;
        players.push(stream);
    }
    Ok((poll, players))
}
