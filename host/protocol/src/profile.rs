//! Who a player is: a UUID, a name, and properties such as the skin.

use md5::{Digest, Md5};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    put,
};

/// Longest name in characters, since there are names.
pub const MAX_NAME_CHARS: usize = 16;

/// Properties that are read of a profile. Session servers give one or two, clients since 1.20.5 take 16, older ones any number.
pub const MAX_PROPERTIES: usize = 64;

/// Longest name of a property in characters, as clients since 1.20.5 read.
pub const MAX_PROPERTY_NAME_CHARS: usize = 64;

/// Longest value of a property in characters, as every client reads.
pub const MAX_PROPERTY_VALUE_CHARS: usize = 32_767;

/// Longest signature of a property in characters, as clients since 1.20.5 read.
pub const MAX_PROPERTY_SIGNATURE_CHARS: usize = 1_024;

/// A name that no server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// No name: a bot.
    #[error("an empty player name")]
    Empty,
    /// Longer than any name has ever been: a bot.
    #[error("a player name of more than {MAX_NAME_CHARS} characters")]
    TooLong,
    /// A character that no name has ever had (spaces, control characters, other scripts): a bot, or a modded client that
    /// every unmodified server refuses as well.
    #[error("a player name with a character outside printable ASCII")]
    Character,
}

impl NameError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Empty => "name-empty",
            Self::TooLong => "name-too-long",
            Self::Character => "name-character",
        }
    }
}

/// Whether `name` can be a player's: 1 to 16 printable ASCII characters.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        Err(NameError::Empty)
    } else if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err(NameError::Character)
    } else if name.len() > MAX_NAME_CHARS {
        Err(NameError::TooLong)
    } else {
        Ok(())
    }
}

/// Something that is known of a player, often with the session server's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// What it is, for example `textures`.
    pub name: String,
    /// Its value, mostly base64.
    pub value: String,
    /// The session server's signature over the value.
    pub signature: Option<String>,
}

/// A player's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The player's UUID.
    pub uuid: Uuid,
    /// The player's name: at most 16 characters.
    pub name: String,
    /// What else is known.
    pub properties: Vec<Property>,
}

impl Profile {
    /// The profile of a name that nobody has verified, as vanilla servers in offline mode make it: an MD5 of the name as the UUID
    /// (version 3). <https://minecraft.wiki/w/Server.properties#online-mode>
    pub fn offline(name: &str) -> Self {
        let digest = Md5::new().chain_update("OfflinePlayer:").chain_update(name).finalize();
        Self {
            uuid: uuid::Builder::from_md5_bytes(digest.into()).into_uuid(),
            name: name.to_owned(),
            properties: Vec::new(),
        }
    }
}

/// A UUID in text: 32 hexadecimal digits, with or without the four dashes and nothing else around.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_plain && matches!(text.len(), 32 | 36) {
        Uuid::try_parse(text).ok()
    } else {
        None
    }
}

impl Property {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Stop> {
        Ok(Self {
            name: cursor.text(MAX_PROPERTY_NAME_CHARS)?.to_owned(),
            value: cursor.text(MAX_PROPERTY_VALUE_CHARS)?.to_owned(),
            signature: cursor.option(|cursor| Ok(cursor.text(MAX_PROPERTY_SIGNATURE_CHARS)?.to_owned()))?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put::string(&self.name, out);
        put::string(&self.value, out);
        put::option(self.signature.as_deref(), out, put::string);
    }
}

pub(crate) fn read_properties(cursor: &mut Cursor<'_>) -> Result<Vec<Property>, Stop> {
    cursor.list(MAX_PROPERTIES, Property::read)
}

pub(crate) fn write_properties(properties: &[Property], out: &mut Vec<u8>) {
    put::list(properties, out, Property::write);
}

/// A name as servers and proxies write it, of any characters: it was judged when the player came.
pub(crate) fn read_name(cursor: &mut Cursor<'_>) -> Result<String, Stop> {
    Ok(cursor.text(MAX_NAME_CHARS)?.to_owned())
}

/// A UUID in a string, which nothing but 1.7 to 1.15 writes.
pub(crate) fn read_text_uuid(cursor: &mut Cursor<'_>) -> Result<Uuid, Stop> {
    /// 32 digits and four dashes.
    const CHARS: usize = 36;
    let text = cursor.text(CHARS)?;
    Ok(parse_uuid(text).ok_or(WireError::BadValue("a UUID"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_1_to_16_printable_characters() {
        for (name, expect) in [
            ("a", Ok(())),
            ("Notch", Ok(())),
            ("abcdefghijklmnop", Ok(())),
            (".bedrock_player", Ok(())),
            ("", Err(NameError::Empty)),
            ("abcdefghijklmnopq", Err(NameError::TooLong)),
            ("a b", Err(NameError::Character)),
            ("a\u{7f}", Err(NameError::Character)),
            ("é", Err(NameError::Character)),
        ] {
            assert_eq!(check_name(name), expect, "{name}");
        }
    }

    #[test]
    fn uuids_are_read_with_and_without_dashes() {
        let uuid = Uuid::from_u128(0x0695_79f1_40e5_4b5c_86b4_cc37_2f1a_5dfb);
        for (text, expect) in [
            ("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", Some(uuid)),
            ("069579f140e54b5c86b4cc372f1a5dfb", Some(uuid)),
            ("069579F140E54B5C86B4CC372F1A5DFB", Some(uuid)),
            ("{069579f140e54b5c86b4cc372f1a5dfb}", None),
            ("urn:uuid:069579f1-40e5-4b5c-86b4-cc372f1a5dfb", None),
            ("069579f140e54b5c86b4cc372f1a5df", None),
            ("0695-79f140e54b5c86b4cc372f1a5dfb---", None),
            ("", None),
        ] {
            assert_eq!(parse_uuid(text), expect, "{text}");
        }
    }
}
