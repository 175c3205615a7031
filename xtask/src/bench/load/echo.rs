//! Players whose every frame comes back: one frame under way on each connection, the next as soon as it has returned.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::event::epoll::EventFlags;

use super::{Span, Volume, Window, join};
use crate::bench::meter::Meter;
use crate::bench::poll::Poll;
use crate::bench::statistics::quantile;

/// About a movement packet with its neighbours in a tick.
const FRAME: [u8; 64] = [0x3f; 64];

/// Round trips over one window.
pub(in crate::bench) struct Echoes {
    pub(in crate::bench) volume: Volume,
    /// In nanoseconds, in ascending order.
    round_trips: Vec<u32>,
}

impl Echoes {
    /// The round trip that a share of them did not exceed.
    pub(in crate::bench) fn quantile(&self, share: f64) -> Duration {
        Duration::from_nanos(quantile(&self.round_trips, share).unwrap_or_default().into())
    }
}

/// Runs echoes on so many connections.
pub(in crate::bench) fn run(
    target: SocketAddr,
    connections: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Echoes> {
    let poll = Poll::new()?;
    let mut players = Vec::with_capacity(connections);
    for token in 0..connections as u64 {
        let stream = join(target, "echo")?;
        stream.set_nonblocking(true)?;
        poll.add(&stream, token, EventFlags::IN)?;
        players.push(Player {
            stream,
            sent: Instant::now(),
            received: 0,
        });
    }
    for player in &mut players {
        player.send()?;
    }
    let mut window = Window::new(span, meter);
    let mut round_trips = Vec::with_capacity(1 << 20);
    let mut returned = 0;
    loop {
        for token in poll.wait()? {
            let Some(player) = players.get_mut(token as usize) else {
                continue;
            };
            if let Some(round_trip) = player.receive()? {
                returned += 1;
                if window.is_open() {
                    round_trips.push(u32::try_from(round_trip.as_nanos()).unwrap_or(u32::MAX));
                }
                player.send()?;
            }
        }
        if let Some(volume) = window.tick(returned)? {
            round_trips.sort_unstable();
            return Ok(Echoes { volume, round_trips });
        }
    }
}

/// Sends one frame on a blocking connection and waits for it: a session through which data has flowed both ways.
pub(in crate::bench) fn once(mut stream: TcpStream) -> anyhow::Result<TcpStream> {
    let mut frame = FRAME;
    stream.write_all(&frame)?;
    stream.read_exact(&mut frame).context("an echo did not come back")?;
    Ok(stream)
}

struct Player {
    stream: TcpStream,
    sent: Instant,
    received: usize,
}

impl Player {
    fn send(&mut self) -> anyhow::Result<()> {
        self.sent = Instant::now();
        self.received = 0;
        self.stream.write_all(&FRAME).context("sending an echo frame")
    }

    /// How long the frame was away, once it is back as a whole.
    fn receive(&mut self) -> anyhow::Result<Option<Duration>> {
        let mut frame = FRAME;
        match self.stream.read(frame.get_mut(self.received..).unwrap_or_default()) {
            Ok(0) => bail!("an echo session was closed"),
            Ok(read) => self.received += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error).context("an echo session broke"),
        }
        Ok((self.received == FRAME.len()).then(|| self.sent.elapsed()))
    }
}
