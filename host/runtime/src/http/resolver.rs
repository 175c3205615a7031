//! From a host's name to addresses that a plugin may be connected to. Addresses in a URL do not come here: they are what the
//! operator granted, letter by letter.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::lookup_host;
use tower_service::Service;

use super::address::is_public;

/// Asks the system, and leaves out what is private.
#[derive(Debug, Clone)]
pub(super) struct Resolver;

/// A name that leads to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("`{host}` has only private addresses, such as {address}; to allow one, grant an origin with that very address")]
pub(super) struct Private {
    host: String,
    address: IpAddr,
}

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            // The port is put in place by who asks.
            let addresses = lookup_host((name.as_str(), 0)).await?;
            let allowed = allowed(name.as_str(), addresses.collect()).map_err(io::Error::other)?;
            Ok(allowed.into_iter())
        })
    }
}

/// Those addresses of a name that may be connected to. `localhost` is granted by name, and means this machine.
fn allowed(host: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Private> {
    let is_local = host.eq_ignore_ascii_case("localhost");
    let (allowed, private): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| {
        let ip = address.ip();
        if is_local { ip.is_loopback() } else { is_public(ip) }
    });
    match private.first() {
        Some(address) if allowed.is_empty() => Err(Private {
            host: host.to_owned(),
            address: address.ip(),
        }),
        _ => Ok(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, addresses: &[&str], expect: Option<&[&str]>) {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        let found = allowed(host, parse(addresses)).ok();
        assert_eq!(found, expect.map(parse), "{host}");
    }

    #[test]
    fn private_addresses_are_left_out_and_are_an_error_where_there_are_no_others() {
        check(
            "a.example",
            &["1.1.1.1", "2606:4700::1"],
            Some(&["1.1.1.1", "2606:4700::1"]),
        );
        check("a.example", &["10.0.0.1", "1.1.1.1"], Some(&["1.1.1.1"]));
        check("a.example", &["10.0.0.1", "::1"], None);
        check("a.example", &[], Some(&[]));
    }

    #[test]
    fn localhost_is_this_machine_and_nothing_else_is() {
        check(
            "localhost",
            &["127.0.0.1", "::1", "10.0.0.1"],
            Some(&["127.0.0.1", "::1"]),
        );
        check("LOCALHOST", &["127.0.0.1"], Some(&["127.0.0.1"]));
        check("localhost", &["1.1.1.1"], None);
        check("localhost.example", &["127.0.0.1"], None);
    }
}
