//! Where things are: the repository, cargo, and cargo's target folders.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is in a folder of the repository")
}

/// The plugins' own workspace.
pub fn plugins_root() -> PathBuf {
    root().join("plugins")
}

/// The workspace of the examples that are plugins in Rust on the SDK.
pub fn examples_root() -> PathBuf {
    root().join("examples/plugins")
}

/// Cargo, as it was called, in a folder.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Cargo's target folder for the workspace in `folder`, wherever configuration or environment put it.
pub fn target_dir(folder: &Path) -> Result<PathBuf> {
    let mut command = cargo(folder);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata =
        serde_json::from_slice::<Value>(&process::output(command)?).context("could not read cargo metadata")?;
    let folder = metadata
        .get("target_directory")
        .and_then(Value::as_str)
        .context("cargo metadata has no target folder")?;
    Ok(PathBuf::from(folder))
}

/// Builds the host in release and gives the path of its binary.
pub fn build_host() -> Result<PathBuf> {
    let mut command = cargo(root());
    command.args(["build", "--release", "--package", "portcullis"]);
    process::run(command)?;
    Ok(target_dir(root())?.join("release/portcullis"))
}
