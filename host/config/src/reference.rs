//! The reference of all keys as Markdown, rendered from the schema, so that it says what the program does.

use std::fmt::Write as _;

use serde_json::Value;

use crate::schema::{Section, entries, properties, sections, words};

/// One section with a table of keys per table of `portcullis.toml`: key, type, default, meaning.
pub fn reference_markdown() -> String {
    let mut text = String::new();
    for section in sections() {
        // Writing to a String cannot fail.
        let _ = write_section(&mut text, &section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) -> std::fmt::Result {
    writeln!(text, "## `{}`\n\n{}\n", section.heading, description(section.schema))?;
    writeln!(text, "| Key | Type | Default | Meaning |\n|---|---|---|---|")?;
    let Some(keys) = properties(section.schema) else {
        let kind = entries(section.schema).map(kind).unwrap_or_default();
        return writeln!(text, "| `NAME` | {kind} | none | One entry. |\n");
    };
    for (key, schema) in keys {
        // A table of its own, described in its own section.
        if properties(schema).is_none() {
            let default = default(section.schema, key, schema);
            writeln!(
                text,
                "| `{key}` | {} | {default} | {} |",
                kind(schema),
                description(schema)
            )?;
        }
    }
    writeln!(text)
}

fn description(schema: &Value) -> String {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    description.replace('\n', " ").replace('|', "\\|")
}

fn kind(schema: &Value) -> String {
    if let Some(words) = words(schema) {
        return words
            .iter()
            .map(|word| format!("`\"{word}\"`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let range = |bound| schema.get(bound).and_then(Value::as_u64);
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => match (range("minimum").unwrap_or(0), range("maximum")) {
            (0, None) => "integer".into(),
            (least, None) => format!("integer, at least {least}"),
            (least, Some(most)) => format!("integer, {least} to {most}"),
        },
        Some("array") => format!("list of {}s", entries(schema).map(kind).unwrap_or_default()),
        Some("object") => match entries(schema) {
            Some(entry) => format!("table of {}s", kind(entry)),
            None => "table".into(),
        },
        Some(other) => other.into(),
        None => "anything".into(),
    }
}

fn default(table: &Value, key: &str, schema: &Value) -> String {
    if let Some(words) = schema.get("x-default").and_then(Value::as_str) {
        return words.into();
    }
    let required = table
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|keys| keys.iter().any(|name| name == key));
    match (required, schema.get("default")) {
        (true, _) => "required".into(),
        (false, Some(value)) => format!("`{value}`"),
        (false, None) => "absent".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::{
        host::RawHost,
        listener::RawListener,
        plugin::{RawLimits, RawPlugin},
        server::RawServer,
        telemetry::RawTelemetry,
        toml_file::RawDocument,
    };

    /// A table as it is when only what must be there is written, as the deserialiser fills it.
    fn filled(heading: &str) -> Value {
        fn of<T: serde::de::DeserializeOwned + serde::Serialize>(written: Value) -> Value {
            serde_json::to_value(serde_json::from_value::<T>(written).unwrap()).unwrap()
        }
        match heading {
            "[host]" => of::<RawHost>(json!({})),
            "[telemetry]" => of::<RawTelemetry>(json!({})),
            "[[listener]]" => of::<RawListener>(json!({ "bind": "" })),
            "[[server]]" => of::<RawServer>(json!({ "name": "", "address": "" })),
            "[plugins.NAME]" => of::<RawPlugin>(json!({})),
            "[plugins.NAME.limits]" => of::<RawLimits>(json!({})),
            "[chains]" => of::<RawDocument>(json!({}))["chains"].take(),
            other => panic!("a table without a test of its defaults: {other}"),
        }
    }

    #[test]
    fn every_documented_default_is_the_one_that_is_used() {
        for section in sections() {
            let filled = filled(&section.heading);
            for (key, schema) in properties(section.schema).into_iter().flatten() {
                let used = &filled[key];
                match default(section.schema, key, schema).as_str() {
                    "required" => {}
                    "absent" => assert_eq!(*used, Value::Null, "{} {key}", section.heading),
                    _ if schema.get("x-default").is_some() => {
                        assert_eq!(*used, Value::Null, "{} {key}", section.heading)
                    }
                    documented => assert_eq!(documented, format!("`{used}`"), "{} {key}", section.heading),
                }
            }
        }
    }

    #[test]
    fn defaults_documented_in_words_are_those_words_come_true() {
        let config = crate::parse(Path::new("p.toml"), "[host]\nstate-dir = 'there'\n[plugins.router]\n").unwrap();
        assert_eq!(config.host.control, Path::new("there/control.sock"));
        assert_eq!(config.plugins["router"].file, Path::new("plugins/router.wasm"));
        assert_eq!(config.plugins["router"].on_failure, None);
    }

    #[test]
    fn every_key_is_described_and_has_a_row() {
        let text = reference_markdown();
        for section in sections() {
            assert!(text.contains(&format!("## `{}`", section.heading)));
            assert!(!description(section.schema).is_empty(), "{}", section.heading);
            for (key, schema) in properties(section.schema).into_iter().flatten() {
                assert!(!description(schema).is_empty(), "{} {key}", section.heading);
                assert!(
                    text.contains(&format!("| `{key}` |")) || properties(schema).is_some(),
                    "{} {key}",
                    section.heading
                );
            }
        }
    }

    #[test]
    fn a_row_says_key_type_default_and_meaning() {
        let text = reference_markdown();
        for row in [
            "| `drain-seconds` | integer | `30` | How long sessions",
            "| `bind` | string | required | IP address",
            "| `proxy-protocol` | `\"off\"`, `\"v1\"`, `\"v2\"` | `\"off\"` | PROXY header",
            "| `hot-call-ms` | integer, 1 to 1000 | `2` | Longest call",
            "| `control` | string | `control.sock` in `state-dir` | The socket",
            "| `labels` | table of strings | `{}` | Free texts",
            "| `groups` | list of strings | `[]` | Groups",
        ] {
            assert!(text.contains(row), "{row}\n{text}");
        }
    }
}
