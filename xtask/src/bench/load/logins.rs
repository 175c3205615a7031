//! Clients that connect, log in, read the answer and leave; so many at a time, each replaced at once.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use anyhow::{bail, ensure};
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::{Span, Volume, Window};
use crate::bench::meter::Meter;
use crate::bench::poll::Poll;
use crate::bench::wire;

/// Of a thousand logins one may fail (a reset in a crowd) before the measurement is worth nothing.
const TOLERATED_FAILURES: f64 = 0.001;

/// Runs logins of a player of this name, `at_once` of them under way at any time.
pub(in crate::bench) fn run(
    target: SocketAddr,
    name: &str,
    at_once: usize,
    span: Span,
    meter: Meter,
) -> anyhow::Result<Volume> {
    let hello = wire::login(name);
    let poll = Poll::new()?;
    let mut clients = (0..at_once as u64)
        .map(|token| begin(&poll, target, token, &hello))
        .collect::<Result<Vec<_>, _>>()?;
    let mut window = Window::new(span, meter);
    let (mut done, mut failed) = (0, 0);
    loop {
        for token in poll.wait()? {
            let Some(client) = clients.get_mut(token as usize) else {
                continue;
            };
            match advance(&poll, client, token, &hello)? {
                Step::Waiting => continue,
                Step::Answered => done += 1,
                Step::Failed => failed += 1,
            }
            *client = begin(&poll, target, token, &hello)?;
        }
        if let Some(volume) = window.tick(done)? {
            ensure!(volume.units > 0, "no login was answered ({failed} failed)");
            ensure!(
                failed as f64 <= done as f64 * TOLERATED_FAILURES,
                "{failed} logins failed, {done} were answered"
            );
            return Ok(volume);
        }
    }
}

struct Client {
    socket: OwnedFd,
    greeted: bool,
}

enum Step {
    Waiting,
    Answered,
    Failed,
}

fn begin(poll: &Poll, target: SocketAddr, token: u64, hello: &[u8]) -> anyhow::Result<Client> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    // Leaving with a reset keeps the port free for the next client.
    set_socket_linger(&socket, Some(Duration::ZERO))?;
    let greeted = match rustix::net::connect(&socket, &target) {
        // On loopback the connection usually stands before the call is back.
        Ok(()) => {
            rustix::net::send(&socket, hello, SendFlags::NOSIGNAL)?;
            true
        }
        Err(Errno::INPROGRESS) => false,
        Err(error) => bail!("connecting to {target}: {error}"),
    };
    poll.add(&socket, token, if greeted { EventFlags::IN } else { EventFlags::OUT })?;
    Ok(Client { socket, greeted })
}

fn advance(poll: &Poll, client: &mut Client, token: u64, hello: &[u8]) -> anyhow::Result<Step> {
    if !client.greeted {
        if rustix::net::send(&client.socket, hello, SendFlags::NOSIGNAL).is_err() {
            return Ok(Step::Failed);
        }
        client.greeted = true;
        epoll::modify(poll.as_fd(), &client.socket, EventData::new_u64(token), EventFlags::IN)?;
        return Ok(Step::Waiting);
    }
    let mut answer = [0; 16];
    Ok(
        match rustix::net::recv(&client.socket, &mut answer, RecvFlags::empty()) {
            Ok((_, length))
                if answer
                    .get(..length)
                    .is_some_and(|got| got.starts_with(wire::LOGIN_ANSWER)) =>
            {
                Step::Answered
            }
            Err(Errno::AGAIN) => Step::Waiting,
            _ => Step::Failed,
        },
    )
}
