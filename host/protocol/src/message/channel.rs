//! Channels: their names before and since 1.13, and the lists in which a client registers them.

use std::borrow::Cow;

use crate::version::Protocol;

/// Longest channel in characters. 1.12 and before allow 20, later ones more than anybody uses.
pub const MAX_CHANNEL_CHARS: usize = 256;

/// Channels that one side may have registered: more than the largest modpacks, few enough to keep for every player.
pub const MAX_CHANNELS: usize = 1_024;

/// What separates channels in a list.
pub const LIST_SEPARATOR: u8 = 0;

/// Namespace for names of before 1.13 that nobody gave another one.
const LEGACY_NAMESPACE: &str = "legacy:";

/// Channels with a meaning of their own, before and since 1.13.
const RENAMED: [(&str, &str); 4] = [
    ("REGISTER", "minecraft:register"),
    ("UNREGISTER", "minecraft:unregister"),
    ("MC|Brand", "minecraft:brand"),
    ("BungeeCord", "bungeecord:main"),
];

/// A channel that a proxy understands itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// A list of channels that the sender listens on from now on.
    Register,
    /// A list of channels that it listens on no longer.
    Unregister,
    /// The sender's software.
    Brand,
    /// Requests to the proxy. Only a server may make them: a client's are forgeries.
    BungeeCord,
}

impl Builtin {
    /// The built-in channel of this name, in either spelling.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, namespaced) = RENAMED
            .iter()
            .find(|(legacy, namespaced)| [*legacy, *namespaced].contains(&name))?;
        Some(match *namespaced {
            "minecraft:register" => Self::Register,
            "minecraft:unregister" => Self::Unregister,
            "minecraft:brand" => Self::Brand,
            _ => Self::BungeeCord,
        })
    }

    /// The channel's name in this version.
    pub fn name(self, protocol: Protocol) -> &'static str {
        let [register, unregister, brand, bungee] = RENAMED;
        let (legacy, namespaced) = match self {
            Self::Register => register,
            Self::Unregister => unregister,
            Self::Brand => brand,
            Self::BungeeCord => bungee,
        };
        if protocol.has_namespaced_channels() {
            namespaced
        } else {
            legacy
        }
    }
}

/// A name of before 1.13 as later versions spell it: known ones by their new name, others in the namespace `legacy`, in lower
/// case and without what cannot stand in an identifier. A namespaced name stays.
pub fn namespaced_name(name: &str) -> Cow<'_, str> {
    if let Some((_, namespaced)) = RENAMED.iter().find(|(legacy, _)| *legacy == name) {
        return Cow::Borrowed(namespaced);
    }
    if name.contains(':') {
        return Cow::Borrowed(name);
    }
    let kept = name.chars().map(|character| character.to_ascii_lowercase());
    let kept = kept.filter(|character| matches!(character, 'a'..='z' | '0'..='9' | '-' | '_' | '/' | '.'));
    Cow::Owned(LEGACY_NAMESPACE.chars().chain(kept).collect())
}

/// A namespaced name as versions before 1.13 spell it. What [`namespaced_name`] left out does not come back.
pub fn legacy_name(name: &str) -> &str {
    let known = RENAMED.iter().find(|(_, namespaced)| *namespaced == name);
    known.map_or_else(
        || name.strip_prefix(LEGACY_NAMESPACE).unwrap_or(name),
        |(legacy, _)| legacy,
    )
}

/// The channels in the data of a register or unregister message. What is empty, too long or not UTF-8 is left out; whoever
/// keeps them stops at [`MAX_CHANNELS`].
#[derive(Clone, Debug)]
pub struct ChannelList<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> ChannelList<'a> {
    /// The list in these data.
    pub fn of_data(data: &'a [u8]) -> Self {
        Self { rest: Some(data) }
    }
}

impl<'a> Iterator for ChannelList<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest?;
            let mut parts = rest.splitn(2, |byte| *byte == LIST_SEPARATOR);
            let name = parts.next()?;
            self.rest = parts.next();
            match str::from_utf8(name) {
                Ok(name) if !name.is_empty() && name.len() <= MAX_CHANNEL_CHARS => return Some(name),
                _ => {}
            }
        }
    }
}

/// Appends a list as a message's data.
pub fn write_channels<'a>(names: impl IntoIterator<Item = &'a str>, out: &mut Vec<u8>) {
    for (at, name) in names.into_iter().enumerate() {
        if at > 0 {
            out.push(LIST_SEPARATOR);
        }
        out.extend_from_slice(name.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_spellings() {
        for (legacy, namespaced) in [
            ("REGISTER", "minecraft:register"),
            ("MC|Brand", "minecraft:brand"),
            ("BungeeCord", "bungeecord:main"),
            ("worldedit", "legacy:worldedit"),
            ("a:b", "a:b"),
        ] {
            assert_eq!(namespaced_name(legacy), namespaced);
            assert_eq!(namespaced_name(namespaced), namespaced);
            assert_eq!(legacy_name(namespaced), legacy);
        }
        assert_eq!(namespaced_name("WECUI|x ä"), "legacy:wecuix");
    }

    #[test]
    fn built_in_channels_are_known_in_either_spelling() {
        for builtin in [
            Builtin::Register,
            Builtin::Unregister,
            Builtin::Brand,
            Builtin::BungeeCord,
        ] {
            for protocol in [Protocol(340), Protocol(393)] {
                assert_eq!(Builtin::of_name(builtin.name(protocol)), Some(builtin));
            }
        }
        assert_eq!(Builtin::of_name("bungeecord"), None);
        assert_eq!(Builtin::Brand.name(Protocol(340)), "MC|Brand");
    }

    #[test]
    fn lists_come_back_without_what_is_no_channel() {
        let mut data = Vec::new();
        write_channels(["a:b", "FML|HS", "c"], &mut data);
        assert_eq!(data, b"a:b\0FML|HS\0c");
        assert_eq!(ChannelList::of_data(&data).collect::<Vec<_>>(), ["a:b", "FML|HS", "c"]);
        let long = [&[b'x'; MAX_CHANNEL_CHARS + 1][..], b"\0ok"].concat();
        for (data, expect) in [
            (&b""[..], &[][..]),
            (b"\0\0a\0", &["a"]),
            (b"\xff\0a", &["a"]),
            (&long, &["ok"]),
        ] {
            assert_eq!(ChannelList::of_data(data).collect::<Vec<_>>(), expect);
        }
    }
}
