//! Titles: large text in the middle of the screen. One packet with an action to 1.16.5, one for each part since.

use super::notice::{read_text, write_text};
use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    text::{Text, TextError},
    version::Protocol,
};

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
    /// Reads the fields of [`Packet::Title`] or one of those that it was split into; none where they are about the line above the
    /// hotbar.
    pub fn read(packet: Packet, body: &[u8], protocol: Protocol) -> Result<Option<Self>, TextError> {
        let mut cursor = Cursor::whole(body);
        let action = match packet {
            Packet::TitleText => TitleAction::Text,
            Packet::TitleSubtitle => TitleAction::Subtitle,
            Packet::TitleTimes => TitleAction::Times,
            Packet::TitleClear => TitleAction::Clear,
            Packet::Title => TitleAction::read(cursor.var_int().map_err(WireError::from)?, protocol)?,
            _ => return Ok(None),
        };
        let mut times = || Ok::<_, TextError>(cursor.i32().map_err(WireError::from)?);
        let title = match action {
            TitleAction::ActionBar => return Ok(None),
            TitleAction::Text | TitleAction::Subtitle => {
                let (text, behind) = read_text(cursor.rest(), 0, protocol)?;
                cursor = behind;
                match action {
                    TitleAction::Text => Self::Text(text),
                    _ => Self::Subtitle(text),
                }
            }
            TitleAction::Times => Self::Times {
                fade_in: times()?,
                stay: times()?,
                fade_out: times()?,
            },
            TitleAction::Clear if protocol.has_split_titles() => match cursor.bool().map_err(WireError::from)? {
                true => Self::Reset,
                false => Self::Clear,
            },
            TitleAction::Clear => Self::Clear,
            TitleAction::Reset => Self::Reset,
        };
        cursor.finish().map_err(WireError::from)?;
        Ok(Some(title))
    }

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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TitleAction {
    Text,
    Subtitle,
    ActionBar,
    Times,
    Clear,
    Reset,
}

impl TitleAction {
    const ALL: [Self; 6] = [
        Self::Text,
        Self::Subtitle,
        Self::ActionBar,
        Self::Times,
        Self::Clear,
        Self::Reset,
    ];

    fn read(number: i32, protocol: Protocol) -> Result<Self, WireError> {
        let has_action_bar = protocol >= Protocol::V1_11;
        let known = Self::ALL.into_iter().find(|action| action.of(protocol) == number);
        match known {
            // Two numbers are the same where there is none.
            Some(Self::ActionBar) if !has_action_bar => Ok(Self::Times),
            known => known.ok_or(WireError::BadValue("a title's action")),
        }
    }

    /// Before 1.11 there was no action bar, and what follows it had the number before.
    pub(super) fn of(self, protocol: Protocol) -> i32 {
        let number = self as i32;
        if protocol < Protocol::V1_11 && number > Self::ActionBar as i32 {
            number - 1
        } else {
            number
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::ActionBar;

    const JSON: &[u8] = b"\x0c{\"text\":\"a\"}";

    #[track_caller]
    fn check(title: &Title, release: &str, packet: Packet, expect: &[u8]) {
        let protocol = Protocol::of_release(release).unwrap();
        assert_eq!(title.packet(protocol), packet, "{release}");
        let mut out = Vec::new();
        title.write(protocol, &mut out);
        assert_eq!(out, expect, "{release}");
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
    fn titles_come_back_in_every_version_that_has_them() {
        let times = Title::Times {
            fade_in: 1,
            stay: 2,
            fade_out: -3,
        };
        let text = || Text::plain("a");
        let all = [
            Title::Text(text()),
            Title::Subtitle(text()),
            times,
            Title::Clear,
            Title::Reset,
        ];
        for protocol in Protocol::releases().filter(|protocol| protocol.has_titles()) {
            for title in &all {
                let mut out = Vec::new();
                title.write(protocol, &mut out);
                let read = Title::read(title.packet(protocol), &out, protocol).unwrap().unwrap();
                let mut again = Vec::new();
                read.write(protocol, &mut again);
                assert_eq!(
                    (read.action() as i32, again),
                    (title.action() as i32, out),
                    "{protocol}"
                );
            }
            let mut out = Vec::new();
            let bar = ActionBar { text: text() };
            bar.write(protocol, &mut out);
            assert!(
                matches!(Title::read(bar.packet(protocol), &out, protocol), Ok(None)),
                "{protocol}"
            );
        }
        assert!(Title::read(Packet::Title, &[9], Protocol(47)).is_err());
    }
}
