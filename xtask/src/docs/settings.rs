//! The settings of the standard plugins: from the schema that each of them gives a host to the table that an operator reads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{plugins, process, workspace};

const HEAD: &str = "<!-- Written by `cargo xtask docs` from the plugins' own schemas. Change the settings' comments in plugins/. -->

# Settings of the standard plugins

What each plugin takes below `[plugins.NAME.config]`: the keys that `portcullis check` holds a configuration to. `[]` stands for each
element of a list, `*` for a key of your own choice. What the plugins do is told in
[The router](../operator/router.md), [The message of the day](../operator/motd.md), [Online and offline mode](../operator/login.md),
[Forwarding](../operator/forwarding.md) and [The other standard plugins](../operator/standard-plugins.md).
";

/// Ends of a type's own range, which tell nothing.
const OWN_ENDS: [i64; 6] = [0, 255, 65_535, 4_294_967_295, i64::MAX, 2_147_483_647];

/// Builds the plugins and the host, and asks it what they are.
pub(super) fn page() -> Result<String> {
    let binary = host()?;
    let mut page = HEAD.to_owned();
    for component in plugins::build_standard()? {
        let described = describe(&binary, &component)?;
        let name = component.file_stem().unwrap_or_default().to_string_lossy();
        let summary = described.get("summary").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(
            page,
            "\n## {name}\n\n{summary}\n\n{}",
            table(described.get("config-schema"))
        );
    }
    Ok(page)
}

/// As the tests build it, so that nothing is compiled twice: a binary comes with its package's tests.
fn host() -> Result<PathBuf> {
    let mut build = workspace::cargo(workspace::root());
    build.args(["test", "--quiet", "--workspace", "--no-run", "--test", "docs"]);
    process::run(build)?;
    Ok(workspace::target_dir(workspace::root())?.join("debug/portcullis"))
}

fn describe(binary: &Path, component: &Path) -> Result<Value> {
    let mut check = Command::new(binary);
    check.args(["plugin", "check", "--json"]).arg(component);
    let answer = process::output(check)?;
    serde_json::from_slice(&answer).with_context(|| format!("no description of {}", component.display()))
}

fn table(schema: Option<&Value>) -> String {
    let mut rows = Rows::default();
    rows.below("", schema.unwrap_or(&Value::Null));
    match rows.0.is_empty() {
        true => "It takes no settings.\n".into(),
        false => format!(
            "| Key | Type | Default | Meaning |\n|---|---|---|---|\n{}",
            rows.0.iter().map(|(_, row)| row.as_str()).collect::<String>()
        ),
    }
}

/// Lines of a table by their keys, in the order of the schema.
#[derive(Default)]
struct Rows(Vec<(String, String)>);

impl Rows {
    /// Every key below this place. Of a value that may be written in several ways, the keys of each.
    fn below(&mut self, place: &str, schema: &Value) {
        let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
        for (key, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let path = match place {
                "" => key.clone(),
                place => format!("{place}.{key}"),
            };
            self.add(&path, property, required.contains(&key.as_str()));
            self.below(&path, property);
        }
        for (keyword, step) in [
            ("items", "[]"),
            ("additionalProperties", ".*"),
            ("then", ""),
            ("else", ""),
        ] {
            if let Some(inner) = schema.get(keyword).filter(|inner| inner.is_object()) {
                self.below(&format!("{place}{step}"), inner);
            }
        }
    }

    fn add(&mut self, path: &str, property: &Value, required: bool) {
        if self.0.iter().any(|(known, _)| known == path) {
            return;
        }
        let default = match (property.get("default"), required) {
            (Some(default), _) => format!("`{default}`"),
            (None, true) => "required".to_owned(),
            (None, false) => String::new(),
        };
        let meaning = property.get("description").and_then(Value::as_str).unwrap_or_default();
        let key = path.rsplit('.').next().unwrap_or(path);
        let row = format!(
            "| `{path}` | {} | {} | {} |\n",
            kind(key, property),
            cell(&default),
            cell(meaning)
        );
        self.0.push((path.to_owned(), row));
    }
}

/// A value's kinds, and what is allowed of them.
fn kind(key: &str, property: &Value) -> String {
    let mut words: Vec<String> = match property.get("type") {
        Some(Value::String(kind)) => vec![word(kind).into()],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .map(|kind| word(kind).into())
            .collect(),
        _ => Vec::new(),
    };
    let allowed = allowed(property);
    if !allowed.is_empty() {
        // They are texts, and the only ones where nothing else is said.
        words.retain(|word| word != "text" || has_other_texts(property));
        words.splice(0..0, allowed);
    }
    let mut kind = words.join(" or ");
    let end = |keyword| {
        property
            .get(keyword)
            .and_then(Value::as_i64)
            .filter(|end| !OWN_ENDS.contains(end))
    };
    match (end("minimum"), end("maximum"), property.get("minimum")) {
        (least, Some(most), own) => {
            let least = least.or_else(|| own.and_then(Value::as_i64)).unwrap_or_default();
            let _ = write!(kind, ", {least} to {most}");
        }
        (Some(least), None, _) => {
            let _ = write!(kind, ", {least} or more");
        }
        _ => {}
    }
    let examples: Vec<String> = list(property, "examples")
        .map(|example| format!("`{example}`"))
        .collect();
    if let Some(example) = examples.first() {
        let _ = write!(kind, " such as {example}");
    }
    if property.get("writeOnly").is_some() {
        let _ = write!(kind, ", a secret: or `{key}-file = \"path\"`");
    }
    cell(&kind)
}

/// The words of an enum, wherever among the alternatives they stand.
fn allowed(property: &Value) -> Vec<String> {
    let own = list(property, "enum").map(|word| format!("`{word}`"));
    let mut words: Vec<String> = own.collect();
    for keyword in ["then", "else"] {
        words.extend(property.get(keyword).map(allowed).unwrap_or_default());
    }
    words
}

fn has_other_texts(property: &Value) -> bool {
    let text =
        |branch: &Value| branch.get("type").and_then(Value::as_str) == Some("string") && branch.get("enum").is_none();
    ["then", "else"]
        .iter()
        .filter_map(|keyword| property.get(keyword))
        .any(|branch| text(branch) || has_other_texts(branch))
}

fn word(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "integer" => "whole number",
        "number" => "number",
        "boolean" => "`true` or `false`",
        "array" => "list",
        "object" => "table",
        other => other,
    }
}

/// What ends no cell and no line, and is no markup but code.
fn cell(text: &str) -> String {
    let (mut cell, mut in_code) = (String::new(), false);
    for character in text.chars() {
        in_code ^= character == '`';
        match character {
            '|' => cell.push_str("\\|"),
            '\n' => cell.push(' '),
            '<' if !in_code => cell.push_str("\\<"),
            other => cell.push(other),
        }
    }
    cell
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_a_table_with_a_row_for_each_key() {
        let schema = json!({
            "type": "object",
            "properties": {
                "keep": { "description": "How long.", "default": "5s", "type": "string", "examples": ["5s", "1m"] },
                "places": { "type": "integer", "minimum": 1, "maximum": 100 },
                "port": { "type": "integer", "minimum": 0, "maximum": 65535 },
                "routes": { "type": "array", "items": {
                    "type": "object",
                    "properties": { "host": { "type": "string" } },
                    "required": ["host"],
                }},
                "otherwise": {
                    "type": ["string", "object"],
                    "if": { "type": "string" }, "then": { "enum": ["drop", "next"] },
                    "else": { "type": "object", "properties": { "text": { "type": "string" } } },
                },
                "token": { "type": "string", "writeOnly": true },
            },
            "required": ["places"],
        });
        let table = table(Some(&schema));
        for row in [
            "| `keep` | text such as `\"5s\"` | `\"5s\"` | How long. |",
            "| `places` | whole number, 1 to 100 | required |  |",
            "| `port` | whole number |  |  |",
            "| `routes` | list |  |  |",
            "| `routes[].host` | text | required |  |",
            "| `otherwise` | `\"drop\"` or `\"next\"` or table |  |  |",
            "| `otherwise.text` | text |  |  |",
            "| `token` | text, a secret: or `token-file = \"path\"` |  |  |",
        ] {
            assert!(table.lines().any(|line| line == row), "{row}\nis not in\n{table}");
        }
    }

    #[test]
    fn a_plugin_without_settings_says_so() {
        assert_eq!(table(None), "It takes no settings.\n");
    }
}
