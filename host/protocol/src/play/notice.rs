//! Texts that a host shows: disconnects, lines of chat, titles, the line above the hotbar.

use crate::{
    cursor::Cursor,
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
        let reason = if protocol.text_is_nbt() {
            if body.len() > MAX_TEXT_NBT_BYTES {
                return Err(TextError::TooLong(body.len()));
            }
            Text::nbt(body)?
        } else {
            let mut cursor = Cursor::whole(body);
            let json = cursor.text(MAX_JSON_CHARS).map_err(WireError::from)?;
            cursor.finish().map_err(WireError::from)?;
            Text::json(json)?
        };
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
        if protocol.has_system_chat() {
            Packet::SystemChat
        } else {
            Packet::Chat
        }
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_text(&self.text, protocol, out);
        if protocol >= Protocol::V1_19_1 {
            // Not above the hotbar.
            put::bool(false, out);
        } else if protocol.has_system_chat() {
            put::var_int(CHAT_SYSTEM.into(), out);
        } else {
            write_position(CHAT_SYSTEM, protocol, out);
        }
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

/// A part of a title: since 1.8.
#[derive(Clone, Debug, PartialEq)]
pub enum Title {
    /// The large text. It appears with this part, so the others come before it.
    Text(Text),
    /// The smaller text below.
    Subtitle(Text),
    /// How long it takes in ticks of a twentieth of a second.
    Times {
        /// To appear.
        fade_in: i32,
        /// To be read.
        stay: i32,
        /// To disappear.
        fade_out: i32,
    },
    /// It goes away; texts and times are kept.
    Clear,
    /// It goes away, and texts and times with it.
    Reset,
}

impl Title {
    fn action(&self) -> TitleAction {
        match self {
            Self::Text(_) => TitleAction::Text,
            Self::Subtitle(_) => TitleAction::Subtitle,
            Self::Times { .. } => TitleAction::Times,
            Self::Clear => TitleAction::Clear,
            Self::Reset => TitleAction::Reset,
        }
    }
}

impl Fields for Title {
    fn packet(&self, protocol: Protocol) -> Packet {
        if !protocol.has_split_titles() {
            return Packet::Title;
        }
        match self {
            Self::Text(_) => Packet::TitleText,
            Self::Subtitle(_) => Packet::TitleSubtitle,
            Self::Times { .. } => Packet::TitleTimes,
            Self::Clear | Self::Reset => Packet::TitleClear,
        }
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        if !protocol.has_split_titles() {
            put::var_int(self.action().of(protocol), out);
        }
        match self {
            Self::Text(text) | Self::Subtitle(text) => write_text(text, protocol, out),
            Self::Times {
                fade_in,
                stay,
                fade_out,
            } => [fade_in, stay, fade_out]
                .iter()
                .for_each(|ticks| out.extend_from_slice(&ticks.to_be_bytes())),
            Self::Clear | Self::Reset if protocol.has_split_titles() => put::bool(*self == Self::Reset, out),
            Self::Clear | Self::Reset => {}
        }
    }
}

/// What a title packet to 1.16.5 does, numbered as since 1.11.
#[derive(Clone, Copy)]
enum TitleAction {
    Text,
    Subtitle,
    ActionBar,
    Times,
    Clear,
    Reset,
}

impl TitleAction {
    /// Before 1.11 there was no action bar, and what follows it had the number before.
    fn of(self, protocol: Protocol) -> i32 {
        let number = self as i32;
        if protocol < Protocol::V1_11 && number > Self::ActionBar as i32 {
            number - 1
        } else {
            number
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
    fn titles_are_one_packet_and_later_one_for_each_part() {
        let times = Title::Times {
            fade_in: 1,
            stay: 2,
            fade_out: 3,
        };
        let ticks = &[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3][..];
        check(
            &Title::Text(Text::plain("a")),
            "1.8",
            Packet::Title,
            &[&[0], JSON].concat(),
        );
        check(&Title::Subtitle(Text::plain("a")), "1.17", Packet::TitleSubtitle, JSON);
        check(&times, "1.10", Packet::Title, &[&[2], ticks].concat());
        check(&times, "1.11", Packet::Title, &[&[3], ticks].concat());
        check(&times, "26.3", Packet::TitleTimes, ticks);
        check(&Title::Clear, "1.8", Packet::Title, &[3]);
        check(&Title::Reset, "1.16.5", Packet::Title, &[5]);
        check(&Title::Clear, "1.17", Packet::TitleClear, &[0]);
        check(&Title::Reset, "1.17", Packet::TitleClear, &[1]);
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
}
