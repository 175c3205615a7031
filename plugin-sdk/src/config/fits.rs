//! Whether what an author's attributes say goes together, and with the field's type. All of this runs in the compiler: each function
//! gives the words of the error, which the derive's code puts at the author's line.

use super::json::Kinds;
use super::rules::Rules;
use super::{byte_size, duration};

/// What the compiler knows of a type's values.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Nothing but the kinds of values that it is read from.
    Other(Kinds),
    /// Whole numbers between these ends.
    Whole(i128, i128),
    /// Numbers.
    Numbers,
    /// Texts of which some may be allowed.
    Texts,
    /// A duration with its unit.
    Durations,
    /// A size with its unit, or in bytes.
    Sizes,
    /// The words of an enum; values of other kinds may be its, too.
    Choice(&'static [&'static str], Kinds),
    /// A list.
    ListOf(&'static Shape),
    /// One value, or a list of them.
    OneOrListOf(&'static Shape),
    /// A table with keys of the operator's choice.
    TableOf(&'static Shape),
}

/// A value as it stands in an attribute.
#[derive(Clone, Copy, Debug)]
pub enum Literal {
    /// `true`
    Truth,
    /// `5`
    Whole(i128),
    /// `0.5`
    Number(f64),
    /// `"5s"`
    Text(&'static str),
    /// `[1, 2]`
    List(&'static [Literal]),
}

/// The ends of `range(…)`.
pub type Ends = (Option<Literal>, Option<Literal>);

const NO_RANGE: &str = "the range is empty: its first end is the lowest value that is allowed, its second the highest";
const WIDE_RANGE: &str = "the range reaches beyond what the field's type holds: narrow it, or take a wider type";
const WHOLE_ENDS: &str = "a range of whole numbers has whole numbers at its ends: range(1..=64)";
const NUMBER_ENDS: &str = "a range of numbers has numbers at its ends: range(0.5..=1.5)";
const DURATION_ENDS: &str = "a range of durations has texts with units at its ends: range(\"1s\"..=\"1h\")";
const SIZE_ENDS: &str = "a range of sizes has texts with units at its ends: range(\"1KiB\"..=\"64MiB\")";

const NO_TRUTH: &str = "the field is true or false, and so must the default be";
const NO_WHOLE: &str = "the field is a whole number, and so must the default be: default = 5";
const NO_NUMBER: &str = "the field is a number, and so must the default be: default = 0.5";
const NO_TEXT: &str = "the field is a text, and so must the default be: default = \"…\"";
const NO_DURATION: &str =
    "the field is a duration, and so must the default be: default = \"5s\", \"1m30s\" or \"250ms\"";
const NO_SIZE: &str =
    "the field is a size, and so must the default be: default = \"64KiB\", \"10MB\" or a number of bytes";
const NO_WORD: &str = "the default is none of the enum's words: write one of them as the configuration would";
const NO_LIST: &str = "the field is a list, and so must the default be: default = []";
const NO_TABLE: &str = "a table cannot be written here: `default` alone takes the type's `Default`";
const WIDE_DEFAULT: &str = "the field's type cannot hold the default: take a wider type, or another default";
const OUTSIDE: &str = "the default lies outside of the field's own range: change one of the two";
const NOT_ALLOWED: &str = "the default is none of the words that `one_of` allows: change one of the two";
const TOO_FEW: &str = "the default has fewer elements than `min_items` asks for: change one of the two";
const TOO_MANY: &str = "the default has more elements than `max_items` allows: change one of the two";

/// What is wrong with a range on a field of that shape.
pub const fn range_problem(shape: &Shape, ends: &Ends) -> Option<&'static str> {
    let (least, most) = (position(shape, &ends.0), position(shape, &ends.1));
    match (shape, least, most) {
        (Shape::ListOf(inner) | Shape::OneOrListOf(inner) | Shape::TableOf(inner), ..) => range_problem(inner, ends),
        (Shape::Whole(..), End::Wrong, _) | (Shape::Whole(..), _, End::Wrong) => Some(WHOLE_ENDS),
        (Shape::Numbers, End::Wrong, _) | (Shape::Numbers, _, End::Wrong) => Some(NUMBER_ENDS),
        (Shape::Durations, End::Wrong, _) | (Shape::Durations, _, End::Wrong) => Some(DURATION_ENDS),
        (Shape::Sizes, End::Wrong, _) | (Shape::Sizes, _, End::Wrong) => Some(SIZE_ENDS),
        (Shape::Whole(own_least, own_most), least, most) => {
            if beyond(&least, *own_least, *own_most) || beyond(&most, *own_least, *own_most) {
                return Some(WIDE_RANGE);
            }
            empty(&least, &most)
        }
        (_, least, most) => empty(&least, &most),
    }
}

/// What is wrong with a default on a field of that shape, with those rules.
pub const fn default_problem(shape: &Shape, default: &Literal, rules: &Rules, ends: &Ends) -> Option<&'static str> {
    match (shape, default) {
        (Shape::ListOf(inner) | Shape::OneOrListOf(inner), Literal::List(elements)) => {
            list_problem(inner, elements, rules, ends)
        }
        (Shape::OneOrListOf(inner), one) => default_problem(inner, one, rules, ends),
        (Shape::ListOf(_), _) => Some(NO_LIST),
        (Shape::TableOf(_), _) => Some(NO_TABLE),
        (Shape::Texts, Literal::Text(word)) => match rules.words.is_empty() || has(rules.words, word) {
            true => None,
            false => Some(NOT_ALLOWED),
        },
        (Shape::Texts, _) => Some(NO_TEXT),
        (Shape::Choice(_, others), default) if others.meets(kind(default)) => None,
        (Shape::Choice(words, _), Literal::Text(word)) if has(words, word) => None,
        (Shape::Choice(..), _) => Some(NO_WORD),
        (Shape::Other(kinds), default) => match kinds.meets(kind(default)) {
            true => None,
            false => Some(no_kind(*kinds)),
        },
        (number, default) => number_problem(number, default, ends),
    }
}

const fn list_problem(inner: &Shape, elements: &[Literal], rules: &Rules, ends: &Ends) -> Option<&'static str> {
    match rules.min_items {
        Some(least) if elements.len() < least => return Some(TOO_FEW),
        _ => {}
    }
    match rules.max_items {
        Some(most) if elements.len() > most => return Some(TOO_MANY),
        _ => {}
    }
    let mut rest = elements;
    while let [element, others @ ..] = rest {
        if let Some(problem) = default_problem(inner, element, rules, ends) {
            return Some(problem);
        }
        rest = others;
    }
    None
}

const fn number_problem(shape: &Shape, default: &Literal, ends: &Ends) -> Option<&'static str> {
    let value = match (shape, default) {
        // A size's default may be a number of bytes, though its ends are texts.
        (Shape::Sizes, Literal::Whole(bytes)) => End::Whole(*bytes),
        _ => position(shape, &Some(*default)),
    };
    match (shape, &value) {
        (Shape::Durations, End::Wrong) => return Some(NO_DURATION),
        (Shape::Sizes, End::Wrong) => return Some(NO_SIZE),
        (Shape::Whole(..), End::Wrong) => return Some(NO_WHOLE),
        (Shape::Numbers, End::Wrong) => return Some(NO_NUMBER),
        (Shape::Whole(least, most), value) if beyond(value, *least, *most) => return Some(WIDE_DEFAULT),
        _ => {}
    }
    let (least, most) = (position(shape, &ends.0), position(shape, &ends.1));
    match empty(&least, &value).is_some() || empty(&value, &most).is_some() {
        true => Some(OUTSIDE),
        false => None,
    }
}

/// Where a value stands among those of its type.
enum End {
    Open,
    Whole(i128),
    Number(f64),
    /// It is no value of the type.
    Wrong,
}

const fn position(shape: &Shape, value: &Option<Literal>) -> End {
    match (shape, value) {
        (_, None) => End::Open,
        (Shape::Durations, Some(Literal::Text(text))) => match duration::nanoseconds(text) {
            Some(ns) => End::Whole(ns as i128),
            None => End::Wrong,
        },
        (Shape::Sizes, Some(Literal::Text(text))) => match byte_size::bytes(text) {
            Some(bytes) => End::Whole(bytes as i128),
            None => End::Wrong,
        },
        (Shape::Whole(..), Some(Literal::Whole(number))) => End::Whole(*number),
        // Exact for every whole number that an author would write here.
        (Shape::Numbers, Some(Literal::Whole(number))) => End::Number(*number as f64),
        (Shape::Numbers, Some(Literal::Number(number))) => End::Number(*number),
        _ => End::Wrong,
    }
}

const fn beyond(end: &End, least: i128, most: i128) -> bool {
    match end {
        End::Whole(number) => *number < least || *number > most,
        _ => false,
    }
}

/// Whether nothing lies between two ends.
const fn empty(least: &End, most: &End) -> Option<&'static str> {
    let empty = match (least, most) {
        (End::Whole(least), End::Whole(most)) => *least > *most,
        (End::Number(least), End::Number(most)) => *least > *most,
        _ => false,
    };
    match empty {
        true => Some(NO_RANGE),
        false => None,
    }
}

const fn kind(literal: &Literal) -> Kinds {
    match literal {
        Literal::Truth => Kinds::TRUTH,
        Literal::Whole(_) => Kinds::WHOLE,
        Literal::Number(_) => Kinds::NUMBER,
        Literal::Text(_) => Kinds::TEXT,
        Literal::List(_) => Kinds::LIST,
    }
}

const fn no_kind(kinds: Kinds) -> &'static str {
    match kinds {
        _ if kinds.meets(Kinds::TABLE) => NO_TABLE,
        _ if kinds.meets(Kinds::LIST) => NO_LIST,
        _ if kinds.meets(Kinds::TRUTH) => NO_TRUTH,
        _ if kinds.meets(Kinds::WHOLE) => NO_WHOLE,
        _ => NO_TEXT,
    }
}

const fn has(words: &[&str], word: &str) -> bool {
    let mut rest = words;
    while let [known, others @ ..] = rest {
        if same(known.as_bytes(), word.as_bytes()) {
            return true;
        }
        rest = others;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    matches!(strip(one, other), Some([]))
}

/// What follows the prefix.
pub(super) const fn strip<'t>(text: &'t [u8], prefix: &[u8]) -> Option<&'t [u8]> {
    let (mut text, mut prefix) = (text, prefix);
    while let [expected, more @ ..] = prefix {
        match text {
            [found, behind @ ..] if *found == *expected => text = behind,
            _ => return None,
        }
        prefix = more;
    }
    Some(text)
}

/// The number that a text begins with, and what follows it.
pub(super) const fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (mut number, mut rest): (Option<u64>, _) = (None, text);
    while let [digit @ b'0'..=b'9', behind @ ..] = rest {
        let so_far = match number {
            Some(number) => number,
            None => 0,
        };
        let Some(tens) = so_far.checked_mul(10) else {
            return None;
        };
        number = tens.checked_add((*digit - b'0') as u64);
        if number.is_none() {
            return None;
        }
        rest = behind;
    }
    match number {
        Some(number) => Some((number, rest)),
        None => None,
    }
}
