//! One pattern, why it may be refused, and what it captures.

use std::fmt;
use std::ops::Range;

#[cfg(feature = "regex")]
use super::expression::Expression;
use super::wildcard::Wildcard;
use crate::config::{Config, Json, Kinds, Reader, Rules, Schema};

/// Captures that a target can name, `$1` to `$9`; also the most a pattern may have.
pub(crate) const MAX_CAPTURES: usize = 9;

/// Longest exact or wildcard pattern, in bytes: the longest host name that the host passes on.
pub(crate) const MAX_LENGTH: usize = 255;

/// A pattern for host names that is well formed by itself; see [the module](super) for its language. In a configuration it is a
/// text.
///
/// ```
/// use portcullis_sdk::hosts::HostPattern;
///
/// let pattern = HostPattern::literal("*.Example.com", 0)?;
/// assert_eq!(pattern.text(), "*.example.com");
/// assert_eq!(pattern.fit("eu.example.com").unwrap().get(1), Some("eu"));
/// assert!(pattern.fit("example.com").is_none());
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HostPattern {
    pub(crate) kind: Kind,
    pub(crate) priority: i32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Literal(Wildcard),
    #[cfg(feature = "regex")]
    Expression(Expression),
}

impl HostPattern {
    /// An exact or a wildcard pattern. Of patterns that are equally specific, that with the higher priority wins.
    ///
    /// ```
    /// use portcullis_sdk::hosts::{HostPattern, PatternError};
    ///
    /// assert!(HostPattern::literal("play.example.com", 0).is_ok());
    /// assert_eq!(HostPattern::literal("example.com:25565", 0).unwrap_err(), PatternError::Port);
    /// ```
    pub fn literal(text: &str, priority: i32) -> Result<Self, PatternError> {
        Ok(Self {
            kind: Kind::Literal(Wildcard::parse(text)?),
            priority,
        })
    }

    /// A regular expression for the whole name. That with the higher priority wins. With the feature `regex`.
    ///
    /// ```
    /// let pattern = portcullis_sdk::hosts::HostPattern::expression("(eu|us)[0-9]*", 0)?;
    /// assert_eq!(pattern.fit("eu7").unwrap().get(1), Some("eu"));
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    #[cfg(feature = "regex")]
    pub fn expression(text: &str, priority: i32) -> Result<Self, PatternError> {
        Ok(Self {
            kind: Kind::Expression(Expression::parse(text)?),
            priority,
        })
    }

    /// What the wildcards or groups stand for, if the name fits.
    ///
    /// ```
    /// let pattern = portcullis_sdk::hosts::HostPattern::literal("*-?.example.com", 0)?;
    /// let captures = pattern.fit("eu-1.example.com").unwrap();
    /// assert_eq!((captures.get(1), captures.get(2)), (Some("eu"), Some("1")));
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn fit<'h>(&self, host: &'h str) -> Option<Captures<'h>> {
        match &self.kind {
            Kind::Literal(wildcard) => wildcard.fit(host),
            #[cfg(feature = "regex")]
            Kind::Expression(expression) => expression.fit(host),
        }
    }

    /// How many captures a [`Template`](super::Template) may name.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::hosts::HostPattern::literal("*.example.?", 0)?.captures(), 2);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn captures(&self) -> usize {
        match &self.kind {
            Kind::Literal(wildcard) => wildcard.captures(),
            #[cfg(feature = "regex")]
            Kind::Expression(expression) => expression.captures(),
        }
    }

    /// Whether it is a regular expression.
    pub(crate) fn is_expression(&self) -> bool {
        !matches!(self.kind, Kind::Literal(_))
    }

    /// As configured, in lower case unless it is a regular expression.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::hosts::HostPattern::literal("A.example.com", 0)?.text(), "a.example.com");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn text(&self) -> &str {
        match &self.kind {
            Kind::Literal(wildcard) => wildcard.text(),
            #[cfg(feature = "regex")]
            Kind::Expression(expression) => expression.text(),
        }
    }
}

/// Why a single pattern is refused.
///
/// ```
/// let error = portcullis_sdk::hosts::HostPattern::literal("a b", 0).unwrap_err();
/// assert_eq!(error.to_string(), "contains a blank");
/// ```
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
    #[cfg(feature = "regex")]
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
            #[cfg(feature = "regex")]
            Self::Expression(reason) => write!(f, "is no usable regular expression: {reason}"),
        }
    }
}

impl std::error::Error for PatternError {}

/// What the wildcards or groups of a pattern stand for in one host name.
///
/// ```
/// use portcullis_sdk::hosts::HostPattern;
///
/// let captures = HostPattern::literal("*.*.com", 0)?;
/// let captures = captures.fit("eu.example.com").unwrap();
/// assert_eq!(captures.get(0), Some("eu.example.com"));
/// assert_eq!(captures.get(2), Some("example"));
/// assert_eq!(captures.get(3), None);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures<'h> {
    host: &'h str,
    /// Byte ranges of the host name; a group that took no part is empty.
    ranges: [(u16, u16); MAX_CAPTURES],
    len: usize,
}

impl<'h> Captures<'h> {
    /// Of a name that no pattern was needed for: `$0` alone.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::hosts::Captures::none("a").get(0), Some("a"));
    /// ```
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
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::hosts::Captures::none("a").get(1), None);
    /// ```
    pub fn get(&self, number: usize) -> Option<&'h str> {
        let Some(index) = number.checked_sub(1) else {
            return Some(self.host);
        };
        let (start, end) = *self.ranges.get(..self.len)?.get(index)?;
        self.host.get(usize::from(start)..usize::from(end))
    }
}

impl Config for HostPattern {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        match Self::literal(&reader.text(json)?, 0) {
            Ok(pattern) => Some(pattern),
            Err(error) => reader.problem(format_args!("{error}")),
        }
    }
}
