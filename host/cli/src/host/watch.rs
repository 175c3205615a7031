//! Notices changed files: the configuration's, and those in the plugin folder.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use portcullis_config::{Config, Sources, WatchError, Watcher};

use super::Host;

pub(super) struct Watchers {
    config: Watcher,
    plugins: Watcher,
}

impl Watchers {
    pub(super) fn start(host: &Arc<Host>, sources: &Sources, config: &Config) -> Result<Self, WatchError> {
        let weak = Arc::downgrade(host);
        let config_changed = move |_: Vec<PathBuf>| {
            if let Some(host) = Weak::upgrade(&weak) {
                // Told of in the log; there is nobody else to tell.
                let _ = host.reload();
            }
        };
        let runtime = host.runtime.clone();
        Ok(Self {
            config: Watcher::new(sources.watched(config), config_changed)?,
            plugins: Watcher::new(plugin_paths(config), move |_| runtime.rescan())?,
        })
    }

    /// Watches what another configuration refers to.
    pub(super) fn follow(&mut self, sources: &Sources, config: &Config) {
        let watched = self
            .config
            .watch(sources.watched(config))
            .and_then(|()| self.plugins.watch(plugin_paths(config)));
        if let Err(error) = watched {
            tracing::error!(%error, "not every file is watched; use `portcullis ctl reload` after changes");
        }
    }
}

/// The folder, and the files of plugins that lie elsewhere.
fn plugin_paths(config: &Config) -> Vec<PathBuf> {
    let folder = &config.host.plugin_dir;
    let elsewhere = config
        .plugins
        .values()
        .map(|plugin| plugin.file.clone())
        .filter(|file| file.parent() != Some(folder));
    std::iter::once(folder.clone()).chain(elsewhere).collect()
}
