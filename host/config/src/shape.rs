//! Checks a parsed file against the schema and keeps what is right of it. Unlike a deserialiser it goes on after the first
//! problem, so that an operator sees all of them at once.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeFloat, DeInteger, DeTable, DeValue},
};

use crate::{
    document::Place,
    error::{ConfigError, Problem},
    nearest::{nearest, quoted},
    schema::{Section, entries, properties, sections, words},
};

/// What is right in a file, and which list elements are left out of it.
pub(crate) struct Shaped {
    /// What the raw tables deserialise from.
    pub(crate) value: Value,
    dropped: BTreeSet<String>,
}

impl Shaped {
    /// The elements that a list has in the file, in pairs with those that are left of it.
    pub(crate) fn survivors<T>(&self, list: &Place, left: Vec<T>) -> Vec<(Place, T)> {
        let places = (0..)
            .map(|index| list.index(index))
            .filter(|place| !self.dropped.contains(&place.full_key()));
        places.zip(left).collect()
    }
}

/// Reads a whole file; what is wrong in it joins `problems`.
pub(crate) fn shape(schema: &Value, root: &DeTable<'_>, place: &Place, problems: &mut Vec<ConfigError>) -> Shaped {
    let mut shaper = Shaper {
        problems,
        dropped: BTreeSet::new(),
    };
    let value = shaper
        .table(schema, root, place)
        .unwrap_or_else(|| Value::Object(Map::new()));
    Shaped {
        value,
        dropped: shaper.dropped,
    }
}

struct Shaper<'a> {
    problems: &'a mut Vec<ConfigError>,
    /// Full keys of elements left out.
    dropped: BTreeSet<String>,
}

impl Shaper<'_> {
    fn value(&mut self, schema: &Value, value: &Spanned<DeValue<'_>>, place: &Place) -> Option<Value> {
        let kind = schema.get("type").and_then(Value::as_str);
        match (kind, value.get_ref()) {
            (Some("object"), DeValue::Table(table)) if properties(schema).is_some() || entries(schema).is_some() => {
                self.table(schema, table, place)
            }
            (Some("array"), DeValue::Array(array)) => {
                let items = entries(schema).unwrap_or(&Value::Null);
                let mut left = Vec::new();
                for (index, element) in array.iter().enumerate() {
                    let at = place.index(index);
                    match self.value(items, element, &at) {
                        Some(value) => left.push(value),
                        None => {
                            self.dropped.insert(at.full_key());
                        }
                    }
                }
                Some(Value::Array(left))
            }
            (Some("integer"), DeValue::Integer(integer)) => self.integer(schema, integer, place),
            (None | Some("string"), DeValue::String(text)) if words(schema).is_some() => self.word(schema, text, place),
            (Some("string"), DeValue::String(text)) => Some(Value::String(text.to_string())),
            (Some("boolean"), DeValue::Boolean(truth)) => Some(Value::Bool(*truth)),
            (Some("object"), DeValue::Table(_)) => self.free(value, place),
            (kind, found) => {
                let kind = kind.unwrap_or("string");
                let (key, section) = place.key_and_section();
                let advice = advice(kind, schema, found, place);
                let (expected, found) = (expected(kind).into(), described(found).into());
                self.problems.push(place.problem(Problem::WrongType {
                    key,
                    section,
                    expected,
                    found,
                    advice,
                }));
                None
            }
        }
    }

    /// Nothing if a key is absent or wrong without which the table means nothing.
    fn table(&mut self, schema: &Value, table: &DeTable<'_>, place: &Place) -> Option<Value> {
        let mut shaped = Map::new();
        for (key, value) in table.iter() {
            let at = place.key(key.get_ref());
            let known = match properties(schema) {
                Some(properties) => properties.get(&**key.get_ref()),
                None => entries(schema),
            };
            match known {
                Some(schema) => {
                    if let Some(value) = self.value(schema, value, &at) {
                        shaped.insert(key.get_ref().to_string(), value);
                    }
                }
                None => self
                    .problems
                    .push(at.key_problem(unknown_key(key.get_ref(), schema, place))),
            }
        }
        for key in required(schema).filter(|key| table.iter().all(|(written, _)| written.get_ref() != key)) {
            let example = properties(schema)
                .and_then(|keys| example(keys.get(key)?))
                .unwrap_or_default();
            let problem = Problem::MissingKey {
                key: key.into(),
                section: place.section(),
                example,
            };
            self.problems.push(place.key(key).problem(problem));
        }
        required(schema)
            .all(|key| shaped.contains_key(key))
            .then_some(Value::Object(shaped))
    }

    fn integer(&mut self, schema: &Value, integer: &DeInteger<'_>, place: &Place) -> Option<Value> {
        let least = schema.get("minimum").and_then(Value::as_i64).unwrap_or(0);
        let most = schema
            .get("maximum")
            .and_then(Value::as_i64)
            .unwrap_or_else(|| u32::MAX.into());
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if let Some(number) = number.filter(|number| (least..=most).contains(number)) {
            return Some(number.into());
        }
        let (key, section) = place.key_and_section();
        let found = number.map_or_else(|| integer.to_string(), |number| number.to_string());
        let too_small = number.map_or_else(|| integer.as_str().starts_with('-'), |number| number < least);
        let range = if too_small {
            format!("of at least {least}")
        } else {
            format!("of at most {most}")
        };
        self.problems.push(place.problem(Problem::OutOfRange {
            key,
            section,
            found,
            range,
        }));
        None
    }

    fn word(&mut self, schema: &Value, text: &str, place: &Place) -> Option<Value> {
        let allowed = words(schema).unwrap_or_default();
        if allowed.contains(&text) {
            return Some(text.into());
        }
        let (key, section) = place.key_and_section();
        let nearest = nearest(text, allowed.iter().copied()).map(Into::into);
        let allowed = allowed.into_iter().map(Into::into).collect();
        self.problems.push(place.problem(Problem::NotOneOf {
            key,
            section,
            found: text.into(),
            nearest,
            allowed,
        }));
        None
    }

    /// A value of any shape, as a plugin is handed it.
    fn free(&mut self, value: &Spanned<DeValue<'_>>, place: &Place) -> Option<Value> {
        match value.get_ref() {
            DeValue::String(text) => Some(Value::String(text.to_string())),
            DeValue::Boolean(truth) => Some(Value::Bool(*truth)),
            DeValue::Datetime(date) => Some(Value::String(date.to_string())),
            DeValue::Integer(integer) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix());
                // TOML's integers are 64 bits wide; the parser leaves that to its users.
                number.map(Value::from).map_err(|_| self.too_large(integer, place)).ok()
            }
            DeValue::Float(float) => self.float(float, place),
            DeValue::Array(array) => {
                let elements = array.iter().enumerate();
                Some(
                    elements
                        .filter_map(|(index, element)| self.free(element, &place.index(index)))
                        .collect(),
                )
            }
            DeValue::Table(table) => {
                let mut object = Map::new();
                for (key, value) in table.iter() {
                    if let Some(value) = self.free(value, &place.key(key.get_ref())) {
                        object.insert(key.get_ref().to_string(), value);
                    }
                }
                Some(Value::Object(object))
            }
        }
    }

    fn float(&mut self, float: &DeFloat<'_>, place: &Place) -> Option<Value> {
        let number = float.as_str().parse().ok().and_then(Number::from_f64);
        if number.is_none() {
            let (key, section) = place.key_and_section();
            self.problems.push(place.problem(Problem::NotFinite {
                key,
                section,
                found: float.to_string(),
            }));
        }
        number.map(Value::Number)
    }

    fn too_large(&mut self, integer: &DeInteger<'_>, place: &Place) {
        let (key, section) = place.key_and_section();
        let range = format!("from {} to {}", i64::MIN, i64::MAX);
        self.problems.push(place.problem(Problem::OutOfRange {
            key,
            section,
            found: integer.to_string(),
            range,
        }));
    }
}

fn unknown_key(key: &str, schema: &Value, table: &Place) -> Problem {
    let known: Vec<&str> = properties(schema)
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect();
    let has_it = |section: &&Section| properties(section.schema).is_some_and(|keys| keys.contains_key(key));
    let elsewhere: Vec<String> = sections()
        .iter()
        .filter(has_it)
        .map(|section| section.heading.clone())
        .collect();
    Problem::UnknownKey {
        key: key.into(),
        section: table.section(),
        nearest: nearest(key, known.iter().copied()).map(Into::into),
        elsewhere: (!elsewhere.is_empty()).then(|| elsewhere.join(" or ")),
        known: known.into_iter().map(Into::into).collect(),
    }
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// A value that the key could have, as TOML.
fn example(schema: &Value) -> Option<String> {
    let examples = schema.get("examples").and_then(|examples| examples.get(0));
    // JSON's texts, numbers, truths and lists of them are TOML too.
    examples.or_else(|| schema.get("default")).map(Value::to_string)
}

fn expected(kind: &str) -> &'static str {
    match kind {
        "integer" => "a whole number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a table",
        _ => "text in quotes",
    }
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text in quotes",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn advice(kind: &str, schema: &Value, found: &DeValue<'_>, place: &Place) -> String {
    let (key, _) = place.key_and_section();
    if let Some(words) = words(schema) {
        return format!("write one of {}", quoted(words));
    }
    match (kind, found) {
        ("string", DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) => {
            "put it in quotes".into()
        }
        ("integer", DeValue::String(text)) if text.parse::<i64>().is_ok() => "leave the quotes out".into(),
        ("boolean", DeValue::String(text)) if text.parse::<bool>().is_ok() => "leave the quotes out".into(),
        ("array", DeValue::Table(_)) if entries(schema).is_some_and(|entry| properties(entry).is_some()) => {
            format!("write `[[{}]]`", place.full_key())
        }
        ("array", DeValue::String(text)) => format!("write `{key} = [{}]`", Value::from(text.as_ref())),
        ("object", _) => format!("write `[{}]` and its keys below", place.full_key()),
        _ => match example(schema) {
            Some(example) => format!("write for example `{key} = {example}`"),
            None => format!("write {}", expected(kind)),
        },
    }
}
