//! A value in a plugin's state: bytes, some of which are counters.

use std::borrow::Cow;

/// Bytes as plugins see them. A counter is the decimal digits of a signed 64-bit integer, held as a number because it is
/// about to be added to again; bytes that are such digits are a counter too, since nobody could tell them apart.
#[derive(Debug)]
pub(crate) enum StateValue {
    Bytes(Box<[u8]>),
    Counter(i64),
}

impl StateValue {
    /// In bytes, as plugins see it.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Counter(count) => {
                let digits = count.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
                digits as usize + usize::from(*count < 0)
            }
        }
    }

    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Bytes(bytes) => Cow::Borrowed(bytes),
            Self::Counter(count) => Cow::Owned(count.to_string().into_bytes()),
        }
    }

    /// The number that these digits are, written in the one way in which a counter shows: no plus, no leading zeros.
    pub(crate) fn counter(&self) -> Option<i64> {
        match self {
            Self::Counter(count) => Some(*count),
            Self::Bytes(bytes) => {
                let count = std::str::from_utf8(bytes).ok()?.parse().ok()?;
                (Self::Counter(count).bytes().as_ref() == &**bytes).then_some(count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counters_length_is_that_of_its_digits() {
        for count in [0, 1, 9, 10, 99, 100, -1, -9, -10, i64::MAX, i64::MIN] {
            assert_eq!(StateValue::Counter(count).len(), count.to_string().len(), "{count}");
        }
    }

    #[test]
    fn only_digits_as_a_counter_shows_them_are_a_counter() {
        fn check(text: &str, expected: Option<i64>) {
            assert_eq!(
                StateValue::Bytes(text.as_bytes().into()).counter(),
                expected,
                "{text:?}"
            );
        }
        check("0", Some(0));
        check("-17", Some(-17));
        check("9223372036854775807", Some(i64::MAX));
        for other in ["", "+1", "01", "-0", "1 ", "1.0", "9223372036854775808", "x"] {
            check(other, None);
        }
    }
}
