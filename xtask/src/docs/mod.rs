//! `cargo xtask docs`: the pages of the book that follow from other files.

mod packet_names;
mod settings;
mod versions;
mod wit;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Texts of files by name.
type Files = BTreeMap<String, String>;

const CONFIGURATION: &str = "<!-- Written by `cargo xtask docs` from the types in host/config. Change those. -->

# Configuration keys

Every key of `portcullis.toml`, and of the files in `servers-dir`, with its type and default. How the files work is told in
[Configuration](../operator/configuration.md).

";

/// Writes the generated pages; with `check` writes nothing and fails, naming the pages that differ from the committed ones.
pub fn run(check: bool) -> Result<()> {
    let reference = workspace::root().join("docs/reference");
    let contract = read(&workspace::root().join("wit/portcullis-plugin-0.1.0"), "wit")?;
    let configuration = format!("{CONFIGURATION}{}", portcullis_config::reference_markdown());
    let pages = [
        (
            "",
            Files::from([
                ("configuration.md".into(), format!("{}\n", configuration.trim_end())),
                ("game-versions.md".into(), versions::page()?),
                ("packet-names.md".into(), packet_names::page()?),
                ("plugin-settings.md".into(), settings::page()?),
            ]),
        ),
        ("wit", wit::pages(&contract)),
    ];
    for (folder, pages) in pages {
        let folder = reference.join(folder);
        fs::create_dir_all(&folder)?;
        let committed = read(&folder, "md")?;
        if check {
            compare(&folder, &pages, &committed)?;
        } else {
            write(&folder, &pages)?;
        }
    }
    Ok(())
}

fn compare(folder: &Path, pages: &Files, committed: &Files) -> Result<()> {
    let names = pages
        .keys()
        .chain(committed.keys().filter(|name| !pages.contains_key(*name)));
    let stale = names
        .filter(|name| pages.get(*name) != committed.get(*name))
        .cloned()
        .collect::<Vec<_>>();
    if !stale.is_empty() {
        bail!(
            "not what `cargo xtask docs` writes: {} in {}",
            stale.join(", "),
            folder.display()
        );
    }
    Ok(())
}

fn write(folder: &Path, pages: &Files) -> Result<()> {
    for name in read(folder, "md")?.keys().filter(|name| !pages.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, page) in pages {
        fs::write(folder.join(name), page)
            .with_context(|| format!("could not write {name} in {}", folder.display()))?;
    }
    Ok(())
}

/// The files with this extension in a folder. All pages below the reference are generated.
fn read(folder: &Path, extension: &str) -> Result<Files> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    let mut files = Files::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}
