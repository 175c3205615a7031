//! Every public item of the SDK shows how it is used.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// Files that authors do not see: what is public there is for the derives' code and for other modules.
const INSIDE: [&str; 13] = [
    "bindings.rs",
    "config/fits.rs",
    "config/nearest.rs",
    "config/reader.rs",
    "config/rules.rs",
    "config/schema.rs",
    "config/table.rs",
    "hooks/exports.rs",
    "hooks/probe.rs",
    "host.rs",
    "plugin.rs",
    "positions.rs",
    "recycler.rs",
];

/// Items in files that have others, too: what the derives' code names, unless it says otherwise.
const HIDDEN: [&str; 14] = [
    // config/json.rs
    "Kinds",
    "NONE",
    "TRUTH",
    "WHOLE",
    "NUMBER",
    "TEXT",
    "LIST",
    "TABLE",
    "and",
    "has",
    "meets",
    // packets/typed/field.rs
    "read_fields",
    "release",
    // forwarding.rs: formats of the protocol crate, which the module's own functions and examples are about.
    "forwarding",
];

#[test]
fn every_public_item_has_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list(&source, &mut files);
    let mut items = 0;
    let mut missing = Vec::new();
    for file in &files {
        let path = file.strip_prefix(&source).unwrap().display().to_string();
        if INSIDE.contains(&&*path) {
            continue;
        }
        for item in items_of(&fs::read_to_string(file).unwrap()) {
            items += 1;
            if !item.has_example && !HIDDEN.contains(&&*item.name) {
                missing.push(format!("src/{path}:{}: {}", item.line, item.name));
            }
        }
    }
    assert!(items > 300, "only {items} items were found");
    assert!(missing.is_empty(), "no example:\n{}", missing.join("\n"));
}

struct Item {
    name: String,
    line: usize,
    has_example: bool,
}

/// Public functions, types, traits and what is passed on from the contract. Fields and variants belong to their type's example, methods
/// of traits to their trait's.
fn items_of(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut example, mut hidden, mut in_attribute) = (false, false, false);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line == "#[cfg(test)]" {
            break;
        }
        if line.starts_with("///") {
            example |= line.contains("```");
        } else if line.starts_with("#[doc") || line.starts_with("$(#[") {
            hidden |= line == "#[doc(hidden)]";
            example |= line.contains("```") || line.starts_with("$(#[");
        } else if in_attribute || line.starts_with("#[") {
            in_attribute = !line.ends_with(']');
        } else if !line.starts_with("//") {
            let name = item(line).filter(|_| !hidden);
            items.extend(name.map(|name| Item {
                name: name.to_owned(),
                line: number + 1,
                has_example: example,
            }));
            (example, hidden) = (false, false);
        }
    }
    items
}

fn item(line: &str) -> Option<&str> {
    const KINDS: [&str; 10] = [
        "pub fn ",
        "pub const fn ",
        "pub struct ",
        "pub enum ",
        "pub trait ",
        "pub type ",
        "pub const ",
        "pub use contract::",
        "pub use portcullis_macros::",
        "pub use portcullis_protocol::",
    ];
    let name = KINDS.iter().find_map(|kind| line.strip_prefix(kind))?;
    name.split(['(', '<', ' ', ';', ':', '{']).next()
}

fn list(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else {
            found.push(path);
        }
    }
}
