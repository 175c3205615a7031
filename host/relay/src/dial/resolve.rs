//! Names to addresses, without blocking: each worker asks for itself, and one that waits for a silent name server holds up
//! nobody else. Answers are kept for as long as their TTL says.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use portcullis_config::Address;
use thiserror::Error;
use tokio::time::timeout;

/// How long one family's answer waits for the other's (RFC 8305 §3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// Addresses tried of one name. A name with more is a farm, where any few will do.
const MAX_ADDRESSES: usize = 8;

/// Why names cannot be resolved at all: a broken configuration of the system, or no randomness to be had.
#[derive(Debug, Error)]
#[error("failed to start the name resolver: {0}")]
pub struct ResolverError(#[source] NetError);

/// Asks name servers.
pub(crate) struct Resolver {
    inner: TokioResolver,
}

impl Resolver {
    /// Asks `name_servers`, or those of the system where there are none. To be called within a runtime.
    pub(crate) fn new(name_servers: &[SocketAddr]) -> Result<Self, ResolverError> {
        let builder = if name_servers.is_empty() {
            TokioResolver::builder_tokio().unwrap_or_else(|error| {
                // Servers that are configured by address, or found in the hosts file, need no name server.
                tracing::warn!(%error, "found no name servers in the system's configuration");
                builder_with(&[])
            })
        } else {
            builder_with(name_servers)
        };
        Ok(Self {
            inner: builder.build().map_err(ResolverError)?,
        })
    }

    /// The address itself, or a name's addresses in the order in which to try them: families taking turns, IPv6 first
    /// (RFC 8305 §4). Never empty.
    pub(crate) async fn addresses(&self, address: &Address) -> io::Result<Vec<SocketAddr>> {
        if let Some(ip) = address.ip() {
            return Ok(vec![SocketAddr::new(ip, address.port)]);
        }
        let addresses = self.look_up(&address.host).await?;
        Ok(addresses
            .into_iter()
            .map(|ip| SocketAddr::new(ip, address.port))
            .collect())
    }

    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut v6 = pin!(async { usable(self.inner.ipv6_lookup(name).await) });
        let mut v4 = pin!(async { usable(self.inner.ipv4_lookup(name).await) });
        let (v6, v4) = tokio::select! {
            first = &mut v6 => {
                let second = if first.is_ok() { timeout(RESOLUTION_DELAY, v4).await.ok() } else { Some(v4.await) };
                (Some(first), second)
            }
            first = &mut v4 => {
                let second = if first.is_ok() { timeout(RESOLUTION_DELAY, v6).await.ok() } else { Some(v6.await) };
                (second, Some(first))
            }
        };
        match (v6.unwrap_or(Ok(Vec::new())), v4.unwrap_or(Ok(Vec::new()))) {
            (Err(error), Err(_)) => Err(io::Error::new(io::ErrorKind::NotFound, error)),
            (v6, v4) => Ok(take_turns(v6.unwrap_or_default(), v4.unwrap_or_default())),
        }
    }
}

fn builder_with(name_servers: &[SocketAddr]) -> hickory_resolver::ResolverBuilder<TokioRuntimeProvider> {
    let servers = name_servers.iter().map(|server| {
        let at_port = |mut connection: ConnectionConfig| {
            connection.port = server.port();
            connection
        };
        NameServerConfig::new(
            server.ip(),
            true,
            vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())],
        )
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
}

/// A family's addresses; having none is an error as well.
fn usable(lookup: Result<Lookup, NetError>) -> Result<Vec<IpAddr>, NetError> {
    let addresses: Vec<_> = lookup?
        .answers()
        .iter()
        .filter_map(|record| record.data.ip_addr())
        .collect();
    if addresses.is_empty() {
        Err(NetError::from("the name has no address"))
    } else {
        Ok(addresses)
    }
}

fn take_turns(v6: Vec<IpAddr>, v4: Vec<IpAddr>) -> Vec<IpAddr> {
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let turns = std::iter::from_fn(|| {
        let pair: Vec<_> = v6.next().into_iter().chain(v4.next()).collect();
        (!pair.is_empty()).then_some(pair)
    });
    turns.flatten().take(MAX_ADDRESSES).collect()
}
