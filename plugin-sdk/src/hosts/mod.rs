//! Patterns for host names, and the most specific of them for a name: the language of the standard plugins.
//!
//! # Patterns
//!
//! Host names arrive in lower case, without markers and trailing dot; patterns are lower-cased. A pattern fits the whole
//! name, never a part of it.
//!
//! - `play.example.com`: an *exact* pattern, that name alone. The empty pattern fits clients that name no host (pings of
//!   clients before 1.6).
//! - `*` and `?` make a *wildcard* pattern. `*` stands for any run of characters, dots included, also none; `?` stands for
//!   exactly one character. So `*.example.com` fits `eu.example.com` and `a.b.example.com`, but not `example.com`.
//! - With the feature `regex`, an entry of a [`HostTable`] that says `regex = true` has a *regular expression* (syntax of the regex
//!   crate, ASCII classes, case ignored, anchored at both ends).
//!
//! Each `*` and `?` captures what it stands for, numbered from the left; where several splits are possible, a `*` further
//! left takes as little as it can. A regular expression captures by its groups. See [`Template`] for their use.
//!
//! # Which pattern wins
//!
//! The order of the patterns is of no account:
//!
//! 1. an exact pattern;
//! 2. the wildcard pattern with the most literal characters; of those, the one with the fewest `*`; of those, the one with
//!    the most `?`; of those, the one with the highest `priority`;
//! 3. the regular expression with the highest `priority`.
//!
//! The rule respects inclusion: if every name that fits one wildcard pattern also fits another that is not equivalent, the
//! narrower wins. (Put a fresh character for each wildcard of the narrower one: the wider must still fit, so its
//! literals are a subsequence of the narrower one's. With equally many they are the same, and the wildcards between two
//! literals can be compared: without `*` the length is fixed, and with it more `?` fit less.)
//!
//! What the rule leaves undecided is an error when the table is built, and names both patterns: the same pattern twice,
//! whatever the priority; two wildcard patterns equal in all four points when some name fits both (the error shows one);
//! two regular expressions of equal priority, since whether some name fits both is not worth finding out; and a regular
//! expression beside the pattern `*`, behind which nothing is ever asked.

mod entries;
#[cfg(feature = "regex")]
mod expression;
mod pattern;
mod table;
mod template;
mod wildcard;

pub use self::pattern::{Captures, HostPattern, PatternError};
pub use self::table::{Clash, ClashKind, HostTable};
pub use self::template::{Template, TemplateError};
