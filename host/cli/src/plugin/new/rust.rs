//! A new plugin in Rust, with the SDK beside it.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::template::{self, HookTemplates, fill as filled, hook_templates, lines, parts, quoted};
use super::{GITIGNORE, PORTCULLIS_TOML, Plan};
use crate::plugin::sdk;

const MANIFEST: &str = include_str!("../../../templates/plugin-rust/Cargo.toml.in");
const CARGO_CONFIG: &str = include_str!("../../../templates/plugin-rust/cargo-config.toml");
const LIBRARY: &str = include_str!("../../../templates/plugin-rust/lib.rs.in");
const README: &str = include_str!("../../../templates/plugin-rust/README.md.in");

const HOOKS: HookTemplates = hook_templates!("plugin-rust");

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
    let mut features = lines(plan, HOOKS, "feature");
    let with_features = match features.is_empty() {
        true => String::new(),
        false => format!(", features = [{}]", quoted(&features)),
    };
    features.insert("testing");
    let values = [
        ("name", name),
        ("type", &*plan.names.pascal),
        ("file", &name.replace('-', "_")),
        ("sdk", &sdk_path),
        ("vendored", &vendored),
        ("stage", plan.stage()),
        ("summary", plan.summary()),
        ("features", &with_features),
        ("testing", &quoted(&features)),
        ("limits", &template::grants(plan, HOOKS)),
        ("company", &plan.company()),
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
    sdk::unpack(&files, &plan.folder)?;
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
