//! Regular expressions, bounded so that one alone stays within a hook's budget of 2 ms whatever the name.

use regex_lite::{Regex, RegexBuilder};

use super::pattern::{Captures, MAX_CAPTURES, PatternError};

/// Longest expression, in characters.
const MAX_LENGTH: usize = 512;

/// Compiled size of one expression, in bytes: some 150 states in a component. Matching takes time in proportion to states
/// times name length; a chain of 60 `a*` takes 0.8 ms on 255 times `a`, an ordinary expression 0.005 to 0.05 ms.
const MAX_COMPILED: usize = 4 * 1024;

/// Depth of groups; the parser recurses.
const MAX_NESTING: u32 = 16;

/// A regular expression that fits whole names.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    text: Box<str>,
    regex: Regex,
}

impl Expression {
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::Expression(format!(
                "it is longer than {MAX_LENGTH} characters"
            )));
        }
        // By itself first, so that no unbalanced parenthesis escapes the anchors.
        compile(text)?;
        let regex = compile(&format!("^(?:{text})$"))?;
        if regex.captures_len() > MAX_CAPTURES + 1 {
            return Err(PatternError::TooManyCaptures);
        }
        Ok(Self {
            text: text.into(),
            regex,
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn captures(&self) -> usize {
        self.regex.captures_len() - 1
    }

    pub(crate) fn fit<'h>(&self, host: &'h str) -> Option<Captures<'h>> {
        if !self.regex.is_match(host) {
            return None;
        }
        let groups = self.regex.captures(host)?;
        let mut captures = Captures::none(host);
        for (index, group) in groups.iter().skip(1).enumerate() {
            captures.set(index, group.map(|group| group.range()).unwrap_or_default());
        }
        Some(captures)
    }
}

fn compile(text: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED)
        .nest_limit(MAX_NESTING)
        .build()
        .map_err(|error| PatternError::Expression(error.to_string()))
}
