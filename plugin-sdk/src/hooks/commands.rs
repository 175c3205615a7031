//! Commands that players type.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::command::exports::portcullis::plugin::command as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// Commands that players type. Only where the host stands in the middle ([`Mode::Framed`](crate::Mode::Framed)). Needs the grant
/// `packets`: people type passwords in commands.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Lets nobody ask for the list of plugins.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Discreet;
///
/// #[hooks]
/// impl Commands for Discreet {
///     fn command(&mut self, _session: &Session, command: &str, _signed: bool) -> CommandVerdict {
///         match command.split(' ').next() {
///             Some("plugins" | "pl") => CommandVerdict::Swallow,
///             _ => CommandVerdict::Next,
///         }
///     }
/// }
///
/// let mut discreet = Host::new().start::<Discreet>("");
/// assert_eq!(discreet.command(&Session::build().in_play(), "pl", false), CommandVerdict::Swallow);
/// ```
pub trait Commands: Plugin + Exported<hook::Commands> {
    /// `command` has no slash. `signed`: some of its arguments carry the player's signature (1.19 and later).
    fn command(&mut self, session: &Session, command: &str, signed: bool) -> impl Outcome<CommandVerdict>;
}

/// What becomes of a command.
///
/// ```
/// use portcullis_sdk::CommandVerdict;
///
/// assert_ne!(CommandVerdict::Replace("help".into()), CommandVerdict::Swallow);
/// ```
pub use contract::Verdict as CommandVerdict;

impl<P: Commands> contract::Guest for Exports<P> {
    fn on_command(command: String, signed: bool) -> CommandVerdict {
        ask::<P, _>(|plugin| plugin.command(&Session::at_hand(), &command, signed).outcome())
    }
}
