//! Players who are served by one thread, and what they receive.

use std::net::TcpStream;

use anyhow::{Context, bail, ensure};
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::{Span, Volume, Window};
use crate::bench::meter::Meter;
use crate::bench::poll::Poll;

/// Taken from the kernel by one call at most.
const READ: usize = 256 * 1024;

pub(super) struct Crowd {
    pub(super) poll: Poll,
    /// By their tokens.
    pub(super) players: Vec<TcpStream>,
}

impl Crowd {
    /// So many players, who come in one by one, and what is waited for.
    pub(super) fn gather(
        count: usize,
        flags: EventFlags,
        enter: impl Fn() -> anyhow::Result<TcpStream>,
    ) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        let mut players = Vec::with_capacity(count);
        for token in 0..count as u64 {
            let stream = enter()?;
            stream.set_nonblocking(true)?;
            poll.add(&stream, token, flags)?;
            players.push(stream);
        }
        Ok(Self { poll, players })
    }

    /// The bytes that come in a window.
    pub(super) fn receive(&self, span: Span, meter: Meter) -> anyhow::Result<Volume> {
        let mut window = Window::new(span, meter);
        let mut buffer = vec![0; READ];
        let mut received = 0;
        loop {
            for token in self.poll.wait()? {
                let Some(player) = self.players.get(token as usize) else {
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
                ensure!(volume.units > 0, "no bytes arrived");
                return Ok(volume);
            }
        }
    }
}
