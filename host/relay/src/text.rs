//! What plugins and the host say to clients.

use portcullis_protocol::text::Text as Rendered;
use portcullis_runtime::{Refusal, Text};

/// Told to a player when none of the servers on the way was reached. Names none of them.
pub(crate) const NO_SERVER: &str = "The server cannot be reached right now. Please try again in a moment.";

/// Told to a player whose game did not answer what a server asked it.
pub(crate) const UNANSWERED: &str = "Your game did not answer the server in time. Please try again.";

/// Told to a player whose server has gone.
pub(crate) const SERVER_LOST: &str = "The connection to the server was lost.";

/// Told to a player where no plugin says who players are.
pub(crate) const NO_LOGIN: &str = "Nobody can log in here: no plugin in this listener's chain says who players are.";

/// Told to a player whose account nobody vouched for.
pub(crate) const NOT_VERIFIED: &str = "Your account could not be verified. Please restart your game and try again.";

/// Told to a player who is to be authenticated, with a version whose login the host does not know.
pub(crate) const UNKNOWN_VERSION: &str = "This version of Minecraft is not known here yet.";

/// Told to a player of a version that no route can be found for: its login names no host.
pub(crate) const LEGACY_LOGIN: &str = "This version is too old. Please use Minecraft 1.7.2 or later.";

/// Told to a player whose signed line a plugin kept back.
pub(crate) const SIGNED_LINE_KEPT: &str =
    "What you said was not passed on, and because it was signed you cannot go on. Please join again.";

/// What a client is told when no plugin decided; `None` where a client is told nothing.
pub(crate) fn of_refusal(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::EmptyChain => None,
        Refusal::NoVerdict => Some("There is no route for this address: no plugin in this listener's chain answers."),
        Refusal::PluginFailed(_) => Some("Something went wrong here. Please try again in a moment."),
    }
}

/// A plugin's text, ready to be written for a version.
pub(crate) fn rendered(text: &Text) -> Rendered {
    match text {
        Text::Plain(text) => Rendered::plain(text),
        Text::Markup(text) => Rendered::markup(text),
        Text::Json(text) => Rendered::json(text).unwrap_or_else(|error| {
            tracing::warn!(%error, "a plugin's JSON text is none, and is shown as plain text");
            Rendered::plain(text)
        }),
    }
}
