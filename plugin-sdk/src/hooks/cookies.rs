//! Cookies that servers keep with players.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::cookie::exports::portcullis::plugin::cookie as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// Cookies that servers keep with players (1.20.5 and later). Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)), behind the login. Needs the grant `packets`.
///
/// A client can forge what it sends back: sign what matters.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Keeps servers from each other's cookies.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Jar;
///
/// #[hooks]
/// impl Cookies for Jar {
///     fn requested(&mut self, session: &Session, key: &str) -> CookieVerdict {
///         match key.split(':').next() == session.server() {
///             true => CookieVerdict::Next,
///             false => CookieVerdict::Drop,
///         }
///     }
/// }
///
/// let mut jar = Host::new().start::<Jar>("");
/// let session = Session::build().on("arena").in_play();
/// assert_eq!(jar.requested(&session, "arena:score"), CookieVerdict::Next);
/// assert_eq!(jar.requested(&session, "lobby:score"), CookieVerdict::Drop);
/// ```
pub trait Cookies: Plugin + Exported<hook::Cookies> {
    /// A server wants a cookie back.
    fn requested(&mut self, session: &Session, key: &str) -> impl Outcome<CookieVerdict> {
        let _ = (session, key);
        CookieVerdict::Next
    }

    /// A server stores a cookie.
    fn stored(&mut self, session: &Session, key: &str, data: &[u8]) -> impl Outcome<CookieDataVerdict> {
        let _ = (session, key, data);
        CookieDataVerdict::Next
    }

    /// The client sends a cookie back; `None`: it has none of that name.
    fn returned(&mut self, session: &Session, key: &str, data: Option<&[u8]>) -> impl Outcome<CookieDataVerdict> {
        let _ = (session, key, data);
        CookieDataVerdict::Next
    }
}

/// What becomes of a request.
///
/// ```
/// use portcullis_sdk::CookieVerdict;
///
/// assert_ne!(CookieVerdict::Drop, CookieVerdict::Next);
/// ```
pub use contract::Verdict as CookieVerdict;

/// What becomes of a cookie.
///
/// ```
/// use portcullis_sdk::CookieDataVerdict;
///
/// assert_ne!(CookieDataVerdict::Replace(vec![1]), CookieDataVerdict::Drop);
/// ```
pub use contract::DataVerdict as CookieDataVerdict;

impl<P: Cookies> contract::Guest for Exports<P> {
    fn on_request(key: String) -> CookieVerdict {
        ask::<P, _>(|plugin| plugin.requested(&Session::at_hand(), &key).outcome())
    }

    fn on_store(key: String, data: Vec<u8>) -> CookieDataVerdict {
        ask::<P, _>(|plugin| plugin.stored(&Session::at_hand(), &key, &data).outcome())
    }

    fn on_response(key: String, data: Option<Vec<u8>>) -> CookieDataVerdict {
        ask::<P, _>(|plugin| plugin.returned(&Session::at_hand(), &key, data.as_deref()).outcome())
    }
}
