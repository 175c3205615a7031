//! Who a connection comes from: the socket's peer, or whom a trusted proxy speaks for.

use std::net::SocketAddr;

use portcullis_config::{Listener, ProxyAcceptance};
use portcullis_protocol::Progress;
use portcullis_protocol::proxy_header::{MAX_V2_BYTES, ProxyHeader, ProxyHeaderError};
use tokio::net::TcpStream;

use super::farewell::Turned;
use super::peek::{peek, take};
use crate::mover::Kit;
use crate::refusal::Reason;

/// The peer, after the PROXY header, if the listener takes one from this peer, has been read and taken off the queue.
pub(super) async fn behind_proxy(
    stream: &TcpStream,
    kit: &Kit,
    peer: SocketAddr,
    listener: &Listener,
) -> Result<SocketAddr, Turned> {
    let trusted = || listener.trusts(peer.ip());
    let required = match listener.proxy_protocol {
        ProxyAcceptance::Off => return Ok(peer),
        // Left where it is, a header of somebody who is not trusted is garbage to the next stage.
        ProxyAcceptance::Accept if !trusted() => return Ok(peer),
        ProxyAcceptance::Require if !trusted() => return Err(Turned::silently(Reason::UntrustedProxy)),
        ProxyAcceptance::Accept => false,
        ProxyAcceptance::Require => true,
    };
    let (header, length) = peek(stream, kit, MAX_V2_BYTES, |bytes| match ProxyHeader::parse(bytes) {
        Ok(Progress::Complete(header, length)) => Ok(Some((header, length))),
        Ok(Progress::Incomplete) => Ok(None),
        Err(ProxyHeaderError::Absent) if !required && !bytes.is_empty() => Ok(Some((ProxyHeader::Local, 0))),
        Err(error) => Err(Reason::ProxyHeader(error.label())),
    })
    .await?;
    if length > 0 && take(stream, length).is_err() {
        return Err(Turned::silently(Reason::ClosedEarly));
    }
    Ok(match header {
        ProxyHeader::Proxied { source, .. } => source,
        ProxyHeader::Local => peer,
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::super::farewell::tests::reason;
    use super::super::peek::tests::connection;
    use super::*;
    use crate::listener::tests::configured;

    const V1: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 4000 25565\r\n";
    const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x0f\xa0\x63\xdd";
    const V2_LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

    /// The peer that a listener believes in, with what is left in the queue; or why the connection is turned away.
    async fn check(acceptance: ProxyAcceptance, trusted: &str, sent: &[u8], expect: Result<(&str, &[u8]), &str>) {
        let listener = Listener {
            proxy_protocol: acceptance,
            trusted_proxies: vec![trusted.parse().unwrap()],
            ..configured()
        };
        let (mut client, stream) = connection().await;
        client.write_all(sent).await.unwrap();
        let (kit, socket) = (Kit::new(), "127.0.0.1:9".parse().unwrap());
        let found = match behind_proxy(&stream, &kit, socket, &listener).await {
            Ok(peer) => {
                client.shutdown().await.unwrap();
                let mut rest = Vec::new();
                let mut stream = stream;
                tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest)
                    .await
                    .unwrap();
                Ok((peer.to_string(), rest))
            }
            Err(turned) => Err(reason(&turned)),
        };
        let found = found
            .as_ref()
            .map(|(peer, rest)| (&**peer, &**rest))
            .map_err(Reason::label);
        assert_eq!(found, expect, "{acceptance:?} {trusted}");
    }

    #[tokio::test]
    async fn a_header_counts_where_it_is_accepted_from_this_peer() {
        use ProxyAcceptance::{Accept, Off, Require};
        let us = "127.0.0.0/8";
        for acceptance in [Accept, Require] {
            check(acceptance, us, &[V1, b"rest"].concat(), Ok(("192.0.2.7:4000", b"rest"))).await;
            check(acceptance, us, &[V2, b"rest"].concat(), Ok(("192.0.2.7:4000", b"rest"))).await;
            check(
                acceptance,
                us,
                &[V2_LOCAL, b"rest"].concat(),
                Ok(("127.0.0.1:9", b"rest")),
            )
            .await;
            check(acceptance, us, b"PROXY WHAT\r\n", Err("proxy-header-line")).await;
        }
        check(Off, us, V1, Ok(("127.0.0.1:9", V1))).await;
        check(Accept, us, b"\x10rest", Ok(("127.0.0.1:9", b"\x10rest"))).await;
        check(Require, us, b"\x10rest", Err("proxy-header-absent")).await;
        let others = "192.0.2.0/24";
        check(Accept, others, V1, Ok(("127.0.0.1:9", V1))).await;
        check(Require, others, V1, Err("untrusted-proxy")).await;
    }
}
