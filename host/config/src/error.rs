//! What can be wrong with a configuration, said so that an operator can mend it without looking anything up.

use std::{
    fmt::{self, Write as _},
    io,
    path::PathBuf,
};

use crate::nearest::quoted;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// As the operator named it, or found beside what the operator named.
    pub file: PathBuf,
    /// Starting at 1.
    pub line: u32,
    /// In characters, starting at 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// One problem and where it is. Displayed as one line, whatever the file contains: `file:line:column: what is wrong; what to
/// do`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where to look.
    pub location: Location,
    /// The full key, for example `listener[0].bind`; empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong there.
    pub problem: Problem,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Unreadable { .. } => write!(f, "{}: ", self.location.file.display())?,
            _ => write!(f, "{}: ", self.location)?,
        }
        for character in self.problem.to_string().chars() {
            match character.is_control() {
                true => write!(f, "{}", character.escape_default())?,
                false => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// What can be wrong. `key` is relative to `section`; a `section` is written as in the file, for example `[[listener]]`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is missing, a folder, not UTF-8, or may not be read.
    #[error("cannot be read: {cause}")]
    Unreadable {
        /// What the system says.
        cause: String,
    },
    /// The text is not TOML: often a missing quote, or a key written twice.
    #[error("not valid TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// A typing error, or a key that belongs to another table.
    #[error("unknown key `{key}` {section}; {}", meant(.nearest.as_deref(), .elsewhere.as_deref(), .known))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The table it is in.
        section: String,
        /// The most similar key that this table has.
        nearest: Option<String>,
        /// The table that has a key of this very name.
        elsewhere: Option<String>,
        /// All keys that this table has.
        known: Vec<String>,
    },
    /// A key without which nothing can be done.
    #[error("`{key}` is missing {section}; add for example `{key} = {example}`")]
    MissingKey {
        /// The key.
        key: String,
        /// The table it belongs to.
        section: String,
        /// A value it could have, as TOML.
        example: String,
    },
    /// The value has another type: often quotes too many or too few.
    #[error("`{key}` {section} must be {expected}, not {found}; {advice}")]
    WrongType {
        /// The key.
        key: String,
        /// The table it is in.
        section: String,
        /// The type it must have.
        expected: String,
        /// The type it has.
        found: String,
        /// What to write.
        advice: String,
    },
    /// A number too small or too large.
    #[error("`{key}` {section} is {found}; write a number {range}")]
    OutOfRange {
        /// The key.
        key: String,
        /// The table it is in.
        section: String,
        /// The number.
        found: String,
        /// Which numbers are allowed, in words.
        range: String,
    },
    /// A word that is not one of the few allowed.
    #[error("`{key}` {section} is `{found}`; {}write one of {}", perhaps(.nearest.as_deref()), quoted(.allowed.iter().map(String::as_str)))]
    NotOneOf {
        /// The key.
        key: String,
        /// The table it is in.
        section: String,
        /// The word.
        found: String,
        /// The most similar word that is allowed.
        nearest: Option<String>,
        /// The words that are allowed.
        allowed: Vec<String>,
    },
    /// A text that does not mean what it must mean: an address, a network, a name, a grant, a hash, a key.
    #[error("`{key}` {section}: {reason}")]
    BadValue {
        /// The key.
        key: String,
        /// The table it is in.
        section: String,
        /// What is wrong with it and what to write.
        reason: String,
    },
    /// `inf` or `nan` in a plugin's configuration, which JSON cannot say.
    #[error("`{key}` {section} is `{found}`, which cannot be handed to a plugin; write a finite number")]
    NotFinite {
        /// The key.
        key: String,
        /// The table it is in.
        section: String,
        /// The number as written.
        found: String,
    },
    /// The same text twice in one list.
    #[error("`{key}` {section} names `{value}` twice; leave one out")]
    Repeated {
        /// The list.
        key: String,
        /// The table it is in.
        section: String,
        /// What it has twice.
        value: String,
    },
    /// Two servers of one name, perhaps in two files.
    #[error("server `{name}` is defined twice, first at {first}; give each server its own name")]
    DuplicateServer {
        /// The name.
        name: String,
        /// Where the first of the two is.
        first: Location,
    },
    /// Two listeners on one address and port.
    #[error("`{bind}` is bound twice, first at {first}; give each [[listener]] its own address or port")]
    DuplicateBind {
        /// The address and port.
        bind: String,
        /// Where the first of the two is.
        first: Location,
    },
    /// A group and a server of one name: a plugin's target would be ambiguous.
    #[error("group `{name}` has the name of the server at {server}; rename one of them")]
    GroupIsServer {
        /// The name.
        name: String,
        /// Where the server is.
        server: Location,
    },
    /// A listener names a chain that `[chains]` does not have.
    #[error("chain `{name}` is not defined; {}add `{name} = []` to [chains] and list its plugins", perhaps(.nearest.as_deref()))]
    UndefinedChain {
        /// The name.
        name: String,
        /// The most similar chain there is.
        nearest: Option<String>,
    },
    /// A chain names a plugin that has neither a table nor a file of its name.
    #[error("plugin `{name}` is unknown: there is neither [plugins.{name}] nor the file {}; {}add one of the two", .file.display(), perhaps(.nearest.as_deref()))]
    UnknownPlugin {
        /// The name.
        name: String,
        /// The file that would be loaded if it existed.
        file: PathBuf,
        /// The most similar plugin there is.
        nearest: Option<String>,
    },
    /// PROXY headers from anybody would let everybody choose an address.
    #[error(
        "`proxy-protocol = \"{value}\"` needs to know whom to believe; add `trusted-proxies = [\"10.0.0.0/8\"]` with your proxies' networks"
    )]
    NoTrustedProxies {
        /// `accept` or `require`.
        value: String,
    },
}

impl Problem {
    pub(crate) fn unreadable(cause: &io::Error) -> Self {
        Self::Unreadable {
            cause: cause.to_string(),
        }
    }
}

/// Problems by file and line, as an operator would go through them.
pub(crate) fn sorted(mut problems: Vec<ConfigError>) -> Vec<ConfigError> {
    problems.sort_by(|a, b| a.location.cmp(&b.location));
    problems
}

fn meant(nearest: Option<&str>, elsewhere: Option<&str>, known: &[String]) -> String {
    match (nearest, elsewhere) {
        (Some(key), Some(section)) => format!("did you mean `{key}`, or does it belong to {section}?"),
        (None, Some(section)) => format!("it belongs to {section}"),
        (Some(key), None) => format!("did you mean `{key}`?"),
        (None, None) => format!("known keys: {}", quoted(known.iter().map(String::as_str))),
    }
}

fn perhaps(nearest: Option<&str>) -> String {
    nearest
        .map(|word| format!("did you mean `{word}`? Otherwise "))
        .unwrap_or_default()
}
