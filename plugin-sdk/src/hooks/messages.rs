//! Plugin messages on the channels that a plugin names.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::message::exports::portcullis::plugin::message as contract;
use crate::packets::Direction;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// Plugin messages, both ways, on the channels that the plugin names. Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)). Needs the grant `packets`.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Keeps what servers tell each other from players, and what players say there from servers.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Private;
///
/// #[hooks]
/// impl Messages for Private {
///     fn channels(&self) -> impl IntoIterator<Item = impl Into<String>> {
///         ["example:internal"]
///     }
///
///     fn message(&mut self, _session: &Session, _message: &Message) -> MessageVerdict {
///         MessageVerdict::Drop
///     }
/// }
///
/// let mut private = Host::new().start::<Private>("");
/// let message = Message { direction: Direction::Serverbound, channel: "example:internal".into(), data: vec![1] };
/// assert_eq!(private.message(&Session::build().in_play(), &message), MessageVerdict::Drop);
/// ```
pub trait Messages: Plugin + Exported<hook::Messages> {
    /// The channels, named as in 1.13 (`bungeecord:main`); the host knows what older versions call them. Asked once in each
    /// instance, when it has been started. At most 64.
    fn channels(&self) -> impl IntoIterator<Item = impl Into<String>>;

    /// A message on one of them.
    fn message(&mut self, session: &Session, message: &Message) -> impl Outcome<MessageVerdict>;
}

/// A message on its way.
///
/// ```
/// use portcullis_sdk::{Direction, Message};
///
/// let message = Message { direction: Direction::Clientbound, channel: "example:internal".into(), data: vec![1] };
/// assert_eq!(message.data, [1]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Whom it is for.
    pub direction: Direction,
    /// The name that [`Messages::channels`] gave.
    pub channel: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// What becomes of a message.
///
/// ```
/// use portcullis_sdk::MessageVerdict;
///
/// assert_ne!(MessageVerdict::Replace(vec![1]), MessageVerdict::Drop);
/// ```
pub use contract::Verdict as MessageVerdict;

impl<P: Messages> contract::Guest for Exports<P> {
    fn channels() -> Vec<String> {
        ask::<P, _>(|plugin| Ok(plugin.channels().into_iter().map(Into::into).collect()))
    }

    fn on_message(direction: Direction, channel: String, data: Vec<u8>) -> MessageVerdict {
        let message = Message {
            direction,
            channel,
            data,
        };
        ask::<P, _>(|plugin| plugin.message(&Session::at_hand(), &message).outcome())
    }
}
