//! Verdicts on what is on its way: `packet`, `message`, `command`, `transfer`, `cookie`, `resource-pack`.

use portcullis_protocol::cookie::MAX_COOKIE_BYTES;
use portcullis_protocol::message::{MAX_CLIENTBOUND_BYTES, MAX_SERVERBOUND_BYTES};
use portcullis_protocol::packets::Direction;
use portcullis_protocol::profile::parse_uuid;

use super::Verdict;
use crate::bindings::exports::portcullis::plugin::{command, cookie, message, packet, resource_pack, transfer};
use crate::context::Context;
use crate::outcome::{Pack, PackResult, Text};

/// Fields that a packet may have: what a frame holds, but for the packet's id and the length in front of what is compressed.
pub(crate) const MAX_FIELDS_BYTES: usize = (2 << 20) - 16;

/// A command as clients type it, without the slash.
const MAX_COMMAND_CHARS: usize = 256;

/// A host as the packet of a transfer carries it.
const MAX_HOST_CHARS: usize = 32_767;

/// An address of a resource pack as its packet carries it.
const MAX_URL_CHARS: usize = 32_767;

/// A SHA-1 in hexadecimal.
const HASH_CHARS: usize = 40;

/// `on-packet`'s verdict.
pub(crate) enum Packet {
    Next,
    Drop,
    Replace(Vec<u8>),
    Disconnect(Text),
}

/// Verdicts of `message` and `cookie`.
pub(crate) enum Data {
    Next,
    Drop,
    Replace(Vec<u8>),
}

/// The verdict of `cookie`'s `on-request`.
pub(crate) enum Request {
    Next,
    Drop,
}

/// `on-command`'s verdict.
pub(crate) enum Command {
    Next,
    Swallow,
    Replace(String),
}

/// `on-transfer`'s verdict.
pub(crate) enum Transfer {
    Next,
    Deny,
    To(String, u16),
}

/// `on-offer`'s verdict.
pub(crate) enum ResourcePack {
    Next,
    Deny,
    Replace(Pack),
}

impl Verdict for packet::Verdict {
    type Checked = Packet;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Drop => 1,
            Self::Replace(_) => 2,
            Self::Disconnect(_) => 3,
        }
    }

    fn check(self, _: &mut Context) -> Result<Packet, String> {
        Ok(match self {
            Self::Next => Packet::Next,
            Self::Drop => Packet::Drop,
            Self::Replace(fields) => Packet::Replace(at_most(MAX_FIELDS_BYTES, fields)?),
            Self::Disconnect(text) => Packet::Disconnect(text.into()),
        })
    }
}

/// A message's verdict with the direction that the message goes.
pub(crate) struct OnMessage(pub(crate) Direction, pub(crate) message::Verdict);

impl Verdict for OnMessage {
    type Checked = Data;

    fn number(&self) -> usize {
        match self.1 {
            message::Verdict::Next => 0,
            message::Verdict::Drop => 1,
            message::Verdict::Replace(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Data, String> {
        let limit = match self.0 {
            Direction::Serverbound => MAX_SERVERBOUND_BYTES,
            Direction::Clientbound => MAX_CLIENTBOUND_BYTES,
        };
        Ok(match self.1 {
            message::Verdict::Next => Data::Next,
            message::Verdict::Drop => Data::Drop,
            message::Verdict::Replace(data) => Data::Replace(at_most(limit, data)?),
        })
    }
}

impl Verdict for cookie::Verdict {
    type Checked = Request;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Drop => 1,
        }
    }

    fn check(self, _: &mut Context) -> Result<Request, String> {
        Ok(match self {
            Self::Next => Request::Next,
            Self::Drop => Request::Drop,
        })
    }
}

impl Verdict for cookie::DataVerdict {
    type Checked = Data;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Drop => 1,
            Self::Replace(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Data, String> {
        Ok(match self {
            Self::Next => Data::Next,
            Self::Drop => Data::Drop,
            Self::Replace(data) => Data::Replace(at_most(MAX_COOKIE_BYTES, data)?),
        })
    }
}

impl Verdict for command::Verdict {
    type Checked = Command;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Swallow => 1,
            Self::Replace(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Command, String> {
        Ok(match self {
            Self::Next => Command::Next,
            Self::Swallow => Command::Swallow,
            Self::Replace(command) => {
                let is_sound = command.chars().count() <= MAX_COMMAND_CHARS
                    && !command.chars().any(char::is_control)
                    && !command.starts_with('/');
                if !is_sound {
                    return Err(format!(
                        "replace with a command of more than {MAX_COMMAND_CHARS} characters, with control characters, or with its slash"
                    ));
                }
                Command::Replace(command)
            }
        })
    }
}

impl Verdict for transfer::Verdict {
    type Checked = Transfer;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny => 1,
            Self::To(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Transfer, String> {
        Ok(match self {
            Self::Next => Transfer::Next,
            Self::Deny => Transfer::Deny,
            Self::To(to) if to.host.is_empty() || to.host.chars().count() > MAX_HOST_CHARS => {
                return Err("to with an empty or overlong host".into());
            }
            Self::To(to) => Transfer::To(to.host, to.port),
        })
    }
}

impl Verdict for resource_pack::Verdict {
    type Checked = ResourcePack;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny => 1,
            Self::Replace(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<ResourcePack, String> {
        Ok(match self {
            Self::Next => ResourcePack::Next,
            Self::Deny => ResourcePack::Deny,
            Self::Replace(pack) => ResourcePack::Replace(check_pack(pack)?),
        })
    }
}

fn at_most(limit: usize, data: Vec<u8>) -> Result<Vec<u8>, String> {
    if data.len() > limit {
        return Err(format!("replace with {} bytes; at most {limit}", data.len()));
    }
    Ok(data)
}

fn check_pack(pack: resource_pack::Pack) -> Result<Pack, String> {
    let id = match &pack.id {
        Some(id) => Some(parse_uuid(id).ok_or("replace with a pack whose id is no UUID")?),
        None => None,
    };
    if pack.url.is_empty() || pack.url.chars().count() > MAX_URL_CHARS {
        return Err("replace with a pack whose URL is empty or overlong".into());
    }
    let is_hash = pack.hash.len() == HASH_CHARS && pack.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash && !pack.hash.is_empty() {
        return Err("replace with a pack whose hash is no SHA-1".into());
    }
    Ok(Pack {
        id,
        url: pack.url,
        hash: pack.hash,
        required: pack.required,
    })
}

/// For `on-transfer`.
pub(crate) fn contract_address(host: &str, port: u16) -> transfer::Address {
    transfer::Address {
        host: host.to_owned(),
        port,
    }
}

/// For `on-offer`.
pub(crate) fn contract_pack(pack: &Pack) -> resource_pack::Pack {
    resource_pack::Pack {
        id: pack.id.map(|id| id.to_string()),
        url: pack.url.clone(),
        hash: pack.hash.clone(),
        required: pack.required,
    }
}

/// For `on-outcome`.
pub(crate) fn contract_pack_result(result: PackResult) -> resource_pack::Outcome {
    match result {
        PackResult::Accepted => resource_pack::Outcome::Accepted,
        PackResult::Declined => resource_pack::Outcome::Declined,
        PackResult::Downloaded => resource_pack::Outcome::Downloaded,
        PackResult::Loaded => resource_pack::Outcome::Loaded,
        PackResult::Failed => resource_pack::Outcome::Failed,
        PackResult::Discarded => resource_pack::Outcome::Discarded,
    }
}
