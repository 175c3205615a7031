//! The web as a test wants it: answers and failures by URL.

use std::collections::BTreeMap;

use super::Host;
use super::world::with;
use crate::bindings::granted::portcullis::plugin::http::{Error, Request, Response};
use crate::http::HttpError;

/// The contract's bounds.
const MAX_HEADERS: usize = 64;
const MAX_BODY_BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Web {
    answers: BTreeMap<String, Result<Response, Error>>,
    asked: Vec<String>,
}

impl Web {
    pub(super) fn fetch(&mut self, request: &Request) -> Result<Response, Error> {
        if request.headers.len() > MAX_HEADERS {
            return Err(Error::Invalid(format!("more than {MAX_HEADERS} headers")));
        }
        if request.body.as_ref().is_some_and(|body| body.len() > MAX_BODY_BYTES) {
            return Err(Error::Invalid("a body of more than 1 MiB".to_owned()));
        }
        let body = request.body.as_deref().map(String::from_utf8_lossy);
        let body = body.map(|body| format!(" {body}")).unwrap_or_default();
        self.asked.push(format!("{} {}{body}", request.method, request.url));
        let answer = self.answers.get(&request.url).cloned();
        answer.unwrap_or_else(|| {
            Err(Error::Unreachable(format!(
                "the test has no answer for {}: add it with `host.http(…)`",
                request.url
            )))
        })
    }
}

impl Host {
    /// Answers requests for this URL, whatever the method, until told otherwise. Nothing else is reached.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.http("https://example.com/", 200, "hello");
    /// assert_eq!(portcullis_sdk::http::get("https://example.com/").unwrap().text(), "hello");
    /// ```
    pub fn http(&self, url: &str, status: u16, body: &str) {
        let answer = Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        with(|world| world.web.answers.insert(url.to_owned(), Ok(answer)));
    }

    /// Fails requests for this URL, until told otherwise.
    ///
    /// ```
    /// use portcullis_sdk::http::{self, HttpError};
    ///
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.http_fails("https://example.com/", HttpError::Timeout);
    /// assert_eq!(http::get("https://example.com/"), Err(HttpError::Timeout));
    /// ```
    pub fn http_fails(&self, url: &str, error: HttpError) {
        with(|world| world.web.answers.insert(url.to_owned(), Err(error.into())));
    }

    /// What was asked so far, oldest first: method, URL, and the body where there is one.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.http("https://example.com/", 200, "hello");
    /// portcullis_sdk::http::get("https://example.com/").unwrap();
    /// assert_eq!(host.http_requests(), ["GET https://example.com/"]);
    /// ```
    pub fn http_requests(&self) -> Vec<String> {
        with(|world| world.web.asked.clone())
    }
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::WouldWait => Self::WouldWait,
            HttpError::Denied(what) => Self::Denied(what),
            HttpError::Invalid(what) => Self::Invalid(what),
            HttpError::Timeout => Self::Timeout,
            HttpError::Unreachable(why) => Self::Unreachable(why),
            HttpError::TooLarge => Self::TooLarge,
            HttpError::Busy => Self::Busy,
            HttpError::Other(reason) => Self::Other(reason),
        }
    }
}
