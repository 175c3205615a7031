//! Secrets that a plugin's configuration leaves to files: a setting that the schema marks as `writeOnly` may be named `NAME-file`
//! instead, and then the host reads the file, since a plugin cannot.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use portcullis_config::Plugin;
use serde_json::{Map, Value};

use crate::error::{LoadError, Violation};
use crate::pins::Digest;

/// What the key of a file ends with.
const SUFFIX: &str = "-file";

/// A key, or a page of tokens; anything longer is another file.
const MAX_BYTES: u64 = 64 << 10;

/// A plugin's configuration with the secrets in it.
pub(crate) struct Resolved {
    pub(crate) config: Value,
    pub(crate) secrets: Secrets,
}

/// The files that secrets came from, and what was in them then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets(Vec<(PathBuf, Option<Digest>)>);

impl Secrets {
    /// Whether a file holds something else by now, or cannot be read any more.
    pub(crate) fn have_changed(&self) -> bool {
        self.0.iter().any(|(path, was)| digest(path.clone()).1 != *was)
    }

    /// The files that a configuration could mean, as they are now: for an attempt that failed before a schema said which.
    pub(crate) fn named_by(plugin: &Plugin) -> Self {
        let values = plugin.config.as_object().into_iter().flatten();
        let named = values
            .filter(|(key, _)| key.ends_with(SUFFIX))
            .filter_map(|(_, value)| value.as_str());
        Self(named.map(|file| digest(plugin.folder.join(file))).collect())
    }
}

/// Puts secrets in the place of the files that the configuration names.
pub(crate) fn resolve(plugin: &Plugin, schema: Option<&Value>) -> Result<Resolved, LoadError> {
    let mut config = plugin.config.clone();
    let mut secrets = Secrets::default();
    let mut violations = Vec::new();
    if let Some(table) = config.as_object_mut() {
        for (name, property) in secret_properties(schema) {
            let key = format!("{name}{SUFFIX}");
            // A plugin may have a setting of that name for itself.
            if is_property(schema, &key) {
                continue;
            }
            let Some(file) = table.remove(&key) else { continue };
            match read(plugin, table, name, property, &file) {
                Ok((path, digest, value)) => {
                    secrets.0.push((path, Some(digest)));
                    table.insert(name.to_owned(), value);
                }
                Err(message) => violations.push(Violation {
                    pointer: format!("/{key}"),
                    message,
                }),
            }
        }
    }
    if violations.is_empty() {
        return Ok(Resolved { config, secrets });
    }
    Err(LoadError::Configuration {
        plugin: plugin.name.to_string(),
        violations,
    })
}

/// Points at the keys that the configuration has, where it is the contents of a file that do not fit.
pub(crate) fn point_at_files(plugin: &Plugin, error: LoadError) -> LoadError {
    let LoadError::Configuration {
        plugin: name,
        mut violations,
    } = error
    else {
        return error;
    };
    for violation in &mut violations {
        let first = violation.pointer.split('/').nth(1).unwrap_or_default();
        let key = format!("{first}{SUFFIX}");
        if plugin.config.get(first).is_none()
            && let Some(file) = plugin.config.get(&key).and_then(Value::as_str)
        {
            violation.pointer = format!("/{key}");
            violation.message = format!(
                "what {} holds does not fit: {}",
                plugin.folder.join(file).display(),
                violation.message
            );
        }
    }
    LoadError::Configuration {
        plugin: name,
        violations,
    }
}

/// Whether values may be secrets, at any depth, so that none is to be shown.
pub(crate) fn are_in(schema: &Value) -> bool {
    match schema {
        Value::Object(table) => table.get("writeOnly") == Some(&Value::Bool(true)) || table.values().any(are_in),
        Value::Array(items) => items.iter().any(are_in),
        _ => false,
    }
}

fn secret_properties(schema: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
    let secret = properties
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.as_str(), property));
    secret.filter(|(_, property)| property.get("writeOnly") == Some(&Value::Bool(true)))
}

fn is_property(schema: Option<&Value>, key: &str) -> bool {
    schema.is_some_and(|schema| schema.get("properties").is_some_and(|all| all.get(key).is_some()))
}

/// A file's path, digest, and the value that it stands for.
fn read(
    plugin: &Plugin,
    table: &Map<String, Value>,
    name: &str,
    property: &Value,
    file: &Value,
) -> Result<(PathBuf, Digest, Value), String> {
    if table.contains_key(name) {
        return Err(format!("`{name}` is there as well; keep one of the two"));
    }
    let Some(file) = file.as_str() else {
        return Err("must be a text: the path of a file".into());
    };
    let path = plugin.folder.join(file);
    let bytes = bytes(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let digest = Digest::of(&bytes);
    // The text is not shown, not even where it is wrong.
    let text = String::from_utf8(bytes).map_err(|_| format!("{} is no text in UTF-8", path.display()))?;
    let value = match takes_list(property) {
        true => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            Value::from(lines.collect::<Vec<_>>())
        }
        false => {
            let line = text.strip_suffix('\n').unwrap_or(&text);
            Value::from(line.strip_suffix('\r').unwrap_or(line))
        }
    };
    let is_empty = match &value {
        Value::Array(items) => items.is_empty(),
        other => other.as_str().is_none_or(str::is_empty),
    };
    match is_empty {
        true => Err(format!("{} is empty", path.display())),
        false => Ok((path, digest, value)),
    }
}

/// Whether a setting is a list of texts rather than one text.
fn takes_list(property: &Value) -> bool {
    match property.get("type") {
        Some(Value::Array(types)) => !types.iter().any(|kind| kind == "string"),
        kind => kind.is_some_and(|kind| kind == "array"),
    }
}

fn digest(path: PathBuf) -> (PathBuf, Option<Digest>) {
    let digest = bytes(&path).ok().map(|bytes| Digest::of(&bytes));
    (path, digest)
}

fn bytes(path: &PathBuf) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it is longer than {} KiB", MAX_BYTES >> 10)));
    }
    Ok(bytes)
}
