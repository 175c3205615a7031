//! What a player has set.

use portcullis_macros::Packet;
use portcullis_protocol::error::WireError;
use portcullis_protocol::version::Protocol;

use super::field::{Field, FieldReader, VarInt};

/// What a player has set: when he comes, and whenever he changes it.
///
/// ```
/// use portcullis_sdk::packets::Settings;
///
/// let settings = Settings { locale: "de_at".into(), view_distance: 12, ..Settings::default() };
/// assert_eq!(settings.locale, "de_at");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Packet)]
#[packet(name = "settings", direction = "serverbound", state = ["configuration", "play"])]
pub struct Settings {
    /// Language and country, for example `en_us`.
    #[packet(max = 16)]
    pub locale: String,
    /// In chunks.
    pub view_distance: i8,
    /// Which chat is shown.
    pub chat_mode: ChatMode,
    /// Whether chat has colours.
    pub chat_colours: bool,
    /// As worlds of one player have it.
    #[packet(until = "1.7.10")]
    pub difficulty: u8,
    /// Whether the cape is shown.
    #[packet(until = "1.7.10")]
    pub shows_cape: bool,
    /// Parts of the skin that are shown, a bit each: cape, jacket, left and right sleeve, left and right leg, hat.
    #[packet(since = "1.8")]
    pub skin_parts: u8,
    /// 0: the left hand is the main one; 1: the right.
    #[packet(since = "1.9")]
    pub main_hand: VarInt,
    /// Whether texts of others are filtered; in 1.17 whether they are not.
    #[packet(since = "1.17")]
    pub filters_text: bool,
    /// Whether the player may be listed in a server's status.
    #[packet(since = "1.18")]
    pub may_be_listed: bool,
    /// 0: all particles; 1: fewer; 2: few.
    #[packet(since = "1.21.2")]
    pub particles: VarInt,
}

/// Which chat a player sees: 0 all, 1 commands alone, 2 none.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::ChatMode::default().0, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatMode(pub i32);

/// A byte to 1.8.9, a VarInt since.
impl Field for ChatMode {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        Ok(Self(match reader.protocol() < Protocol::V1_9 {
            true => i8::read(reader, max)?.into(),
            false => VarInt::read(reader, max)?.0,
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        match protocol < Protocol::V1_9 {
            true => i8::try_from(self.0).unwrap_or_default().write(protocol, out),
            false => VarInt(self.0).write(protocol, out),
        }
    }
}
