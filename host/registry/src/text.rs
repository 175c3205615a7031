//! Text for players, as plugins give it.

/// Text shown to a player, not yet rendered for a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Shown as it is.
    Plain(String),
    /// The MiniMessage subset.
    Markup(String),
    /// A JSON text component.
    Json(String),
}

impl Text {
    /// Its length as it was given, in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(text) | Self::Markup(text) | Self::Json(text) => text.len(),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
