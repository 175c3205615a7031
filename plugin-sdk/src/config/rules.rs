//! What a field's attributes allow, and the types for which each of them means something.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ByteSize, OneOrMany};

/// What is allowed beyond the type.
#[derive(Debug)]
pub struct Rules {
    /// The lowest value, as a configuration has it; empty: the type's own.
    pub least: &'static str,
    /// The highest value; empty: the type's own.
    pub most: &'static str,
    /// The words that are allowed; empty: any.
    pub words: &'static [&'static str],
    /// Fewest elements.
    pub min_items: Option<usize>,
    /// Most elements.
    pub max_items: Option<usize>,
}

impl Rules {
    /// Whatever the type allows.
    pub const NONE: Self = Self {
        least: "",
        most: "",
        words: &[],
        min_items: None,
        max_items: None,
    };

    /// Whether a value lies between the ends; `read` reads an end.
    pub(crate) fn admit<T: PartialOrd>(&self, value: &T, read: impl Fn(&str) -> Option<T>) -> bool {
        read(self.least).is_none_or(|least| *value >= least) && read(self.most).is_none_or(|most| *value <= most)
    }

    /// `1 to 64 are allowed`.
    pub(crate) fn range(&self) -> String {
        match (self.least, self.most) {
            (least, "") => format!("at least {least} is allowed"),
            ("", most) => format!("at most {most} is allowed"),
            (least, most) => format!("{least} to {most} is allowed"),
        }
    }
}

/// Types of which `#[config(range(…))]` can allow a part.
#[diagnostic::on_unimplemented(
    message = "`range` does not fit `{Self}`",
    label = "this range",
    note = "it fits numbers, `Duration` and `ByteSize`, and lists and options of those"
)]
pub trait Ranged {}

/// Types of which `#[config(one_of(…))]` can allow some words.
#[diagnostic::on_unimplemented(
    message = "`one_of` does not fit `{Self}`",
    label = "these words",
    note = "it fits `String`, and lists and options of it; an enum that derives Config says the same with types"
)]
pub trait Worded {}

/// Types whose elements `#[config(min_items = …, max_items = …)]` can count.
#[diagnostic::on_unimplemented(
    message = "`min_items` and `max_items` do not fit `{Self}`",
    label = "this number",
    note = "they fit `Vec`, `OneOrMany`, `BTreeMap` and `HostTable`, and options of those"
)]
pub trait Counted {}

impl Ranged for Duration {}
impl Ranged for ByteSize {}
impl<T: Ranged> Ranged for Option<T> {}
impl<T: Ranged> Ranged for Vec<T> {}
impl<T: Ranged> Ranged for OneOrMany<T> {}
impl<T: Ranged> Ranged for BTreeMap<String, T> {}

impl Worded for String {}
impl<T: Worded> Worded for Option<T> {}
impl<T: Worded> Worded for Vec<T> {}
impl<T: Worded> Worded for OneOrMany<T> {}
impl<T: Worded> Worded for BTreeMap<String, T> {}

impl<T> Counted for Vec<T> {}
impl<T> Counted for OneOrMany<T> {}
impl<T> Counted for BTreeMap<String, T> {}
impl<T: Counted> Counted for Option<T> {}

/// Compiles only if a range means something.
pub const fn takes_range<T: Ranged>() {}

/// Compiles only if words mean something.
pub const fn takes_words<T: Worded>() {}

/// Compiles only if there is something to count.
pub const fn takes_items<T: Counted>() {}
