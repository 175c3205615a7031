//! A new plugin in Rust, with the SDK beside it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::template::{self, HookTemplates, fill as filled, parts};
use super::{GITIGNORE, PORTCULLIS_TOML, Plan};
use crate::plugin::args::HookName;
use crate::plugin::sdk;

const MANIFEST: &str = include_str!("../../../templates/plugin-rust/Cargo.toml.in");
const CARGO_CONFIG: &str = include_str!("../../../templates/plugin-rust/cargo-config.toml");
const LIBRARY: &str = include_str!("../../../templates/plugin-rust/lib.rs.in");
const README: &str = include_str!("../../../templates/plugin-rust/README.md.in");

/// A hook and its template.
macro_rules! template {
    ($hook:ident, $file:literal) => {
        (
            HookName::$hook,
            include_str!(concat!("../../../templates/plugin-rust/hooks/", $file, ".in")),
        )
    };
}

pub(super) const HOOKS: &HookTemplates = &[
    template!(Accept, "accept"),
    template!(Handshake, "handshake"),
    template!(Status, "status"),
    template!(Login, "login"),
    template!(Route, "route"),
    template!(Forward, "forward"),
    template!(Backend, "backend"),
    template!(Session, "session"),
    template!(Packet, "packet"),
    template!(Message, "message"),
    template!(Command, "command"),
    template!(Transfer, "transfer"),
    template!(Cookie, "cookie"),
    template!(ResourcePack, "resource-pack"),
];

/// Where the SDK is put, below the plugin's folder.
const VENDOR: &str = "vendor";
const SDK_CRATE: &str = "portcullis-sdk";

/// Writes everything, and gives the commands to go on with.
pub(super) fn fill(plan: &Plan, sdk_path: Option<&Path>) -> anyhow::Result<&'static [&'static str]> {
    let sdk_path = sdk_path.map(own_sdk).transpose()?;
    let vendored = match &sdk_path {
        Some(path) => format!("The SDK is the one in `{path}`."),
        None => format!(
            "The SDK is in `{VENDOR}`, as the `portcullis` that made this folder came with it: `cargo doc --open` shows its pages."
        ),
    };
    let sdk_path = sdk_path.unwrap_or_else(|| format!("{VENDOR}/{SDK_CRATE}"));
    let name = &*plan.names.kebab;
    let (features, grants) = (words(plan, "feature"), words(plan, "grant"));
    let features = features.map_or_else(String::new, |list| format!(", features = [{list}]"));
    let testing = words_with(plan, "feature", "testing");
    let grants = grants.map_or_else(String::new, |list| format!("grants = [{list}]\n"));
    let values = [
        ("name", name),
        ("type", &*plan.names.pascal),
        ("file", &name.replace('-', "_")),
        ("sdk", &sdk_path),
        ("vendored", &vendored),
        ("stage", plan.stage()),
        ("summary", plan.summary()),
        ("features", &features),
        ("testing", &testing),
        ("limits", &grants),
        (
            "config",
            &filled(&parts(plan, HOOKS, "toml").concat(), &[("name", name)]),
        ),
    ];
    let files = [
        ("Cargo.toml", filled(MANIFEST, &values)),
        (".cargo/config.toml", CARGO_CONFIG.to_owned()),
        (".gitignore", GITIGNORE.to_owned()),
        ("README.md", filled(README, &values)),
        ("portcullis.toml", filled(PORTCULLIS_TOML, &values)),
        ("src/lib.rs", filled(&library(plan), &values)),
    ];
    template::write(&plan.folder, &files)?;
    if sdk_path.starts_with(VENDOR) {
        sdk::unpack(sdk::SDK, &plan.folder.join(VENDOR))?;
    }
    Ok(&[
        "portcullis plugin test",
        "portcullis plugin build --into plugins",
        "portcullis run",
    ])
}

/// A path that cargo finds from the plugin's folder.
fn own_sdk(path: &Path) -> anyhow::Result<String> {
    if !path.join("Cargo.toml").is_file() {
        bail!(
            "{} is not the folder of {SDK_CRATE}: it has no Cargo.toml",
            path.display()
        );
    }
    let absolute = path
        .canonicalize()
        .with_context(|| format!("cannot find {}", path.display()))?;
    // In a quoted text of TOML.
    Ok(absolute
        .display()
        .to_string()
        .replace('\\', "\\\\")
        .replace('"', "\\\""))
}

/// The words of a part that hooks have, each once, as the elements of a list in TOML; none where no hook has the part.
fn words(plan: &Plan, part: &str) -> Option<String> {
    let words: BTreeSet<&str> = parts(plan, HOOKS, part).into_iter().flat_map(str::lines).collect();
    (!words.is_empty()).then(|| quoted(&words))
}

/// The same with one word more.
fn words_with(plan: &Plan, part: &str, more: &'static str) -> String {
    let words = parts(plan, HOOKS, part).into_iter().flat_map(str::lines);
    quoted(&words.chain([more]).collect())
}

fn quoted(words: &BTreeSet<&str>) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(", ")
}

/// The library before its words are replaced: what each hook brings, put together.
fn library(plan: &Plan) -> String {
    let part = |name| parts(plan, HOOKS, name);
    let settings = part("settings").join("\n");
    let (fields, settings) = match settings.is_empty() {
        true => (";", String::new()),
        false => (
            " {\n    settings: Settings,\n}",
            format!("#[derive(Config)]\nstruct Settings {{\n{settings}}}\n\n"),
        ),
    };
    let uses = part("use").concat();
    let statics: String = part("static").iter().map(|text| format!("{text}\n")).collect();
    filled(
        LIBRARY,
        &[
            ("uses", &uses),
            ("statics", &statics),
            ("fields", fields),
            ("settings", &settings),
            ("hooks", &part("hook").join("\n")),
            ("tests", &part("test").join("\n")),
        ],
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::plugin::args::Language;
    use crate::plugin::new::names::Names;

    #[test]
    fn no_word_of_a_template_is_left_whatever_the_hooks() {
        let all: Vec<HookName> = HOOKS.iter().map(|(hook, _)| *hook).collect();
        let one_each = all.iter().map(|hook| vec![*hook]);
        for hooks in one_each.chain([all.clone()]) {
            let folder = tempfile::tempdir().unwrap();
            let plan = Plan {
                names: Names::new("by-label", Language::Rust).unwrap(),
                hooks,
                folder: PathBuf::from(folder.path()),
            };
            fill(&plan, None).unwrap();
            for file in ["Cargo.toml", "README.md", "portcullis.toml", "src/lib.rs"] {
                let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
                assert!(
                    !text.contains("{{") && !text.contains("%%"),
                    "{file} of {:?}: {text}",
                    plan.hooks
                );
            }
        }
    }
}
