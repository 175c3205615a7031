//! Packs what `portcullis plugin new` puts into a new folder: the SDK's crates as they would be published, without what only
//! their own workspace needs, and the contract.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::{Table, Value};

/// Folders of the crates below the root of the repository, and the crates' names.
const CRATES: [(&str, &str); 3] = [
    ("plugin-sdk", "portcullis-sdk"),
    ("plugin-macros", "portcullis-macros"),
    ("host/protocol", "portcullis-protocol"),
];
const CONTRACT: &str = "wit/portcullis-plugin-0.1.0";
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What is part of a published crate, beside its manifest.
const PARTS: [&str; 4] = ["src", "data", "wit", "README.md"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    let workspace: Table = read(&root.join("Cargo.toml"))?.parse()?;
    let workspace = table(&workspace, "workspace")?;

    let mut sdk = Vec::new();
    for (folder, name) in CRATES {
        let folder = root.join(folder);
        let manifest = standalone(read(&folder.join("Cargo.toml"))?.parse()?, workspace)?;
        sdk.push((format!("{name}/Cargo.toml"), toml::to_string(&manifest)?));
        for part in PARTS {
            collect(&folder.join(part), &format!("{name}/{part}"), &mut sdk)?;
        }
    }
    for licence in LICENCES {
        collect(&root.join(licence), licence, &mut sdk)?;
    }
    let mut contract = Vec::new();
    collect(&root.join(CONTRACT), "", &mut contract)?;

    let mut code = String::new();
    for (name, mut files) in [("SDK", sdk), ("CONTRACT", contract)] {
        files.sort();
        writeln!(code, "pub(crate) const {name}: &[(&str, &str)] = &[")?;
        for (path, text) in files {
            writeln!(code, "    ({:?}, {text:?}),", path.trim_start_matches('/'))?;
        }
        writeln!(code, "];")?;
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("sdk.rs"), code)?;
    Ok(())
}

/// A manifest with what it inherits from its workspace written out, and without what only the workspace's developers use.
fn standalone(mut manifest: Table, workspace: &Table) -> Result<Table, Box<dyn Error>> {
    for key in ["lints", "dev-dependencies", "bench"] {
        manifest.remove(key);
    }
    let inherited = table(workspace, "package")?;
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        package.remove("publish");
        for (key, value) in package.iter_mut().filter(|(_, value)| inherits(value)) {
            *value = inherited
                .get(key)
                .ok_or_else(|| format!("the workspace has no {key}"))?
                .clone();
        }
    }
    let inherited = table(workspace, "dependencies")?;
    if let Some(Value::Table(dependencies)) = manifest.get_mut("dependencies") {
        for (name, value) in dependencies.iter_mut() {
            let mut whole = match (inherits(value), inherited.get(name)) {
                (true, Some(Value::String(version))) => Table::from_iter([("version".into(), version.as_str().into())]),
                (true, Some(Value::Table(whole))) => whole.clone(),
                (true, _) => return Err(format!("the workspace has no dependency {name}").into()),
                (false, _) => {
                    if let Some(path) = value.get_mut("path") {
                        *path = format!("../{name}").into();
                    }
                    continue;
                }
            };
            for (key, own) in value
                .as_table()
                .into_iter()
                .flatten()
                .filter(|(key, _)| *key != "workspace")
            {
                match (whole.get_mut(key), own) {
                    (Some(Value::Array(features)), Value::Array(more)) => features.extend(more.iter().cloned()),
                    _ => drop(whole.insert(key.clone(), own.clone())),
                }
            }
            if whole.contains_key("path") {
                whole.insert("path".into(), format!("../{name}").into());
            }
            *value = whole.into();
        }
    }
    Ok(manifest)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn table<'a>(within: &'a Table, key: &str) -> Result<&'a Table, Box<dyn Error>> {
    let found = within.get(key).and_then(Value::as_table);
    found.ok_or_else(|| format!("the workspace's manifest has no table {key}").into())
}

/// The text files at or below a path, if it is there.
fn collect(path: &Path, name: &str, files: &mut Vec<(String, String)>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        println!("cargo::rerun-if-changed={}", path.display());
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            collect(&entry.path(), &name, files)?;
        }
    } else if path.is_file() {
        files.push((name.to_owned(), read(path)?));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
