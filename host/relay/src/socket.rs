//! Sockets as the host wants them: listeners that share their port among workers, connections without Nagle's delay and
//! with keep-alive; and as many of them as the system allows.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

/// Connections that the kernel completes while a worker is busy; capped by its `somaxconn`.
const BACKLOG: i32 = 4096;

/// A client that vanished without a word is noticed after 60 + 6 × 10 seconds of silence.
const KEEP_ALIVE: TcpKeepalive = TcpKeepalive::new()
    .with_time(SILENCE)
    .with_interval(Duration::from_secs(10))
    .with_retries(6);
/// Silence before a peer is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(60);

/// One listening socket for each worker; the kernel spreads connections over them. Port 0 takes a free one, the same for all.
pub(crate) fn listen(bind: SocketAddr, workers: usize) -> io::Result<Vec<TcpListener>> {
    // Sockets that share a port would also share it with another process of this user, which would go unnoticed. One that
    // does not share finds that out.
    let probe = bound(bind, false)?;
    let address = local_address(&probe)?;
    drop(probe);
    (0..workers.max(1))
        .map(|_| {
            let socket = bound(address, true)?;
            // Accepted connections inherit these on Linux: none of them costs a system call more.
            socket.set_tcp_nodelay(true)?;
            socket.set_tcp_keepalive(&KEEP_ALIVE)?;
            socket.listen(BACKLOG)?;
            Ok(socket.into())
        })
        .collect()
}

fn bound(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM.nonblocking(),
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    if address.is_ipv6() {
        // `[::]` serves IPv4 as well, whatever the system's default is.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local_address(socket: &Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?.as_socket();
    address.ok_or_else(|| io::Error::other("a bound TCP socket has no address"))
}

/// No delay for small packets, and keep-alive at the system's pace: each option is a system call for each player, and a
/// server that vanished is noticed by its players first.
pub(crate) fn set_server_options(socket: &impl AsFd) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE))
}

/// Lets this process have as many descriptors as its hard limit allows: a session needs two.
pub(crate) fn raise_descriptor_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: maximum,
                maximum,
            },
        )
    {
        tracing::warn!(%error, "failed to raise the limit of open files");
        return current.unwrap_or(u64::MAX);
    }
    maximum.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    fn address(socket: &TcpListener) -> SocketAddr {
        socket.local_addr().unwrap()
    }

    #[test]
    fn what_is_accepted_and_what_is_dialled_sends_at_once_and_is_kept_alive() {
        let listeners = listen((Ipv4Addr::LOCALHOST, 0).into(), 1).unwrap();
        let dialled = TcpStream::connect(address(&listeners[0])).unwrap();
        set_server_options(&dialled).unwrap();
        listeners[0].set_nonblocking(false).unwrap();
        let (accepted, _) = listeners[0].accept().unwrap();
        for socket in [SockRef::from(&dialled), SockRef::from(&accepted)] {
            assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), SILENCE);
        }
    }

    #[test]
    fn the_kernel_spreads_connections_over_all_workers() {
        let listeners = listen((Ipv4Addr::LOCALHOST, 0).into(), 2).unwrap();
        assert_eq!(address(&listeners[0]), address(&listeners[1]));
        // By a hash of their ports: of a hundred, all go one way once in 2^99 times.
        let _clients: Vec<_> = (0..100)
            .map(|_| TcpStream::connect(address(&listeners[0])).unwrap())
            .collect();
        for listener in &listeners {
            listener.set_nonblocking(false).unwrap();
            listener.accept().unwrap();
        }
    }

    #[test]
    fn as_many_descriptors_as_the_system_allows() {
        let most = raise_descriptor_limit();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!((current, maximum.unwrap_or(u64::MAX)), (maximum, most));
    }
}
