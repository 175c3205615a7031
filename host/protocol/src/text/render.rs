//! Runs of text as a JSON component or with `§` codes.

use serde::Serialize;

use super::{
    colour::Colour,
    style::{Decoration, Span, Style, push},
};

/// What marks a formatting code in text.
const CODE: char = '§';

/// A JSON component: one object, with the runs as its children where there are several.
pub(super) fn json(spans: &[Span]) -> String {
    let component = match spans {
        [] => Component::default(),
        [span] => span.into(),
        _ => Component {
            extra: spans.iter().map(Component::from).collect(),
            ..Default::default()
        },
    };
    serde_json::to_string(&component).expect("strings and booleans are always JSON")
}

/// The same with each colour replaced by the nearest of the sixteen that have names.
pub(super) fn with_named_colours(spans: &[Span]) -> Vec<Span> {
    let mut named = Vec::new();
    for Span { text, style } in spans {
        push(
            &mut named,
            text,
            Style {
                colour: style.colour.map(Colour::nearest),
                ..*style
            },
        );
    }
    named
}

/// Text with `§` codes; colours without a code go to the nearest that has one.
pub(super) fn legacy(spans: &[Span]) -> String {
    let mut out = String::new();
    let mut before = Style::default();
    for Span { text, style } in &with_named_colours(spans) {
        if *style != before {
            // A colour's code ends all decorations; without a colour only a reset does.
            match style.colour.and_then(Colour::code) {
                Some(code) => out.extend([CODE, code]),
                None if before != Style::default() => out.extend([CODE, 'r']),
                None => {}
            }
            let on = Decoration::ALL
                .iter()
                .filter(|(decoration, ..)| style.decorations.has(*decoration));
            on.for_each(|(.., code)| out.extend([CODE, *code]));
            before = *style;
        }
        out.push_str(text);
    }
    out
}

/// `text` without `§` codes, nor a lone `§`.
pub(crate) fn strip_codes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != CODE {
            out.push(character);
        } else if characters.peek().is_some_and(|next| *next != CODE) {
            characters.next();
        }
    }
    out
}

#[derive(Default, Serialize)]
struct Component<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
    #[serde(skip_serializing_if = "is_off")]
    obfuscated: bool,
    #[serde(skip_serializing_if = "is_off")]
    bold: bool,
    #[serde(skip_serializing_if = "is_off")]
    strikethrough: bool,
    #[serde(skip_serializing_if = "is_off")]
    underlined: bool,
    #[serde(skip_serializing_if = "is_off")]
    italic: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra: Vec<Component<'a>>,
}

impl<'a> From<&'a Span> for Component<'a> {
    fn from(Span { text, style }: &'a Span) -> Self {
        let color = style
            .colour
            .map(|colour| colour.name().map_or_else(|| colour.hex(), str::to_owned));
        Self {
            text,
            color,
            obfuscated: style.decorations.has(Decoration::Obfuscated),
            bold: style.decorations.has(Decoration::Bold),
            strikethrough: style.decorations.has(Decoration::Strikethrough),
            underlined: style.decorations.has(Decoration::Underlined),
            italic: style.decorations.has(Decoration::Italic),
            extra: Vec::new(),
        }
    }
}

// serde's attribute takes a path to a function of a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_off(on: &bool) -> bool {
    !on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_out_of_text() {
        for (text, expect) in [
            ("a§cb", "ab"),
            ("§", ""),
            ("a§", "a"),
            ("§§c", ""),
            ("§x§1", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(strip_codes(text), expect, "{text}");
        }
    }
}
