//! Durations with their units.

use std::time::Duration;

use super::Config;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

/// Units in nanoseconds, the longest name first where one begins another.
const UNITS: [(&str, u64); 7] = [
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

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.word("pattern", "^([0-9]+(ms|us|ns|s|m|h|d))+$");
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
    let mut rest = text;
    let mut sum: Option<u64> = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let (unit, ns) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = rest.get(unit.len()..)?;
        sum = Some(sum.unwrap_or_default().checked_add(number.checked_mul(*ns)?)?);
    }
    sum.map(Duration::from_nanos)
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
