//! Packets that plugins sent of their own: recorded, and held to the contract's bounds.

use portcullis_protocol::packets::{self, Packet, State, Table};
use portcullis_protocol::version::Protocol;

use super::Host;
use super::world::with;
use crate::SessionId;
use crate::bindings::granted::portcullis::plugin::packets::Error;
use crate::packets::Direction;

/// The contract's bounds on one call.
const MAX_PACKETS: usize = 64;
const MAX_BYTES: usize = 2 << 20;

/// A packet that a plugin sent: [`Host::sent`].
///
/// ```
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// assert!(host.sent().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SentPacket {
    session: SessionId,
    direction: Direction,
    which: Sent,
    fields: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    Named(String),
    Numbered(u32),
}

impl SentPacket {
    /// Whose session it is about.
    ///
    /// ```
    /// # use portcullis_sdk::{packets, prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Commands for Mine {
    /// fn command(&mut self, session: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///     packets::send_to_client(session, &packets::Title::Clear)?;
    ///     Ok(CommandVerdict::Swallow)
    /// }
    /// # }
    /// # let host = Host::new();
    /// # let mut mine = host.start::<Mine>("");
    /// # let session = Session::build().in_play();
    /// # mine.command(&session, "clear", false);
    /// assert_eq!(host.sent()[0].session(), session.id());
    /// ```
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Whom it is for.
    ///
    /// ```
    /// # use portcullis_sdk::{packets, prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Commands for Mine {
    /// fn command(&mut self, session: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///     packets::send_to_client(session, &packets::Title::Clear)?;
    ///     Ok(CommandVerdict::Swallow)
    /// }
    /// # }
    /// # let host = Host::new();
    /// # let mut mine = host.start::<Mine>("");
    /// # let session = Session::build().in_play();
    /// # mine.command(&session, "clear", false);
    /// assert_eq!(host.sent()[0].direction(), Direction::Clientbound);
    /// ```
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Its name, if it was sent by one.
    ///
    /// ```
    /// # use portcullis_sdk::{packets, prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Commands for Mine {
    /// fn command(&mut self, session: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///     packets::send_to_client(session, &packets::Title::Clear)?;
    ///     Ok(CommandVerdict::Swallow)
    /// }
    /// # }
    /// # let host = Host::new();
    /// # let mut mine = host.start::<Mine>("");
    /// # let session = Session::build().in_play();
    /// # mine.command(&session, "clear", false);
    /// assert_eq!(host.sent()[0].name(), Some("title-clear"));
    /// ```
    pub fn name(&self) -> Option<&str> {
        match &self.which {
            Sent::Named(name) => Some(name),
            Sent::Numbered(_) => None,
        }
    }

    /// Its number, if it was sent by one.
    ///
    /// ```
    /// # use portcullis_sdk::{packets, prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Commands for Mine {
    /// fn command(&mut self, session: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///     packets::send_to_client(session, &packets::Title::Clear)?;
    ///     Ok(CommandVerdict::Swallow)
    /// }
    /// # }
    /// # let host = Host::new();
    /// # let mut mine = host.start::<Mine>("");
    /// # let session = Session::build().in_play();
    /// # mine.command(&session, "clear", false);
    /// assert_eq!(host.sent()[0].id(), None);
    /// ```
    pub fn id(&self) -> Option<u32> {
        match self.which {
            Sent::Named(_) => None,
            Sent::Numbered(id) => Some(id),
        }
    }

    /// What follows the number.
    ///
    /// ```
    /// # use portcullis_sdk::{packets, prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// # #[hooks]
    /// # impl Commands for Mine {
    /// fn command(&mut self, session: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///     packets::send_to_client(session, &packets::Title::Clear)?;
    ///     Ok(CommandVerdict::Swallow)
    /// }
    /// # }
    /// # let host = Host::new();
    /// # let mut mine = host.start::<Mine>("");
    /// # let session = Session::build().in_play();
    /// # mine.command(&session, "clear", false);
    /// assert_eq!(host.sent()[0].fields(), [0]);
    /// ```
    pub fn fields(&self) -> &[u8] {
        &self.fields
    }
}

impl Host {
    /// Packets that plugins sent of their own so far, oldest first. What a failed call sent is not among them.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// assert!(host.sent().is_empty());
    /// ```
    pub fn sent(&self) -> Vec<SentPacket> {
        with(|world| world.sent.clone())
    }
}

/// Sends to one end of the session that the call under way is about, as in play.
pub(super) fn send(direction: Direction, which: Sent, fields: &[u8]) -> Result<(), Error> {
    let (session, given) = with(|world| world.at_hand()).ok_or(Error::Unavailable)?;
    if !session.is_framed() {
        return Err(Error::Unavailable);
    }
    let protocol = Protocol(session.protocol().unwrap_or(-1));
    let table = Table::of(protocol).map_err(|_| Error::Unavailable)?;
    let packet = match &which {
        Sent::Named(name) => {
            let packet = Packet::of_name(name).ok_or(Error::NoSuchPacket)?;
            let id = table.id(State::Play, of_wire(direction), packet);
            id.ok_or(Error::NoSuchPacket)?;
            Some(packet)
        }
        Sent::Numbered(id) => i32::try_from(*id)
            .ok()
            .and_then(|id| table.packet(State::Play, of_wire(direction), id)),
    };
    if packet.is_some_and(Packet::leads_on) {
        return Err(Error::NotYours);
    }
    let sent = SentPacket {
        session: SessionId::of(session.id()),
        direction,
        which,
        fields: fields.to_vec(),
    };
    with(|world| {
        let before = world.sent.get(given.sent..).unwrap_or_default();
        let bytes: usize = before.iter().map(|packet| packet.fields.len()).sum();
        if before.len() >= MAX_PACKETS || bytes + fields.len() > MAX_BYTES {
            return Err(Error::TooMany);
        }
        world.sent.push(sent);
        Ok(())
    })
}

pub(super) fn of_wire(direction: Direction) -> packets::Direction {
    match direction {
        Direction::Serverbound => packets::Direction::Serverbound,
        Direction::Clientbound => packets::Direction::Clientbound,
    }
}
