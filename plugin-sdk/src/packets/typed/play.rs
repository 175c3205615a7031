//! Proof of life, and sending a client elsewhere.

use portcullis_protocol::packets::Fields as _;
use portcullis_protocol::play;
use portcullis_protocol::version::Protocol;

use super::packet::{Clientbound, Packet, PacketError, Place, Serverbound};
use crate::packets::{Direction, PacketState};

/// Proof of life: a number that comes back.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::KeepAlive { id: 7 }.id, 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Any number; 32 bits of it before 1.12.2.
    pub id: i64,
}

impl Packet for KeepAlive {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Serverbound, PacketState::Configuration, "keep-alive"),
        Place::named(Direction::Clientbound, PacketState::Configuration, "keep-alive"),
        Place::named(Direction::Serverbound, PacketState::Play, "keep-alive"),
        Place::named(Direction::Clientbound, PacketState::Play, "keep-alive"),
    ];

    fn read(fields: &[u8], _: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let read = play::KeepAlive::read(fields, protocol)?;
        Ok(Some(Self { id: read.id }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        play::KeepAlive { id: self.id }.write(protocol, out);
    }
}

impl Clientbound for KeepAlive {}
impl Serverbound for KeepAlive {}

/// The client shall connect elsewhere (1.20.5 and later). See [`Transfers`](crate::Transfers) for the hook.
///
/// ```
/// let transfer = portcullis_sdk::packets::Transfer { host: "example.net".into(), port: 25565 };
/// assert_eq!(transfer.port, 25565);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Packet for Transfer {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Clientbound, PacketState::Configuration, "transfer"),
        Place::named(Direction::Clientbound, PacketState::Play, "transfer"),
    ];

    fn read(fields: &[u8], _: &Place, _: Protocol) -> Result<Option<Self>, PacketError> {
        let read = play::Transfer::read(fields)?;
        Ok(Some(Self {
            host: read.host.to_owned(),
            port: read.port,
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let (host, port) = (self.host.as_str(), self.port);
        play::Transfer { host, port }.write(protocol, out);
    }
}

impl Clientbound for Transfer {}
