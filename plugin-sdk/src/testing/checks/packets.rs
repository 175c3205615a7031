//! What the host would refuse of hooks that look at packets.

use portcullis_protocol::packets::{Packet, State, Table};
use portcullis_protocol::version::Protocol;

use super::players::uuid;
use super::{Checked, at_most, bad};
use crate::packets::{Direction, PacketState, Payload, Subscription, Which};
use crate::testing::sent::of_wire;
use crate::{CommandVerdict, CookieDataVerdict, MessageVerdict, PackVerdict, PacketVerdict, Result, TransferVerdict};

/// The contract's bounds.
const MAX_PACKET_BYTES: usize = 2 << 20;
const MAX_SUBSCRIPTIONS: usize = 256;
const MAX_NUMBERS: usize = 64;
const MAX_HEAD_BYTES: u32 = 32_767;
const MAX_CHANNELS: usize = 64;
const MAX_SERVERBOUND_BYTES: usize = 32_767;
const MAX_CLIENTBOUND_BYTES: usize = 1 << 20;
const MAX_COMMAND_CHARACTERS: usize = 256;
const MAX_COOKIE_BYTES: usize = 5_120;
const MAX_HOST_CHARACTERS: usize = 32_767;

impl Checked for PacketVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Replace(fields) => at_most("bytes of a packet", fields.len(), MAX_PACKET_BYTES),
            _ => Ok(()),
        }
    }
}

impl Checked for CommandVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Replace(command) if command.starts_with('/') => bad("a command has no slash".to_owned()),
            Self::Replace(command) => at_most(
                "characters of a command",
                command.chars().count(),
                MAX_COMMAND_CHARACTERS,
            ),
            _ => Ok(()),
        }
    }
}

impl Checked for CookieDataVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Replace(data) => at_most("bytes of a cookie", data.len(), MAX_COOKIE_BYTES),
            _ => Ok(()),
        }
    }
}

impl Checked for TransferVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::To(address) => at_most(
                "characters of a host",
                address.host.chars().count(),
                MAX_HOST_CHARACTERS,
            ),
            _ => Ok(()),
        }
    }
}

impl Checked for PackVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Replace(pack) => pack.id.iter().try_for_each(|id| uuid(id)),
            _ => Ok(()),
        }
    }
}

pub(in crate::testing) fn check_subscriptions(all: &[Subscription]) -> Result<()> {
    at_most("subscriptions", all.len(), MAX_SUBSCRIPTIONS)?;
    for one in all {
        match &one.packet {
            Which::Name(name) if !is_there(one, name) => {
                return bad(format!("no version has a packet {name:?} in this direction and state"));
            }
            Which::Name(_) => {}
            Which::Numbers(numbers) => at_most("numbers of a packet", numbers.len(), MAX_NUMBERS)?,
        }
        match one.payload {
            Payload::Head(bytes) if bytes > MAX_HEAD_BYTES => {
                return bad(format!("a head of {bytes} bytes; at most {MAX_HEAD_BYTES} are allowed"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_there(one: &Subscription, name: &str) -> bool {
    let state = match one.state {
        PacketState::Configuration => State::Configuration,
        PacketState::Play => State::Play,
    };
    let has = |packet| {
        let mut tables = Protocol::releases().filter_map(|protocol| Table::of(protocol).ok());
        tables.any(|table| table.id(state, of_wire(one.direction), packet).is_some())
    };
    Packet::of_name(name).is_some_and(has)
}

pub(in crate::testing) fn check_channels(channels: &[String]) -> Result<()> {
    at_most("channels", channels.len(), MAX_CHANNELS)?;
    match channels.iter().find(|channel| !channel.contains(':')) {
        Some(channel) => bad(format!(
            "{channel:?} is no channel's name as since 1.13, \"namespace:name\""
        )),
        None => Ok(()),
    }
}

pub(in crate::testing) fn check_message(verdict: &MessageVerdict, direction: Direction) -> Result<()> {
    let most = match direction {
        Direction::Serverbound => MAX_SERVERBOUND_BYTES,
        Direction::Clientbound => MAX_CLIENTBOUND_BYTES,
    };
    match verdict {
        MessageVerdict::Replace(data) => at_most("bytes of a message", data.len(), most),
        _ => Ok(()),
    }
}
