//! From one server to another without a disconnect. Since 1.20.2 through the configuration state, which clears the client; before
//! that by a join game, and respawns that make the client drop the old world.

use portcullis_protocol::error::WireError;
use portcullis_protocol::message::PluginMessage;
use portcullis_protocol::packets::{Bare, Direction, Packet, State, split_id};
use portcullis_protocol::play::{JoinGame, KeepAlive};
use portcullis_protocol::varint;

use super::adrift::Adrift;
use super::fault::Fault;
use super::pump::Pump;
use super::wire::Wire;
use crate::mover::Kit;

/// What makes a Forge client of 1.7 to 1.12 shake hands anew: channel and data.
const FORGE_HANDSHAKE: &str = "FML|HS";
const FORGE_RESET: [u8; 2] = [0xfe, 0x00];

/// How far a client is from another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It can be told now.
    Ready,
    /// It has to go on to another state first, and has been told so.
    Waiting,
}

impl Pump {
    /// Whether this is a moment to take the player off his server: no frame is under way, and the client is in no change of state.
    pub(super) fn may_leave(&self) -> bool {
        let settled = |direction| self.is_between_frames(direction);
        let state = |direction| self.client.connection.state(direction);
        settled(Direction::Clientbound)
            && settled(Direction::Serverbound)
            && state(Direction::Clientbound) == state(Direction::Serverbound)
    }

    /// Takes the player off his server, whose connection ends here.
    pub(super) fn leave(self, kit: &Kit) -> Result<Adrift, Fault> {
        let Self {
            mut client, mut memory, ..
        } = self;
        let in_world = client.connection.state(Direction::Clientbound) == State::Play;
        if memory.is_in_bundle && in_world {
            client.send(kit, &Bare(Packet::BundleDelimiter))?;
        }
        memory.forget_server();
        Ok(Adrift::new(client, memory))
    }
}

impl Adrift {
    /// Brings the client to where it can be told of another server, as far as that goes without it.
    pub(super) fn make_ready(&mut self, kit: &Kit) -> Result<Readiness, Fault> {
        let connection = &self.client.connection;
        let states = (
            connection.state(Direction::Clientbound),
            connection.state(Direction::Serverbound),
        );
        match states {
            (State::Play, State::Play) if self.client.protocol().has_configuration() => {
                self.client.send(kit, &Bare(Packet::StartConfiguration))?;
                Ok(Readiness::Waiting)
            }
            (State::Play, State::Play) | (State::Configuration, State::Configuration) => Ok(Readiness::Ready),
            _ => Ok(Readiness::Waiting),
        }
    }

    /// Puts the player, who is ready, onto a server that has let him in.
    pub(super) fn go_aboard(
        self,
        mut server: Wire,
        early: &[Vec<u8>],
        is_forge: bool,
        kit: &Kit,
    ) -> Result<Pump, Fault> {
        let Self {
            mut client, mut memory, ..
        } = self;
        if !client.protocol().has_configuration() {
            memory.clear_screen(&mut client, kit)?;
            if is_forge {
                let reset = PluginMessage {
                    channel: FORGE_HANDSHAKE,
                    data: &FORGE_RESET,
                };
                client.send(kit, &reset)?;
            }
            for packet in early {
                let (id, fields) = split_id(packet)?;
                let state = client.connection.state(Direction::Clientbound);
                match client.table().packet(state, Direction::Clientbound, id) {
                    Some(Packet::JoinGame) => enter_world(&mut client, id, fields, is_forge, kit)?,
                    Some(Packet::KeepAlive) => {
                        let KeepAlive { id } = KeepAlive::read(fields, client.protocol())?;
                        // Of a server that asks so often before there is a world, some are forgotten.
                        let _ = memory.asked_alive(id);
                        client.send_packet(kit, packet)?;
                    }
                    _ => client.send_packet(kit, packet)?,
                }
            }
        }
        memory.introduce(&mut server, kit)?;
        Ok(Pump::resumed(client, server, memory))
    }
}

/// Goes on to the configuration, where there is one: the server has let the player in, and waits to hear so. Not before the client can
/// hear what the server says then, and answer: it would be asked whether it is alive.
pub(super) fn acknowledge(server: &mut Wire, kit: &Kit) -> Result<(), Fault> {
    if server.protocol().has_configuration() {
        server.send(kit, &Bare(Packet::LoginAcknowledged))?;
    }
    Ok(())
}

/// Has the client drop its world and enter another server's.
fn enter_world(client: &mut Wire, id: i32, fields: &[u8], is_forge: bool, kit: &Kit) -> Result<(), Fault> {
    let game = JoinGame::read(fields, client.protocol())?.ok_or(WireError::BadValue("a join game"))?;
    let switch = game.switch(is_forge);
    let mut join = Vec::with_capacity(switch.join.len() + varint::MAX_BYTES);
    varint::write(id, &mut join);
    join.extend_from_slice(&switch.join);
    client.send_packet(kit, &join)?;
    for respawn in &switch.respawns {
        client.send(kit, respawn)?;
    }
    Ok(())
}
