//! Names with captures in them, such as `$1-lobby`.

use std::borrow::Cow;
use std::fmt;

use super::pattern::Captures;
use crate::config::{Config, Json, Kinds, Reader, Rules, Schema};

/// A name in which `$1` to `$9` stand for the captures of the pattern that fitted, and `$0` for the whole host name.
///
/// In the configuration of a [`HostTable`](super::HostTable)'s entry, what the entry's pattern captures can be named; elsewhere
/// only `$0`.
///
/// ```
/// use portcullis_sdk::hosts::{HostPattern, Template};
///
/// let pattern = HostPattern::literal("*.example.com", 0)?;
/// let template = Template::parse("$1-lobby", pattern.captures())?;
/// assert_eq!(template.fill(&pattern.fit("eu.example.com").unwrap()), "eu-lobby");
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: Box<str>,
    /// The highest capture named; absent: a plain name.
    highest: Option<usize>,
}

/// Why a template is refused.
///
/// ```
/// let error = portcullis_sdk::hosts::Template::parse("$2", 1).unwrap_err();
/// assert_eq!(error.to_string(), "names $2, but the pattern captures 1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// No text at all.
    Empty,
    /// A `$` without a digit after it.
    Dollar,
    /// A capture that the pattern does not have.
    NoSuchCapture {
        /// The capture that was named.
        named: usize,
        /// How many the pattern has.
        captures: usize,
    },
}

impl Template {
    /// Reads a template for a pattern with that many captures.
    ///
    /// ```
    /// assert!(portcullis_sdk::hosts::Template::parse("lobby", 0).is_ok());
    /// ```
    pub fn parse(text: &str, captures: usize) -> Result<Self, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        let mut highest = None;
        for after in text.split('$').skip(1) {
            let named = digit(after).ok_or(TemplateError::Dollar)?;
            if named > captures {
                return Err(TemplateError::NoSuchCapture { named, captures });
            }
            highest = highest.max(Some(named));
        }
        Ok(Self {
            text: text.into(),
            highest,
        })
    }

    /// The name for a host name. Plain names are borrowed.
    ///
    /// ```
    /// use portcullis_sdk::hosts::{Captures, Template};
    ///
    /// assert_eq!(Template::parse("to-$0", 0)?.fill(&Captures::none("a")), "to-a");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn fill(&self, captures: &Captures<'_>) -> Cow<'_, str> {
        if self.highest.is_none() {
            return Cow::Borrowed(&self.text);
        }
        let mut parts = self.text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            filled.push_str(digit(part).and_then(|number| captures.get(number)).unwrap_or_default());
            filled.push_str(part.get(1..).unwrap_or_default());
        }
        Cow::Owned(filled)
    }

    /// The name, if it is the same for every host.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::hosts::Template::parse("lobby", 0)?.plain(), Some("lobby"));
    /// assert_eq!(portcullis_sdk::hosts::Template::parse("$0", 0)?.plain(), None);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn plain(&self) -> Option<&str> {
        self.highest.is_none().then_some(&self.text)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "is empty"),
            Self::Dollar => write!(f, "has a \"$\" without a digit after it"),
            Self::NoSuchCapture { named, captures } => {
                write!(f, "names ${named}, but the pattern captures {captures}")
            }
        }
    }
}

impl std::error::Error for TemplateError {}

impl Config for Template {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.keyword("minLength", "1");
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        let text = reader.text(json)?;
        match Self::parse(&text, reader.captures) {
            Ok(template) => Some(template),
            Err(error) => reader.problem(format_args!("\"{text}\" {error}")),
        }
    }
}

fn digit(text: &str) -> Option<usize> {
    text.bytes()
        .next()
        .filter(u8::is_ascii_digit)
        .map(|digit| usize::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_take_the_place_of_their_numbers() {
        let mut captures = Captures::none("eu.play.example.com");
        captures.set(0, 0..2);
        captures.set(1, 3..7);
        let check = |template: &str, expect: &str| {
            assert_eq!(
                Template::parse(template, 2).unwrap().fill(&captures),
                expect,
                "{template}"
            );
        };
        check("lobby", "lobby");
        check("$1-lobby", "eu-lobby");
        check("$2$1", "playeu");
        check("$12", "eu2");
        check("a$2b$0", "aplaybeu.play.example.com");
    }

    #[test]
    fn a_template_names_only_what_its_pattern_captures() {
        let check = |template: &str, expect: TemplateError| {
            assert_eq!(Template::parse(template, 1), Err(expect), "{template}");
        };
        check("", TemplateError::Empty);
        check("$", TemplateError::Dollar);
        check("a$b", TemplateError::Dollar);
        check("$$1", TemplateError::Dollar);
        check("$1$2", TemplateError::NoSuchCapture { named: 2, captures: 1 });
    }
}
