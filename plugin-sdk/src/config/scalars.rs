//! Truths, numbers and texts.

use super::Config;
use super::fits::Shape;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::{Ranged, Rules};
use super::schema::Schema;

impl Config for bool {
    const KINDS: Kinds = Kinds::TRUTH;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        match json {
            Json::Truth(truth) => Some(truth),
            other => reader.mismatch(&other, Self::KINDS),
        }
    }
}

impl Config for String {
    const KINDS: Kinds = Kinds::TEXT;

    const SHAPE: Shape = Shape::Texts;

    fn schema(schema: &mut Schema, rules: &Rules) {
        schema.kinds(Self::KINDS);
        if !rules.words.is_empty() {
            schema.words(rules.words);
        }
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let text = reader.text(json)?;
        if rules.words.is_empty() || rules.words.contains(&text.as_str()) {
            return Some(text);
        }
        reader.note_word(&text, rules.words, &format!("\"{}\"", rules.words.join("\" or \"")));
        None
    }
}

macro_rules! whole_numbers {
    ($($number:ident: $least:literal, $most:literal;)+) => {$(
        impl Config for $number {
            const KINDS: Kinds = Kinds::WHOLE;

            const SHAPE: Shape = Shape::Whole($least, $most);

            fn schema(schema: &mut Schema, rules: &Rules) {
                whole_number(schema, &of_type(rules, stringify!($least), stringify!($most)));
            }

            fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
                read_whole(json, &of_type(rules, stringify!($least), stringify!($most)), reader)?.try_into().ok()
            }
        }

        impl Ranged for $number {}
    )+};
}

// A configuration's numbers have 64 bits and a sign, so the ends of the widest types are theirs.
whole_numbers! {
    u8: 0, 255;
    u16: 0, 65535;
    u32: 0, 4294967295;
    u64: 0, 9223372036854775807;
    usize: 0, 4294967295;
    i8: -128, 127;
    i16: -32768, 32767;
    i32: -2147483648, 2147483647;
    i64: -9223372036854775808, 9223372036854775807;
}

macro_rules! numbers {
    ($($number:ident)+) => {$(
        impl Config for $number {
            const KINDS: Kinds = Kinds::NUMBER.and(Kinds::WHOLE);

            const SHAPE: Shape = Shape::Numbers;

            fn schema(schema: &mut Schema, rules: &Rules) {
                schema.kinds(Self::KINDS);
                ends(schema, rules);
            }

            fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
                let text = match json {
                    Json::Whole(number) => number.to_string(),
                    Json::Number(text) => text,
                    other => return reader.mismatch(&other, Self::KINDS),
                };
                let parse = |text: &str| text.parse::<$number>().ok();
                match parse(&text) {
                    Some(number) if number.is_finite() && rules.admit(&number, parse) => Some(number),
                    _ => reader.problem(format_args!("{text} is out of range; {}", rules.range())),
                }
            }
        }

        impl Ranged for $number {}
    )+};
}

numbers! { f32 f64 }

/// The rules with the type's own ends where the field has none.
fn of_type(rules: &Rules, least: &'static str, most: &'static str) -> Rules {
    let or = |end: &'static str, own: &'static str| if end.is_empty() { own } else { end };
    Rules {
        least: or(rules.least, least),
        most: or(rules.most, most),
        ..Rules::NONE
    }
}

fn whole_number(schema: &mut Schema, rules: &Rules) {
    schema.kinds(Kinds::WHOLE);
    ends(schema, rules);
}

fn ends(schema: &mut Schema, rules: &Rules) {
    for (keyword, end) in [("minimum", rules.least), ("maximum", rules.most)] {
        if !end.is_empty() {
            schema.keyword(keyword, end);
        }
    }
}

fn read_whole(json: Json, rules: &Rules, reader: &mut Reader) -> Option<i64> {
    match json {
        Json::Whole(number) if rules.admit(&number, |end| end.parse().ok()) => Some(number),
        Json::Whole(number) => reader.problem(format_args!("{number} is out of range; {}", rules.range())),
        other => reader.mismatch(&other, Kinds::WHOLE),
    }
}
