//! Titles.

use portcullis_protocol::packets::{Fields as _, Packet as Wire};
use portcullis_protocol::play;
use portcullis_protocol::version::Protocol;

use super::packet::{Clientbound, Known, Packet, PacketError, Place};
use super::text::{of_wire, to_wire};
use crate::Text;
use crate::packets::{Direction, PacketState};

/// A part of a title (1.8 and later); [`control::Title`](crate::control::Title) shows a whole one.
///
/// ```
/// use portcullis_sdk::packets::Title;
///
/// assert_ne!(Title::Text("<red>Restart".into()), Title::Clear);
/// ```
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

impl Packet for Title {
    const PLACES: &'static [Place] = &[
        Place::named(Direction::Clientbound, PacketState::Play, "title"),
        Place::named(Direction::Clientbound, PacketState::Play, "title-text"),
        Place::named(Direction::Clientbound, PacketState::Play, "title-subtitle"),
        Place::named(Direction::Clientbound, PacketState::Play, "title-times"),
        Place::named(Direction::Clientbound, PacketState::Play, "title-clear"),
    ];

    fn read(fields: &[u8], place: &Place, protocol: Protocol) -> Result<Option<Self>, PacketError> {
        let Known::Name(name) = place.packet else {
            return Ok(None);
        };
        let Some(packet) = Wire::of_name(name) else {
            return Ok(None);
        };
        let title = play::Title::read(packet, fields, protocol)?;
        Ok(title.map(|title| match title {
            play::Title::Text(text) => Self::Text(of_wire(&text)),
            play::Title::Subtitle(text) => Self::Subtitle(of_wire(&text)),
            play::Title::Times {
                fade_in,
                stay,
                fade_out,
            } => Self::Times {
                fade_in,
                stay,
                fade_out,
            },
            play::Title::Clear => Self::Clear,
            play::Title::Reset => Self::Reset,
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        wire(self).write(protocol, out);
    }

    fn known_as(&self, protocol: Protocol, direction: Direction) -> Option<Known> {
        let name = wire(self).packet(protocol).name();
        (direction == Direction::Clientbound).then_some(Known::Name(name))
    }
}

impl Clientbound for Title {}

fn wire(title: &Title) -> play::Title {
    match title {
        Title::Text(text) => play::Title::Text(to_wire(text)),
        Title::Subtitle(text) => play::Title::Subtitle(to_wire(text)),
        Title::Times {
            fade_in,
            stay,
            fade_out,
        } => play::Title::Times {
            fade_in: *fade_in,
            stay: *stay,
            fade_out: *fade_out,
        },
        Title::Clear => play::Title::Clear,
        Title::Reset => play::Title::Reset,
    }
}
