//! A run of text with one style: what every source of text is turned into, and every rendering starts from.

use super::colour::Colour;

/// Text in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

/// A colour, or the surroundings' own, and the decorations that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) colour: Option<Colour>,
    pub(super) decorations: Decorations,
}

/// What can be done to letters besides colouring them; the value is its bit in [`Decorations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoration {
    Obfuscated = 1,
    Bold = 1 << 1,
    Strikethrough = 1 << 2,
    Underlined = 1 << 3,
    Italic = 1 << 4,
}

impl Decoration {
    /// Each with its name in components and its `§` code.
    pub(super) const ALL: [(Self, &'static str, char); 5] = [
        (Self::Obfuscated, "obfuscated", 'k'),
        (Self::Bold, "bold", 'l'),
        (Self::Strikethrough, "strikethrough", 'm'),
        (Self::Underlined, "underlined", 'n'),
        (Self::Italic, "italic", 'o'),
    ];
}

/// A set of decorations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Decorations(u8);

impl Decorations {
    pub(super) fn has(self, decoration: Decoration) -> bool {
        self.0 & decoration as u8 != 0
    }

    pub(super) fn set(&mut self, decoration: Decoration, on: bool) {
        if on {
            self.0 |= decoration as u8;
        } else {
            self.0 &= !(decoration as u8);
        }
    }
}

/// Appends `text` to the last span where the style is the same.
pub(super) fn push(spans: &mut Vec<Span>, text: &str, style: Style) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == style => last.text.push_str(text),
        _ => spans.push(Span {
            text: text.to_owned(),
            style,
        }),
    }
}
