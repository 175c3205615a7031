//! Where in a configuration reading has come to, and everything that was wrong so far.
//!
//! What is generic here only calls what is not: each plugin has a copy for each of its types.

use std::fmt::{Arguments, Display, Write};

use super::Config;
use super::json::{Json, Kinds};
use super::nearest::nearest;
use super::rules::Rules;
use super::schema::{Alternative, Form};
use super::table::{Table, TableReader};
use crate::Error;

/// Problems told at once; more would hide the first.
const MAX_PROBLEMS: usize = 32;

/// Reads one configuration.
#[derive(Debug, Default)]
pub struct Reader {
    /// Of the value at hand: `routes[2].host`.
    place: String,
    problems: Vec<String>,
    /// How many captures a [`Template`](crate::hosts::Template) may name here.
    pub(crate) captures: usize,
}

/// Where reading was before it entered a key or an element.
#[derive(Debug)]
pub(crate) struct Outside(usize);

impl Reader {
    /// Goes on to what a key holds.
    pub(crate) fn enter_key(&mut self, key: &str) -> Outside {
        let outside = Outside(self.place.len());
        if !self.place.is_empty() {
            self.place.push('.');
        }
        self.place.push_str(key);
        outside
    }

    /// Goes on to an element of a list.
    pub(crate) fn enter_index(&mut self, index: usize) -> Outside {
        let outside = Outside(self.place.len());
        // Writing into a String does not fail.
        let _ = write!(self.place, "[{index}]");
        outside
    }

    /// Goes back.
    pub(crate) fn leave(&mut self, outside: Outside) {
        self.place.truncate(outside.0);
    }

    /// Notes a problem with the value at hand, and gives nothing, so that reading can go on elsewhere.
    pub(crate) fn problem<T>(&mut self, what: Arguments<'_>) -> Option<T> {
        self.note(what);
        None
    }

    /// Notes that a value is of another kind than those allowed.
    pub(crate) fn mismatch<T>(&mut self, json: &Json, allowed: Kinds) -> Option<T> {
        let mut words = String::new();
        kinds(&mut words, allowed);
        self.note(format_args!("must be {words}, and is {}", name(json)));
        None
    }

    /// The text that the value must be.
    pub(crate) fn text(&mut self, json: Json) -> Option<String> {
        match json {
            Json::Text(text) => Some(text),
            other => self.mismatch(&other, Kinds::TEXT),
        }
    }

    /// The keys and values of the table that the value must be.
    pub(crate) fn entries(&mut self, json: Json) -> Option<TableReader> {
        match json {
            Json::Table(entries) => Some(TableReader::new(entries)),
            other => self.mismatch(&other, Kinds::TABLE),
        }
    }

    /// A table, all of whose keys must be known.
    pub fn table<T: Table>(&mut self, json: Json) -> Option<T> {
        let mut table = self.entries(json)?;
        let value = T::take(&mut table, self);
        table.finish(self);
        value
    }

    /// The value of a table that has this key and no other.
    pub fn tagged<T: Config>(&mut self, json: Json, key: &'static str) -> Option<T> {
        let mut table = self.entries(json)?;
        let json = table.take(key)?;
        table.finish(self);
        let outside = self.enter_key(key);
        let value = T::read(json, &Rules::NONE, self);
        self.leave(outside);
        value
    }

    /// Notes that none of an enum's variants fits.
    pub fn no_alternative<T>(&mut self, json: &Json, words: &[&str], alternatives: &[Alternative]) -> Option<T> {
        self.note_alternatives(json, words, alternatives);
        None
    }

    /// Converts a value into what it stands for.
    pub fn convert<A, B: TryFrom<A, Error: Display>>(&mut self, raw: A) -> Option<B> {
        match B::try_from(raw) {
            Ok(value) => Some(value),
            Err(error) => self.problem(format_args!("{error}")),
        }
    }

    /// Notes what a look at the whole value found.
    pub fn check(&mut self, found: Result<(), impl Display>) -> Option<()> {
        match found {
            Ok(()) => Some(()),
            Err(error) => self.problem(format_args!("{error}")),
        }
    }

    /// The value, if nothing was wrong; otherwise everything that was, one line each.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let more = self.problems.len().saturating_sub(MAX_PROBLEMS);
        if more > 0 {
            self.problems.truncate(MAX_PROBLEMS);
            self.problems.push(format!("and {more} more"));
        }
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Error::new(self.problems.join("\n")))
        }
    }

    /// Notes that a text is none of the known words.
    pub(crate) fn note_word(&mut self, text: &str, words: &[&str], allowed: &str) {
        match nearest(text, words) {
            Some(word) => self.note(format_args!("\"{text}\" is not allowed; did you mean \"{word}\"?")),
            None => self.note(format_args!("\"{text}\" is not allowed; it must be {allowed}")),
        }
    }

    #[inline(never)]
    fn note(&mut self, what: Arguments<'_>) {
        let place = if self.place.is_empty() {
            "the configuration"
        } else {
            &self.place
        };
        self.problems.push(format!("{place}: {what}"));
    }

    fn note_alternatives(&mut self, json: &Json, words: &[&str], alternatives: &[Alternative]) {
        let mut allowed = String::new();
        for word in words {
            or(&mut allowed);
            let _ = write!(allowed, "\"{word}\"");
        }
        for alternative in alternatives {
            match alternative.form {
                Form::Tagged(key) | Form::WithKey(key) => {
                    or(&mut allowed);
                    let _ = write!(allowed, "a table with `{key}`");
                }
                Form::Untagged => kinds(&mut allowed, alternative.kinds),
            }
        }
        match json {
            Json::Text(text) => self.note_word(text, words, &allowed),
            other => self.note(format_args!("must be {allowed}, and is {}", name(other))),
        }
    }
}

/// Adds `a text or a list` to a list of what is allowed.
pub(crate) fn kinds(words: &mut String, kinds: Kinds) {
    for (kind, _, name) in Kinds::NAMES {
        if kinds.names(kind) {
            or(words);
            words.push_str(name);
        }
    }
}

fn or(words: &mut String) {
    if !words.is_empty() {
        words.push_str(" or ");
    }
}

fn name(json: &Json) -> &'static str {
    let kind = json.kind();
    Kinds::NAMES
        .iter()
        .find(|(known, ..)| kind.meets(*known))
        .map_or("null", |(_, _, name)| *name)
}
