//! A player must go somewhere.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::route::exports::portcullis::plugin::route as contract;
use crate::config::ServerOrGroup;
use crate::plugin::Exports;
use crate::servers::{self, Server, Target};
use crate::{Plugin, Session, Text};

/// A player must go somewhere: the name that the client claims is known and well formed.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Sends players to the server named after the first label of the host they asked for.
/// #[derive(Plugin)]
/// #[plugin(stage = "route")]
/// struct ByLabel;
///
/// #[hooks]
/// impl Route for ByLabel {
///     fn route(&mut self, session: &Session) -> RouteVerdict {
///         let label = session.host().split('.').next().unwrap_or_default();
///         match servers::get(label) {
///             Some(server) => RouteVerdict::to([server]),
///             None => RouteVerdict::Next,
///         }
///     }
/// }
///
/// let host = Host::new();
/// host.server("lobby");
/// let mut plugin = host.start::<ByLabel>("");
/// assert_eq!(plugin.route(&Session::build().host("lobby.example.com").at_route()), RouteVerdict::to(["lobby"]));
/// assert_eq!(plugin.route(&Session::build().host("other.example.com").at_route()), RouteVerdict::Next);
/// ```
pub trait Route: Plugin + Exported<hook::Route> {
    /// Called once per login.
    fn route(&mut self, session: &Session) -> impl Outcome<RouteVerdict>;
}

/// Where a player goes.
///
/// ```
/// use portcullis_sdk::{RouteVerdict, Target};
///
/// let verdict = RouteVerdict::to([Target::Server("lobby-1".into())]);
/// assert_eq!(verdict, RouteVerdict::To(vec![Target::Server("lobby-1".into())]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum RouteVerdict {
    /// No opinion: ask the next link. When none answers, the player is told that there is no route.
    Next,
    /// Final: try these in order until one accepts the connection; a group's members in the order of the configuration, those
    /// known to be down last. 1 to 64; an empty list and unknown names count as failures.
    To(Vec<Target>),
    /// Final: show this text.
    Disconnect(Text),
    /// Final: close without a word.
    Drop,
}

/// Why the question is asked: [`Session::cause`].
///
/// ```
/// use portcullis_sdk::{Cause, Session};
///
/// assert_eq!(*Session::build().at_route().cause(), Cause::Initial);
/// ```
pub use contract::Cause;

impl RouteVerdict {
    /// Final: try these in order. Names are looked up as [`servers::target`] does; one that nobody has is taken for a server's,
    /// and the host then says which it was.
    ///
    /// ```
    /// use portcullis_sdk::testing::Host;
    /// use portcullis_sdk::{RouteVerdict, Target};
    ///
    /// let host = Host::new();
    /// host.server("lobby-1").group("lobby");
    /// assert_eq!(RouteVerdict::to(["lobby"]), RouteVerdict::To(vec![Target::Group("lobby".into())]));
    /// ```
    pub fn to<T: IntoTarget>(places: impl IntoIterator<Item = T>) -> Self {
        Self::To(places.into_iter().map(IntoTarget::into_target).collect())
    }

    /// Final: show this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{RouteVerdict, Text};
    ///
    /// assert_eq!(RouteVerdict::disconnect("<red>Full"), RouteVerdict::Disconnect(Text::markup("<red>Full")));
    /// ```
    pub fn disconnect(text: impl Into<Text>) -> Self {
        Self::Disconnect(text.into())
    }
}

/// What [`RouteVerdict::to`] takes: targets, servers, and names of servers and groups.
///
/// ```
/// use portcullis_sdk::{IntoTarget, Target};
///
/// let target = Target::Group("lobby".into());
/// assert_eq!(target.clone().into_target(), target);
/// ```
pub trait IntoTarget {
    /// The target that it is or names.
    fn into_target(self) -> Target;
}

impl IntoTarget for Target {
    fn into_target(self) -> Target {
        self
    }
}

impl IntoTarget for Server {
    fn into_target(self) -> Target {
        Target::Server(self.name)
    }
}

impl IntoTarget for &Server {
    fn into_target(self) -> Target {
        Target::Server(self.name.clone())
    }
}

impl IntoTarget for &str {
    fn into_target(self) -> Target {
        servers::target(self).unwrap_or_else(|| Target::Server(self.to_owned()))
    }
}

impl IntoTarget for &String {
    fn into_target(self) -> Target {
        self.as_str().into_target()
    }
}

impl IntoTarget for String {
    fn into_target(self) -> Target {
        self.as_str().into_target()
    }
}

impl IntoTarget for &ServerOrGroup {
    fn into_target(self) -> Target {
        self.name().into_target()
    }
}

impl From<RouteVerdict> for contract::Verdict {
    fn from(verdict: RouteVerdict) -> Self {
        match verdict {
            RouteVerdict::Next => Self::Next,
            RouteVerdict::To(targets) => Self::To(targets),
            RouteVerdict::Disconnect(text) => Self::Disconnect(text),
            RouteVerdict::Drop => Self::Drop,
        }
    }
}

impl<P: Route> contract::Guest for Exports<P> {
    fn on_route(cause: Cause) -> contract::Verdict {
        ask::<P, _>(|plugin| plugin.route(&Session::at_hand().because(cause)).outcome()).into()
    }
}
