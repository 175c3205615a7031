//! What a plugin says of itself, checked against what it exports; and its configuration, checked against its schema.

use portcullis_config::PluginName;

use crate::bindings::exports::portcullis::plugin::lifecycle;
use crate::error::{LoadError, Violation};
use crate::hook::{Hook, Stage};
use crate::violations;

/// A schema is a page of text.
const MAX_SCHEMA_BYTES: usize = 256 << 10;
const MAX_SUMMARY_CHARS: usize = 200;

/// A plugin's own description.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The plugin's own name; its instances are named by the configuration.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One line.
    pub summary: String,
    /// Where it stands when no chain names it.
    pub stage: Stage,
    /// JSON Schema of the configuration; absent when it takes none.
    pub schema: Option<serde_json::Value>,
    /// Shape of what `save` gives; absent when there is nothing to hand over.
    pub state_version: Option<u32>,
}

/// Checks what `describe` returned.
pub(crate) fn check(described: lifecycle::Description, exported: &[Hook]) -> Result<Description, LoadError> {
    let bad = |what: String| Err(LoadError::Contract(format!("its description {what}")));
    let name_is_sound = (1..=64).contains(&described.name.len())
        && described
            .name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !name_is_sound {
        return bad(format!(
            "has the name {:?}; 1 to 64 of a-z, 0-9 and - are allowed",
            described.name
        ));
    }
    if semver::Version::parse(&described.version).is_err() {
        return bad(format!(
            "has the version {:?}, which is not a semantic version such as 1.0.0",
            described.version
        ));
    }
    let mut declared: Vec<&str> = described.hooks.iter().map(String::as_str).collect();
    let mut exported: Vec<&str> = exported.iter().map(|hook| hook.label()).collect();
    declared.sort_unstable();
    exported.sort_unstable();
    if declared != exported {
        return bad(format!(
            "lists the hooks [{}], but it exports [{}]; include the worlds of the hooks you implement, and no others",
            declared.join(", "),
            exported.join(", ")
        ));
    }
    let schema = match &described.config_schema {
        Some(text) if text.len() > MAX_SCHEMA_BYTES => return bad("has a configuration schema of over 256 KiB".into()),
        Some(text) => match serde_json::from_str(text) {
            Ok(schema) => Some(schema),
            Err(error) => return bad(format!("has a configuration schema that is not JSON: {error}")),
        },
        None => None,
    };
    if let Some(Err(error)) = schema.as_ref().map(jsonschema::validator_for) {
        return bad(format!("has a configuration schema that is no JSON Schema: {error}"));
    }
    Ok(Description {
        name: described.name,
        version: described.version,
        summary: described.summary.chars().take(MAX_SUMMARY_CHARS).collect(),
        stage: stage(described.stage),
        schema,
        state_version: described.state_version,
    })
}

impl Description {
    /// Checks a configuration against the schema; without one, only the empty configuration fits.
    pub(crate) fn check_config(&self, plugin: &PluginName, config: &serde_json::Value) -> Result<(), LoadError> {
        let violations: Vec<Violation> = match &self.schema {
            Some(schema) => violations::find(schema, config)?,
            None if config.as_object().is_some_and(|table| !table.is_empty()) => {
                vec![Violation {
                    pointer: String::new(),
                    message: "this plugin takes no configuration".into(),
                }]
            }
            None => Vec::new(),
        };
        if violations.is_empty() {
            return Ok(());
        }
        Err(LoadError::Configuration {
            plugin: plugin.to_string(),
            violations,
        })
    }
}

fn stage(stage: lifecycle::Stage) -> Stage {
    match stage {
        lifecycle::Stage::Guard => Stage::Guard,
        lifecycle::Stage::Status => Stage::Status,
        lifecycle::Stage::Login => Stage::Login,
        lifecycle::Stage::Route => Stage::Route,
        lifecycle::Stage::Balance => Stage::Balance,
        lifecycle::Stage::Forward => Stage::Forward,
        lifecycle::Stage::Transform => Stage::Transform,
        lifecycle::Stage::Observe => Stage::Observe,
    }
}
