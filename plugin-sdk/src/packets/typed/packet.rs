//! What a packet with fields is: where it is met, and how its bytes are read and written.

use portcullis_protocol::error::WireError;
use portcullis_protocol::text::TextError;
use portcullis_protocol::version::Protocol;

use crate::packets::{
    Direction, Numbered, PacketState, Payload, RawPacket, SendError, Subscription, Subscriptions, Which, send_named,
    send_numbered,
};
use crate::{PacketVerdict, Session};

/// A packet with fields, which are spelt differently in different versions. Derive it for packets that the SDK has no type for.
///
/// ```
/// use portcullis_sdk::packets::{Chat, RawPacket, Subscriptions};
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Lets nobody shout.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Quiet;
///
/// #[hooks]
/// impl Packets for Quiet {
///     fn subscriptions(&self) -> Subscriptions {
///         Subscriptions::new().whole::<Chat>()
///     }
///
///     fn packet(&mut self, session: &Session, packet: &RawPacket) -> PacketVerdict {
///         match packet.read::<Chat>(session) {
///             Some(chat) if chat.text().ends_with("!!!") => PacketVerdict::Drop,
///             _ => PacketVerdict::Next,
///         }
///     }
/// }
///
/// let mut quiet = Host::new().start::<Quiet>("");
/// let session = Session::build().in_play();
/// assert_eq!(quiet.client_sends(&session, &Chat::unsigned("Hello!!!")), PacketVerdict::Drop);
/// assert_eq!(quiet.client_sends(&session, &Chat::unsigned("Hello")), PacketVerdict::Next);
/// ```
///
/// # Your own packets
///
/// `#[derive(Packet)]` for a struct whose fields stand in the packet's order:
///
/// ```
/// use portcullis_sdk::packets::{Packet, VarInt};
///
/// /// A client swings an arm.
/// #[derive(Packet)]
/// #[packet(numbers = [(0x3c, "1.21.6", "1.21.11"), (0x3f, "26.1", "26.2")], direction = "serverbound")]
/// struct Swing {
///     hand: VarInt,
/// }
/// ```
///
/// | `#[packet(…)]` on the struct | Meaning |
/// |---|---|
/// | `name = "settings"` | a name that the host knows in every version |
/// | `numbers = [(0x3c, "1.21.6", "1.21.11")]` | its number from the first release to the last, instead of a name |
/// | `direction = "serverbound"` | or `"clientbound"`, or a list of both |
/// | `state = "play"` | or `"configuration"`, or a list of both; `"play"` unless it is said |
/// | `part` | no packet, but a group of fields for others |
///
/// | On a field | Meaning |
/// |---|---|
/// | `since = "1.9"`, `until = "1.12.2"` | the first and the last release that has it; elsewhere it is its `Default` |
/// | `max = 256` | most characters of a text, elements of a list, bytes of a [`Rest`](super::Rest) |
///
/// Fields are numbers of fixed size, [`VarInt`](super::VarInt), `bool`, `String`, [`Uuid`](super::Uuid), `Option`, `Vec`, arrays,
/// [`Rest`](super::Rest) for what follows, groups (`part`), and whatever implements [`Field`](super::Field).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no packet",
    note = "write `#[derive(Packet)]` and `#[packet(name = \"…\", direction = \"…\")]` above the struct"
)]
pub trait Packet: Sized {
    /// Where it is met.
    const PLACES: &'static [Place];

    /// Reads the fields, as this version spells them in this place. `None`: it is another packet of the same number, for example a
    /// command where chat was asked for.
    fn read(fields: &[u8], place: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError>;

    /// Appends the fields as this version spells them.
    fn write(&self, protocol: Protocol, out: &mut Vec<u8>);

    /// What it is called in this version, where it goes.
    fn known_as(&self, protocol: Protocol, direction: Direction) -> Option<Known> {
        let _ = protocol;
        let mut places = Self::PLACES.iter().filter(|place| place.direction == direction);
        // In play rather than in the configuration: there the plugin's packets are sent most.
        places.next_back().map(|place| place.packet)
    }
}

/// Packets that clients read.
///
/// ```
/// use portcullis_sdk::packets::{Clientbound, Title};
///
/// fn shown<P: Clientbound>(_: &P) {}
/// shown(&Title::Clear);
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is never sent to clients", label = "this packet")]
pub trait Clientbound: Packet {}

/// Packets that servers read.
///
/// ```
/// use portcullis_sdk::packets::{Chat, Serverbound};
///
/// fn said<P: Serverbound>(_: &P) {}
/// said(&Chat::unsigned("hello"));
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is never sent to servers", label = "this packet")]
pub trait Serverbound: Packet {}

/// Where a packet is met.
///
/// ```
/// use portcullis_sdk::packets::{Chat, Direction, Known, Packet};
///
/// let place = Chat::PLACES[0];
/// assert_eq!(place.direction, Direction::Serverbound);
/// assert_eq!(place.packet, Known::Name("chat"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Whom it is for.
    pub direction: Direction,
    /// The part of the connection's life.
    pub state: PacketState,
    /// What it is called there.
    pub packet: Known,
}

/// What a packet is called.
///
/// ```
/// use portcullis_sdk::packets::Known;
///
/// assert_ne!(Known::Name("chat"), Known::Numbers(&[]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// The host's name for it.
    Name(&'static str),
    /// Its numbers.
    Numbers(&'static [Numbered]),
}

/// Why a packet cannot be read.
///
/// ```
/// use portcullis_sdk::packets::{Packet, PacketError, Protocol, Transfer};
///
/// let read = Transfer::read(b"", &Transfer::PLACES[0], Protocol::NEWEST);
/// assert!(matches!(read, Err(PacketError::Fields(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// Fields that no version writes; often only the head was subscribed to.
    #[error("the packet's fields cannot be read: {0}")]
    Fields(#[from] WireError),
    /// A text that is none.
    #[error("the packet's text cannot be read: {0}")]
    Text(#[from] TextError),
}

/// Sends a packet to the player of the session at hand, in front of the packet that the hook is called for.
///
/// ```
/// use portcullis_sdk::packets::{SendError, SystemChat, send_to_client};
/// use portcullis_sdk::Session;
///
/// fn greet(session: &Session) -> Result<(), SendError> {
///     send_to_client(session, &SystemChat::new("<gold>Hello"))
/// }
/// ```
pub fn send_to_client<P: Clientbound>(session: &Session, packet: &P) -> Result<(), SendError> {
    send(session, packet, Direction::Clientbound)
}

/// Sends a packet to the server of the session at hand, in front of the packet that the hook is called for.
///
/// ```
/// use portcullis_sdk::packets::{PluginMessage, SendError, send_to_server};
/// use portcullis_sdk::Session;
///
/// fn tell(session: &Session) -> Result<(), SendError> {
///     send_to_server(session, &PluginMessage::new("example:internal", *b"hello"))
/// }
/// ```
pub fn send_to_server<P: Serverbound>(session: &Session, packet: &P) -> Result<(), SendError> {
    send(session, packet, Direction::Serverbound)
}

fn send<P: Packet>(session: &Session, packet: &P, direction: Direction) -> Result<(), SendError> {
    let protocol = Protocol(session.protocol());
    let known = packet.known_as(protocol, direction).ok_or(SendError::NoSuchPacket)?;
    let fields = written(packet, protocol);
    match known {
        Known::Name(name) => send_named(direction, name, &fields),
        Known::Numbers(numbers) => {
            let mut numbers = numbers.iter();
            let number = numbers.find(|number| (number.since..=number.until).contains(&protocol.0));
            send_numbered(direction, number.ok_or(SendError::NoSuchPacket)?.id, &fields)
        }
    }
}

impl Place {
    /// Where the host has a name for the packet.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Direction, Known, PacketState, Place};
    ///
    /// const PLACE: Place = Place::named(Direction::Serverbound, PacketState::Play, "chat");
    /// assert_eq!(PLACE.packet, Known::Name("chat"));
    /// ```
    pub const fn named(direction: Direction, state: PacketState, name: &'static str) -> Self {
        Self {
            direction,
            state,
            packet: Known::Name(name),
        }
    }

    fn subscription(&self, payload: Payload) -> Subscription {
        Subscription {
            direction: self.direction,
            state: self.state,
            packet: match self.packet {
                Known::Name(name) => Which::Name(name.to_owned()),
                Known::Numbers(numbers) => Which::Numbers(numbers.to_vec()),
            },
            payload,
        }
    }

    fn is_of(&self, packet: &RawPacket, protocol: Protocol) -> bool {
        let is_meant = match self.packet {
            Known::Name(name) => packet.name() == Some(name),
            Known::Numbers(numbers) => numbers
                .iter()
                .any(|number| number.id == packet.id() && (number.since..=number.until).contains(&protocol.0)),
        };
        is_meant && self.direction == packet.direction() && self.state == packet.state()
    }
}

impl Subscriptions {
    /// All fields of a packet, wherever it is met: in both directions and states, if it has them. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Chat, KeepAlive, Subscriptions};
    ///
    /// let wanted = Subscriptions::new().whole::<Chat>().whole::<KeepAlive>();
    /// assert_eq!(wanted.iter().count(), 1 + 4);
    /// ```
    #[must_use]
    pub fn whole<P: Packet>(self) -> Self {
        self.of::<P>(Payload::Whole)
    }

    /// So many bytes from the front of a packet, wherever it is met. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::{PluginMessage, Subscriptions};
    ///
    /// let wanted = Subscriptions::new().head::<PluginMessage>(64);
    /// assert_eq!(wanted.iter().count(), 4);
    /// ```
    #[must_use]
    pub fn head<P: Packet>(self, bytes: u32) -> Self {
        self.of::<P>(Payload::Head(bytes))
    }

    /// The mere fact of a packet, wherever it is met. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Settings, Subscriptions};
    ///
    /// let wanted = Subscriptions::new().fact::<Settings>();
    /// assert_eq!(wanted.iter().count(), 2);
    /// ```
    #[must_use]
    pub fn fact<P: Packet>(self) -> Self {
        self.of::<P>(Payload::None)
    }

    /// A packet that several types are read from is asked for once, as much of it as one of them needs.
    fn of<P: Packet>(self, payload: Payload) -> Self {
        P::PLACES
            .iter()
            .fold(self, |wanted, place| wanted.at_least(place.subscription(payload)))
    }
}

impl RawPacket {
    /// The packet with its fields. `None`: it is another, or cannot be read, and is best let pass. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Chat, RawPacket};
    /// use portcullis_sdk::Session;
    ///
    /// fn is_greeting(session: &Session, packet: &RawPacket) -> bool {
    ///     packet.read::<Chat>(session).is_some_and(|chat| chat.text() == "hello")
    /// }
    /// ```
    pub fn read<P: Packet>(&self, session: &Session) -> Option<P> {
        match self.try_read(session) {
            Ok(packet) => packet,
            Err(error) => {
                crate::log::debug!("let {self:?} pass: {error}");
                None
            }
        }
    }

    /// The packet with its fields, or why it cannot be read. `None`: it is another. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Chat, PacketError, RawPacket};
    /// use portcullis_sdk::Session;
    ///
    /// fn words(session: &Session, packet: &RawPacket) -> Result<usize, PacketError> {
    ///     let chat = packet.try_read::<Chat>(session)?;
    ///     Ok(chat.map_or(0, |chat| chat.text().split(' ').count()))
    /// }
    /// ```
    pub fn try_read<P: Packet>(&self, session: &Session) -> Result<Option<P>, PacketError> {
        let protocol = Protocol(session.protocol());
        match P::PLACES.iter().find(|place| place.is_of(self, protocol)) {
            Some(place) => P::read(self.payload(), place, protocol),
            None => Ok(None),
        }
    }
}

impl PacketVerdict {
    /// It goes on with these fields, for later plugins too. Not final. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::packets::Chat;
    /// use portcullis_sdk::{PacketVerdict, Session};
    ///
    /// let session = Session::build().protocol(47).in_play();
    /// let verdict = PacketVerdict::replace(&session, &Chat::unsigned("hi"));
    /// assert_eq!(verdict, PacketVerdict::Replace(b"\x02hi".to_vec()));
    /// ```
    pub fn replace<P: Packet>(session: &Session, packet: &P) -> Self {
        Self::Replace(written(packet, Protocol(session.protocol())))
    }
}

pub(crate) fn written<P: Packet>(packet: &P, protocol: Protocol) -> Vec<u8> {
    let mut fields = Vec::new();
    packet.write(protocol, &mut fields);
    fields
}
