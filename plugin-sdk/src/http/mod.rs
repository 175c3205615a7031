//! Requests to the origins that the operator granted: `grants = ["http:https://api.example.com"]`. In [`Login`](crate::Login)
//! alone: all other hooks may not wait, and are answered [`HttpError::WouldWait`].
//!
//! Certificates are checked against the system's roots. Redirects are not followed. A name that resolves to a private address is
//! refused, unless the granted origin is itself such an address, or `localhost`.
//!
//! ```
//! use portcullis_sdk::http;
//! use portcullis_sdk::prelude::*;
//! use portcullis_sdk::testing::Host;
//!
//! /// Asks a list whether somebody is banned.
//! #[derive(Plugin)]
//! #[plugin(stage = "login")]
//! struct Bans;
//!
//! #[hooks]
//! impl Login for Bans {
//!     fn profile(&mut self, _session: &Session, profile: &Profile) -> Result<ProfileVerdict> {
//!         let answer = http::get(&format!("https://bans.example.com/{}", profile.uuid))?;
//!         Ok(match answer.status {
//!             404 => ProfileVerdict::Next,
//!             _ => ProfileVerdict::deny(Text::plain(answer.text())),
//!         })
//!     }
//! }
//!
//! let host = Host::new();
//! host.http("https://bans.example.com/069579f1-40e5-4b5c-86b4-cc372f1a5dfb", 200, "For griefing");
//! let mut bans = host.start::<Bans>("");
//! let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
//! let session = Session::build().verified(ada).at_login();
//! assert_eq!(bans.profile(&session), ProfileVerdict::deny(Text::plain("For griefing")));
//! ```

mod error;
mod query;
mod request;
mod response;

pub use self::error::HttpError;
pub use self::query::encode;
pub use self::request::Request;
pub use self::response::Response;

/// Asks for a page. At most 1 MiB comes back, in what is left of the call's time.
///
/// ```
/// use portcullis_sdk::http::{self, HttpError};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.http("https://example.com/", 200, "hello");
/// assert_eq!(http::get("https://example.com/")?.text(), "hello");
/// # Ok::<(), HttpError>(())
/// ```
pub fn get(url: &str) -> Result<Response, HttpError> {
    Request::get(url).send()
}
