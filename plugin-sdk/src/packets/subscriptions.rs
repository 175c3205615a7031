//! Which packets a plugin wants to see, and how much of each.

use crate::bindings::packet::exports::portcullis::plugin::packet as contract;
use crate::packets::Direction;

/// One kind of packet that a plugin wants to see.
///
/// ```
/// use portcullis_sdk::packets::{Direction, PacketState, Payload, Subscription, Which};
///
/// let chat = Subscription {
///     direction: Direction::Serverbound,
///     state: PacketState::Play,
///     packet: Which::Name("chat".into()),
///     payload: Payload::Whole,
/// };
/// assert_eq!(chat.payload, Payload::Whole);
/// ```
pub use contract::Subscription;

/// The part of a connection's life that decides what a packet's number means.
///
/// ```
/// use portcullis_sdk::packets::PacketState;
///
/// assert_ne!(PacketState::Configuration, PacketState::Play);
/// ```
pub use contract::State as PacketState;

/// How much of a packet a plugin wants to see: the fact alone, so many bytes from the front, or all of it.
///
/// ```
/// use portcullis_sdk::packets::Payload;
///
/// assert_ne!(Payload::Head(16), Payload::Whole);
/// ```
pub use contract::Payload;

/// Which packet: by a name that the host knows in every version, or by its numbers.
///
/// ```
/// use portcullis_sdk::packets::Which;
///
/// assert_eq!(Which::Name("chat".into()), Which::Name("chat".into()));
/// ```
pub use contract::Which;

/// A number that a packet has in some versions: from the first protocol number that has it to the last.
///
/// ```
/// let swing = portcullis_sdk::packets::Numbered { id: 0x3f, since: 775, until: 776 };
/// assert_eq!(swing.id, 0x3f);
/// ```
pub use contract::Numbered;

/// What a plugin wants to see: built by [`Packets::subscriptions`](crate::Packets::subscriptions). At most 256.
///
/// ```
/// use portcullis_sdk::packets::{Direction, PacketState, Payload, Subscriptions};
///
/// let wanted = Subscriptions::new()
///     .named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
///     .named(Direction::Clientbound, PacketState::Play, "respawn", Payload::None);
/// assert_eq!(wanted.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscriptions(Vec<Subscription>);

impl Subscriptions {
    /// Nothing yet.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::packets::Subscriptions::new().iter().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A packet by a name that the host knows in every version: the book lists them under "Packets by name". Where a version does
    /// not have it, nothing arrives. An unknown name refuses the load.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Direction, PacketState, Payload, Subscriptions};
    ///
    /// let wanted = Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole);
    /// assert_eq!(wanted.iter().count(), 1);
    /// ```
    #[must_use]
    pub fn named(self, direction: Direction, state: PacketState, name: &str, payload: Payload) -> Self {
        self.and(Subscription {
            direction,
            state,
            packet: Which::Name(name.to_owned()),
            payload,
        })
    }

    /// Any packet, by the numbers that it has in each range of versions. At most 64.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Direction, Numbered, PacketState, Payload, Subscriptions};
    ///
    /// let swing = [Numbered { id: 0x3c, since: 771, until: 774 }, Numbered { id: 0x3f, since: 775, until: 776 }];
    /// let wanted = Subscriptions::new().numbered(Direction::Serverbound, PacketState::Play, swing, Payload::None);
    /// assert_eq!(wanted.iter().count(), 1);
    /// ```
    #[must_use]
    pub fn numbered(
        self,
        direction: Direction,
        state: PacketState,
        numbers: impl IntoIterator<Item = Numbered>,
        payload: Payload,
    ) -> Self {
        self.and(Subscription {
            direction,
            state,
            packet: Which::Numbers(numbers.into_iter().collect()),
            payload,
        })
    }

    /// One more.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Direction, PacketState, Payload, Subscription, Subscriptions, Which};
    ///
    /// let wanted = Subscriptions::new().and(Subscription {
    ///     direction: Direction::Serverbound,
    ///     state: PacketState::Play,
    ///     packet: Which::Name("chat".into()),
    ///     payload: Payload::Head(16),
    /// });
    /// assert_eq!(wanted.iter().count(), 1);
    /// ```
    #[must_use]
    pub fn and(mut self, subscription: Subscription) -> Self {
        self.0.push(subscription);
        self
    }

    /// One more, or as much of one that is there already as the larger of the two asks for.
    #[cfg(feature = "packets")]
    pub(super) fn at_least(mut self, subscription: Subscription) -> Self {
        let is_same = |known: &&mut Subscription| {
            known.direction == subscription.direction
                && known.state == subscription.state
                && known.packet == subscription.packet
        };
        match self.0.iter_mut().find(is_same) {
            Some(known) => known.payload = larger(known.payload, subscription.payload),
            None => self.0.push(subscription),
        }
        self
    }

    /// All of them, in order.
    ///
    /// ```
    /// assert!(portcullis_sdk::packets::Subscriptions::new().iter().next().is_none());
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &Subscription> {
        self.0.iter()
    }
}

impl From<Subscriptions> for Vec<Subscription> {
    fn from(subscriptions: Subscriptions) -> Self {
        subscriptions.0
    }
}

#[cfg(feature = "packets")]
fn larger(one: Payload, other: Payload) -> Payload {
    match (one, other) {
        (Payload::Whole, _) | (_, Payload::Whole) => Payload::Whole,
        (Payload::Head(one), Payload::Head(other)) => Payload::Head(one.max(other)),
        (Payload::None, payload) | (payload, Payload::None) => payload,
    }
}
