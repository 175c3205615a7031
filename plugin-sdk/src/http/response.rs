//! An answer.

use std::borrow::Cow;

use crate::bindings::granted::portcullis::plugin::http as contract;

/// An answer, of whatever status.
///
/// ```
/// use portcullis_sdk::http::{self, HttpError};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.http("https://example.com/", 200, "hello");
/// let answer = http::get("https://example.com/")?;
/// assert!(answer.is_success());
/// assert_eq!(answer.text(), "hello");
/// # Ok::<(), HttpError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The status, for example 200.
    pub status: u16,
    /// Names and values; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is one of 200 to 299.
    ///
    /// ```
    /// let answer = portcullis_sdk::http::Response { status: 204, headers: Vec::new(), body: Vec::new() };
    /// assert!(answer.is_success());
    /// ```
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that name, whatever its case.
    ///
    /// ```
    /// let headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
    /// let answer = portcullis_sdk::http::Response { status: 200, headers, body: Vec::new() };
    /// assert_eq!(answer.header("content-type"), Some("text/plain"));
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced.
    ///
    /// ```
    /// let answer = portcullis_sdk::http::Response { status: 200, headers: Vec::new(), body: b"hello".to_vec() };
    /// assert_eq!(answer.text(), "hello");
    /// ```
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON. With the feature `json`.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// let body = br#"{"name": "Ada"}"#.to_vec();
    /// let answer = portcullis_sdk::http::Response { status: 200, headers: Vec::new(), body };
    /// let read: BTreeMap<String, String> = answer.json()?;
    /// assert_eq!(read["name"], "Ada");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the body is not JSON, or not of this type.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> crate::Result<T> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl From<contract::Response> for Response {
    fn from(response: contract::Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}
