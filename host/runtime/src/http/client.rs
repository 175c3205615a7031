//! The HTTP client of one plugin, and the certificates that it trusts.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::resolver::Resolver;

/// Connections are kept for the next request so long: most servers close them after a minute.
const IDLE: Duration = Duration::from_secs(30);

/// Connections kept to one server: as many as a plugin may use at once.
const IDLE_PER_HOST: usize = super::MAX_UNDER_WAY;

pub(super) type Client = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// The certificate authorities that plugins' requests trust.
#[derive(Debug, Clone)]
pub struct Roots(Arc<RootCertStore>);

impl Roots {
    /// Those of the platform. Without any, no HTTPS server can be reached.
    pub(crate) fn platform() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let mut store = RootCertStore::empty();
        let (taken, _) = store.add_parsable_certificates(found.certs);
        if taken == 0 {
            let reason = found.errors.first().map(ToString::to_string);
            tracing::warn!(
                reason,
                "no root certificates were found on this system: plugins reach no HTTPS server; install ca-certificates"
            );
        }
        Self(Arc::new(store))
    }

    /// These certificates and no others, each as DER. What cannot be read is left out.
    pub fn of(certificates: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.into_iter().map(CertificateDer::from));
        Self(Arc::new(store))
    }
}

/// A client that follows no redirects, knows no proxies, and keeps connections.
pub(super) fn client(roots: &Roots) -> Result<Client, rustls::Error> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots.0.clone())
        .with_no_client_auth();
    let mut tcp = HttpConnector::new_with_resolver(Resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build(connector))
}
