//! The folder that a plugin is written in: which language, how it is built, and what its build depends on.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::toolchain::{TARGET, cargo, ensure_target, not_started, run};
use crate::terminal::during;

/// Files and folders that a build depends on, in any language. Not all of them are there.
const SOURCES: [&str; 9] = [
    "Cargo.toml",
    "build.rs",
    "package.json",
    "build.js",
    "pyproject.toml",
    "build.py",
    "requirements.txt",
    "src",
    "wit",
];

/// What came out of a build.
pub(crate) struct Built {
    /// What a configuration would call the plugin.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

/// A plugin's folder.
pub(crate) enum Project {
    /// A crate, or a workspace of them.
    Rust(PathBuf),
    /// `npm run build` makes a component at the path that it is given.
    JavaScript(PathBuf),
    /// `python3 build.py` does.
    Python(PathBuf),
}

impl Project {
    /// Looks at what is in a folder.
    pub(crate) fn find(folder: &Path) -> anyhow::Result<Self> {
        let has = |name: &str| folder.join(name).is_file();
        let folder = folder.to_owned();
        match () {
            () if has("Cargo.toml") => Ok(Self::Rust(folder)),
            () if has("package.json") => Ok(Self::JavaScript(folder)),
            () if has("pyproject.toml") && has("build.py") => Ok(Self::Python(folder)),
            () => bail!(
                "{} is not the folder of a plugin: it has neither Cargo.toml nor package.json nor pyproject.toml and build.py; \
                 go to the plugin's folder, or make one with `portcullis plugin new NAME`",
                folder.display()
            ),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::Rust(folder) | Self::JavaScript(folder) | Self::Python(folder) => folder,
        }
    }

    /// Builds, showing what the tools show. An error has been explained by them already.
    pub(crate) fn build(&self, release: bool) -> anyhow::Result<Vec<Built>> {
        match self {
            Self::Rust(folder) => build_rust(folder, release),
            Self::JavaScript(folder) => build_javascript(folder),
            Self::Python(folder) => build_python(folder),
        }
    }

    /// What to watch: the sources, with every folder below them; of a workspace those of every crate that is built here.
    pub(crate) fn sources(&self) -> Vec<PathBuf> {
        let crates = match self {
            Self::Rust(folder) => crates(folder),
            Self::JavaScript(_) | Self::Python(_) => Vec::new(),
        };
        let mut found = Vec::new();
        for folder in std::iter::once(self.folder()).chain(crates.iter().map(PathBuf::as_path)) {
            for source in SOURCES {
                with_folders_below(folder.join(source), &mut found);
            }
        }
        found
    }
}

/// The folders of the crates below this one, and of those beside it that they name by path. None where cargo does not understand the
/// manifests, which building tells.
fn crates(folder: &Path) -> Vec<PathBuf> {
    let mut metadata = cargo(folder);
    metadata
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let answer = metadata.output().ok().map(|output| output.stdout).unwrap_or_default();
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let mut folders = Vec::new();
    for package in array(answer.get("packages")).filter(|package| belongs_to(package, folder)) {
        let manifest = package.get("manifest_path").and_then(Value::as_str).map(Path::new);
        folders.extend(manifest.and_then(Path::parent).map(Path::to_owned));
        let named = array(package.get("dependencies")).filter_map(|dependency| dependency.get("path")?.as_str());
        folders.extend(named.map(PathBuf::from));
    }
    folders.sort();
    folders.dedup();
    let own = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folders.retain(|found| *found != own);
    folders
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn with_folders_below(path: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
        let below = entry.path();
        if below.is_dir() {
            with_folders_below(below, found);
        }
    }
    found.push(path);
}

fn build_rust(folder: &Path, release: bool) -> anyhow::Result<Vec<Built>> {
    ensure_target(folder)?;
    let mut build = cargo(folder);
    build
        .args([
            "build",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(release.then_some("--release"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = build.output().map_err(|error| not_started("cargo", &error))?;
    if !output.status.success() {
        bail!("it does not build; mend what cargo says above");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built: Vec<Built> = messages
        .filter(|message| belongs_to(message, folder))
        .flat_map(|message| components(&message))
        .collect();
    if built.is_empty() {
        bail!(
            "no component came out of {}: set crate-type = [\"cdylib\"] under [lib] in Cargo.toml",
            folder.display()
        );
    }
    Ok(built)
}

/// Whether an artefact is of a crate below this folder, and not of a dependency from elsewhere.
fn belongs_to(message: &Value, folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let manifest = message.get("manifest_path").and_then(Value::as_str);
    manifest.is_some_and(|manifest| Path::new(manifest).starts_with(folder))
}

fn components(message: &Value) -> Vec<Built> {
    let texts =
        |value: Option<&Value>| -> Vec<String> { array(value).filter_map(Value::as_str).map(str::to_owned).collect() };
    let is_library = texts(message.pointer("/target/kind"))
        .iter()
        .any(|kind| kind == "cdylib");
    let files = texts(message.get("filenames")).into_iter().map(PathBuf::from);
    files
        .filter(|file| is_library && file.extension() == Some(OsStr::new("wasm")))
        .map(|file| Built {
            name: name_of(&file),
            file,
        })
        .collect()
}

/// `by-label` of `…/by_label.wasm`.
pub(crate) fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.replace('_', "-")
}

fn build_javascript(folder: &Path) -> anyhow::Result<Vec<Built>> {
    if !folder.join("node_modules").is_dir() {
        let mut install = std::process::Command::new("npm");
        install
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(folder);
        if !during("installing packages", || run(&mut install))?.success() {
            bail!("its packages could not be installed; mend what npm says above");
        }
    }
    let manifest = folder.join("package.json");
    let text = read_manifest(&manifest)?;
    let package: Value = serde_json::from_str(&text)
        .with_context(|| format!("{} is not JSON; mend the place that is named here", manifest.display()))?;
    let name = package.get("name").and_then(Value::as_str);
    let name = name.with_context(|| {
        format!(
            "{} has no name; add \"name\": \"my-plugin\", what the component shall be called",
            manifest.display()
        )
    })?;
    scripted(folder, name, |file| {
        let mut build = std::process::Command::new("npm");
        build.args(["run", "--silent", "build", "--"]).arg(file);
        build
    })
}

fn build_python(folder: &Path) -> anyhow::Result<Vec<Built>> {
    let manifest = folder.join("pyproject.toml");
    let text = read_manifest(&manifest)?;
    let project: toml::Table = text
        .parse()
        .with_context(|| format!("{} is not TOML; mend the place that is named here", manifest.display()))?;
    let name = project.get("project").and_then(|project| project.get("name")?.as_str());
    let name = name.with_context(|| {
        format!(
            "{} has no name; add `name = \"my-plugin\"` under [project], what the component shall be called",
            manifest.display()
        )
    })?;
    scripted(folder, name, |file| {
        let mut build = std::process::Command::new("python3");
        build.arg("build.py").arg(file);
        build
    })
}

fn read_manifest(manifest: &Path) -> anyhow::Result<String> {
    fs::read_to_string(manifest).with_context(|| format!("cannot read {}; see who may", manifest.display()))
}

/// Runs a folder's own build script, which is given the file to make.
fn scripted(folder: &Path, name: &str, script: impl Fn(&Path) -> std::process::Command) -> anyhow::Result<Vec<Built>> {
    let out = folder.join("build");
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}; see who may write there", out.display()))?;
    let file = std::path::absolute(out.join(format!("{name}.wasm")))?;
    if !during(&format!("building {name}"), || run(script(&file).current_dir(folder)))?.success() {
        bail!("it does not build; mend what its build script says above");
    }
    if !file.is_file() {
        bail!(
            "the build script made no {}; it is given that path as its argument",
            file.display()
        );
    }
    Ok(vec![Built {
        name: name.to_owned(),
        file,
    }])
}
