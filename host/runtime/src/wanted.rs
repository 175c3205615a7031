//! Which plugins there should be: those configured, those chains name, and those dropped into the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portcullis_config::{Config, Plugin, PluginName};

/// A plugin that should be there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) plugin: Plugin,
    /// Configured or named by a chain: its absence is an error. Otherwise it is there for as long as its file is.
    pub(crate) required: bool,
}

/// Looks at the configuration and the folder.
pub(crate) fn wanted(config: &Config) -> BTreeMap<PluginName, Wanted> {
    let mut wanted = BTreeMap::new();
    let configured = config.plugins.values().cloned();
    let named = config
        .chains
        .values()
        .flatten()
        .map(|name| Plugin::new(name.clone(), &config.host.plugin_dir));
    for plugin in configured.chain(named) {
        wanted
            .entry(plugin.name.clone())
            .or_insert(Wanted { plugin, required: true });
    }
    let claimed: BTreeSet<_> = wanted.values().map(|known| known.plugin.file.clone()).collect();
    for name in dropped_in(&config.host.plugin_dir) {
        let plugin = Plugin::new(name, &config.host.plugin_dir);
        if !claimed.contains(&plugin.file) {
            wanted.entry(plugin.name.clone()).or_insert(Wanted {
                plugin,
                required: false,
            });
        }
    }
    wanted
}

/// Names of the components in the folder. Hidden files are editors' and copiers' own, and are passed over.
fn dropped_in(folder: &Path) -> Vec<PluginName> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.extension().is_none_or(|extension| extension != "wasm") || stem.starts_with('.') || !path.is_file() {
            continue;
        }
        match PluginName::try_from(stem) {
            Ok(name) => names.push(name),
            Err(error) => tracing::warn!(file = %path.display(), %error, "plugin file was passed over: rename it"),
        }
    }
    names
}
