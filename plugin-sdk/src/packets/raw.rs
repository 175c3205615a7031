//! A packet as the host hands it over: its number, what it was subscribed as, and its bytes.

use std::fmt;
use std::rc::Rc;

use super::{Direction, PacketState, Payload, Subscription, Which};

/// A packet on its way, as far as it was subscribed to.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Lets nobody talk at length. A line begins with its length; what a newer client signs it with stands behind it.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Brief;
///
/// #[hooks]
/// impl Packets for Brief {
///     fn subscriptions(&self) -> Subscriptions {
///         // The length is a VarInt: of up to 127 bytes it is one byte, and the uppermost bit says that there is another.
///         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Head(1))
///     }
///
///     fn packet(&mut self, _session: &Session, packet: &RawPacket) -> PacketVerdict {
///         match packet.payload() {
///             [length] if *length <= 100 => PacketVerdict::Next,
///             _ => PacketVerdict::Drop,
///         }
///     }
/// }
///
/// let mut brief = Host::new().start::<Brief>("");
/// let session = Session::build().in_play();
/// let signed = [b"\x02hi".as_slice(), &[0xaa; 256]].concat();
/// assert_eq!(brief.packet(&session, Direction::Serverbound, "chat", &signed), PacketVerdict::Next);
/// let long = [b"\x80\x02".as_slice(), &[b'x'; 256]].concat();
/// assert_eq!(brief.packet(&session, Direction::Serverbound, "chat", &long), PacketVerdict::Drop);
/// ```
pub struct RawPacket {
    subscribed: Rc<[Subscription]>,
    subscription: u32,
    id: u32,
    payload: Vec<u8>,
}

impl RawPacket {
    pub(crate) fn of(subscribed: Rc<[Subscription]>, subscription: u32, id: u32, payload: Vec<u8>) -> Self {
        Self {
            subscribed,
            subscription,
            id,
            payload,
        }
    }

    /// Its place in the list of subscriptions: the first one that it fits.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.subscription(), 0);
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn subscription(&self) -> usize {
        usize::try_from(self.subscription).unwrap_or(usize::MAX)
    }

    /// The name that it was subscribed to by; absent where it was by numbers.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.name(), Some("chat"));
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn name(&self) -> Option<&str> {
        match &self.subscribed()?.packet {
            Which::Name(name) => Some(name),
            Which::Numbers(_) => None,
        }
    }

    /// Whom it is for.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.direction(), Direction::Serverbound);
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn direction(&self) -> Direction {
        self.subscribed().map_or(Direction::Serverbound, |fits| fits.direction)
    }

    /// The state that its number has this meaning in.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.state(), PacketState::Play);
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn state(&self) -> PacketState {
        self.subscribed().map_or(PacketState::Play, |fits| fits.state)
    }

    /// Its number in the session's version.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.id(), 5);
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its fields, as many bytes as were subscribed to: what follows the number, never compressed or encrypted.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert_eq!(packet.payload(), b"\x02hi");
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether all of its fields were subscribed to.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Packets for Mine {
    /// # fn subscriptions(&self) -> Subscriptions {
    /// # Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    /// # }
    /// fn packet(&mut self, _: &Session, packet: &RawPacket) -> PacketVerdict {
    ///     assert!(packet.is_whole());
    ///     PacketVerdict::Drop
    /// }
    /// # }
    /// # let mut mine = Host::new().start::<Mine>("");
    /// # let verdict = mine.packet(&Session::build().in_play(), Direction::Serverbound, "chat", b"\x02hi");
    /// # assert_eq!(verdict, PacketVerdict::Drop);
    /// ```
    pub fn is_whole(&self) -> bool {
        self.subscribed().is_some_and(|fits| fits.payload == Payload::Whole)
    }

    /// What it was subscribed as. The contract says that the number is one of the list's.
    fn subscribed(&self) -> Option<&Subscription> {
        self.subscribed.get(self.subscription())
    }
}

/// What it is and how long, and not what it says: players' words do not belong into logs.
impl fmt::Debug for RawPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPacket")
            .field("direction", &self.direction())
            .field("state", &self.state())
            .field("name", &self.name())
            .field("id", &self.id)
            .field("bytes", &self.payload.len())
            .finish()
    }
}
