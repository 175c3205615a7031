//! Sizes with their units.

use super::Config;
use super::fits::{Shape, number, strip};
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

/// Units in bytes.
const UNITS: &[(&str, u64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// A number of bytes: `"64KiB"`, `"10MB"`, or `4096`.
///
/// ```
/// use portcullis_sdk::config::{ByteSize, parse};
///
/// assert_eq!(parse::<ByteSize>("\"64KiB\"")?.bytes(), 65_536);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// A size of so many bytes.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::config::ByteSize::of(3).bytes(), 3);
    /// ```
    pub const fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The size in bytes.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::config::ByteSize::default().bytes(), 0);
    /// ```
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl Config for ByteSize {
    const KINDS: Kinds = Kinds::TEXT.and(Kinds::WHOLE);

    const SHAPE: Shape = Shape::Sizes;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.word("pattern", "^[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)$");
        schema.examples(&["64KiB", "10MB"]);
        schema.keyword("minimum", "0");
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let text = match json {
            Json::Whole(number) => format!("{number}B"),
            Json::Text(text) => text,
            other => return reader.mismatch(&other, Self::KINDS),
        };
        match parse(&text) {
            Some(size) if rules.admit(&size, parse) => Some(size),
            Some(_) => reader.problem(format_args!("\"{text}\" is out of range; {}", rules.range())),
            None => reader.problem(format_args!(
                "\"{text}\" is no size; write \"64KiB\", \"10MB\" or a number of bytes"
            )),
        }
    }
}

fn parse(text: &str) -> Option<ByteSize> {
    bytes(text).map(ByteSize)
}

/// What a text says, if it is a size.
pub(super) const fn bytes(text: &str) -> Option<u64> {
    let Some((number, unit)) = number(text.as_bytes()) else {
        return None;
    };
    let mut units = UNITS;
    while let [(name, bytes), others @ ..] = units {
        if let Some([]) = strip(unit, name.as_bytes()) {
            return number.checked_mul(*bytes);
        }
        units = others;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(parse(text), expect.map(ByteSize), "\"{text}\"");
        check("0B", Some(0));
        check("64KiB", Some(65_536));
        check("10MB", Some(10_000_000));
        check("3kB", Some(3_000));
        for wrong in ["", "64", "KiB", "-1B", "1.5MB", "64 KiB", "64kib", "99999999999GiB"] {
            check(wrong, None);
        }
    }
}
