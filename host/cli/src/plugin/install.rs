//! Puts a component into a plugin folder: whole or not at all, since a host may be watching.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use portcullis_config::Sources;

use super::check::Checked;

/// Writes `NAME.wasm` into a folder, which is made if need be.
pub(crate) fn put(component: &Checked, folder: &Path) -> anyhow::Result<PathBuf> {
    let target = folder.join(format!("{}.wasm", component.name));
    // Hidden files are passed over by hosts, and a rename within one folder is atomic.
    let aside = folder.join(format!(".{}.{}.partial", component.name, std::process::id()));
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(&component.file, &aside))
        .and_then(|_| fs::rename(&aside, &target))
        .with_context(|| {
            let (file, folder) = (component.file.display(), folder.display());
            format!("cannot put {file} into {folder}; see who may write there, or name another folder with --into")
        })?;
    Ok(target)
}

/// The plugin folder of a configuration, whatever else is wrong with it.
pub(crate) fn folder_of(config: &Path) -> anyhow::Result<PathBuf> {
    let sources = Sources::new(config);
    sources.plugin_dir().ok_or_else(|| {
        let problems = sources.load().err().unwrap_or_default();
        let first = problems.first().map(ToString::to_string);
        anyhow!(
            "{}; without it there is no plugin folder: name the host's configuration with -c, or the folder with --into",
            first.unwrap_or_else(|| format!("{} names none", config.display()))
        )
    })
}
