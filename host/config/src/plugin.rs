//! `[plugins.NAME]`: a component, what it may do, and what it is told.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{document::Place, error::ConfigError, grant::Grant, name::PluginName};

/// An instance of a component.
#[derive(Clone, PartialEq)]
pub struct Plugin {
    /// What chains, logs and metrics call it.
    pub name: PluginName,
    /// The component, resolved against `plugin-dir`.
    pub file: PathBuf,
    /// That of the configuration file, against which paths in `config` are resolved.
    pub folder: PathBuf,
    /// What it may do beyond the imports that need no grant.
    pub grants: BTreeSet<Grant>,
    /// What its failure means; absent: what its stage says.
    pub on_failure: Option<OnFailure>,
    /// What it may use up.
    pub limits: Limits,
    /// The only contents that the file may have.
    pub sha256: Option<[u8; 32]>,
    /// What its `init` is told: an object, empty when nothing is configured. May hold secrets: never log it.
    pub config: Value,
}

impl Plugin {
    /// A plugin that only a chain or a dropped-in file names: everything at its default, the file `<name>.wasm`.
    pub fn new(name: PluginName, plugin_dir: &Path) -> Self {
        Self {
            file: plugin_dir.join(format!("{name}.wasm")),
            folder: PathBuf::new(),
            name,
            grants: BTreeSet::new(),
            on_failure: None,
            limits: Limits::default(),
            sha256: None,
            config: Value::Object(Map::new()),
        }
    }
}

impl fmt::Debug for Plugin {
    /// Shows only the keys of `config`: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&String> = self.config.as_object().into_iter().flat_map(Map::keys).collect();
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("file", &self.file)
            .field("folder", &self.folder)
            .field("grants", &self.grants)
            .field("on_failure", &self.on_failure)
            .field("limits", &self.limits)
            .field("sha256", &self.sha256)
            .field("config_keys", &keys)
            .finish()
    }
}

/// What a plugin's failure (trap, timeout, bad return) means for the connection at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum OnFailure {
    /// The connection is refused.
    Closed,
    /// As if the plugin had no opinion.
    Open,
}

/// What a plugin may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of one instance, in MiB.
    pub memory_mib: u32,
    /// One call of a hook on a network thread.
    pub hot_call: Duration,
    /// One call of `init`, `save`, `load` or of a hook that may wait.
    pub slow_call: Duration,
    /// Instances for hooks that may wait, at once.
    pub slow_instances: usize,
    /// Keys in its `state`.
    pub state_keys: u32,
    /// Keys and values in its `state` together, in MiB.
    pub state_mib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        RawLimits::default().validate()
    }
}

/// An instance of a component: what it may do, and what it is told. A plugin without a table has all defaults.
#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RawPlugin {
    /// The component, a `.wasm` file, relative to `plugin-dir`. Several plugins may share one.
    #[schemars(extend("x-default" = "`NAME.wasm`"))]
    file: Option<PathBuf>,
    /// What it may do beyond the imports that need no grant: `http:ORIGIN`, `sql`, `secrets:NAME`, `control`, `packets`.
    grants: Vec<String>,
    /// What its failure means for the connection at hand: `closed`: refused; `open`: as if it had no opinion.
    #[schemars(extend("x-default" = "by the plugin's stage: `open` for `observe`, otherwise `closed`"))]
    on_failure: Option<OnFailure>,
    /// What it may use up.
    limits: RawLimits,
    /// SHA-256 of the file in hexadecimal; any other contents are refused. Absent: not checked.
    #[schemars(example = &"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    sha256: Option<String>,
    /// Handed to the plugin, which says what it may contain. Dates become texts; `inf` and `nan` are refused. A secret `NAME`
    /// may be in a file of its own instead: `NAME-file`, relative to the folder of this file.
    config: Map<String, Value>,
}

/// What a plugin may use up.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RawLimits {
    /// Memory of one instance, in MiB; each worker has one instance.
    #[schemars(range(min = 1, max = 2048))]
    memory_mib: u32,
    /// Longest call on a network thread, in milliseconds. Everybody on that thread waits meanwhile.
    #[schemars(range(min = 1, max = 1000))]
    hot_call_ms: u32,
    /// Longest call elsewhere (`init`, `save`, `load`, hooks that may wait), in milliseconds.
    #[schemars(range(min = 1))]
    slow_call_ms: u32,
    /// Most instances at once for hooks that may wait (`login`), each with memory of its own; made when needed.
    #[schemars(range(min = 1, max = 100))]
    slow_instances: u32,
    /// Most keys in its `state`.
    #[schemars(range(min = 1))]
    state_keys: u32,
    /// Most MiB that the keys and values of its `state` take together.
    #[schemars(range(min = 1))]
    state_mib: u32,
}

impl Default for RawLimits {
    fn default() -> Self {
        Self {
            memory_mib: 32,
            hot_call_ms: 2,
            slow_call_ms: 5_000,
            slow_instances: 8,
            state_keys: 10_000,
            state_mib: 16,
        }
    }
}

impl RawLimits {
    fn validate(self) -> Limits {
        Limits {
            memory_mib: self.memory_mib,
            hot_call: Duration::from_millis(self.hot_call_ms.into()),
            slow_call: Duration::from_millis(self.slow_call_ms.into()),
            // At most 100.
            slow_instances: usize::try_from(self.slow_instances).unwrap_or(usize::MAX),
            state_keys: self.state_keys,
            state_mib: self.state_mib,
        }
    }
}

impl RawPlugin {
    pub(crate) fn validate(
        self,
        name: PluginName,
        (folder, plugin_dir): (&Path, &Path),
        place: &Place,
        problems: &mut Vec<ConfigError>,
    ) -> Plugin {
        let mut grants = BTreeSet::new();
        for (index, text) in self.grants.iter().enumerate() {
            match text.parse::<Grant>() {
                Ok(grant) => {
                    grants.insert(grant);
                }
                Err(error) => problems.push(place.key("grants").index(index).bad_value(error)),
            }
        }
        if let Some(file) = &self.file
            && file.extension().is_none_or(|extension| extension != "wasm")
        {
            problems.push(place.key("file").bad_value(format_args!(
                "`{}` is not a `.wasm` file; name the component itself, compiled code is kept elsewhere",
                file.display()
            )));
        }
        let sha256 = self.sha256.and_then(|text| {
            let hash = parse_sha256(&text);
            if hash.is_none() {
                problems.push(place.key("sha256").bad_value(format_args!(
                    "`{text}` is not a SHA-256; write the 64 hexadecimal digits that `sha256sum FILE` prints"
                )));
            }
            hash
        });
        let defaults = Plugin::new(name, plugin_dir);
        Plugin {
            file: self.file.map_or(defaults.file, |file| plugin_dir.join(file)),
            folder: folder.to_owned(),
            name: defaults.name,
            grants,
            on_failure: self.on_failure,
            limits: self.limits.validate(),
            sha256,
            config: Value::Object(self.config),
        }
    }
}

fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 2 * hash.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}
