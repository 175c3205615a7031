//! Frames of a server's, as many as will go through, to players who are in its world.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail, ensure};
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::{Span, Volume, Window, connect};
use crate::bench::meter::Meter;
use crate::bench::poll::Poll;
use crate::bench::wire;

/// Taken from the kernel by one call at most.
const READ: usize = 256 * 1024;

/// To `connections` players of this name, who are let in first.
pub(in crate::bench) fn down(
    target: SocketAddr,
    name: &str,
    connections: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Volume> {
    let poll = Poll::new()?;
    let mut players = Vec::with_capacity(connections);
    for token in 0..connections as u64 {
        let stream = enter(target, name)?;
        stream.set_nonblocking(true)?;
        poll.add(&stream, token, EventFlags::IN)?;
        players.push(stream);
    }
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
                Ok((_, 0)) => bail!("a session was closed"),
                Ok((_, length)) => received += length as u64,
                Err(Errno::AGAIN) => {}
                Err(error) => return Err(error).context("a session broke"),
            }
        }
        if let Some(volume) = window.tick(received)? {
            ensure!(volume.units > 0, "no frames arrived");
            return Ok(volume);
        }
    }
}

/// Logs in, and reads up to the login success.
fn enter(target: SocketAddr, name: &str) -> anyhow::Result<TcpStream> {
    let mut stream = connect(target)?;
    stream.write_all(&wire::login(name))?;
    let mut answer = vec![0; wire::let_in(name).len()];
    stream.read_exact(&mut answer).context("no answer to a login")?;
    Ok(stream)
}
