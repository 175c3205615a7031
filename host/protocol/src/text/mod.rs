//! Text shown to players: read from plain text, MiniMessage-like markup or a JSON component, rendered for a client's version.

mod colour;
mod component;
mod markup;
mod render;
mod style;

use serde_json::Value;
use thiserror::Error;

use crate::{error::WireError, nbt, version::Protocol};
pub(crate) use render::strip_codes;
use style::{Span, Style};

/// Plain text and markup beyond so many bytes are cut: enough for any screen, and six times as much, the longest that JSON
/// makes of a byte, still fits a disconnect.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Longest JSON component in bytes, so that it fits a disconnect as it is.
pub const MAX_JSON_BYTES: usize = 32_767;

/// Why a string is no text component.
#[derive(Debug, Error)]
pub enum TextError {
    /// Longer than any client reads.
    #[error("a text component of {0} bytes, where at most {MAX_JSON_BYTES} are allowed")]
    TooLong(usize),
    /// Not JSON, or nested more than 128 deep; mostly plain text or markup handed over as JSON.
    #[error("not a text component: {0}")]
    NotJson(#[from] serde_json::Error),
    /// Not NBT, or more of it than a text needs.
    #[error("not a text component: {0}")]
    NotNbt(#[from] WireError),
    /// JSON, yet nothing that a client takes for text: null, or an empty list.
    #[error("not a text component: null or an empty list")]
    NotText,
}

impl TextError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "text-too-long",
            Self::NotJson(_) => "text-not-json",
            Self::NotNbt(_) => "text-not-nbt",
            Self::NotText => "text-not-a-component",
        }
    }
}

/// A text with its styles.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    spans: Vec<Span>,
    /// The component as its author wrote it: it may say more than spans can.
    json: Option<Box<str>>,
}

impl Text {
    /// Text shown as it is, cut at [`MAX_TEXT_BYTES`].
    pub fn plain(text: &str) -> Self {
        Self::of_spans(vec![Span {
            text: cut(text).to_owned(),
            style: Style::default(),
        }])
    }

    /// Text with MiniMessage's colours (`<red>`, `<#ff8800>`, `<color:red>`), decorations (`<bold>`, `<italic>`,
    /// `<underlined>`, `<strikethrough>`, `<obfuscated>`, `<!bold>`), `<reset>`, `<newline>`, `<gradient:red:#0000ff>`, their closing tags
    /// and usual short names; `\<` is a literal `<`. A tag that is unknown, closes nothing or is nested more than 64 deep is
    /// text. Cut at [`MAX_TEXT_BYTES`]. <https://docs.papermc.io/adventure/minimessage/format/>
    pub fn markup(markup: &str) -> Self {
        Self::of_spans(markup::parse(cut(markup)))
    }

    /// A JSON text component. It is kept as written, for clients that take JSON.
    pub fn json(json: &str) -> Result<Self, TextError> {
        if json.len() > MAX_JSON_BYTES {
            return Err(TextError::TooLong(json.len()));
        }
        let component: Value = serde_json::from_str(json)?;
        if component.is_null() || component.as_array().is_some_and(Vec::is_empty) {
            return Err(TextError::NotText);
        }
        Ok(Self {
            spans: component::flatten(&component),
            json: Some(json.into()),
        })
    }

    /// The text as a JSON component for a client of version `protocol`: where it knows only sixteen colours, the nearest. A
    /// component that came as JSON is passed on unchanged.
    pub fn to_json(&self, protocol: Protocol) -> String {
        match &self.json {
            Some(json) => json.as_ref().to_owned(),
            None if protocol.has_hex_colours() => render::json(&self.spans),
            None => render::json(&render::with_named_colours(&self.spans)),
        }
    }

    /// The text as a nameless NBT tag, for what takes no JSON: since 1.20.3, outside the login state.
    pub fn to_nbt(&self, protocol: Protocol) -> Vec<u8> {
        let component = serde_json::from_str(&self.to_json(protocol));
        let mut out = Vec::new();
        nbt::write_text(&component.expect("what is shown as JSON is JSON"), &mut out);
        out
    }

    /// A text component as a nameless NBT tag.
    pub fn nbt(bytes: &[u8]) -> Result<Self, TextError> {
        Self::json(&nbt::read_text(bytes)?.to_string())
    }

    /// The text with `§` codes, for what takes no JSON.
    pub fn to_legacy(&self) -> String {
        render::legacy(&self.spans)
    }

    /// The text alone.
    pub fn to_plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The text without any style, cut at [`MAX_TEXT_BYTES`].
    #[must_use]
    pub fn without_styles(&self) -> Self {
        Self::plain(&self.to_plain())
    }

    fn of_spans(spans: Vec<Span>) -> Self {
        Self { spans, json: None }
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT_BYTES)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_shown_as_it_is() {
        let text = Text::plain("<red>no tag\nat all");
        assert_eq!(text.to_json(Protocol::NEWEST), r#"{"text":"<red>no tag\nat all"}"#);
        assert_eq!(text.to_legacy(), "<red>no tag\nat all");
        assert_eq!(text.to_plain(), "<red>no tag\nat all");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = Text::plain(&"ä".repeat(MAX_TEXT_BYTES)).to_plain();
        assert_eq!(text, "ä".repeat(MAX_TEXT_BYTES / 2));
        assert_eq!(
            Text::plain(&format!("x{}", "ä".repeat(MAX_TEXT_BYTES)))
                .to_plain()
                .len(),
            MAX_TEXT_BYTES - 1
        );
    }

    #[test]
    fn a_json_component_is_passed_on_unchanged_and_reduced_for_others() {
        let json = r##"{ "text":"a", "color":"#ff5555","hoverEvent":{"action":"show_text","value":"b"} }"##;
        let text = Text::json(json).unwrap();
        assert_eq!(text.to_json(Protocol(47)), json);
        assert_eq!(text.to_legacy(), "§ca");
        assert_eq!(text.to_plain(), "a");
    }

    #[test]
    fn what_is_no_component_is_refused() {
        for (json, label) in [
            ("hello", "text-not-json"),
            ("", "text-not-json"),
            ("{} {}", "text-not-json"),
            ("null", "text-not-a-component"),
            ("[]", "text-not-a-component"),
            (&"[".repeat(1_000), "text-not-json"),
            (&format!("\"{}\"", "x".repeat(MAX_JSON_BYTES)), "text-too-long"),
        ] {
            assert_eq!(Text::json(json).unwrap_err().label(), label, "{json:.20}");
        }
    }

    #[test]
    fn a_text_survives_nbt() {
        let text = Text::markup("<red>a<bold>b</bold></red><#123456>c");
        let read = Text::nbt(&text.to_nbt(Protocol::NEWEST)).unwrap();
        assert_eq!(read.to_legacy(), text.to_legacy());
        assert_eq!(Text::nbt(&[13]).unwrap_err().label(), "text-not-nbt");
        assert_eq!(
            Text::nbt(&[9, 0, 0, 0, 0, 0]).unwrap_err().label(),
            "text-not-a-component"
        );
    }
}
