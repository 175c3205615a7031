//! One request and its answer, checked and bounded on the way out and back.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use portcullis_config::Plugin;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::client::{Client, Roots, client};
use super::origin::Origin;
use super::resolver::Private;
use crate::bindings::portcullis::plugin::http as contract;

/// Requests that one plugin may have under way.
pub(crate) const MAX_UNDER_WAY: usize = 16;

const MAX_HEADERS: usize = 64;
const MAX_BODY_BYTES: usize = 1 << 20;

/// Sent where the plugin says nothing else.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION")));

/// What frames a message or belongs to the connection is the client's own to say; and a `Host` of the plugin's could reach
/// another site behind a granted address.
const RESERVED: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
];

/// What one load of a plugin may request.
pub(crate) struct Http {
    plugin: String,
    granted: Vec<Origin>,
    client: Client,
    /// Shared by all loads of the plugin.
    under_way: Arc<Semaphore>,
}

impl Http {
    pub(crate) fn new(plugin: &Plugin, roots: &Roots, under_way: Arc<Semaphore>) -> Result<Self, rustls::Error> {
        let scopes = plugin.grants.iter().filter(|grant| grant.capability() == "http");
        Ok(Self {
            plugin: plugin.name.to_string(),
            granted: scopes.filter_map(|grant| Origin::of_grant(grant.scope()?)).collect(),
            client: client(roots)?,
            under_way,
        })
    }

    /// Sends a request and reads the answer, within so much time.
    pub(crate) async fn fetch(
        &self,
        request: contract::Request,
        limit: Duration,
    ) -> Result<contract::Response, contract::Error> {
        let request = self.check(request)?;
        let Ok(_under_way) = self.under_way.try_acquire() else {
            return Err(contract::Error::Busy);
        };
        match timeout(limit, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(contract::Error::Timeout),
        }
    }

    fn check(&self, request: contract::Request) -> Result<Request<Full<Bytes>>, contract::Error> {
        let invalid = |what: String| contract::Error::Invalid(what);
        let url: Uri = request
            .url
            .parse()
            .map_err(|error| invalid(format!("not a URL: {error}")))?;
        let origin = Origin::of(&url).map_err(|reason| invalid(reason.to_owned()))?;
        if !self.granted.contains(&origin) {
            return Err(contract::Error::Denied(format!(
                "{origin} is not granted; to allow it, add to [plugins.{}]: grants = [\"http:{origin}\"]",
                self.plugin
            )));
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .ok()
            .filter(|method| !matches!(*method, Method::CONNECT | Method::TRACE))
            .ok_or_else(|| invalid(format!("{:?} is no method that can be used here", request.method)))?;
        let body = request.body.unwrap_or_default();
        if body.len() > MAX_BODY_BYTES {
            return Err(invalid(format!(
                "a body of {} bytes; at most {MAX_BODY_BYTES}",
                body.len()
            )));
        }
        let mut checked = Request::new(Full::from(body));
        *checked.method_mut() = method;
        *checked.uri_mut() = url;
        *checked.headers_mut() = check_headers(&request.headers).map_err(invalid)?;
        Ok(checked)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<contract::Response, contract::Error> {
        let answer = self.client.request(request).await.map_err(|error| explain(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|error| {
            match error.downcast_ref::<LengthLimitError>() {
                Some(_) => contract::Error::TooLarge,
                None => contract::Error::Unreachable(chain(&*error)),
            }
        })?;
        let headers = head.headers.iter();
        Ok(contract::Response {
            status: head.status.as_u16(),
            headers: headers
                .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
                .collect(),
            body: body.to_bytes().into(),
        })
    }
}

fn check_headers(headers: &[(String, String)]) -> Result<HeaderMap, String> {
    if headers.len() > MAX_HEADERS {
        return Err(format!("{} headers; at most {MAX_HEADERS}", headers.len()));
    }
    let mut checked = HeaderMap::with_capacity(headers.len() + 1);
    for (name, value) in headers {
        let parsed: HeaderName = name.parse().map_err(|_| format!("{name:?} is no header's name"))?;
        if RESERVED.contains(&parsed) {
            return Err(format!("the header {parsed} is the host's to send"));
        }
        // The value may be a secret, and is not shown.
        let value = value
            .parse::<HeaderValue>()
            .map_err(|_| format!("the value of the header {parsed} has characters that none may have"))?;
        checked.append(parsed, value);
    }
    checked.entry(header::USER_AGENT).or_insert(USER_AGENT);
    Ok(checked)
}

fn explain(error: &hyper_util::client::legacy::Error) -> contract::Error {
    let mut source = error.source();
    while let Some(cause) = source {
        // An `io::Error` tells of its own cause's source, and not of its cause.
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let private = inner.map(|inner| inner as &(dyn Error + 'static)).unwrap_or(cause);
        if let Some(private) = private.downcast_ref::<Private>() {
            return contract::Error::Denied(private.to_string());
        }
        source = cause.source();
    }
    contract::Error::Unreachable(chain(error))
}

/// An error and its causes in one line, each cause once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let told = cause.to_string();
        if !text.contains(&told) {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {told}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The system takes `127.1` for 127.0.0.1, but it is no address as it stands, so it is looked up like a name that somebody
    /// has pointed at another's network.
    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_denied() {
        let url = "http://127.1:1/";
        let http = Http {
            plugin: "p".into(),
            granted: Origin::of_grant(url).into_iter().collect(),
            client: client(&Roots::of([])).unwrap(),
            under_way: Arc::new(Semaphore::new(1)),
        };
        let request = contract::Request {
            method: "GET".into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout_ms: None,
        };
        let answer = http.fetch(request, Duration::from_secs(60)).await;
        let Err(contract::Error::Denied(reason)) = answer else {
            panic!("{answer:?}");
        };
        assert!(reason.contains("only private addresses, such as 127.0.0.1"), "{reason}");
    }
}
