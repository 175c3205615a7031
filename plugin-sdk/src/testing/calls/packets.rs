//! Calls of the hooks that look at packets.

use std::rc::Rc;

use portcullis_protocol::packets::{Packet, State, Table};
use portcullis_protocol::version::Protocol;

use super::super::checks::{check_channels, check_message, check_subscriptions};
use super::super::running::{Running, ask, succeed};
use super::super::sent::of_wire;
use crate::hooks::Outcome;
#[cfg(feature = "packets")]
use crate::packets::{Clientbound, Known, Serverbound, typed::written};
use crate::packets::{Direction, Numbered, PacketState, Payload, RawPacket, Subscription, Which};
use crate::{
    CommandVerdict, Commands, CookieDataVerdict, CookieVerdict, Cookies, Error, Message, MessageVerdict, Messages,
    PackOutcome, PackVerdict, PacketVerdict, Packets, ResourcePack, ResourcePacks, Result, Session, TransferAddress,
    TransferVerdict, Transfers,
};

impl<P: Packets> Running<P> {
    /// Calls [`Packets::packet`] with a packet of that name, as much of it as was subscribed to. `Next` where the plugin did not
    /// subscribe to it: it would not be asked.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the subscriptions.
    pub fn packet(&mut self, session: &Session, direction: Direction, name: &str, fields: &[u8]) -> PacketVerdict {
        succeed(self.try_packet(session, direction, name, fields))
    }

    /// The same, with the failure as a value.
    pub fn try_packet(
        &mut self,
        session: &Session,
        direction: Direction,
        name: &str,
        fields: &[u8],
    ) -> Result<PacketVerdict> {
        let is_named = |one: &Subscription| {
            one.direction == direction && matches!(&one.packet, Which::Name(known) if known == name)
        };
        self.show(session, is_named, |one| id(session, one), fields)
    }

    /// Calls [`Packets::packet`] with a packet of that number, if the plugin subscribed to it by numbers.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the subscriptions.
    pub fn numbered_packet(
        &mut self,
        session: &Session,
        direction: Direction,
        number: u32,
        fields: &[u8],
    ) -> PacketVerdict {
        succeed(self.try_numbered_packet(session, direction, number, fields))
    }

    /// The same, with the failure as a value.
    pub fn try_numbered_packet(
        &mut self,
        session: &Session,
        direction: Direction,
        number: u32,
        fields: &[u8],
    ) -> Result<PacketVerdict> {
        let protocol = session.protocol();
        let is_meant = |of: &Numbered| of.id == number && (of.since..=of.until).contains(&protocol);
        let is_numbered = |one: &Subscription| {
            one.direction == direction && matches!(&one.packet, Which::Numbers(all) if all.iter().any(is_meant))
        };
        self.show(session, is_numbered, |_| number, fields)
    }

    /// Calls [`Packets::packet`] with a packet that the player's client sends. With the feature `packets`.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the subscriptions.
    #[cfg(feature = "packets")]
    pub fn client_sends<Q: Serverbound>(&mut self, session: &Session, packet: &Q) -> PacketVerdict {
        succeed(self.goes_by(session, Direction::Serverbound, packet))
    }

    /// Calls [`Packets::packet`] with a packet that the server sends. With the feature `packets`.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the subscriptions.
    #[cfg(feature = "packets")]
    pub fn server_sends<Q: Clientbound>(&mut self, session: &Session, packet: &Q) -> PacketVerdict {
        succeed(self.goes_by(session, Direction::Clientbound, packet))
    }

    #[cfg(feature = "packets")]
    fn goes_by<Q: crate::packets::Packet>(
        &mut self,
        session: &Session,
        direction: Direction,
        packet: &Q,
    ) -> Result<PacketVerdict> {
        let protocol = Protocol(session.protocol());
        let fields = written(packet, protocol);
        match packet.known_as(protocol, direction) {
            Some(Known::Name(name)) => self.try_packet(session, direction, name, &fields),
            Some(Known::Numbers(numbers)) => {
                let mut numbers = numbers.iter();
                let number = numbers.find(|number| (number.since..=number.until).contains(&protocol.0));
                match number {
                    Some(number) => self.try_numbered_packet(session, direction, number.id, &fields),
                    None => Err(Error::new("the session's version has no number for this packet")),
                }
            }
            None => Err(Error::new("this packet never goes there")),
        }
    }

    fn show(
        &mut self,
        session: &Session,
        fits: impl Fn(&Subscription) -> bool,
        id: impl Fn(&Subscription) -> u32,
        fields: &[u8],
    ) -> Result<PacketVerdict> {
        let subscribed: Vec<Subscription> = self.plugin.subscriptions().into();
        check_subscriptions(&subscribed)?;
        let found = subscribed.iter().enumerate().find(|(_, one)| fits(one));
        let Some((at, one)) = found else {
            return Ok(PacketVerdict::Next);
        };
        let most = match one.payload {
            Payload::None => 0,
            Payload::Head(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
            Payload::Whole => usize::MAX,
        };
        let payload = fields.get(..most).unwrap_or(fields).to_vec();
        let (at, id) = (u32::try_from(at).unwrap_or(u32::MAX), id(one));
        let packet = RawPacket::of(Rc::from(subscribed), at, id, payload);
        ask(session, |session| self.plugin.packet(session, &packet).outcome())
    }
}

impl<P: Messages> Running<P> {
    /// Calls [`Messages::message`]. `Next` where the plugin does not name the channel: it would not be asked.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the channels.
    pub fn message(&mut self, session: &Session, message: &Message) -> MessageVerdict {
        succeed(self.try_message(session, message))
    }

    /// The same, with the failure as a value.
    pub fn try_message(&mut self, session: &Session, message: &Message) -> Result<MessageVerdict> {
        let channels: Vec<String> = self.plugin.channels().into_iter().map(Into::into).collect();
        check_channels(&channels)?;
        if !channels.contains(&message.channel) {
            return Ok(MessageVerdict::Next);
        }
        ask(session, |session| {
            let verdict = self.plugin.message(session, message).outcome()?;
            check_message(&verdict, message.direction)?;
            Ok(verdict)
        })
    }
}

impl<P: Commands> Running<P> {
    /// Calls [`Commands::command`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn command(&mut self, session: &Session, command: &str, signed: bool) -> CommandVerdict {
        succeed(self.try_command(session, command, signed))
    }

    /// The same, with the failure as a value.
    pub fn try_command(&mut self, session: &Session, command: &str, signed: bool) -> Result<CommandVerdict> {
        if command.starts_with('/') {
            return Err(Error::new("a command comes without its slash"));
        }
        ask(session, |session| {
            self.plugin.command(session, command, signed).outcome()
        })
    }
}

impl<P: Transfers> Running<P> {
    /// Calls [`Transfers::transfer`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn transfer(&mut self, session: &Session, to: &TransferAddress) -> TransferVerdict {
        succeed(self.try_transfer(session, to))
    }

    /// The same, with the failure as a value.
    pub fn try_transfer(&mut self, session: &Session, to: &TransferAddress) -> Result<TransferVerdict> {
        ask(session, |session| self.plugin.transfer(session, to).outcome())
    }
}

impl<P: Cookies> Running<P> {
    /// Calls [`Cookies::requested`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn requested(&mut self, session: &Session, key: &str) -> CookieVerdict {
        succeed(self.try_requested(session, key))
    }

    /// The same, with the failure as a value.
    pub fn try_requested(&mut self, session: &Session, key: &str) -> Result<CookieVerdict> {
        ask(session, |session| self.plugin.requested(session, key).outcome())
    }

    /// Calls [`Cookies::stored`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn stored(&mut self, session: &Session, key: &str, data: &[u8]) -> CookieDataVerdict {
        succeed(self.try_stored(session, key, data))
    }

    /// The same, with the failure as a value.
    pub fn try_stored(&mut self, session: &Session, key: &str, data: &[u8]) -> Result<CookieDataVerdict> {
        ask(session, |session| self.plugin.stored(session, key, data).outcome())
    }

    /// Calls [`Cookies::returned`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn returned(&mut self, session: &Session, key: &str, data: Option<&[u8]>) -> CookieDataVerdict {
        succeed(self.try_returned(session, key, data))
    }

    /// The same, with the failure as a value.
    pub fn try_returned(&mut self, session: &Session, key: &str, data: Option<&[u8]>) -> Result<CookieDataVerdict> {
        ask(session, |session| self.plugin.returned(session, key, data).outcome())
    }
}

impl<P: ResourcePacks> Running<P> {
    /// Calls [`ResourcePacks::offered`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn offered(&mut self, session: &Session, pack: &ResourcePack) -> PackVerdict {
        succeed(self.try_offered(session, pack))
    }

    /// The same, with the failure as a value.
    pub fn try_offered(&mut self, session: &Session, pack: &ResourcePack) -> Result<PackVerdict> {
        ask(session, |session| self.plugin.offered(session, pack).outcome())
    }

    /// Calls [`ResourcePacks::answered`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn answered(&mut self, session: &Session, id: Option<&str>, outcome: PackOutcome) {
        succeed(self.try_answered(session, id, outcome));
    }

    /// The same, with the failure as a value.
    pub fn try_answered(&mut self, session: &Session, id: Option<&str>, outcome: PackOutcome) -> Result<()> {
        ask(session, |session| self.plugin.answered(session, id, outcome).outcome())
    }
}

/// The number that a packet has in the session's version. 0 where it has none: nothing but the number tells.
fn id(session: &Session, one: &Subscription) -> u32 {
    let Which::Name(name) = &one.packet else { return 0 };
    let table = Table::of(Protocol(session.protocol())).ok();
    let packet = Packet::of_name(name);
    let state = match one.state {
        PacketState::Configuration => State::Configuration,
        PacketState::Play => State::Play,
    };
    let id = table
        .zip(packet)
        .and_then(|(table, packet)| table.id(state, of_wire(one.direction), packet));
    id.map_or(0, u32::from)
}
