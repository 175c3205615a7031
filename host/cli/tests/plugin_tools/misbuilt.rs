//! Files that are no plugins, one for each way to build one wrongly, and what the author is told.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use xtask::workspace;

use crate::author::{both_hooks, command, room, said};
use crate::support::plugins::built;

/// `plugin check` refuses a file with these contents, in one line that has all these parts.
fn check(bytes: &[u8], parts: &[&str]) {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    let file = folder.path().join("mine.wasm");
    fs::write(&file, bytes).unwrap();
    let output = command(folder.path())
        .args(["plugin", "check", "mine.wasm"])
        .output()
        .unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let line = text.lines().find(|line| line.starts_with("error: mine.wasm: "));
    let line = line.unwrap_or_else(|| panic!("no refusal in\n{text}"));
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line}");
    }
    let json = command(folder.path())
        .args(["plugin", "check", "mine.wasm", "--json"])
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let problem = json["problem"].as_str().unwrap();
    assert!(line.ends_with(problem), "{problem}");
}

/// A core module, with what makes it look like a build for another target.
fn module(rest: &[u8]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0", rest].concat()
}

/// An import section that imports a function of type 0 from a module.
fn importing(from: &str) -> Vec<u8> {
    const TYPES: &[u8] = &[1, 4, 1, 0x60, 0, 0];
    let import = [&[1, u8::try_from(from.len()).unwrap()], from.as_bytes(), b"\x01f\0\0"].concat();
    let head = [2, u8::try_from(import.len()).unwrap()];
    module(&[TYPES, &head, &import].concat())
}

#[test]
fn a_build_for_another_target_is_told_the_right_one() {
    check(
        &module(&[]),
        &["core module", "wasm32-unknown-unknown", "portcullis plugin build"],
    );
    check(
        &importing("wasi_snapshot_preview1"),
        &["core module", "wasm32-wasip1", "wasm32-wasip2"],
    );
    check(b"\x7fELF\x02\x01\x01", &["native code", "wasm32-wasip2"]);
}

#[test]
fn a_core_module_with_the_contracts_imports_lacks_its_last_step() {
    check(
        &importing("portcullis:plugin/log@0.1.0"),
        &["core module", "wasm-tools component new"],
    );
}

#[test]
fn a_component_that_is_no_plugin_is_told_what_to_export() {
    // An empty component.
    check(
        b"\0asm\x0d\0\x01\0",
        &["portcullis:plugin/lifecycle@0.1.0", "exports nothing at all"],
    );
}

#[test]
fn a_described_hook_that_is_not_exported_is_told_with_both_lists() {
    let component = fs::read(built("lies-about-hooks.wasm")).unwrap();
    check(
        &component,
        &[
            "lists the hooks [route]",
            "exports [status]",
            "include the worlds of the hooks",
        ],
    );
}

/// What wit-bindgen makes of a world without a hook; on the SDK it does not compile.
#[test]
fn a_component_without_a_hook_is_told_that_nobody_would_call_it() {
    let folder = room().join("idle");
    fs::create_dir_all(folder.join("src")).unwrap();
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
    let first = workspace::root().join("examples/plugins/first-route");
    let manifest = fs::read_to_string(first.join("Cargo.toml")).unwrap();
    write("Cargo.toml", &manifest.replace("first-route", "idle"));
    let wit = workspace::root()
        .join("wit/portcullis-plugin-0.1.0")
        .display()
        .to_string();
    write("src/lib.rs", &IDLE.replace("WIT", &wit));
    let built = command(&folder).args(["plugin", "build"]).output().unwrap();
    let refused = said(&built);
    assert!(!built.status.success(), "{refused}");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-crates/wasm32-wasip2/debug/idle.wasm");
    check(
        &fs::read(target).unwrap(),
        &[
            "exports `lifecycle` and no hook",
            "no host would ever call it",
            "include portcullis:plugin/route-hook@0.1.0;",
        ],
    );
    assert!(refused.contains("no host would ever call it"), "{refused}");
}

const IDLE: &str = r#"
use exports::portcullis::plugin::lifecycle;

wit_bindgen::generate!({
    path: "WIT",
    inline: "
        package example:idle;
        world idle {
            include portcullis:plugin/lifecycle-hook@0.1.0;
        }
    ",
    world: "example:idle/idle",
    generate_all,
});

struct Plugin;

impl lifecycle::Guest for Plugin {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: "idle".into(),
            version: "0.1.0".into(),
            summary: "Does nothing.".into(),
            stage: lifecycle::Stage::Observe,
            hooks: Vec::new(),
            config_schema: None,
            state_version: None,
        }
    }

    fn init(_config: String) -> Result<(), String> {
        Ok(())
    }

    fn save() -> Vec<u8> {
        Vec::new()
    }

    fn load(_state_version: u32, _saved: Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

export!(Plugin);
"#;

#[test]
fn a_newer_contract_is_told_with_both_versions() {
    let component = fs::read(built("wrong-version.wasm")).unwrap();
    check(&component, &["9.0.0", "0.1.0", "update the host"]);
}

#[test]
fn an_import_that_no_host_offers_is_told_by_its_name() {
    let component = fs::read(built("imports-unknown.wasm")).unwrap();
    check(
        &component,
        &["portcullis:fixtures/teleport@1.0.0", "does not offer", "newer host"],
    );
}

#[test]
fn a_huge_file_is_told_how_to_become_smaller() {
    const OVER_THE_LIMIT: usize = (64 << 20) + 1;
    check(&vec![0; OVER_THE_LIMIT], &["67108865 bytes", "--release", "strip"]);
}

#[test]
fn a_file_that_is_no_webassembly_is_called_what_it_is() {
    check(b"", &["the file is empty", "build the plugin again"]);
    check(b"hello\n", &["not WebAssembly but a text file, whatever its name"]);
    check(b"(component)", &["its text format", "wasm-tools parse"]);
}

#[test]
fn a_truncated_component_is_damaged() {
    let whole = fs::read(both_hooks()).unwrap();
    check(
        &whole[..whole.len() - 10],
        &["damaged or incomplete", "still being written"],
    );
}
