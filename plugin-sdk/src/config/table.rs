//! Tables: keys are taken one after the other; what is left at the end is unknown.

use super::Config;
use super::json::{Json, Kinds};
use super::nearest::nearest;
use super::reader::{self, Reader};
use super::rules::Rules;
use super::schema::Schema;

/// A table with known keys. Derived together with [`Config`] for structs.
pub trait Table: Sized {
    /// Writes a property for each key.
    fn properties(schema: &mut Schema);

    /// Takes the keys; absent when there was a problem, which is noted.
    fn take(table: &mut TableReader, reader: &mut Reader) -> Option<Self>;
}

/// A key of a table.
#[derive(Debug)]
pub struct Field {
    /// As in the configuration.
    pub key: &'static str,
    /// A JSON string, or nothing.
    pub description: &'static str,
    /// What it is when the key is absent.
    pub absent: Absent,
    /// What is allowed.
    pub rules: Rules,
    /// It must not be shown, and may stand in a file of its own.
    pub secret: bool,
    /// Writes the keywords of the type.
    pub schema: fn(&mut Schema, &Rules),
}

/// What a key that is absent counts as.
#[derive(Clone, Copy, Debug)]
pub enum Absent {
    /// A problem.
    Missing,
    /// What the type says of it.
    None,
    /// This JSON.
    Json(&'static str),
    /// The type's [`Default`].
    OfType,
}

impl Absent {
    /// What counts where an attribute says nothing.
    pub const fn of<T: Config>() -> Self {
        if T::OPTIONAL { Self::None } else { Self::Missing }
    }
}

/// A table's keys that nobody has taken yet.
#[derive(Debug)]
pub struct TableReader {
    entries: Vec<(String, Json)>,
    known: Vec<&'static str>,
}

impl TableReader {
    pub(crate) fn new(entries: Vec<(String, Json)>) -> Self {
        Self {
            entries,
            known: Vec::new(),
        }
    }

    /// The value of a field, or a problem noted.
    pub fn field<T: Config>(&mut self, field: &Field, reader: &mut Reader) -> Option<T> {
        let Some(json) = self.value(field, reader, T::KINDS) else {
            return T::absent();
        };
        let outside = reader.enter_key(field.key);
        let value = T::read(json, &field.rules, reader);
        reader.leave(outside);
        value
    }

    /// The value of a field, or of `absent` where there is no such key.
    pub fn field_or<T: Config>(&mut self, field: &Field, reader: &mut Reader, absent: fn() -> T) -> Option<T> {
        let Some(json) = self.take(field.key) else {
            return Some(absent());
        };
        let outside = reader.enter_key(field.key);
        let value = T::read(json, &field.rules, reader);
        reader.leave(outside);
        value
    }

    /// Whether exactly one of the keys is there; otherwise a problem is noted.
    pub fn exactly_one(&self, keys: &[&str], reader: &mut Reader) -> bool {
        let found = keys
            .iter()
            .filter(|key| self.entries.iter().any(|(known, _)| known == *key))
            .count();
        let list = |word| format!("`{}`", keys.join(word));
        match found {
            1 => return true,
            0 => reader.problem::<()>(format_args!("has neither {}", list("` nor `"))),
            _ => reader.problem(format_args!("has more than one of {}; keep one", list("`, `"))),
        };
        false
    }

    /// What the key holds.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Json> {
        self.known.push(key);
        let position = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.swap_remove(position).1)
    }

    /// What nobody has taken.
    pub(crate) fn rest(self) -> Vec<(String, Json)> {
        self.entries
    }

    /// Notes keys that nobody took, which is also what becomes of the second of two.
    pub(crate) fn finish(self, reader: &mut Reader) {
        for (key, _) in &self.entries {
            let outside = reader.enter_key(key);
            match nearest(key, &self.known) {
                Some(same) if same == key => reader.problem::<()>(format_args!("is given twice")),
                Some(near) => reader.problem(format_args!("is an unknown key; did you mean `{near}`?")),
                None => reader.problem(format_args!("is an unknown key; known are {}", self.known.join(", "))),
            };
            reader.leave(outside);
        }
    }

    /// The field's value or default; a problem is noted where it has neither and must.
    fn value(&mut self, field: &Field, reader: &mut Reader, kinds: Kinds) -> Option<Json> {
        match (self.take(field.key), field.absent) {
            (Some(json), _) => return Some(json),
            (None, Absent::Json(default)) => return Json::parse(default).ok(),
            (None, Absent::Missing) => {
                let mut words = String::new();
                reader::kinds(&mut words, kinds);
                let outside = reader.enter_key(field.key);
                reader.problem::<()>(format_args!("is missing; it must be {words}"));
                reader.leave(outside);
            }
            (None, _) => {}
        }
        None
    }
}
