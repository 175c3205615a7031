//! One pattern, why it may be refused, and what it captures.

use std::fmt;
use std::ops::Range;

use crate::expression::Expression;
use crate::wildcard::Wildcard;

/// Captures that a target can name, `$1` to `$9`; also the most a pattern may have.
pub(crate) const MAX_CAPTURES: usize = 9;

/// Longest exact or wildcard pattern, in bytes: the longest host name that the host passes on.
pub(crate) const MAX_LENGTH: usize = 255;

/// A pattern that is well formed by itself.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(crate) kind: Kind,
    pub(crate) priority: i32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Literal(Wildcard),
    Expression(Expression),
}

impl Pattern {
    /// An exact or a wildcard pattern. Of patterns that are equally specific, that with the higher priority wins.
    pub fn literal(text: &str, priority: i32) -> Result<Self, PatternError> {
        Ok(Self {
            kind: Kind::Literal(Wildcard::parse(text)?),
            priority,
        })
    }

    /// A regular expression. That with the higher priority wins.
    pub fn expression(text: &str, priority: i32) -> Result<Self, PatternError> {
        Ok(Self {
            kind: Kind::Expression(Expression::parse(text)?),
            priority,
        })
    }

    /// How many captures a target may name.
    pub fn captures(&self) -> usize {
        match &self.kind {
            Kind::Literal(wildcard) => wildcard.captures(),
            Kind::Expression(expression) => expression.captures(),
        }
    }

    /// Whether it is a regular expression.
    pub fn is_expression(&self) -> bool {
        matches!(self.kind, Kind::Expression(_))
    }

    /// As configured, in lower case unless it is a regular expression.
    pub fn text(&self) -> &str {
        match &self.kind {
            Kind::Literal(wildcard) => wildcard.text(),
            Kind::Expression(expression) => expression.text(),
        }
    }
}

/// Why a single pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Longer than any host name.
    TooLong,
    /// A blank, a control character or a character outside ASCII: a typing error, or a name not in its `xn--` form.
    Character(char),
    /// A colon: somebody gave a port, or an address.
    Port,
    /// Ends with a dot: host names arrive without.
    TrailingDot,
    /// `**`, `*?*` and the like: two `*` of which one would never capture anything.
    AdjacentStars,
    /// More wildcards or groups than can be named.
    TooManyCaptures,
    /// Not a regular expression, or too large a one; the reason is the library's.
    Expression(String),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "is longer than {MAX_LENGTH} characters"),
            Self::Character(' ') => write!(f, "contains a blank"),
            Self::Character(c) => {
                write!(
                    f,
                    "contains {c:?}: host names arrive in ASCII (write their \"xn--\" form)"
                )
            }
            Self::Port => write!(f, "contains \":\": write the host name without a port"),
            Self::TrailingDot => write!(f, "ends with a dot: host names arrive without"),
            Self::AdjacentStars => write!(f, "has two \"*\" with nothing literal between them: one is enough"),
            Self::TooManyCaptures => write!(
                f,
                "has more than {MAX_CAPTURES} wildcards or groups (\"(?:…)\" groups without capturing)"
            ),
            Self::Expression(reason) => write!(f, "is no usable regular expression: {reason}"),
        }
    }
}

impl std::error::Error for PatternError {}

/// What the wildcards or groups of a pattern stand for in one host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures<'h> {
    host: &'h str,
    /// Byte ranges of the host name; a group that took no part is empty.
    ranges: [(u16, u16); MAX_CAPTURES],
    len: usize,
}

impl<'h> Captures<'h> {
    /// Of a name that no pattern was needed for: `$0` alone.
    pub fn none(host: &'h str) -> Self {
        Self {
            host,
            ranges: [(0, 0); MAX_CAPTURES],
            len: 0,
        }
    }

    /// Sets the capture of that index (from 0) and forgets later ones.
    pub(crate) fn set(&mut self, index: usize, range: Range<usize>) {
        let narrow = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        if let Some(slot) = self.ranges.get_mut(index) {
            *slot = (narrow(range.start), narrow(range.end));
            self.len = index + 1;
        }
    }

    /// What `$number` stands for: `$0` is the whole name; absent beyond the pattern's captures.
    pub fn get(&self, number: usize) -> Option<&'h str> {
        let Some(index) = number.checked_sub(1) else {
            return Some(self.host);
        };
        let (start, end) = *self.ranges.get(..self.len)?.get(index)?;
        self.host.get(usize::from(start)..usize::from(end))
    }
}
