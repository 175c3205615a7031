//! Patterns for what is said: `*` stands for any run of characters.

use portcullis_sdk::prelude::*;

/// A pattern for a whole line, whatever its case.
#[derive(Config, Clone, Debug, PartialEq)]
#[config(try_from = "String")]
pub(crate) struct Pattern {
    /// What stands between the asterisks, in lower case. The first begins the line, the last ends it.
    parts: Vec<String>,
}

impl Pattern {
    /// Whether the line fits, which is in lower case already.
    pub(crate) fn fits(&self, line: &str) -> bool {
        let Some((first, others)) = self.parts.split_first() else {
            return false;
        };
        let Some((last, between)) = others.split_last() else {
            return line == first;
        };
        let Some(mut rest) = line.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in between {
            // The leftmost place leaves most to those behind it.
            match rest.split_once(part.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.trim_matches('*').is_empty() {
            true => Err("fits everything or nothing: write what is to be blocked, with * for the rest"),
            false => Ok(Self {
                parts: text.to_lowercase().split('*').map(str::to_owned).collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_line() {
        let check = |pattern: &str, line: &str, expect: bool| {
            let pattern = Pattern::try_from(pattern.to_owned()).unwrap();
            assert_eq!(pattern.fits(&line.to_lowercase()), expect, "{pattern:?} {line:?}");
        };
        check("hello", "Hello", true);
        check("hello", "hello there", false);
        check("hello*", "hello there", true);
        check("*there", "hello there", true);
        check("*spam*", "buy SPAM now", true);
        check("*spam*", "buy ham now", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("ab*ba", "aba", false);
        check("*ä*", "x Ä y", true);
        assert!(Pattern::try_from("**".to_owned()).is_err());
    }
}
