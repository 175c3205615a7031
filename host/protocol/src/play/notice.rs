//! Texts that a host shows: disconnects, lines of chat, the line above the hotbar.

use super::title::TitleAction;
use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    login::disconnect::json_for_client,
    nbt::MAX_TEXT_NBT_BYTES,
    packets::{Fields, Packet},
    put,
    text::{Text, TextError},
    version::Protocol,
};

/// Longest JSON of a text in characters, as clients since 1.20.3 read it elsewhere.
const MAX_JSON_CHARS: usize = 262_144;

/// Positions of chat messages to 1.18.2: a line of the server's, and the line above the hotbar.
const CHAT_SYSTEM: u8 = 1;
const CHAT_ACTION_BAR: u8 = 2;

/// The connection ends, in the configuration or play state.
#[derive(Clone, Debug, PartialEq)]
pub struct Disconnect {
    /// What the player reads.
    pub reason: Text,
}

impl Disconnect {
    /// Reads a server's reason. A text that this crate does not look into is an error; the packet can be passed on all the
    /// same.
    pub fn read(body: &[u8], protocol: Protocol) -> Result<Self, TextError> {
        let (reason, behind) = read_text(body, 0, protocol)?;
        behind.finish().map_err(WireError::from)?;
        Ok(Self { reason })
    }
}

impl Fields for Disconnect {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::Disconnect
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_text(&self.reason, protocol, out);
    }
}

/// A line of the host's own in the chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What the player reads.
    pub text: Text,
}

impl Fields for Notice {
    fn packet(&self, protocol: Protocol) -> Packet {
        SystemChat::packet_of(protocol)
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_system_chat(&self.text, false, protocol, out);
    }
}

/// A text of the server's: in the chat, or above the hotbar. To 1.18.2 it is a chat message, as those of players are.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemChat {
    /// What the player reads.
    pub text: Text,
    /// It stands above the hotbar.
    pub above_hotbar: bool,
}

impl SystemChat {
    /// Reads the fields of [`Packet::SystemChat`] or of a clientbound [`Packet::Chat`], whichever the version has.
    pub fn read(body: &[u8], protocol: Protocol) -> Result<Self, TextError> {
        let (text, mut behind) = read_text(body, 1, protocol)?;
        let above_hotbar = read_place(&mut behind, protocol).map_err(WireError::from)?;
        behind.finish().map_err(WireError::from)?;
        Ok(Self { text, above_hotbar })
    }

    fn packet_of(protocol: Protocol) -> Packet {
        if protocol.has_system_chat() {
            Packet::SystemChat
        } else {
            Packet::Chat
        }
    }
}

impl Fields for SystemChat {
    fn packet(&self, protocol: Protocol) -> Packet {
        Self::packet_of(protocol)
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_system_chat(&self.text, self.above_hotbar, protocol, out);
    }
}

/// The line above the hotbar: since 1.8.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionBar {
    /// What the player reads.
    pub text: Text,
}

impl Fields for ActionBar {
    fn packet(&self, protocol: Protocol) -> Packet {
        if protocol.has_split_titles() || !protocol.has_titles() {
            Packet::ActionBar
        } else if protocol >= Protocol::V1_11 {
            Packet::Title
        } else {
            Packet::Chat
        }
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        match self.packet(protocol) {
            Packet::Chat => {
                // These clients show no styles there but codes.
                write_text(&Text::plain(&self.text.to_legacy()), protocol, out);
                write_position(CHAT_ACTION_BAR, protocol, out);
            }
            packet => {
                if packet == Packet::Title {
                    put::var_int(TitleAction::ActionBar.of(protocol), out);
                }
                write_text(&self.text, protocol, out);
            }
        }
    }
}

/// Appends a text as clients of this version read it outside the login state.
pub(crate) fn write_text(text: &Text, protocol: Protocol, out: &mut Vec<u8>) {
    if protocol.text_is_nbt() {
        out.extend_from_slice(&text.to_nbt(protocol));
    } else {
        put::string(&json_for_client(text, protocol), out);
    }
}

/// Reads a text, and gives what stands behind it: where the text is NBT, so many bytes at the end.
pub(super) fn read_text(body: &[u8], behind: usize, protocol: Protocol) -> Result<(Text, Cursor<'_>), TextError> {
    if protocol.text_is_nbt() {
        let end = body.len().checked_sub(behind).ok_or(WireError::Truncated)?;
        let (text, behind) = body.split_at_checked(end).ok_or(WireError::Truncated)?;
        if text.len() > MAX_TEXT_NBT_BYTES {
            return Err(TextError::TooLong(text.len()));
        }
        return Ok((Text::nbt(text)?, Cursor::whole(behind)));
    }
    let mut cursor = Cursor::whole(body);
    let json = cursor.text(MAX_JSON_CHARS).map_err(WireError::from)?;
    Ok((Text::json(json)?, cursor))
}

fn write_system_chat(text: &Text, above_hotbar: bool, protocol: Protocol, out: &mut Vec<u8>) {
    write_text(text, protocol, out);
    let position = if above_hotbar { CHAT_ACTION_BAR } else { CHAT_SYSTEM };
    if protocol >= Protocol::V1_19_1 {
        put::bool(above_hotbar, out);
    } else if protocol.has_system_chat() {
        put::var_int(position.into(), out);
    } else {
        write_position(position, protocol, out);
    }
}

/// Whether what follows the text puts it above the hotbar.
fn read_place(behind: &mut Cursor<'_>, protocol: Protocol) -> Result<bool, Stop> {
    if protocol >= Protocol::V1_19_1 {
        return behind.bool();
    }
    if protocol.has_system_chat() {
        return Ok(behind.var_int()? == i32::from(CHAT_ACTION_BAR));
    }
    let above_hotbar = protocol >= Protocol::V1_8 && behind.u8()? == CHAT_ACTION_BAR;
    if protocol >= Protocol::V1_16 {
        let _author = behind.uuid()?;
    }
    Ok(above_hotbar)
}

/// What follows the text of a chat message to 1.18.2.
fn write_position(position: u8, protocol: Protocol, out: &mut Vec<u8>) {
    if protocol >= Protocol::V1_8 {
        out.push(position);
    }
    if protocol >= Protocol::V1_16 {
        // Nobody's.
        put::uuid(uuid::Uuid::nil(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packets::{Direction, State, Table};
    use crate::play::Title;

    #[track_caller]
    fn check(fields: &impl Fields, release: &str, packet: Packet, expect: &[u8]) {
        let protocol = Protocol::of_release(release).unwrap();
        assert_eq!(fields.packet(protocol), packet, "{release}");
        let mut out = Vec::new();
        fields.write(protocol, &mut out);
        assert_eq!(
            out.escape_ascii().to_string(),
            expect.escape_ascii().to_string(),
            "{release}"
        );
    }

    const JSON: &[u8] = b"\x0c{\"text\":\"a\"}";
    const NBT: &[u8] = b"\x0a\x08\0\x04text\0\x01a\0";

    #[test]
    fn lines_of_chat_have_their_place_in_every_version() {
        let notice = Notice { text: Text::plain("a") };
        check(&notice, "1.7.10", Packet::Chat, JSON);
        check(&notice, "1.8", Packet::Chat, &[JSON, &[1]].concat());
        check(&notice, "1.16", Packet::Chat, &[JSON, &[1], &[0; 16]].concat());
        check(&notice, "1.19", Packet::SystemChat, &[JSON, &[1]].concat());
        check(&notice, "1.19.1", Packet::SystemChat, &[JSON, &[0]].concat());
        check(&notice, "1.20.3", Packet::SystemChat, &[NBT, &[0]].concat());
    }

    #[test]
    fn the_line_above_the_hotbar_moved_between_packets() {
        let bar = ActionBar { text: Text::plain("a") };
        check(&bar, "1.8", Packet::Chat, &[JSON, &[2]].concat());
        check(&bar, "1.11", Packet::Title, &[&[2], JSON].concat());
        check(&bar, "1.17", Packet::ActionBar, JSON);
        check(&bar, "26.3", Packet::ActionBar, NBT);
        let red = ActionBar {
            text: Text::markup("<red>a"),
        };
        check(
            &red,
            "1.8",
            Packet::Chat,
            &["\x0f{\"text\":\"§ca\"}".as_bytes(), &[2]].concat(),
        );
    }

    #[test]
    fn every_notice_has_a_packet_wherever_it_can_be_shown() {
        for protocol in Protocol::releases() {
            let has = |fields: &dyn Fields| {
                let packet = fields.packet(protocol);
                let table = Table::of(protocol).unwrap();
                table.id(State::Play, Direction::Clientbound, packet).is_some()
            };
            let text = || Text::plain("a");
            assert!(has(&Notice { text: text() }), "{protocol}");
            assert!(has(&Disconnect { reason: text() }), "{protocol}");
            assert_eq!(has(&ActionBar { text: text() }), protocol.has_titles(), "{protocol}");
            assert_eq!(has(&Title::Text(text())), protocol.has_titles(), "{protocol}");
            assert_eq!(has(&Title::Clear), protocol.has_titles(), "{protocol}");
        }
    }

    #[test]
    fn reasons_are_read_as_json_and_as_nbt() {
        let reason = Text::markup("<red>no</red> entry");
        for protocol in Protocol::releases() {
            let mut out = Vec::new();
            let disconnect = Disconnect { reason: reason.clone() };
            disconnect.write(protocol, &mut out);
            let read = Disconnect::read(&out, protocol).unwrap();
            assert_eq!(read.reason.to_legacy(), reason.to_legacy(), "{protocol}");
            assert!(Disconnect::read(&out[1..], protocol).is_err(), "{protocol}");
        }
    }

    #[test]
    fn texts_of_the_server_s_come_back_in_every_version() {
        for protocol in Protocol::releases() {
            for above_hotbar in [false, true] {
                let said = SystemChat {
                    text: Text::markup("<red>a"),
                    above_hotbar,
                };
                let mut out = Vec::new();
                said.write(protocol, &mut out);
                let read = SystemChat::read(&out, protocol).unwrap();
                assert_eq!(read.text.to_legacy(), said.text.to_legacy(), "{protocol}");
                // 1.7 has one place for all.
                let expect = above_hotbar && protocol.has_titles();
                assert_eq!(read.above_hotbar, expect, "{protocol}");
                assert!(SystemChat::read(&out[..out.len() - 1], protocol).is_err(), "{protocol}");
            }
        }
    }
}
