//! Resource packs, in the configuration and play states: one at a time to 1.20.2, any number with UUIDs since.

use uuid::Uuid;

use super::notice::write_text;
use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    nbt,
    packets::{Fields, Packet},
    put,
    text::Text,
    version::Protocol,
};

/// Longest address of a pack in characters.
const MAX_URL_CHARS: usize = 32_767;

/// Longest hash in characters: a SHA-1 in hexadecimal.
const MAX_HASH_CHARS: usize = 40;

/// The client shall load a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct PushPack<'a> {
    /// The pack's id: since 1.20.3.
    pub id: Uuid,
    /// Where it is.
    pub url: &'a str,
    /// Its SHA-1 in hexadecimal, or nothing.
    pub hash: &'a str,
    /// Whether the client shall leave if the player does not want it: since 1.17.
    pub is_required: bool,
    /// What the player is asked with: since 1.17. Not kept when a packet is read.
    pub prompt: Option<Text>,
}

impl<'a> PushPack<'a> {
    /// Reads the fields; the prompt is passed over.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let has_prompt = protocol >= Protocol::V1_17;
        let pack = Self {
            id: read_id(&mut cursor, protocol)?,
            url: cursor.text(MAX_URL_CHARS)?,
            hash: cursor.text(MAX_HASH_CHARS)?,
            is_required: has_prompt && cursor.bool()?,
            prompt: None,
        };
        if has_prompt {
            cursor.option(|cursor| skip_text(cursor, protocol))?;
        }
        cursor.finish()?;
        Ok(pack)
    }
}

impl Fields for PushPack<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::ResourcePackPush
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        if protocol.has_many_resource_packs() {
            put::uuid(self.id, out);
        }
        put::string(self.url, out);
        put::string(self.hash, out);
        if protocol >= Protocol::V1_17 {
            put::bool(self.is_required, out);
            put::option(self.prompt.as_ref(), out, |prompt, out| {
                write_text(prompt, protocol, out)
            });
        }
    }
}

/// The client shall unload a pack, or all: since 1.20.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopPack {
    /// The pack; none for all.
    pub id: Option<Uuid>,
}

impl PopPack {
    /// Reads the fields.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let id = cursor.option(Cursor::uuid)?;
        cursor.finish()?;
        Ok(Self { id })
    }
}

impl Fields for PopPack {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::ResourcePackPop
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::option(self.id, out, put::uuid);
    }
}

/// What became of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackResult {
    /// It is loaded.
    Loaded = 0,
    /// The player does not want it.
    Declined = 1,
    /// It could not be downloaded.
    DownloadFailed = 2,
    /// The player wants it.
    Accepted = 3,
    /// It is downloaded: since 1.20.3, as all that follow.
    Downloaded = 4,
    /// Its address is none.
    BadUrl = 5,
    /// It could not be loaded.
    LoadFailed = 6,
    /// It was taken back.
    Discarded = 7,
}

impl PackResult {
    fn of_wire(result: i32) -> Result<Self, WireError> {
        Ok(match result {
            0 => Self::Loaded,
            1 => Self::Declined,
            2 => Self::DownloadFailed,
            3 => Self::Accepted,
            4 => Self::Downloaded,
            5 => Self::BadUrl,
            6 => Self::LoadFailed,
            7 => Self::Discarded,
            _ => return Err(WireError::BadValue("what became of a resource pack")),
        })
    }
}

/// A client tells what became of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackResponse<'a> {
    /// The pack's id: since 1.20.3.
    pub id: Uuid,
    /// The pack's hash: to 1.9.4.
    pub hash: &'a str,
    /// What became of it.
    pub result: PackResult,
}

impl<'a> PackResponse<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let response = Self {
            id: read_id(&mut cursor, protocol)?,
            hash: if protocol < Protocol::V1_10 {
                cursor.text(MAX_HASH_CHARS)?
            } else {
                ""
            },
            result: PackResult::of_wire(cursor.var_int()?)?,
        };
        cursor.finish()?;
        Ok(response)
    }
}

impl Fields for PackResponse<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::ResourcePackResponse
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        if protocol.has_many_resource_packs() {
            put::uuid(self.id, out);
        }
        if protocol < Protocol::V1_10 {
            put::string(self.hash, out);
        }
        put::var_int(self.result as i32, out);
    }
}

fn read_id(cursor: &mut Cursor<'_>, protocol: Protocol) -> Result<Uuid, Stop> {
    if protocol.has_many_resource_packs() {
        cursor.uuid()
    } else {
        Ok(Uuid::nil())
    }
}

fn skip_text(cursor: &mut Cursor<'_>, protocol: Protocol) -> Result<(), Stop> {
    /// What clients read of a prompt in characters.
    const MAX_PROMPT_CHARS: usize = 262_144;
    if protocol.text_is_nbt() {
        nbt::skip(cursor, true)
    } else {
        cursor.text(MAX_PROMPT_CHARS).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(fields: &impl Fields, protocol: Protocol) -> Vec<u8> {
        let mut out = Vec::new();
        fields.write(protocol, &mut out);
        out
    }

    #[test]
    fn packs_and_answers_come_back_in_every_version_that_has_them() {
        for protocol in Protocol::releases().filter(|protocol| *protocol >= Protocol::V1_8) {
            let id = if protocol.has_many_resource_packs() {
                Uuid::from_u128(7)
            } else {
                Uuid::nil()
            };
            let pack = PushPack {
                id,
                url: "https://example.com/pack.zip",
                hash: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                is_required: protocol >= Protocol::V1_17,
                prompt: None,
            };
            assert_eq!(
                PushPack::read(&written(&pack, protocol), protocol).as_ref(),
                Ok(&pack),
                "{protocol}"
            );
            let asking = PushPack {
                prompt: Some(Text::markup("<red>please")),
                ..pack.clone()
            };
            assert_eq!(
                PushPack::read(&written(&asking, protocol), protocol),
                Ok(pack),
                "{protocol}"
            );

            let response = PackResponse {
                id,
                hash: if protocol < Protocol::V1_10 { "abc" } else { "" },
                result: PackResult::Accepted,
            };
            assert_eq!(
                PackResponse::read(&written(&response, protocol), protocol),
                Ok(response),
                "{protocol}"
            );
        }
    }

    #[test]
    fn results_are_known_by_their_numbers() {
        for result in 0..8 {
            assert_eq!(PackResult::of_wire(result).map(|result| result as i32), Ok(result));
        }
        assert!(PackResult::of_wire(8).is_err() && PackResult::of_wire(-1).is_err());
        for id in [None, Some(Uuid::from_u128(3))] {
            let pop = PopPack { id };
            assert_eq!(PopPack::read(&written(&pop, Protocol::NEWEST)), Ok(pop));
        }
    }
}
