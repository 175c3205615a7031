//! Frames of a server's, as many as will go through, to players who are in its world.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context;
use rustix::event::epoll::EventFlags;

use super::crowd::Crowd;
use super::{Span, Volume, connect};
use crate::bench::meter::Meter;
use crate::bench::wire;

/// To `connections` players of this name, who are let in first.
pub(in crate::bench) fn down(
    target: SocketAddr,
    name: &str,
    connections: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Volume> {
    Crowd::gather(connections, EventFlags::IN, || enter(target, name))?.receive(span, meter)
}

/// Logs in, and reads up to the login success.
fn enter(target: SocketAddr, name: &str) -> anyhow::Result<TcpStream> {
    let mut stream = connect(target)?;
    stream.write_all(&wire::login(name))?;
    let mut answer = vec![0; wire::let_in(name).len()];
    stream.read_exact(&mut answer).context("no answer to a login")?;
    Ok(stream)
}
