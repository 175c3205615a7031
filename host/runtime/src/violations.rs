//! Where a configuration does not fit what a plugin expects, in the words that the SDK uses as well: by the schema that it
//! declares, and by what its `init` says of it.

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

/// What an `init` refused, with places in the configuration where each line of its reason begins with one: `routes[0].host: …`, as the
/// SDK writes them, or `the configuration: …` for the whole. Anything else stays as it is.
pub(crate) fn told_by_init(plugin: &str, config: &Value, error: LoadError) -> LoadError {
    let LoadError::Step { step: "init", reason } = &error else {
        return error;
    };
    let mut violations: Vec<Violation> = Vec::new();
    for line in reason.lines() {
        match (located(config, line), violations.last_mut()) {
            (Some(violation), _) => violations.push(violation),
            // A reason may have more lines than one.
            (None, Some(last)) => last.message = format!("{} {}", last.message, line.trim()),
            (None, None) => return error,
        }
    }
    match violations.is_empty() {
        true => error,
        false => LoadError::Configuration {
            plugin: plugin.to_owned(),
            violations,
        },
    }
}

/// A line that begins with a place: keys are looked up in the configuration, for they may have dots in them themselves.
fn located(config: &Value, line: &str) -> Option<Violation> {
    let whole = line
        .strip_prefix("the configuration: ")
        .map(|message| (String::new(), message));
    let (pointer, message) = whole.or_else(|| place(config, String::new(), line))?;
    Some(Violation {
        pointer,
        message: message.to_owned(),
    })
}

/// The pointer of the place that `rest` goes on with, and what is said of it.
fn place<'l>(value: &Value, pointer: String, rest: &'l str) -> Option<(String, &'l str)> {
    if let Some(message) = rest.strip_prefix(": ").filter(|_| !pointer.is_empty()) {
        return Some((pointer, message));
    }
    if let (Value::Array(elements), Some(index)) = (value, rest.strip_prefix('[')) {
        let (index, rest) = index.split_once(']')?;
        return place(
            elements.get(index.parse::<usize>().ok()?)?,
            below(&pointer, index),
            rest,
        );
    }
    let table = value.as_object()?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let behind = |key: &str| {
        rest.strip_prefix(key)
            .filter(|behind| behind.starts_with(['.', '[', ':']))
    };
    let mut known: Vec<_> = table
        .iter()
        .filter_map(|(key, value)| Some((key, value, behind(key)?)))
        .collect();
    // Of keys that begin alike, the longest is meant.
    known.sort_by_key(|(key, ..)| std::cmp::Reverse(key.len()));
    let mut found = known
        .into_iter()
        .map(|(key, value, rest)| place(value, below(&pointer, key), rest));
    found.find_map(|found| found).or_else(|| {
        let (key, message) = rest.split_once(": ")?;
        message
            .starts_with("is missing")
            .then(|| (below(&pointer, key), message))
    })
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
        ValidationErrorKind::Pattern { .. } => {
            let keyword = error.schema_path().as_str().trim_end_matches("/pattern");
            match examples(schema.pointer(keyword)) {
                Some(examples) if hides => {
                    one(at.to_owned(), format!("is not written as it must be; write {examples}"))
                }
                Some(examples) => {
                    let is = error.instance();
                    one(
                        at.to_owned(),
                        format!("{is} is not written as it must be; write {examples}"),
                    )
                }
                None => one(at.to_owned(), told()),
            }
        }
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

/// What a text may look like, where the schema says so beside its pattern.
fn examples(text: Option<&Value>) -> Option<String> {
    let examples = text?.get("examples")?.as_array()?;
    match examples.as_slice() {
        [] => None,
        [others @ .., last] if !others.is_empty() => {
            let others: Vec<_> = others.iter().map(Value::to_string).collect();
            Some(format!("{} or {last}", others.join(", ")))
        }
        [only, ..] => Some(only.to_string()),
    }
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
                "keep": { "type": "string", "pattern": "^[0-9]+(ms|s)$", "examples": ["5s", "250ms"] },
                "code": { "type": "string", "pattern": "^[a-z]+$" },
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
    fn a_text_that_is_written_otherwise_is_told_by_example() {
        check(
            &json!({ "keep": "5" }),
            &["/keep: \"5\" is not written as it must be; write \"5s\" or \"250ms\""],
        );
        check(&json!({ "code": "A" }), &["/code: \"A\" does not match \"^[a-z]+$\""]);
    }

    #[test]
    fn what_an_init_refuses_is_found_in_the_configuration() {
        let config = json!({ "keep": "2h", "routes": [{ "host": "a" }], "by-host": { "a.b": { "c": 1 }, "a": 1 } });
        let check = |reason: &str, expect: &[(&str, &str)]| {
            let reason = reason.to_owned();
            match told_by_init("mine", &config, LoadError::Step { step: "init", reason }) {
                LoadError::Configuration { violations, .. } => {
                    let found: Vec<_> = violations
                        .iter()
                        .map(|found| (&*found.pointer, &*found.message))
                        .collect();
                    assert_eq!(found, expect);
                }
                other => assert!(expect.is_empty(), "{other}"),
            }
        };
        check("keep: is out of range", &[("/keep", "is out of range")]);
        check(
            "routes[0].host: odd\nthe configuration: has neither",
            &[("/routes/0/host", "odd"), ("", "has neither")],
        );
        check("by-host.a.b.c: odd", &[("/by-host/a.b/c", "odd")]);
        check(
            "routes[0].to: is missing; it must be a text",
            &[("/routes/0/to", "is missing; it must be a text")],
        );
        check("keep: odd\nand no more", &[("/keep", "odd and no more")]);
        for unknown in ["odd", "the table: odd", "routes[7].host: odd", ": odd", "keep"] {
            check(unknown, &[]);
        }
    }

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_it_resembles() {
        check(
            &json!({ "laest": 1 }),
            &["/laest: unknown key `laest`; did you mean `least`?"],
        );
        check(
            &json!({ "x/y~": 1 }),
            &["/x~1y~0: unknown key `x/y~`; known keys: a/b, code, keep, least, routes"],
        );
    }
}
