//! `cargo xtask dist`: the release as an operator gets it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{plugins, workspace};

/// Builds in release and lays out `DIR/portcullis`, `DIR/plugins/*.wasm` and `DIR/portcullis.toml`. What else is in the
/// folder stays there.
pub fn run(dir: Option<PathBuf>) -> Result<()> {
    let dir = dir.unwrap_or_else(|| workspace::root().join("target/dist"));
    let host = workspace::build_host()?;
    let plugins = plugins::build_standard()?;
    fs::create_dir_all(dir.join("plugins")).with_context(|| format!("could not create {}", dir.display()))?;
    copy(&host, &dir.join("portcullis"))?;
    copy(
        &workspace::root().join("examples/quick-start/portcullis.toml"),
        &dir.join("portcullis.toml"),
    )?;
    for plugin in plugins {
        copy(
            &plugin,
            &dir.join("plugins").join(plugin.file_name().unwrap_or_default()),
        )?;
    }
    println!("{}", dir.display());
    Ok(())
}

/// Renames into place: neither a running binary nor a watched plugin folder takes a file that is being written.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let aside = to.with_extension("partial");
    fs::copy(from, &aside)
        .and_then(|_| fs::rename(&aside, to))
        .with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}
