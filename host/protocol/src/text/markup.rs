//! The subset of MiniMessage that the plugin contract promises. Any input is some text: what is not understood is shown.
//! <https://docs.papermc.io/adventure/minimessage/format/>

use super::{
    colour::Colour,
    style::{Decoration, Decorations, Span, Style, push},
};

/// Tags open at a time. More are shown as text: nobody nests so deep in earnest, and every closing tag searches them.
const MAX_OPEN: usize = 64;

pub(super) fn parse(markup: &str) -> Vec<Span> {
    let mut parser = Parser::default();
    let mut rest = markup;
    while let Some(at) = rest.find(['\\', '<']) {
        let (text, from_mark) = rest.split_at(at);
        parser.text(text);
        rest = if let Some(escaped) = from_mark.strip_prefix('\\') {
            parser.escape(escaped)
        } else {
            parser.tag(from_mark)
        };
    }
    parser.text(rest);
    parser.finish()
}

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    style: Paint,
    open: Vec<Open>,
    gradients: Vec<Gradient>,
    /// Characters so far: what a gradient's colours are spread over.
    characters: usize,
}

/// Text whose colour may hang on a gradient that has not ended.
struct Run {
    text: String,
    style: Paint,
    /// Characters before this one.
    starts: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Paint {
    colour: Source,
    decorations: Decorations,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Source {
    #[default]
    None,
    Colour(Colour),
    /// By its place in `Parser::gradients`.
    Gradient(usize),
}

/// A tag that waits for its end.
struct Open {
    tag: Tag,
    before: Paint,
}

struct Gradient {
    stops: Vec<Colour>,
    /// Characters before it, and before its end.
    starts: usize,
    ends: usize,
}

/// A tag, without what only matters when it opens.
#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Colour(Colour),
    Decoration(Decoration),
    Gradient,
}

impl Parser {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.style == self.style => last.text.push_str(text),
            _ => self.runs.push(Run {
                text: text.to_owned(),
                style: self.style,
                starts: self.characters,
            }),
        }
        self.characters += text.chars().count();
    }

    /// After a backslash: `<` and another backslash are literal, before anything else the backslash is. Returns what follows.
    fn escape<'a>(&mut self, escaped: &'a str) -> &'a str {
        let length = if escaped.starts_with(['\\', '<']) { 1 } else { 0 };
        let (text, rest) = escaped.split_at(length);
        self.text(if text.is_empty() { "\\" } else { text });
        rest
    }

    /// At a `<`: what follows the tag, or what follows the `<` where there is none.
    fn tag<'a>(&mut self, from_mark: &'a str) -> &'a str {
        let (mark, after_mark) = from_mark.split_at(1);
        // A tag holds no other `<`, so each search ends where the next begins.
        if let Some((content, '>')) = up_to(after_mark, ['<', '>']) {
            let rest = after_mark.get(content.len() + 1..).unwrap_or_default();
            if self.apply(&content.to_ascii_lowercase()).is_some() {
                return rest;
            }
        }
        self.text(mark);
        after_mark
    }

    fn apply(&mut self, content: &str) -> Option<()> {
        match content.strip_prefix('/') {
            Some(name) => self.close(name),
            None => self.open(content),
        }
    }

    fn open(&mut self, content: &str) -> Option<()> {
        let (name, argument) = split_argument(content);
        match (name, argument) {
            ("newline" | "br", None) => {
                self.text("\n");
                return Some(());
            }
            ("reset" | "r", None) => {
                self.close_from(0);
                self.style = Paint::default();
                return Some(());
            }
            _ => {}
        }
        if self.open.len() >= MAX_OPEN {
            return None;
        }
        let before = self.style;
        let tag = if name == "gradient" {
            let stops = stops(argument)?;
            self.style.colour = Source::Gradient(self.gradients.len());
            self.gradients.push(Gradient {
                stops,
                starts: self.characters,
                ends: usize::MAX,
            });
            Tag::Gradient
        } else if let Some(decoration) = decoration(name).filter(|_| argument.is_none()) {
            self.style.decorations.set(decoration, true);
            Tag::Decoration(decoration)
        } else if let Some(decoration) = name
            .strip_prefix('!')
            .and_then(decoration)
            .filter(|_| argument.is_none())
        {
            self.style.decorations.set(decoration, false);
            Tag::Decoration(decoration)
        } else {
            let colour = colour(name, argument)?;
            self.style.colour = Source::Colour(colour);
            Tag::Colour(colour)
        };
        self.open.push(Open { tag, before });
        Some(())
    }

    /// Ends the innermost tag of that name, and all inside it.
    fn close(&mut self, name: &str) -> Option<()> {
        let (bare, argument) = split_argument(name);
        let decoration = decoration(bare.strip_prefix('!').unwrap_or(bare));
        let colour = colour(bare, argument);
        let at = self.open.iter().rposition(|open| match open.tag {
            Tag::Gradient => bare == "gradient",
            Tag::Decoration(open) => decoration == Some(open),
            Tag::Colour(open) => colour == Some(open) || (argument.is_none() && is_colour_tag(bare)),
        })?;
        self.style = self.open.get(at)?.before;
        self.close_from(at);
        Some(())
    }

    /// Ends all tags from the one at `at` in `open`.
    fn close_from(&mut self, at: usize) {
        let gradients = self.open.drain(at..).filter(|open| open.tag == Tag::Gradient).count();
        // Gradients nest, so the innermost open ones are the last that have not ended.
        let unended = self
            .gradients
            .iter_mut()
            .rev()
            .filter(|gradient| gradient.ends == usize::MAX);
        unended
            .take(gradients)
            .for_each(|gradient| gradient.ends = self.characters);
    }

    fn finish(mut self) -> Vec<Span> {
        self.close_from(0);
        let mut spans = Vec::new();
        for run in &self.runs {
            let styled = |colour| Style {
                colour,
                decorations: run.style.decorations,
            };
            match run.style.colour {
                Source::None => push(&mut spans, &run.text, styled(None)),
                Source::Colour(colour) => push(&mut spans, &run.text, styled(Some(colour))),
                Source::Gradient(at) => {
                    let mut encoded = [0; 4];
                    for (character, place) in run.text.chars().zip(run.starts..) {
                        let colour = self.gradients.get(at).and_then(|gradient| gradient.colour(place));
                        push(&mut spans, character.encode_utf8(&mut encoded), styled(colour));
                    }
                }
            }
        }
        spans
    }
}

impl Gradient {
    /// The colour of the character before which there are `place` others.
    fn colour(&self, place: usize) -> Option<Colour> {
        let steps = self.ends.saturating_sub(self.starts).saturating_sub(1).max(1);
        // In units of a step between two characters, times the number of ways between two stops.
        let travelled = place.saturating_sub(self.starts) * (self.stops.len() - 1);
        let (way, part) = (travelled / steps, travelled % steps);
        let from = self.stops.get(way)?;
        Some(match self.stops.get(way + 1) {
            Some(to) => from.toward(*to, part as i64, steps as i64),
            None => *from,
        })
    }
}

/// Two colours or more; white to black where none are named.
fn stops(argument: Option<&str>) -> Option<Vec<Colour>> {
    let Some(argument) = argument else {
        return Some(vec![Colour::WHITE, Colour::BLACK]);
    };
    let stops: Vec<_> = argument.split(':').map(Colour::parse).collect::<Option<_>>()?;
    (stops.len() >= 2).then_some(stops)
}

fn decoration(name: &str) -> Option<Decoration> {
    match name {
        "bold" | "b" => Some(Decoration::Bold),
        "italic" | "i" | "em" => Some(Decoration::Italic),
        "underlined" | "u" => Some(Decoration::Underlined),
        "strikethrough" | "st" => Some(Decoration::Strikethrough),
        "obfuscated" | "obf" => Some(Decoration::Obfuscated),
        _ => None,
    }
}

fn colour(name: &str, argument: Option<&str>) -> Option<Colour> {
    match argument {
        None => Colour::parse(name),
        Some(colour) if is_colour_tag(name) => Colour::parse(colour),
        Some(_) => None,
    }
}

fn is_colour_tag(name: &str) -> bool {
    matches!(name, "color" | "colour" | "c")
}

fn split_argument(content: &str) -> (&str, Option<&str>) {
    match content.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (content, None),
    }
}

/// The text before the first of `marks`, and which it is.
fn up_to(text: &str, marks: [char; 2]) -> Option<(&str, char)> {
    let (before, from_mark) = text.split_at(text.find(marks)?);
    Some((before, from_mark.chars().next()?))
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use crate::version::Protocol;

    #[track_caller]
    fn check(markup: &str, legacy: &str) {
        assert_eq!(Text::markup(markup).to_legacy(), legacy, "{markup}");
    }

    #[track_caller]
    fn check_json(markup: &str, protocol: i32, json: &str) {
        assert_eq!(Text::markup(markup).to_json(Protocol(protocol)), json, "{markup}");
    }

    #[test]
    fn colours_and_decorations_open_and_close() {
        check("plain", "plain");
        check("<red>a", "§ca");
        check("<red>a</red>b", "§ca§rb");
        check("<RED>a<blue>b</blue>c</RED>", "§ca§9b§cc");
        check("<grey>a<dark_grey>b", "§7a§8b");
        check(
            "<color:red>a</color><c:blue>b</c><colour:#00aa00>c</colour>d",
            "§ca§9b§2c§rd",
        );
        check("<bold>a</bold><b>b</b><i>c</i><em>d</em><italic>e", "§lab§r§ocde");
        check("<u>a</u><underlined>b</u><st>c</st><obf>d</obf>", "§nab§r§mc§r§kd");
        check("<bold>a<red>b</bold>c", "§la§c§lb§rc");
        check("<bold>a<!bold>b</!bold>c", "§la§rb§lc");
    }

    #[test]
    fn reset_ends_everything_and_newline_breaks_the_line() {
        check("<red><bold>a<reset>b", "§c§la§rb");
        check("<red>a<r>b", "§ca§rb");
        check("a<newline>b<br>c", "a\nb\nc");
    }

    #[test]
    fn what_is_no_tag_is_text() {
        for text in [
            "<",
            "<>",
            "a < b > c",
            "<unknown>",
            "<red",
            "</red>",
            "</>",
            "<red:blue>",
            "<bold:1>",
            "<#12345>",
            "<<<",
            "<gradient:red>",
            "<gradient:red:nope>",
            "<!>",
            "<:>",
            "<color>",
            "<color:>",
        ] {
            check(text, text);
        }
        check("<a<red>b", "<a§cb");
        check("<red>a</blue>b", "§ca</blue>b");
    }

    #[test]
    fn a_backslash_makes_a_literal() {
        check(r"\<red>a", "<red>a");
        check(r"\\<red>a", r"\§ca");
        check(r"a\b\", r"a\b\");
    }

    #[test]
    fn json_names_colours_where_it_can_and_numbers_them_where_the_client_can() {
        check_json("<red>a", 763, r#"{"text":"a","color":"red"}"#);
        check_json("<#FF8800>a", 763, r##"{"text":"a","color":"#ff8800"}"##);
        check_json("<#FF8800>a", 578, r#"{"text":"a","color":"gold"}"#);
        check_json(
            "a<b>b",
            763,
            r#"{"text":"","extra":[{"text":"a"},{"text":"b","bold":true}]}"#,
        );
        check_json("", 763, r#"{"text":""}"#);
    }

    #[test]
    fn a_gradient_goes_from_its_first_colour_to_its_last() {
        check_json(
            "<gradient:#000000:#0000ff>ab<b>c</b></gradient>d",
            763,
            concat!(
                r#"{"text":"","extra":[{"text":"a","color":"black"},"#,
                r##"{"text":"b","color":"#00007f"},{"text":"c","color":"#0000ff","bold":true},{"text":"d"}]}"##
            ),
        );
        check_json("<gradient>a", 763, r#"{"text":"a","color":"white"}"#);
        check("<gradient:red:blue>abcd</gradient>", "§cab§9cd");
        check("<gradient:red:green:blue>abc", "§ca§ab§9c");
    }

    #[test]
    fn a_colour_inside_a_gradient_wins_and_the_gradient_goes_on_behind_it() {
        check("<gradient:white:black>a<red>b</red>c</gradient>", "§fa§cb§0c");
        check(
            "<gradient:white:black>a<gradient:red:blue>bc</gradient>d</gradient>e",
            "§fa§cb§9c§0d§re",
        );
    }

    #[test]
    fn tags_nested_too_deep_are_text() {
        let text = Text::markup(&"<b>".repeat(66)).to_plain();
        assert_eq!(text, "<b><b>");
    }
}
