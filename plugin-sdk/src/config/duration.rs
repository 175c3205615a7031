//! Durations with their units.

use std::time::Duration;

use super::Config;
use super::fits::{Shape, number, strip};
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

/// Units in nanoseconds, the longest name first where one begins another.
const UNITS: &[(&str, u64)] = &[
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Whole numbers with units, from long to short as a rule: `5s`, `1m30s`, `250ms`, `0s`.
impl Config for Duration {
    const KINDS: Kinds = Kinds::TEXT;

    const SHAPE: Shape = Shape::Durations;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.word("pattern", "^([0-9]+(ms|us|ns|s|m|h|d))+$");
        schema.examples(&["5s", "1m30s", "250ms"]);
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let text = match json {
            Json::Whole(number) => {
                return reader.problem(format_args!(
                    "{number} has no unit; write \"{number}s\" for seconds, or ms, m, h, d"
                ));
            }
            json => reader.text(json)?,
        };
        match parse(&text) {
            Some(duration) if rules.admit(&duration, parse) => Some(duration),
            Some(_) => reader.problem(format_args!("\"{text}\" is out of range; {}", rules.range())),
            None => reader.problem(format_args!(
                "\"{text}\" is no duration; write \"5s\", \"1m30s\" or \"250ms\""
            )),
        }
    }
}

fn parse(text: &str) -> Option<Duration> {
    nanoseconds(text).map(Duration::from_nanos)
}

/// What a text says, if it is a duration.
pub(super) const fn nanoseconds(text: &str) -> Option<u64> {
    let (mut rest, mut sum) = (text.as_bytes(), None);
    while !rest.is_empty() {
        let Some((number, behind)) = number(rest) else {
            return None;
        };
        let Some((unit, behind)) = unit(behind) else {
            return None;
        };
        let so_far: u64 = match sum {
            Some(sum) => sum,
            None => 0,
        };
        let Some(ns) = number.checked_mul(unit) else {
            return None;
        };
        sum = so_far.checked_add(ns);
        if sum.is_none() {
            return None;
        }
        rest = behind;
    }
    sum
}

/// The unit that a text begins with, and what follows it.
const fn unit(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut units = UNITS;
    while let [(name, ns), others @ ..] = units {
        if let Some(behind) = strip(text, name.as_bytes()) {
            return Some((*ns, behind));
        }
        units = others;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_add_up() {
        let check =
            |text: &str, expect: Option<u64>| assert_eq!(parse(text), expect.map(Duration::from_millis), "\"{text}\"");
        check("5s", Some(5_000));
        check("1m30s", Some(90_000));
        check("250ms", Some(250));
        check("0s", Some(0));
        check("1d2h", Some(93_600_000));
        check("2000us", Some(2));
        for wrong in [
            "",
            "5",
            "s",
            "5 s",
            "1.5s",
            "-1s",
            "5x",
            "99999999999999999999s",
            "999999999d",
        ] {
            check(wrong, None);
        }
    }
}
