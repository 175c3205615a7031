//! Texts for players: plain, as markup, or built piece by piece.

use std::fmt::Write;

/// Text shown to a player; the host renders it for the client's version.
///
/// A `&str` or `String` becomes markup. What comes from players is no markup: build it from a [`span`], or [`Text::plain`].
///
/// ```
/// use portcullis_sdk::{Colour, Text, span};
///
/// let name = "<Ada>";
/// let text = Text::of([span("Welcome, "), span(name).colour(Colour::Gold).bold()]);
/// assert_eq!(text, Text::markup("Welcome, <gold><bold>\\<Ada></bold></gold>"));
/// ```
///
/// The markup is MiniMessage's, as far as colours and decorations go: `<red>`, `<#ff8800>`, `<bold>`, `<italic>`, `<underlined>`,
/// `<strikethrough>`, `<obfuscated>`, `<reset>`, `<newline>`, `<gradient:red:#0000ff>`, their closing tags and usual short
/// names.
pub use crate::bindings::services::portcullis::plugin::types::Text;

impl Text {
    /// Shown as it is.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Text::plain("<3"), portcullis_sdk::Text::Plain("<3".into()));
    /// ```
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    /// Markup: tags become colours and decorations.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::Text::markup("<red>No"), portcullis_sdk::Text::Markup("<red>No".into()));
    /// ```
    pub fn markup(markup: impl Into<String>) -> Self {
        Self::Markup(markup.into())
    }

    /// A JSON text component, passed on unchanged where the client's version takes JSON.
    ///
    /// ```
    /// let text = portcullis_sdk::Text::json(r#"{"text":"No"}"#);
    /// assert_eq!(text, portcullis_sdk::Text::Json(r#"{"text":"No"}"#.into()));
    /// ```
    pub fn json(json: impl Into<String>) -> Self {
        Self::Json(json.into())
    }

    /// Spans, one after the other.
    ///
    /// ```
    /// use portcullis_sdk::{Text, span};
    ///
    /// assert_eq!(Text::of([span("a"), span("b").italic()]), Text::markup("a<italic>b</italic>"));
    /// ```
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut markup = String::new();
        for span in spans {
            span.write(&mut markup);
        }
        Self::Markup(markup)
    }
}

impl From<&str> for Text {
    fn from(markup: &str) -> Self {
        Self::Markup(markup.to_owned())
    }
}

impl From<String> for Text {
    fn from(markup: String) -> Self {
        Self::Markup(markup)
    }
}

impl From<Span> for Text {
    fn from(span: Span) -> Self {
        Self::of([span])
    }
}

/// A piece of text in one style, shown as it is: what looks like a tag in it is no tag.
///
/// ```
/// use portcullis_sdk::{Colour, Text, span};
///
/// assert_eq!(Text::from(span("<3").colour(Colour::Red)), Text::markup("<red>\\<3</red>"));
/// ```
pub fn span(text: impl Into<String>) -> Span {
    Span {
        text: text.into(),
        colour: None,
        decorations: Vec::new(),
    }
}

/// A piece of text in one style; [`span`] makes one.
///
/// ```
/// use portcullis_sdk::{Text, span};
///
/// let text = Text::from(span("Full").bold().underlined());
/// assert_eq!(text, Text::markup("<bold><underlined>Full</underlined></bold>"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    text: String,
    colour: Option<Colour>,
    decorations: Vec<&'static str>,
}

macro_rules! decorations {
    ($($decoration:ident: $words:literal;)+) => {$(
        #[doc = concat!("In ", $words, ".")]
        ///
        /// ```
        #[doc = concat!("let text = portcullis_sdk::Text::from(portcullis_sdk::span(\"a\").", stringify!($decoration), "());")]
        #[doc = concat!(
            "assert_eq!(text, portcullis_sdk::Text::markup(\"<", stringify!($decoration), ">a</", stringify!($decoration), ">\"));"
        )]
        /// ```
        #[must_use]
        pub fn $decoration(mut self) -> Self {
            self.decorations.push(stringify!($decoration));
            self
        }
    )+};
}

impl Span {
    /// In this colour.
    ///
    /// ```
    /// use portcullis_sdk::{Colour, Text, span};
    ///
    /// let text = Text::from(span("a").colour(Colour::Rgb(255, 136, 0)));
    /// assert_eq!(text, Text::markup("<#ff8800>a</#ff8800>"));
    /// ```
    #[must_use]
    pub fn colour(mut self, colour: Colour) -> Self {
        self.colour = Some(colour);
        self
    }

    decorations! {
        bold: "bold type";
        italic: "italics";
        underlined: "type with a line below";
        strikethrough: "type with a line through it";
        obfuscated: "ever-changing characters";
    }

    fn write(&self, markup: &mut String) {
        let colour = self.colour.map(Colour::tag);
        let tags = || colour.as_deref().into_iter().chain(self.decorations.iter().copied());
        for tag in tags() {
            // Writing into a String does not fail.
            let _ = write!(markup, "<{tag}>");
        }
        for character in self.text.chars() {
            match character {
                '<' | '\\' => markup.extend(['\\', character]),
                '\n' => markup.push_str("<newline>"),
                other => markup.push(other),
            }
        }
        let tags: Vec<&str> = tags().collect();
        for tag in tags.iter().rev() {
            let _ = write!(markup, "</{tag}>");
        }
    }
}

macro_rules! colours {
    ($($colour:ident: $tag:literal;)+) => {
        /// A colour of text: one of the sixteen that every client knows, or any. Clients before 1.16 show the nearest of the
        /// sixteen.
        ///
        /// ```
        /// use portcullis_sdk::Colour;
        ///
        /// assert_ne!(Colour::Red, Colour::Rgb(255, 0, 0));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Colour {
            $(
                #[doc = concat!("`<", $tag, ">`")]
                $colour,
            )+
            /// Red, green and blue.
            Rgb(u8, u8, u8),
        }

        impl Colour {
            fn tag(self) -> String {
                match self {
                    $(Self::$colour => $tag.to_owned(),)+
                    Self::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
                }
            }
        }
    };
}

colours! {
    Black: "black";
    DarkBlue: "dark_blue";
    DarkGreen: "dark_green";
    DarkAqua: "dark_aqua";
    DarkRed: "dark_red";
    DarkPurple: "dark_purple";
    Gold: "gold";
    Gray: "gray";
    DarkGray: "dark_gray";
    Blue: "blue";
    Green: "green";
    Aqua: "aqua";
    Red: "red";
    LightPurple: "light_purple";
    Yellow: "yellow";
    White: "white";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_players_write_is_never_a_tag() {
        let check = |text: &str, expect: &str| assert_eq!(Text::from(span(text)), Text::markup(expect), "{text:?}");
        check("plain", "plain");
        check("<red>", "\\<red>");
        check("a\\b", "a\\\\b");
        check("one\ntwo", "one<newline>two");
    }
}
