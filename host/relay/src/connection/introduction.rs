//! What a server is told of a player before the first byte of his own: a PROXY header, and the host field of the handshake.

use std::net::SocketAddr;
use std::sync::Arc;

use portcullis_config::{Listener, ProxyEmission};
use portcullis_protocol::host::HostField;
use portcullis_protocol::proxy_header::{Extension, ProxyHeader};
use portcullis_registry::{Server, Session};
use portcullis_runtime::{
    By, ConnectOutcome, Destination, Introduction, ListenerChain, Refusal, Text, Tlv, WorkerPlugins,
};
use tokio::net::TcpStream;

/// What a server is told first.
pub(crate) struct Introduced {
    /// The PROXY header, or nothing.
    pub(crate) head: Vec<u8>,
    /// What the handshake's host field has to say, if not what the client's says.
    pub(crate) host: Option<Host>,
}

/// What the handshake's host field has to say.
pub(crate) enum Host {
    /// This name in place of the client's; what stands behind it stays.
    Named(String),
    /// All of this, and nothing else.
    Whole(String),
}

/// Why a server is told nothing.
pub(crate) enum Unwanted {
    /// A plugin will not have it.
    Denied(Text, By),
    /// A plugin that fails closed has failed.
    Refused(Refusal),
}

impl Host {
    /// The whole field, where the client's was this one.
    pub(crate) fn in_place_of(self, field: &HostField<'_>) -> String {
        match self {
            // A rewritten host was checked when it was rewritten.
            Self::Named(name) => field.renamed(&name).unwrap_or(name),
            Self::Whole(host) => host,
        }
    }
}

/// The client's host field without what it says of who he is, where that is not to be believed: servers would. `None`: it says
/// nothing, or the peer is trusted.
pub(crate) fn without_claims(session: &Session, stream: &TcpStream, listener: &Listener) -> Option<String> {
    let cleaned = HostField::without_claims(session.handshake()?.raw_host())?;
    let is_trusted = stream.peer_addr().is_ok_and(|peer| listener.trusts(peer.ip()));
    (!is_trusted).then_some(cleaned)
}

/// Asks the `forward` hooks what this server is to be told. `local` is where the client connected to.
pub(crate) fn of(
    plugins: &WorkerPlugins,
    chain: &ListenerChain,
    session: &Arc<Session>,
    server: &Server,
    local: SocketAddr,
) -> Result<Introduced, Unwanted> {
    let destination = Destination::from(&server.config);
    let (host, tlvs) = match plugins.introduce(chain, session, &destination) {
        ConnectOutcome::Introduce(Introduction { host, tlvs }) => (host, tlvs),
        ConnectOutcome::Deny(text, by) => return Err(Unwanted::Denied(text, by)),
        ConnectOutcome::Refuse(refusal) => return Err(Unwanted::Refused(refusal)),
    };
    let mut head = Vec::new();
    write_proxy_header(server.config.proxy_protocol, session.peer(), local, &tlvs, &mut head);
    let host = match host {
        Some(host) => Some(Host::Whole(host)),
        None => session.rewritten_host().map(|name| Host::Named(name.to_string())),
    };
    Ok(Introduced { head, host })
}

/// Appends the header that a server wants, in the client's name.
fn write_proxy_header(emission: ProxyEmission, client: SocketAddr, local: SocketAddr, tlvs: &[Tlv], out: &mut Vec<u8>) {
    let header = ProxyHeader::Proxied {
        source: client,
        destination: local,
    };
    match emission {
        ProxyEmission::Off => {}
        ProxyEmission::V1 => header.write_v1(out),
        ProxyEmission::V2 => {
            let extensions: Vec<Extension<'_>> = tlvs
                .iter()
                .map(|tlv| Extension {
                    kind: tlv.kind,
                    value: &tlv.value,
                })
                .collect();
            if header.write_v2_with(&extensions, out).is_err() {
                // More than this host itself would read; the addresses are what matters.
                tracing::warn!(extensions = extensions.len(), "too many PROXY extensions were left out");
                header.write_v2(out);
            }
        }
    }
}
