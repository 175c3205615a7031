//! `cargo xtask dist`: the release as an operator gets it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::{plugins, workspace};

/// Plugins that are loaded, and those that wait to be copied there.
const PLUGINS: &str = "plugins";
const AVAILABLE: &str = "plugins-available";

/// Builds in release and lays out a folder.
pub fn run(dir: Option<PathBuf>) -> Result<()> {
    let dir = dir.unwrap_or_else(|| workspace::root().join("target/dist"));
    let host = workspace::build_host()?;
    let plugins = plugins::build_standard()?;
    lay_out(&dir, &host, &plugins)?;
    println!("{}", dir.display());
    Ok(())
}

/// Lays out `DIR/portcullis`, `DIR/portcullis.toml`, the plugins that it names in `DIR/plugins`, and the others beside them, in
/// `DIR/plugins-available`: in the folder they would join every chain. What an operator has there stays: his configuration, and newer
/// versions go where he has put the plugins.
pub fn lay_out(dir: &Path, host: &Path, plugins: &[PathBuf]) -> Result<()> {
    for folder in [PLUGINS, AVAILABLE] {
        fs::create_dir_all(dir.join(folder)).with_context(|| format!("could not create {}", dir.display()))?;
    }
    copy(host, &dir.join("portcullis"))?;
    let configuration = dir.join("portcullis.toml");
    if !configuration.exists() {
        let first = workspace::root().join("examples/quick-start/portcullis.toml");
        copy(&first, &configuration)?;
    }
    let named = named_in(&configuration)?;
    for plugin in plugins {
        let name = plugin.file_name().unwrap_or_default();
        let loaded = dir.join(PLUGINS).join(name);
        let is_loaded = is_named(&named, plugin) || loaded.exists();
        copy(
            plugin,
            &if is_loaded {
                loaded
            } else {
                dir.join(AVAILABLE).join(name)
            },
        )?;
    }
    Ok(())
}

/// The plugins that stand in the chains of a configuration.
pub(crate) fn named_in(configuration: &Path) -> Result<BTreeSet<String>> {
    let config = portcullis_config::load(configuration).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow!("{}", problems.join("\n"))
    })?;
    Ok(config.chains.values().flatten().map(ToString::to_string).collect())
}

/// Whether a plugin's file is one of those named.
pub(crate) fn is_named(named: &BTreeSet<String>, plugin: &Path) -> bool {
    let name = plugin.file_stem().and_then(|name| name.to_str());
    name.is_some_and(|name| named.contains(name))
}

/// Renames into place: neither a running binary nor a watched plugin folder takes a file that is being written.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let aside = to.with_extension("partial");
    fs::copy(from, &aside)
        .and_then(|_| fs::rename(&aside, to))
        .with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}
