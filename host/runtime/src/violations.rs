//! Where a configuration does not fit the schema that a plugin declares, in the words that the SDK uses as well.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use portcullis_config::nearest;
use serde_json::Value;

use crate::error::{LoadError, Violation};
use crate::secrets;

/// Enough to mend a file by; the rest follows in the next round.
const MAX_VIOLATIONS: usize = 20;

/// What a person is told of; one thing for each place, the first, since the others mostly follow from it.
pub(crate) fn find(schema: &Value, config: &Value) -> Result<Vec<Violation>, LoadError> {
    let validator = jsonschema::validator_for(schema).map_err(|error| LoadError::Contract(error.to_string()))?;
    let hides = secrets::are_in(schema);
    let mut places = BTreeSet::new();
    Ok(validator
        .iter_errors(config)
        .flat_map(|error| violations(&error, schema, hides))
        .filter(|violation| places.insert(violation.pointer.clone()))
        .take(MAX_VIOLATIONS)
        .collect())
}

/// Where `hides`, no value is shown.
fn violations(error: &ValidationError<'_>, schema: &Value, hides: bool) -> Vec<Violation> {
    let at = error.instance_path().as_str();
    let one = |pointer: String, message: String| vec![Violation { pointer, message }];
    let told = || match hides {
        true => error.masked_with("the value").to_string(),
        false => error.to_string(),
    };
    let alternatives = || alternatives(schema.pointer(error.schema_path().as_str()));
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let table = error.schema_path().as_str().trim_end_matches("/additionalProperties");
            let known = known_keys(schema.pointer(table));
            let told = unexpected.iter().map(|key| unknown_key(at, key, &known));
            told.collect()
        }
        ValidationErrorKind::Required { property } => one(
            below(at, property.as_str().unwrap_or_default()),
            "is missing".to_owned(),
        ),
        ValidationErrorKind::Type { kind } => {
            let is = word(kind_of(error.instance()));
            one(at.to_owned(), format!("must be {}, and is {is}", words(kind)))
        }
        ValidationErrorKind::OneOfNotValid { .. } => match alternatives() {
            Some(keys) => one(at.to_owned(), format!("has none of {keys}; write one")),
            None => one(at.to_owned(), told()),
        },
        ValidationErrorKind::OneOfMultipleValid { .. } => match alternatives() {
            Some(keys) => one(at.to_owned(), format!("has more than one of {keys}; keep one")),
            None => one(at.to_owned(), told()),
        },
        _ => one(at.to_owned(), told()),
    }
}

/// Each unknown key is told by itself, with the known key that it resembles most.
fn unknown_key(table: &str, key: &str, known: &[&str]) -> Violation {
    let meant = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    };
    Violation {
        pointer: below(table, key),
        message: format!("unknown key `{key}`; {meant}"),
    }
}

fn known_keys(table: Option<&Value>) -> Vec<&str> {
    let properties = table.and_then(|table| table.get("properties")?.as_object());
    let mut keys: Vec<&str> = properties
        .into_iter()
        .flat_map(|all| all.keys().map(String::as_str))
        .collect();
    // Whether a parser keeps their order is another crate's choice.
    keys.sort_unstable();
    keys
}

/// The keys of which exactly one must be there, where that is all that a `oneOf` asks for.
fn alternatives(one_of: Option<&Value>) -> Option<String> {
    let key = |form: &Value| match form.get("required")?.as_array()?.as_slice() {
        [Value::String(key)] => Some(format!("`{key}`")),
        _ => None,
    };
    let keys: Option<Vec<String>> = one_of?.as_array()?.iter().map(key).collect();
    keys.map(|keys| keys.join(", "))
}

/// A pointer one key deeper (RFC 6901).
fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn words(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => word(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
    }
}

/// A value's own type: an integer is one, whatever else it would pass for.
fn kind_of(value: &Value) -> JsonType {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => JsonType::Integer,
        other => JsonType::from(other),
    }
}

/// A type as TOML's users call it.
fn word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "a text",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::Boolean => "true or false",
        JsonType::Array => "a list",
        JsonType::Object => "a table",
        JsonType::Null => "null",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is found in a configuration of this schema, each as `pointer: message`.
    fn check(config: &Value, expect: &[&str]) {
        let schema = json!({
            "type": "object",
            "properties": {
                "least": { "type": "integer", "minimum": 1 },
                "routes": { "type": "array", "items": {
                    "type": "object",
                    "properties": {
                        "host": { "type": "string" },
                        "to": { "type": ["string", "array"], "else": { "type": "string" }, "if": { "type": "array" } },
                        "disconnect": { "enum": ["kindly", "at once"] },
                    },
                    "required": ["host"],
                    "allOf": [{ "oneOf": [{ "required": ["to"] }, { "required": ["disconnect"] }] }],
                    "additionalProperties": false,
                }},
                "a/b": {},
            },
            "additionalProperties": false,
        });
        let found: Vec<_> = find(&schema, config)
            .unwrap()
            .into_iter()
            .map(|violation| format!("{}: {}", violation.pointer, violation.message))
            .collect();
        assert_eq!(found, expect, "{config}");
    }

    #[test]
    fn each_place_that_does_not_fit_is_told_once() {
        check(&json!({ "least": 1, "routes": [{ "host": "a", "to": ["b"] }] }), &[]);
        check(&json!({ "least": 0 }), &["/least: 0 is less than the minimum of 1"]);
        check(
            &json!({ "least": 1.5 }),
            &["/least: must be a whole number, and is a number"],
        );
        check(
            &json!({ "routes": [{ "host": true, "to": 7 }, "odd"] }),
            &[
                "/routes/0/host: must be a text, and is true or false",
                "/routes/0/to: must be a text or a list, and is a whole number",
                "/routes/1: must be a table, and is a text",
            ],
        );
    }

    #[test]
    fn a_missing_key_is_told_with_the_place_where_it_belongs() {
        check(&json!({ "routes": [{ "to": "b" }] }), &["/routes/0/host: is missing"]);
        check(
            &json!({ "routes": [{ "host": "a" }, { "host": "a", "to": "b", "disconnect": "kindly" }] }),
            &[
                "/routes/0: has none of `to`, `disconnect`; write one",
                "/routes/1: has more than one of `to`, `disconnect`; keep one",
            ],
        );
    }

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_it_resembles() {
        check(
            &json!({ "laest": 1 }),
            &["/laest: unknown key `laest`; did you mean `least`?"],
        );
        check(
            &json!({ "x/y~": 1 }),
            &["/x~1y~0: unknown key `x/y~`; known keys: a/b, least, routes"],
        );
    }
}
