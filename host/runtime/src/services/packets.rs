//! `packets`: packets of a plugin's own, which wait until the call has succeeded.

use portcullis_protocol::packets::{self, Packet, Table};
use portcullis_protocol::version::Protocol;
use portcullis_registry::Phase;

use crate::bindings::portcullis::plugin::packets::{Error, Host};
use crate::bindings::portcullis::plugin::types;
use crate::context::Context;
use crate::outcome::Own;
use crate::verdict::MAX_FIELDS_BYTES;

/// No version has higher ids.
const MAX_ID: u32 = u8::MAX as u32;

impl Host for Context {
    fn send(&mut self, direction: types::Direction, name: String, fields: Vec<u8>) -> Result<(), Error> {
        let (protocol, state) = self.packets_of(direction)?;
        let table = Table::of(protocol).map_err(|_| Error::Unavailable)?;
        let packet = Packet::of_name(&name).ok_or(Error::NoSuchPacket)?;
        let id = table.id(state, direction.into(), packet).ok_or(Error::NoSuchPacket)?;
        if packet.leads_on() {
            return Err(Error::NotYours);
        }
        self.put_off(direction, i32::from(id), fields)
    }

    fn send_numbered(&mut self, direction: types::Direction, id: u32, fields: Vec<u8>) -> Result<(), Error> {
        let (protocol, state) = self.packets_of(direction)?;
        let id = i32::try_from(id)
            .ok()
            .filter(|_| id <= MAX_ID)
            .ok_or(Error::NoSuchPacket)?;
        let table = Table::of(protocol).map_err(|_| Error::Unavailable)?;
        if table.packet(state, direction.into(), id).is_some_and(Packet::leads_on) {
            return Err(Error::NotYours);
        }
        self.put_off(direction, id, fields)
    }
}

impl Context {
    /// What the ids of the session at hand mean in this direction, if its packets are followed and its login is over.
    fn packets_of(&self, direction: types::Direction) -> Result<(Protocol, packets::State), Error> {
        let session = self.session().map_err(|_| Error::Unavailable)?;
        let phases = session.phases().ok_or(Error::Unavailable)?;
        let phase = match direction {
            types::Direction::Clientbound => phases.clientbound,
            types::Direction::Serverbound => phases.serverbound,
        };
        let state = match phase {
            Phase::Login => return Err(Error::Unavailable),
            Phase::Configuration => packets::State::Configuration,
            Phase::Play => packets::State::Play,
        };
        let handshake = session.handshake().ok_or(Error::Unavailable)?;
        Ok((Protocol(handshake.protocol), state))
    }

    fn put_off(&mut self, direction: types::Direction, id: i32, fields: Vec<u8>) -> Result<(), Error> {
        if fields.len() > MAX_FIELDS_BYTES {
            return Err(Error::TooMany);
        }
        let own = Own {
            direction: direction.into(),
            id,
            fields,
        };
        self.pending.send(own).map_err(|_| Error::TooMany)
    }
}

impl From<types::Direction> for packets::Direction {
    fn from(direction: types::Direction) -> Self {
        match direction {
            types::Direction::Serverbound => Self::Serverbound,
            types::Direction::Clientbound => Self::Clientbound,
        }
    }
}

impl From<packets::Direction> for types::Direction {
    fn from(direction: packets::Direction) -> Self {
        match direction {
            packets::Direction::Serverbound => Self::Serverbound,
            packets::Direction::Clientbound => Self::Clientbound,
        }
    }
}
