//! The main file: `portcullis.toml`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use toml::de::DeTable;

use crate::{
    document::{Document, Lines, Located, Place},
    error::{ConfigError, Location, Problem},
    host::RawHost,
    listener::RawListener,
    name::NameError,
    plugin::{Plugin, RawPlugin},
    provider::{Chain, Fragment, Provider},
    schema,
    server::RawServer,
    shape::{Shaped, shape},
    telemetry::RawTelemetry,
};

/// Provides everything that `portcullis.toml` says. Paths in it are relative to its folder.
#[derive(Clone, Debug)]
pub struct TomlFile {
    path: PathBuf,
}

/// Portcullis' configuration file.
#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "portcullis.toml")]
pub(crate) struct RawDocument {
    host: RawHost,
    telemetry: RawTelemetry,
    listener: Vec<RawListener>,
    server: Vec<RawServer>,
    plugins: BTreeMap<String, RawPlugin>,
    /// Names of plugins, in the order in which they are asked, by the name that listeners use. A plugin may be listed that has
    /// no table, if the file `NAME.wasm` is in `plugin-dir`.
    chains: BTreeMap<String, Vec<String>>,
}

impl TomlFile {
    /// The file need not exist until it is loaded.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// As [`Provider::load`], with the positions of everything.
    pub(crate) fn read(&self) -> (Fragment, Arc<Document>, Vec<ConfigError>) {
        match fs::read_to_string(&self.path) {
            Ok(text) => self.parse(&text),
            Err(error) => {
                let document = Document::empty(&self.path);
                let problem = Place::root(Arc::clone(&document)).problem(Problem::unreadable(&error));
                (Fragment::default(), document, vec![problem])
            }
        }
    }

    /// As if the file contained `text`.
    pub(crate) fn parse(&self, text: &str) -> (Fragment, Arc<Document>, Vec<ConfigError>) {
        let mut problems = Vec::new();
        let Some((raw, shaped, root)) = parse::<RawDocument>(&self.path, text, schema::root(), &mut problems) else {
            return (Fragment::default(), Document::empty(&self.path), problems);
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let host = raw.host.validate(folder, &root.key("host"), &mut problems);
        let telemetry = raw.telemetry.validate(&root.key("telemetry"), &mut problems);
        let listeners = located(&shaped, &root.key("listener"), raw.listener, |raw, place| {
            raw.validate(place, &mut problems)
        });
        let servers = located(&shaped, &root.key("server"), raw.server, |raw, place| {
            raw.validate(place, &mut problems)
        });
        let plugins = plugins(
            raw.plugins,
            &root.key("plugins"),
            (folder, &host.plugin_dir),
            &mut problems,
        );
        let chains = chains(raw.chains, &shaped, &root.key("chains"), &mut problems);
        let fragment = Fragment {
            host: Some(host),
            telemetry: Some(telemetry),
            listeners,
            servers,
            plugins,
            chains,
        };
        (fragment, Arc::clone(root.document()), problems)
    }
}

impl Provider for TomlFile {
    fn name(&self) -> &str {
        "file"
    }

    fn watched(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn load(&self) -> (Fragment, Vec<ConfigError>) {
        let (fragment, _, problems) = self.read();
        (fragment, problems)
    }
}

/// From text to raw tables without whatever is wrong; nothing if the text is not TOML.
pub(crate) fn parse<T: DeserializeOwned>(
    file: &Path,
    text: &str,
    schema: &Value,
    problems: &mut Vec<ConfigError>,
) -> Option<(T, Shaped, Place)> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::new(text);
    for error in &errors {
        let (line, column) = lines.position(error.span().map_or(0, |span| span.start));
        let location = Location {
            file: file.to_owned(),
            line,
            column,
        };
        let problem = Problem::Syntax {
            message: error.message().into(),
        };
        problems.push(ConfigError {
            location,
            key: String::new(),
            problem,
        });
    }
    if !errors.is_empty() {
        // What a parser makes of the rest is guesswork; problems in it would mislead.
        return None;
    }
    let root = Place::root(Document::index(file, text, table.get_ref()));
    let shaped = shape(schema, table.get_ref(), &root, problems);
    match serde_json::from_value(shaped.value.clone()) {
        Ok(raw) => Some((raw, shaped, root)),
        Err(error) => {
            // Only if the schema says less than the raw tables do.
            problems.push(root.problem(Problem::Syntax {
                message: error.to_string(),
            }));
            None
        }
    }
}

/// Validates what is left of a list, each element with the place it has in the file.
pub(crate) fn located<R, T>(
    shaped: &Shaped,
    list: &Place,
    raw: Vec<R>,
    mut validate: impl FnMut(R, &Place) -> Option<T>,
) -> Vec<Located<T>> {
    let survivors = shaped.survivors(list, raw).into_iter();
    survivors
        .filter_map(|(place, raw)| {
            Some(Located {
                value: validate(raw, &place)?,
                place,
            })
        })
        .collect()
}

fn plugins(
    mut raw: BTreeMap<String, RawPlugin>,
    table: &Place,
    (folder, plugin_dir): (&Path, &Path),
    problems: &mut Vec<ConfigError>,
) -> Vec<Located<Plugin>> {
    let mut plugins = Vec::new();
    for written in table.keys() {
        let place = table.key(&written);
        let name = match written.parse() {
            Ok(name) => name,
            Err(error) => {
                problems.push(place.bad_key(error));
                continue;
            }
        };
        let value = match raw.remove(&written) {
            Some(raw) => raw.validate(name, (folder, plugin_dir), &place, problems),
            None => Plugin::new(name, plugin_dir),
        };
        plugins.push(Located { value, place });
    }
    plugins
}

fn chains(
    mut raw: BTreeMap<String, Vec<String>>,
    shaped: &Shaped,
    table: &Place,
    problems: &mut Vec<ConfigError>,
) -> Vec<Located<Chain>> {
    let mut chains = Vec::new();
    for written in table.keys() {
        let place = table.key(&written);
        let name = match written.parse() {
            Ok(name) => name,
            Err(error) => {
                problems.push(place.bad_key(error));
                continue;
            }
        };
        let links = located(
            shaped,
            &place,
            raw.remove(&written).unwrap_or_default(),
            |link, place| {
                link.parse()
                    .map_err(|error: NameError| problems.push(place.bad_value(error)))
                    .ok()
            },
        );
        chains.push(Located {
            value: Chain { name, links },
            place,
        });
    }
    chains
}
