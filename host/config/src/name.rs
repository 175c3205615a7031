//! Names that operators give to plugins, chains, servers and groups: short, safe in logs, metrics, URLs and file names.

use std::{borrow::Borrow, fmt, ops::Deref, str::FromStr, sync::Arc};

/// Longest name, in bytes. Long enough for a host name's label, short enough for a metric's label or a file name.
const MAX_LEN: usize = 64;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The quotes are empty.
    #[error("a name cannot be empty; write 1 to {MAX_LEN} characters")]
    Empty,
    /// Often a sentence or a path where a name belongs.
    #[error("a name of {len} bytes is too long; write at most {MAX_LEN}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// Often a space, a slash, or an upper-case letter in a plugin's name.
    #[error("`{name}` is not a name because of {character:?}; write only {allowed}")]
    Character {
        /// The text as written.
        name: String,
        /// The first character that may not be there.
        character: char,
        /// The characters that may.
        allowed: &'static str,
    },
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $syntax:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The shared text itself, for holders that want no more than a string.
            pub fn shared(&self) -> &Arc<str> {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                $syntax.check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = NameError;

            fn try_from(text: &str) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        // Hash and Ord of `Arc<str>` are those of `str`, so that maps can be asked with a plain `&str`.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )+};
}

names! {
    /// A configured plugin: `[plugins.NAME]`. 1 to 64 of `a-z`, `0-9`, `_`, `-`.
    PluginName: Syntax::LOWER;
    /// A chain: a key of `[chains]`. 1 to 64 of `a-z`, `0-9`, `_`, `-`.
    ChainName: Syntax::LOWER;
    /// A backend server. 1 to 64 of `A-Z`, `a-z`, `0-9`, `_`, `-`, `.`; upper and lower case differ.
    ServerName: Syntax::MIXED;
    /// A group of servers. 1 to 64 of `A-Z`, `a-z`, `0-9`, `_`, `-`, `.`; upper and lower case differ.
    GroupName: Syntax::MIXED;
}

/// Which characters a kind of name may have.
struct Syntax {
    allowed: &'static str,
    admits: fn(char) -> bool,
}

impl Syntax {
    const LOWER: Self = Self {
        allowed: "`a-z`, `0-9`, `_` and `-`",
        admits: |c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'),
    };
    const MIXED: Self = Self {
        allowed: "`A-Z`, `a-z`, `0-9`, `_`, `-` and `.`",
        admits: |c| matches!(c, 'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '-' | '.'),
    };

    fn check(&self, text: &str) -> Result<(), NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some(character) = text.chars().find(|&c| !(self.admits)(c)) {
            return Err(NameError::Character {
                name: text.into(),
                character,
                allowed: self.allowed,
            });
        }
        if text.len() > MAX_LEN {
            return Err(NameError::TooLong { len: text.len() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_allowed_characters_parse_and_show_unchanged() {
        for name in ["a", "ddos-guard", "rate_limit2", "0"] {
            assert_eq!(name.parse::<PluginName>().unwrap().to_string(), name);
            assert_eq!(name.parse::<ChainName>().unwrap().to_string(), name);
        }
        for name in ["Lobby-1", "eu.lobby", "X"] {
            assert_eq!(&*name.parse::<ServerName>().unwrap(), name);
            assert_eq!(&*name.parse::<GroupName>().unwrap(), name);
        }
        assert!("x".repeat(MAX_LEN).parse::<ServerName>().is_ok());
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        fn check(text: &str, expected: &str) {
            assert_eq!(text.parse::<PluginName>().unwrap_err().to_string(), expected);
        }
        check("", "a name cannot be empty; write 1 to 64 characters");
        check(&"x".repeat(65), "a name of 65 bytes is too long; write at most 64");
        check(
            "Router",
            "`Router` is not a name because of 'R'; write only `a-z`, `0-9`, `_` and `-`",
        );
        check(
            "a.b",
            "`a.b` is not a name because of '.'; write only `a-z`, `0-9`, `_` and `-`",
        );
        check(
            "../x",
            "`../x` is not a name because of '.'; write only `a-z`, `0-9`, `_` and `-`",
        );
        assert_eq!(
            ServerName::try_from("lobby 1").unwrap_err().to_string(),
            "`lobby 1` is not a name because of ' '; write only `A-Z`, `a-z`, `0-9`, `_`, `-` and `.`"
        );
    }
}
