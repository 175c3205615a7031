//! Packets on their way.

use std::cell::RefCell;
use std::rc::Rc;

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::packet::exports::portcullis::plugin::packet as contract;
use crate::packets::{RawPacket, Subscription, Subscriptions};
use crate::plugin::Exports;
use crate::{Plugin, Session, Text};

/// Packets on their way, of those that the plugin subscribes to. Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)), behind the login. Needs the grant `packets`.
///
/// A packet that nobody subscribed to costs nothing. Serverbound packets pass the chain's plugins in order, clientbound ones in
/// reverse; those of one direction arrive in their order, one at a time. What is unknown or cannot be read is best let pass.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Hides what half-typed lines would show.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Silent;
///
/// #[hooks]
/// impl Packets for Silent {
///     fn subscriptions(&self) -> Subscriptions {
///         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "tab-complete", Payload::None)
///     }
///
///     fn packet(&mut self, _session: &Session, _packet: &RawPacket) -> PacketVerdict {
///         PacketVerdict::Drop
///     }
/// }
///
/// let mut silent = Host::new().start::<Silent>("");
/// let session = Session::build().in_play();
/// assert_eq!(silent.packet(&session, Direction::Serverbound, "tab-complete", b""), PacketVerdict::Drop);
/// ```
pub trait Packets: Plugin + Exported<hook::Packets> {
    /// What is to be seen: asked once in each instance, when it has been started.
    fn subscriptions(&self) -> Subscriptions;

    /// A packet that was subscribed to.
    fn packet(&mut self, session: &Session, packet: &RawPacket) -> impl Outcome<PacketVerdict>;
}

/// What becomes of a packet.
///
/// ```
/// use portcullis_sdk::{PacketVerdict, Text};
///
/// assert_eq!(PacketVerdict::disconnect("no"), PacketVerdict::Disconnect(Text::markup("no")));
/// ```
pub use contract::Verdict as PacketVerdict;

impl PacketVerdict {
    /// Final: show this text, markup unless it is a [`Text`], and close.
    ///
    /// ```
    /// use portcullis_sdk::{PacketVerdict, Text};
    ///
    /// assert_eq!(PacketVerdict::disconnect("no"), PacketVerdict::Disconnect(Text::markup("no")));
    /// ```
    pub fn disconnect(text: impl Into<Text>) -> Self {
        Self::Disconnect(text.into())
    }
}

thread_local! {
    /// What the component's one plugin subscribed to: the host names a packet by its place in the list.
    static SUBSCRIBED: RefCell<Rc<[Subscription]>> = RefCell::new(Rc::new([]));
}

impl<P: Packets> contract::Guest for Exports<P> {
    fn subscriptions() -> Vec<Subscription> {
        let subscribed: Vec<Subscription> = ask::<P, _>(|plugin| Ok(plugin.subscriptions())).into();
        SUBSCRIBED.set(subscribed.clone().into());
        subscribed
    }

    fn on_packet(subscription: u32, id: u32, payload: Vec<u8>) -> PacketVerdict {
        let subscribed = SUBSCRIBED.with_borrow(Rc::clone);
        let packet = RawPacket::of(subscribed, subscription, id, payload);
        ask::<P, _>(|plugin| plugin.packet(&Session::at_hand(), &packet).outcome())
    }
}
