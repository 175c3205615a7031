//! Half-typed lines.

use portcullis_macros::Packet;

use super::field::VarInt;

/// A player asks how a half-typed line may go on.
///
/// ```
/// use portcullis_sdk::packets::TabComplete;
///
/// let asked = TabComplete { text: "/tel".into(), ..TabComplete::default() };
/// assert_eq!(asked.text, "/tel");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Packet)]
#[packet(name = "tab-complete", direction = "serverbound")]
pub struct TabComplete {
    /// Comes back with the answer.
    #[packet(since = "1.13")]
    pub id: VarInt,
    /// What is typed so far; a command with its slash.
    pub text: String,
    /// What is typed is a command, slash or not.
    #[packet(since = "1.9", until = "1.12.2")]
    pub is_command: bool,
    /// The block that the player looks at, as Minecraft packs positions.
    #[packet(since = "1.8", until = "1.12.2")]
    pub looked_at: Option<i64>,
}
