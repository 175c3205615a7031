//! A request.

use std::fmt;
use std::time::Duration;

use super::{HttpError, Response};
use crate::bindings::granted::portcullis::plugin::http as contract;
use crate::clock::whole_ms;
use crate::host;

/// A request on its way to [`send`](Self::send).
///
/// ```
/// use std::time::Duration;
///
/// use portcullis_sdk::http::{HttpError, Request};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.http("https://example.com/joins", 204, "");
/// let request = Request::post("https://example.com/joins").header("x-player", "Ada").body("joined");
/// assert_eq!(request.timeout(Duration::from_secs(2)).send()?.status, 204);
/// assert_eq!(host.http_requests(), ["POST https://example.com/joins joined"]);
/// # Ok::<(), HttpError>(())
/// ```
#[must_use = "nothing is asked before `send`"]
#[derive(Clone, PartialEq)]
pub struct Request(contract::Request);

impl Request {
    /// Of this method, to this URL with scheme and host.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// # host.http("https://example.com/", 200, "");
    /// let answer = portcullis_sdk::http::Request::new("HEAD", "https://example.com/").send()?;
    /// # Ok::<(), portcullis_sdk::http::HttpError>(())
    /// ```
    pub fn new(method: &str, url: &str) -> Self {
        Self(contract::Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            timeout_ms: None,
        })
    }

    /// Asks for a page.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// # host.http("https://example.com/", 200, "");
    /// let answer = portcullis_sdk::http::Request::get("https://example.com/").header("accept", "text/plain").send()?;
    /// # Ok::<(), portcullis_sdk::http::HttpError>(())
    /// ```
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// Hands something over.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// # host.http("https://example.com/", 200, "");
    /// let answer = portcullis_sdk::http::Request::post("https://example.com/").body("hello").send()?;
    /// # Ok::<(), portcullis_sdk::http::HttpError>(())
    /// ```
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// One more header. At most 64.
    ///
    /// ```
    /// # use portcullis_sdk::http::Request;
    /// let request = Request::get("https://example.com/").header("accept", "application/json");
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body. At most 1 MiB.
    ///
    /// ```
    /// # use portcullis_sdk::http::Request;
    /// let request = Request::post("https://example.com/").body("hello");
    /// ```
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = Some(body.into());
        self
    }

    /// With this value as JSON, and the header that says so. With the feature `json`.
    ///
    /// ```
    /// # use portcullis_sdk::http::Request;
    /// use std::collections::BTreeMap;
    ///
    /// let request = Request::post("https://example.com/").json(&BTreeMap::from([("name", "Ada")]))?;
    /// # Ok::<(), portcullis_sdk::http::HttpError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`HttpError::Invalid`] where the value cannot be JSON: a map whose keys are no texts.
    #[cfg(feature = "json")]
    pub fn json(self, value: &impl serde::Serialize) -> Result<Self, HttpError> {
        let json = serde_json::to_vec(value).map_err(|error| HttpError::Invalid(error.to_string()))?;
        Ok(self.header("content-type", "application/json").body(json))
    }

    /// For the whole exchange; otherwise what is left of the call's time.
    ///
    /// ```
    /// # use portcullis_sdk::http::Request;
    /// let request = Request::get("https://example.com/").timeout(std::time::Duration::from_secs(2));
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout_ms = Some(whole_ms(timeout));
        self
    }

    /// Asks, and waits for the answer. Any status is an answer.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// host.http("https://example.com/", 404, "");
    /// let answer = portcullis_sdk::http::Request::get("https://example.com/").send()?;
    /// assert_eq!(answer.status, 404);
    /// # Ok::<(), portcullis_sdk::http::HttpError>(())
    /// ```
    pub fn send(self) -> Result<Response, HttpError> {
        Ok(host::http::fetch(&self.0)?.into())
    }
}

/// The method and the URL without its query: what it asks, and what headers and body say, may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.0.url.split('?').next().unwrap_or_default();
        write!(f, "Request({} {url})", self.0.method)
    }
}
