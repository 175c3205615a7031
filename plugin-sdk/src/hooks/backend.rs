//! The servers behind a player: joining them, and losing them.

use super::exports::ask;
use super::{Exported, IntoTarget, Outcome, hook};
use crate::bindings::backend::exports::portcullis::plugin::backend as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session, Text};

/// The servers behind a player: joining them, and losing them. Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)).
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Catches players whose server is gone.
/// #[derive(Plugin)]
/// #[plugin(stage = "route")]
/// struct Net;
///
/// #[hooks]
/// impl Backend for Net {
///     fn kicked(&mut self, _session: &Session, _server: &str, cause: &KickCause, _on_board: bool) -> KickedVerdict {
///         match cause {
///             KickCause::Kicked(_) => KickedVerdict::Next,
///             _ => KickedVerdict::redirect(["lobby"]),
///         }
///     }
/// }
///
/// let host = Host::new();
/// host.server("lobby");
/// let mut net = host.start::<Net>("");
/// let session = Session::build().in_play();
/// assert_eq!(net.kicked(&session, "arena", &KickCause::Closed, true), KickedVerdict::redirect(["lobby"]));
/// ```
pub trait Backend: Plugin + Exported<hook::Backend> {
    /// The player is in the server's world, or on the way into it: the server has let him in, and what it says reaches him.
    fn connected(&mut self, session: &Session, server: &str) -> impl Outcome<()> {
        let _ = (session, server);
    }

    /// A server was lost, or was not reached. `on_board`: the player was on it, and is now nowhere; otherwise he was on his way to
    /// it.
    fn kicked(
        &mut self,
        session: &Session,
        server: &str,
        cause: &KickCause,
        on_board: bool,
    ) -> impl Outcome<KickedVerdict> {
        let _ = (session, server, cause, on_board);
        KickedVerdict::Next
    }

    /// The player is not on this server any more. Once for each `connected`.
    fn disconnected(&mut self, session: &Session, server: &str) -> impl Outcome<()> {
        let _ = (session, server);
    }
}

/// Why a player cannot stay on a server, or get to it.
///
/// ```
/// use portcullis_sdk::{KickCause, Text};
///
/// assert_ne!(KickCause::Kicked(Text::plain("Restarting")), KickCause::Closed);
/// ```
pub use contract::Cause as KickCause;

/// What becomes of a player whose server is lost.
///
/// ```
/// use portcullis_sdk::{KickedVerdict, Text};
///
/// assert_eq!(KickedVerdict::disconnect("Bye"), KickedVerdict::Disconnect(Text::markup("Bye")));
/// ```
pub use contract::Verdict as KickedVerdict;

impl KickedVerdict {
    /// Final: show this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{KickedVerdict, Text};
    ///
    /// assert_eq!(KickedVerdict::disconnect(Text::plain("<3")), KickedVerdict::Disconnect(Text::Plain("<3".into())));
    /// ```
    pub fn disconnect(text: impl Into<Text>) -> Self {
        Self::Disconnect(text.into())
    }

    /// Final: try these in order, as [`RouteVerdict::to`](crate::RouteVerdict::to) does. The server that was lost is left out.
    /// 1 to 64; none, and unknown names, count as failures.
    ///
    /// ```
    /// use portcullis_sdk::testing::Host;
    /// use portcullis_sdk::{KickedVerdict, Target};
    ///
    /// let host = Host::new();
    /// host.server("lobby-1").group("lobby");
    /// assert_eq!(KickedVerdict::redirect(["lobby"]), KickedVerdict::Redirect(vec![Target::Group("lobby".into())]));
    /// ```
    pub fn redirect<T: IntoTarget>(places: impl IntoIterator<Item = T>) -> Self {
        Self::Redirect(places.into_iter().map(IntoTarget::into_target).collect())
    }
}

impl<P: Backend> contract::Guest for Exports<P> {
    fn on_connected(server: String) {
        ask::<P, _>(|plugin| plugin.connected(&Session::at_hand(), &server).outcome());
    }

    fn on_kicked(server: String, cause: KickCause, on_board: bool) -> KickedVerdict {
        ask::<P, _>(|plugin| plugin.kicked(&Session::at_hand(), &server, &cause, on_board).outcome())
    }

    fn on_disconnected(server: String) {
        ask::<P, _>(|plugin| plugin.disconnected(&Session::at_hand(), &server).outcome());
    }
}
