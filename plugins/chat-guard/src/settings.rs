//! What is configured.

use portcullis_sdk::prelude::*;

use crate::Reason;
use crate::pattern::Pattern;

#[derive(Config, Debug)]
pub(crate) struct Settings {
    /// Lines of chat.
    #[config(default)]
    pub(crate) chat: Limit,
    /// Commands.
    #[config(default)]
    pub(crate) commands: Limit,
    /// Half-typed lines that a client asks to complete.
    #[config(default)]
    pub(crate) tab_complete: Limit,
    /// How often the same may be said in a row.
    #[config(default = 3, range(1..=1000))]
    pub(crate) repeats: u32,
    /// Lines that are not said, whatever their case; `*` stands for any run of characters.
    #[config(default = [], max_items = 1000)]
    blocked: Vec<Pattern>,
    /// Commands that do not reach servers, by their first word, without the slash.
    #[config(default = [], max_items = 1000)]
    blocked_commands: Vec<String>,
    /// After how many dropped lines and commands, none of them a minute apart, a player is sent away. Absent: never.
    #[config(range(1..=1000))]
    pub(crate) kick_after: Option<u32>,
    /// Keep the keys that players sign with from servers, which then take every line as unsigned (1.19.3 and later). A signed line that
    /// is dropped while the server knows the key costs its author his session.
    #[config(default = false)]
    pub(crate) unsigned: bool,
    /// Markup shown where somebody is too fast.
    #[config(default = "<red>Slowly, please.")]
    pub(crate) flood_text: Text,
    /// Markup shown where somebody repeats himself.
    #[config(default = "<red>You have said that.")]
    pub(crate) repeated_text: Text,
    /// Markup shown where something is blocked.
    #[config(default = "<red>That is not said here.")]
    pub(crate) blocked_text: Text,
    /// Markup shown to whoever is sent away.
    #[config(default = "<red>You were sent away for spamming.")]
    pub(crate) kick_text: Text,
}

#[derive(Config, Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    /// How many a second in the long run.
    #[config(default = 1.0, range(0.01..=1000.0))]
    pub(crate) per_second: f64,
    /// How many at once.
    #[config(default = 5, range(1..=1000))]
    pub(crate) burst: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            per_second: 1.0,
            burst: 5,
        }
    }
}

impl Settings {
    pub(crate) fn judge_words(&self, text: &str) -> Result<(), Reason> {
        let line = text.to_lowercase();
        match self.blocked.iter().any(|pattern| pattern.fits(&line)) {
            true => Err(Reason::Blocked),
            false => Ok(()),
        }
    }

    pub(crate) fn judge_command(&self, command: &str) -> Result<(), Reason> {
        let word = command.split(' ').next().unwrap_or_default();
        // `minecraft:tell` is `tell` under the name of who brought it.
        let plain = word.rsplit(':').next().unwrap_or_default();
        let is_blocked = |blocked: &String| [word, plain].iter().any(|word| word.eq_ignore_ascii_case(blocked));
        match self.blocked_commands.iter().any(is_blocked) {
            true => Err(Reason::Blocked),
            false => Ok(()),
        }
    }
}
