//! Calls of the hooks that look at packets.

use std::rc::Rc;

use portcullis_protocol::packets::{Packet, State, Table};
use portcullis_protocol::version::Protocol;

use super::super::checks::{check_channels, check_message, check_subscriptions};
use super::super::running::{Running, succeed};
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
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::None)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> PacketVerdict {
    ///         PacketVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.packet(&session, Direction::Serverbound, "chat", b"\x02hi"), PacketVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the subscriptions.
    pub fn packet(&mut self, session: &Session, direction: Direction, name: &str, fields: &[u8]) -> PacketVerdict {
        succeed(self.try_packet(session, direction, name, fields))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::None)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> Result<PacketVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_packet(&session, Direction::Serverbound, "chat", b"\x02hi").unwrap_err().to_string(), "odd");
    /// ```
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
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         let five = [packets::Numbered { id: 5, since: 763, until: 763 }];
    ///         Subscriptions::new().numbered(Direction::Serverbound, PacketState::Play, five, Payload::None)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> PacketVerdict {
    ///         PacketVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.numbered_packet(&session, Direction::Serverbound, 5, b"\x02hi"), PacketVerdict::Drop);
    /// ```
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
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         let five = [packets::Numbered { id: 5, since: 763, until: 763 }];
    ///         Subscriptions::new().numbered(Direction::Serverbound, PacketState::Play, five, Payload::None)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> Result<PacketVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_numbered_packet(&session, Direction::Serverbound, 5, b"\x02hi").unwrap_err().to_string(), "odd");
    /// ```
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
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> PacketVerdict {
    ///         PacketVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.client_sends(&session, &packets::Chat::unsigned("hi")), PacketVerdict::Drop);
    /// ```
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
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Packets for Mine {
    ///     fn subscriptions(&self) -> Subscriptions {
    ///         Subscriptions::new().named(Direction::Clientbound, PacketState::Play, "title-clear", Payload::Whole)
    ///     }
    ///     fn packet(&mut self, _: &Session, _: &RawPacket) -> PacketVerdict {
    ///         PacketVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.server_sends(&session, &packets::Title::Clear), PacketVerdict::Drop);
    /// ```
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
        self.ask(session, |plugin, session| plugin.packet(session, &packet).outcome())
    }
}

impl<P: Messages> Running<P> {
    /// Calls [`Messages::message`]. `Next` where the plugin does not name the channel: it would not be asked.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Messages for Mine {
    ///     fn channels(&self) -> impl IntoIterator<Item = impl Into<String>> {
    ///         ["shop:buy"]
    ///     }
    ///     fn message(&mut self, _: &Session, _: &Message) -> MessageVerdict {
    ///         MessageVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let message = Message { direction: Direction::Serverbound, channel: "shop:buy".into(), data: vec![1] };
    /// assert_eq!(mine.message(&session, &message), MessageVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict or the channels.
    pub fn message(&mut self, session: &Session, message: &Message) -> MessageVerdict {
        succeed(self.try_message(session, message))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Messages for Mine {
    ///     fn channels(&self) -> impl IntoIterator<Item = impl Into<String>> {
    ///         ["shop:buy"]
    ///     }
    ///     fn message(&mut self, _: &Session, _: &Message) -> Result<MessageVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let message = Message { direction: Direction::Serverbound, channel: "shop:buy".into(), data: vec![1] };
    /// assert_eq!(mine.try_message(&session, &message).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_message(&mut self, session: &Session, message: &Message) -> Result<MessageVerdict> {
        let channels: Vec<String> = self.plugin.channels().into_iter().map(Into::into).collect();
        check_channels(&channels)?;
        if !channels.contains(&message.channel) {
            return Ok(MessageVerdict::Next);
        }
        self.ask(session, |plugin, session| {
            let verdict = plugin.message(session, message).outcome()?;
            check_message(&verdict, message.direction)?;
            Ok(verdict)
        })
    }
}

impl<P: Commands> Running<P> {
    /// Calls [`Commands::command`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Commands for Mine {
    ///     fn command(&mut self, _: &Session, _: &str, _: bool) -> CommandVerdict {
    ///         CommandVerdict::Swallow
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.command(&session, "plugins", false), CommandVerdict::Swallow);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn command(&mut self, session: &Session, command: &str, signed: bool) -> CommandVerdict {
        succeed(self.try_command(session, command, signed))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Commands for Mine {
    ///     fn command(&mut self, _: &Session, _: &str, _: bool) -> Result<CommandVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_command(&session, "plugins", false).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_command(&mut self, session: &Session, command: &str, signed: bool) -> Result<CommandVerdict> {
        if command.starts_with('/') {
            return Err(Error::new("a command comes without its slash"));
        }
        self.ask(session, |plugin, session| {
            plugin.command(session, command, signed).outcome()
        })
    }
}

impl<P: Transfers> Running<P> {
    /// Calls [`Transfers::transfer`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Transfers for Mine {
    ///     fn transfer(&mut self, _: &Session, _: &TransferAddress) -> TransferVerdict {
    ///         TransferVerdict::Deny
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let to = TransferAddress { host: "a.example".into(), port: 25565 };
    /// assert_eq!(mine.transfer(&session, &to), TransferVerdict::Deny);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn transfer(&mut self, session: &Session, to: &TransferAddress) -> TransferVerdict {
        succeed(self.try_transfer(session, to))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Transfers for Mine {
    ///     fn transfer(&mut self, _: &Session, _: &TransferAddress) -> Result<TransferVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let to = TransferAddress { host: "a.example".into(), port: 25565 };
    /// assert_eq!(mine.try_transfer(&session, &to).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_transfer(&mut self, session: &Session, to: &TransferAddress) -> Result<TransferVerdict> {
        self.ask(session, |plugin, session| plugin.transfer(session, to).outcome())
    }
}

impl<P: Cookies> Running<P> {
    /// Calls [`Cookies::requested`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn requested(&mut self, _: &Session, _: &str) -> CookieVerdict {
    ///         CookieVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.requested(&session, "shop:basket"), CookieVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn requested(&mut self, session: &Session, key: &str) -> CookieVerdict {
        succeed(self.try_requested(session, key))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn requested(&mut self, _: &Session, _: &str) -> Result<CookieVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_requested(&session, "shop:basket").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_requested(&mut self, session: &Session, key: &str) -> Result<CookieVerdict> {
        self.ask(session, |plugin, session| plugin.requested(session, key).outcome())
    }

    /// Calls [`Cookies::stored`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn stored(&mut self, _: &Session, _: &str, _: &[u8]) -> CookieDataVerdict {
    ///         CookieDataVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.stored(&session, "shop:basket", b"3"), CookieDataVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn stored(&mut self, session: &Session, key: &str, data: &[u8]) -> CookieDataVerdict {
        succeed(self.try_stored(session, key, data))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn stored(&mut self, _: &Session, _: &str, _: &[u8]) -> Result<CookieDataVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_stored(&session, "shop:basket", b"3").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_stored(&mut self, session: &Session, key: &str, data: &[u8]) -> Result<CookieDataVerdict> {
        self.ask(session, |plugin, session| plugin.stored(session, key, data).outcome())
    }

    /// Calls [`Cookies::returned`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn returned(&mut self, _: &Session, _: &str, _: Option<&[u8]>) -> CookieDataVerdict {
    ///         CookieDataVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.returned(&session, "shop:basket", None), CookieDataVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn returned(&mut self, session: &Session, key: &str, data: Option<&[u8]>) -> CookieDataVerdict {
        succeed(self.try_returned(session, key, data))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl Cookies for Mine {
    ///     fn returned(&mut self, _: &Session, _: &str, _: Option<&[u8]>) -> Result<CookieDataVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_returned(&session, "shop:basket", None).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_returned(&mut self, session: &Session, key: &str, data: Option<&[u8]>) -> Result<CookieDataVerdict> {
        self.ask(session, |plugin, session| plugin.returned(session, key, data).outcome())
    }
}

impl<P: ResourcePacks> Running<P> {
    /// Calls [`ResourcePacks::offered`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl ResourcePacks for Mine {
    ///     fn offered(&mut self, _: &Session, _: &ResourcePack) -> PackVerdict {
    ///         PackVerdict::Deny
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let pack = ResourcePack { id: None, url: "https://a.example/p.zip".into(), hash: String::new(), required: false };
    /// assert_eq!(mine.offered(&session, &pack), PackVerdict::Deny);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn offered(&mut self, session: &Session, pack: &ResourcePack) -> PackVerdict {
        succeed(self.try_offered(session, pack))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl ResourcePacks for Mine {
    ///     fn offered(&mut self, _: &Session, _: &ResourcePack) -> Result<PackVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// let pack = ResourcePack { id: None, url: "https://a.example/p.zip".into(), hash: String::new(), required: false };
    /// assert_eq!(mine.try_offered(&session, &pack).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_offered(&mut self, session: &Session, pack: &ResourcePack) -> Result<PackVerdict> {
        self.ask(session, |plugin, session| plugin.offered(session, pack).outcome())
    }

    /// Calls [`ResourcePacks::answered`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl ResourcePacks for Mine {
    ///     fn answered(&mut self, _: &Session, _: Option<&str>, _: PackOutcome) {
    ///         info!("called");
    ///     }
    /// }
    /// let host = Host::new();
    /// let mut mine = host.start::<Mine>("");
    /// let session = Session::build().in_play();
    /// mine.answered(&session, None, PackOutcome::Declined);
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn answered(&mut self, session: &Session, id: Option<&str>, outcome: PackOutcome) {
        succeed(self.try_answered(session, id, outcome));
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "transform")] struct Mine;
    /// #[hooks]
    /// impl ResourcePacks for Mine {
    ///     fn answered(&mut self, _: &Session, _: Option<&str>, _: PackOutcome) -> Result<()> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_answered(&session, None, PackOutcome::Declined).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_answered(&mut self, session: &Session, id: Option<&str>, outcome: PackOutcome) -> Result<()> {
        self.ask(session, |plugin, session| {
            plugin.answered(session, id, outcome).outcome()
        })
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
