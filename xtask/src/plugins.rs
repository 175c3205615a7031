//! Builds the plugins in Rust on the SDK for WebAssembly: the workspace `plugins/`, and the one in `examples/plugins`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self as std_process, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{process, workspace};

/// The target that plugins are built for: components of WASI 0.2.
pub const TARGET: &str = "wasm32-wasip2";

/// Builds the standard plugins, the fixtures and the examples in release, and gives the folder that holds them as `.wasm`
/// files. Quick when nothing changed, and safe to call from several processes at once.
pub fn build() -> Result<PathBuf> {
    let folder = folder()?;
    for what in [STANDARD, FIXTURES, EXAMPLES] {
        collect(&what, Progress::Hidden, &folder)?;
    }
    Ok(folder)
}

/// Builds the standard plugins in release, showing cargo's progress, and gives their `.wasm` files, sorted.
pub fn build_standard() -> Result<Vec<PathBuf>> {
    collect(&STANDARD, Progress::Shown, &folder()?)
}

/// Components of a workspace.
struct Selection {
    root: fn() -> PathBuf,
    targets: &'static [&'static str],
}

const STANDARD: Selection = Selection {
    root: workspace::plugins_root,
    targets: &["--workspace", "--lib"],
};
/// Components that misbehave on purpose; one example each, so that one package holds them all.
const FIXTURES: Selection = Selection {
    root: workspace::plugins_root,
    targets: &["--package", "fixtures", "--examples"],
};
/// Plugins that each teach one thing.
const EXAMPLES: Selection = Selection {
    root: workspace::examples_root,
    targets: &["--workspace", "--lib"],
};

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Shown,
    Hidden,
}

/// Beside cargo's own folders rather than in one: there, file names carry underscores, and examples lie elsewhere.
fn folder() -> Result<PathBuf> {
    let folder = workspace::target_dir(&workspace::plugins_root())?.join("plugins");
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    Ok(folder)
}

/// Builds, and puts every component into the folder under the name that a configuration uses.
fn collect(what: &Selection, progress: Progress, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut collected = Vec::new();
    for built in compile(what, progress)? {
        let stem = built
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .replace('_', "-");
        let target = folder.join(stem).with_extension("wasm");
        put(&built, &target).with_context(|| format!("could not write {}", target.display()))?;
        collected.push(target);
    }
    collected.sort();
    Ok(collected)
}

/// The paths of the components, as cargo reports them, fresh or not.
fn compile(what: &Selection, progress: Progress) -> Result<Vec<PathBuf>> {
    add_target()?;
    let mut command = workspace::cargo(&(what.root)());
    command
        .env(
            "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
            format!("{} {SHORT_NAMES}", same_paths()),
        )
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(what.targets);
    if progress == Progress::Hidden {
        command.arg("--quiet");
    }
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("could not start cargo")?;
    if !output.status.success() {
        bail!("the plugins do not build");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(messages.flat_map(|message| components(&message)).collect())
}

/// Names of functions as people read them, without the hashes that the default has: a tenth of a component less.
const SHORT_NAMES: &str = "-Csymbol-mangling-version=v0 -Clink-arg=--demangle";

/// Panic messages name source files: the same ones wherever a plugin is built, and none that tells of the builder's machine.
fn same_paths() -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let known = [(cargo, "/cargo"), (Some(workspace::root().to_owned()), "/portcullis")];
    let flags = known
        .iter()
        .filter_map(|(folder, name)| Some(format!("--remap-path-prefix={}={name}", folder.as_ref()?.display())));
    flags.collect::<Vec<_>>().join(" ")
}

fn components(message: &Value) -> Vec<PathBuf> {
    let files = message
        .get("filenames")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    files
        .iter()
        .filter_map(Value::as_str)
        .filter(|file| file.ends_with(".wasm"))
        .map(PathBuf::from)
        .collect()
}

/// Writes aside and renames, so that nobody reads a part; leaves a file alone that is the same already.
fn put(from: &Path, to: &Path) -> Result<()> {
    let content = fs::read(from)?;
    if fs::read(to).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let aside = to.with_extension(format!("{}.partial", std_process::id()));
    fs::write(&aside, content)?;
    fs::rename(aside, to)?;
    Ok(())
}

/// Adds the target's standard library through rustup, unless it is there, however it came.
pub fn add_target() -> Result<()> {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(workspace::root());
    let libraries = String::from_utf8_lossy(&process::output(ask)?).trim().to_owned();
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    let hint = format!("Rust's standard library for {TARGET} is missing: install it with `rustup target add {TARGET}`");
    let mut add = Command::new("rustup");
    add.args(["target", "add", TARGET]).current_dir(workspace::root());
    process::output(add).map(|_| ()).context(hint)
}
