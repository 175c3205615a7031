//! Where a plugin is measured: the operator's servers and the plugin's own table, in a folder that is gone afterwards.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use portcullis_config::{ChainName, Config, Plugin, PluginName, Sources};
use tempfile::TempDir;

/// The file that `-c` names when nobody says otherwise; it need not be there.
const DEFAULT_CONFIG: &str = "portcullis.toml";

/// What there is where no configuration is.
const SERVERS: &str = r#"
    [[server]]
    name = "lobby-1"
    address = "127.0.0.1:25566"
    groups = ["lobby"]
    [[server]]
    name = "lobby-2"
    address = "127.0.0.1:25567"
    groups = ["lobby"]
"#;

/// A configuration with one plugin, alone in a chain, and one worker.
pub(super) struct Room {
    pub(super) config: Arc<Config>,
    pub(super) plugin: Plugin,
    /// Whether the configuration has it.
    pub(super) configured: bool,
    _folder: TempDir,
}

impl Room {
    /// What the configuration says of servers and of the plugin of this name, which is in `file`.
    pub(super) fn new(sources: &Sources, path: &Path, name: &str, file: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no folder for temporary files")?;
        let absent = path == Path::new(DEFAULT_CONFIG) && !path.exists();
        let loaded = match absent {
            true => portcullis_config::parse(path, SERVERS),
            false => sources.load(),
        };
        let mut config = loaded.map_err(|problems| {
            let list: Vec<_> = problems.iter().map(ToString::to_string).collect();
            anyhow!("{}", list.join("\n"))
        })?;
        let name = PluginName::try_from(name)?;
        let found = config.plugins.remove(&name);
        let configured = found.is_some();
        let plugin = Plugin {
            file: file.to_owned(),
            // The author has just built it: neither digest nor signature can be known.
            sha256: None,
            ..found.unwrap_or_else(|| Plugin::new(name.clone(), Path::new("")))
        };
        config.plugins = BTreeMap::from([(name.clone(), plugin.clone())]);
        config.chains = BTreeMap::from([(ChainName::try_from("bench")?, vec![name])]);
        config.listeners.clear();
        config.host.workers = NonZeroUsize::MIN;
        config.host.state_dir = folder.path().join("state");
        config.host.plugin_dir = folder.path().join("plugins");
        config.host.trusted_keys.clear();
        Ok(Self {
            config: Arc::new(config),
            plugin,
            configured,
            _folder: folder,
        })
    }
}
