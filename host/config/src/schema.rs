//! The JSON Schema of `portcullis.toml`, made from the raw tables: what editors complete from, what the reference is
//! rendered from, and what a file is checked against.

use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value};

use crate::{servers_dir::RawServersFile, toml_file::RawDocument};

/// The JSON Schema (draft 2020-12) of `portcullis.toml`.
pub fn schema() -> Value {
    root().clone()
}

/// The same, made once.
pub(crate) fn root() -> &'static Value {
    static ROOT: LazyLock<Value> = LazyLock::new(generate::<RawDocument>);
    &ROOT
}

/// The schema of one file in `servers-dir`.
pub(crate) fn servers_file() -> &'static Value {
    static ROOT: LazyLock<Value> = LazyLock::new(generate::<RawServersFile>);
    &ROOT
}

/// A table of the file: its heading as written there, and its part of the schema.
pub(crate) struct Section {
    /// For example `[[listener]]`.
    pub(crate) heading: String,
    pub(crate) schema: &'static Value,
}

/// Every table that the file can have, in the order in which one would write them.
pub(crate) fn sections() -> Vec<Section> {
    let mut sections = Vec::new();
    for (name, schema) in properties(root()).into_iter().flatten() {
        collect_sections(&mut sections, name.clone(), schema);
    }
    sections
}

/// The keys that a table of fixed keys has.
pub(crate) fn properties(table: &Value) -> Option<&Map<String, Value>> {
    table.get("properties")?.as_object()
}

/// The schema of every value in a table of free keys, and of every element of a list.
pub(crate) fn entries(schema: &Value) -> Option<&Value> {
    schema
        .get("additionalProperties")
        .or_else(|| schema.get("items"))
        .filter(|entry| entry.is_object())
}

/// The words that a text may be, where there are only a few.
pub(crate) fn words(schema: &Value) -> Option<Vec<&str>> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let described = schema.get("oneOf").and_then(Value::as_array);
    match (listed, described) {
        (Some(words), _) => Some(words.iter().filter_map(Value::as_str).collect()),
        (None, Some(options)) => Some(
            options
                .iter()
                .filter_map(|option| option.get("const")?.as_str())
                .collect(),
        ),
        (None, None) => None,
    }
}

fn collect_sections(sections: &mut Vec<Section>, name: String, schema: &'static Value) {
    let (name, heading, table) = match (properties(schema), entries(schema)) {
        (Some(_), _) => (name.clone(), format!("[{name}]"), schema),
        // A list of tables.
        (None, Some(entry)) if schema.get("items").is_some() && properties(entry).is_some() => {
            (name.clone(), format!("[[{name}]]"), entry)
        }
        // A table of tables.
        (None, Some(entry)) if properties(entry).is_some() => (format!("{name}.NAME"), format!("[{name}.NAME]"), entry),
        // A table of free keys at the top level; deeper ones are described as a value.
        (None, Some(_)) if schema.get("items").is_none() && !name.contains('.') => {
            (name.clone(), format!("[{name}]"), schema)
        }
        _ => return,
    };
    sections.push(Section { heading, schema: table });
    for (key, value) in properties(table).into_iter().flatten() {
        if properties(value).is_some() {
            collect_sections(sections, format!("{name}.{key}"), value);
        }
    }
}

fn generate<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(without_null))
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// TOML has no null: an optional key is left out.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [kind] = types.as_slice() {
            let kind = kind.clone();
            schema.insert("type".into(), kind);
        }
    }
    match schema.get_mut("default") {
        Some(Value::Null) => drop(schema.remove("default")),
        Some(Value::Object(table)) => table.retain(|_, value| !value.is_null()),
        _ => {}
    }
    let Some(Value::Array(mut options)) = schema.get("anyOf").cloned() else {
        return;
    };
    options.retain(|option| option.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = options.as_slice() {
        schema.remove("anyOf");
        for (key, value) in only {
            schema
                .ensure_object()
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_listed_as_one_would_write_them() {
        let headings: Vec<String> = sections().into_iter().map(|section| section.heading).collect();
        let expected = [
            "[host]",
            "[telemetry]",
            "[[listener]]",
            "[[server]]",
            "[plugins.NAME]",
            "[plugins.NAME.limits]",
            "[chains]",
        ];
        assert_eq!(headings, expected);
    }

    #[test]
    fn an_optional_key_is_left_out_and_never_null() {
        let text = schema().to_string();
        assert!(!text.contains("null"), "{text}");
    }

    #[test]
    fn the_schema_refuses_unknown_keys_and_names_required_ones() {
        let listener = &schema()["properties"]["listener"]["items"];
        assert_eq!(listener["additionalProperties"], Value::Bool(false));
        assert_eq!(listener["required"], serde_json::json!(["bind"]));
    }
}
