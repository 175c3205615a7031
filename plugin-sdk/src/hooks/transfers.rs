//! A server sends the player elsewhere.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::transfer::exports::portcullis::plugin::transfer as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// A server sends the player to another address (1.20.5 and later). Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)). Needs the grant `packets`.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Keeps players in the network.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Stay;
///
/// #[hooks]
/// impl Transfers for Stay {
///     fn transfer(&mut self, _session: &Session, to: &TransferAddress) -> TransferVerdict {
///         match to.host.ends_with(".example.com") {
///             true => TransferVerdict::Next,
///             false => TransferVerdict::Deny,
///         }
///     }
/// }
///
/// let mut stay = Host::new().start::<Stay>("");
/// let elsewhere = TransferAddress { host: "example.net".into(), port: 25565 };
/// assert_eq!(stay.transfer(&Session::build().in_play(), &elsewhere), TransferVerdict::Deny);
/// ```
pub trait Transfers: Plugin + Exported<hook::Transfers> {
    /// Where the server sends the player.
    fn transfer(&mut self, session: &Session, to: &TransferAddress) -> impl Outcome<TransferVerdict>;
}

/// Where a player is sent.
///
/// ```
/// let address = portcullis_sdk::TransferAddress { host: "example.net".into(), port: 25565 };
/// assert_eq!(address.port, 25565);
/// ```
pub use contract::Address as TransferAddress;

/// What becomes of a transfer.
///
/// ```
/// use portcullis_sdk::TransferVerdict;
///
/// assert_ne!(TransferVerdict::Deny, TransferVerdict::Next);
/// ```
pub use contract::Verdict as TransferVerdict;

impl<P: Transfers> contract::Guest for Exports<P> {
    fn on_transfer(to: TransferAddress) -> TransferVerdict {
        ask::<P, _>(|plugin| plugin.transfer(&Session::at_hand(), &to).outcome())
    }
}
