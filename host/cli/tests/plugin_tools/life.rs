//! From nothing to a component that a host loads, by the commands that a new plugin's README names.

use std::fs;
use std::path::Path;
use std::process::Command;

use portcullis_runtime::Hook;
use xtask::workspace;

use crate::author::{Author, BINARY, both_hooks, command, room};
use crate::support::plugins::built;

/// Everything in a fresh folder, with every hook there is and the SDK that the binary carries.
#[test]
fn a_new_plugin_tests_builds_and_loads_as_it_is() {
    let hooks = Hook::ALL.map(Hook::label);
    let author = Author::with("first-light", &["--hook", &hooks.join(",")]);
    assert!(author.folder.join("vendor/portcullis-sdk/wit/route.wit").is_file());
    let tested = author.run(&["plugin", "test"]);
    assert_eq!(
        tested.matches("test result: ok. 14 passed; 0 failed").count(),
        2,
        "a test for each hook, natively and in the runtime: {tested}"
    );
    let built = author.run(&["plugin", "build", "--into", "plugins"]);
    assert!(built.contains("first-light 0.1.0"), "{built}");
    assert!(built.contains(&format!("hooks: {}", hooks.join(", "))), "{built}");
    let checked = author.run(&["check"]);
    assert!(
        checked.contains("ok (listeners: 1, servers: 1, plugins: 1, chains: 1)"),
        "{checked}"
    );
}

#[test]
fn a_failing_test_fails_the_command_natively_and_in_the_runtime() {
    let author = Author::new("failing", "route");
    author.edit("src/lib.rs", "RouteVerdict::to([\"lobby\"])", "RouteVerdict::Drop");
    let natively = author.fail(&["plugin", "test"]);
    assert!(natively.contains("tests failed natively"), "{natively}");
    // Only inside: natively it passes.
    author.edit(
        "src/lib.rs",
        "assert_eq!(verdict, RouteVerdict::Drop)",
        "assert!(cfg!(not(target_family = \"wasm\")))",
    );
    let inside = author.fail(&["plugin", "test"]);
    assert!(inside.contains("tests failed in Portcullis' runtime"), "{inside}");
    assert!(inside.contains("did not come to their end"), "{inside}");
    assert!(
        inside.contains("assertion failed"),
        "the panic's own words are there: {inside}"
    );
}

#[test]
fn tests_are_given_the_arguments_behind_the_dashes() {
    let author = Author::new("filtered", "route,status");
    let tested = author.run(&["plugin", "test", "--", "the_server_list"]);
    assert_eq!(
        tested
            .matches("1 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out")
            .count(),
        2,
        "{tested}"
    );
}

#[test]
fn a_check_says_what_a_component_is_and_needs() {
    let file = both_hooks().display().to_string();
    let output = command(&room()).args(["plugin", "check", &file]).output().unwrap();
    let page = crate::author::said(&output);
    for line in [
        "name         both-hooks 0.1.0",
        "contract     portcullis:plugin 0.1.0",
        "hooks        status, route",
        "hot path     yes",
        "grants       none needed",
        "config       message (string, \"<gold>Hello from both-hooks\" by default) What the server list shows.",
        "a host would take it",
    ] {
        assert!(
            page.lines()
                .any(|found| found.trim_start().starts_with(line.trim_start())),
            "{line:?} in\n{page}"
        );
    }
    let output = command(&room())
        .args(["plugin", "check", "--json", &file])
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["hooks"], serde_json::json!(["status", "route"]));
    assert_eq!(json["problem"], serde_json::Value::Null);
    assert!(json["compile-us"].as_u64() > json["instantiate-us"].as_u64(), "{json}");
    assert!(
        json["started-memory-bytes"].as_u64() >= json["initial-memory-bytes"].as_u64(),
        "{json}"
    );
}

/// The page of a plugin that needs grants, line by line.
#[test]
fn a_check_gives_the_whole_page_with_what_to_paste() {
    let (checked, _) = page(&built("chat-guard.wasm"));
    let has = |heading: &str, fits: &dyn Fn(&str) -> bool| {
        let line = checked
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{heading:<13}")));
        let line = line.unwrap_or_else(|| panic!("no {heading} in\n{checked}"));
        assert!(fits(line), "{heading}: {line}");
    };
    let ends = |text: &str, units: [&str; 2]| {
        let (number, unit) = text.split_once(' ').unwrap();
        number.parse::<f64>().unwrap() > 0.0 && units.contains(&unit)
    };
    has("name", &|text| text.starts_with("chat-guard "));
    has("summary", &|text| text.ends_with('.'));
    has("stage", &|text| text == "transform");
    has("contract", &|text| text == "portcullis:plugin 0.1.0");
    has("hooks", &|text| text.contains("packet"));
    has("hot path", &|text| {
        text.starts_with("yes: ") && text.contains("2 ms a call at most")
    });
    has("may wait", &|text| text == "nothing");
    has("imports", &|text| {
        text.contains("packets") && text.contains("of WASI (clocks, randomness, log lines; the rest is refused)")
    });
    has("grants", &|text| text == "packets");
    has("size", &|text| ends(text, ["KiB", "MiB"]));
    has("memory", &|text| {
        let [first, started, most] = text.split(", ").collect::<Vec<_>>()[..] else {
            return false;
        };
        first.ends_with(" at first") && started.ends_with(" once started") && most.contains("32 MiB at most")
    });
    has("sha256", &|text| text.len() == 64);
    has("compiled in", &|text| ends(text, ["ms", "s"]));
    has("started in", &|text| ends(text, ["µs", "ms"]));
    has("state", &|text| text.contains("in a swap"));
    has("config", &|text| text.starts_with("chat (object)"));
    assert!(
        checked.contains("\n[plugins.chat-guard]\ngrants = [\"packets\"]\n"),
        "{checked}"
    );
    assert!(checked.contains("a host would take it"), "{checked}");
}

#[test]
fn what_is_pasted_for_requests_says_that_the_origin_is_ones_own() {
    let (checked, _) = page(&built("auth-mojang.wasm"));
    assert!(
        checked.contains("[plugins.auth-mojang]\n# Put the origins here that it may send requests to"),
        "{checked}"
    );
    assert!(checked.contains("grants = [\"http:https://"), "{checked}");
}

fn page(file: &Path) -> (String, bool) {
    let file = file.display().to_string();
    let output = command(&room()).args(["plugin", "check", &file]).output().unwrap();
    (crate::author::said(&output), output.status.success())
}

/// As an author types it, with the runner of the folder's own `.cargo/config.toml`.
#[test]
fn plain_cargo_runs_the_tests_in_the_runtime() {
    let author = Author::new("plain-cargo", "route");
    let binary = Path::new(BINARY).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["test", "--target", "wasm32-wasip2"])
        .current_dir(&author.folder)
        .env("PATH", std::env::join_paths(path).unwrap())
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-crates"),
        );
    let output = cargo.output().unwrap();
    let tested = crate::author::said(&output);
    assert!(output.status.success(), "{tested}");
    assert!(tested.contains("test result: ok. 1 passed"), "{tested}");
    assert!(
        tested.contains("wasm32-wasip2/debug/deps/plain_cargo-"),
        "what ran is a component: {tested}"
    );
}

/// What a router of this size is promised to have at most, with the profile that authors get.
const MAX_ROUTER_BYTES: u64 = 150 << 10;

#[test]
fn a_router_in_a_new_folder_is_small() {
    let author = Author::new("small-router", "route");
    let router = workspace::root().join("plugins/fixtures/examples/small_router.rs");
    author.write("src/lib.rs", &fs::read_to_string(router).unwrap());
    author.run(&["plugin", "build", "--release", "--into", "plugins"]);
    let bytes = fs::metadata(author.folder.join("plugins/small-router.wasm"))
        .unwrap()
        .len();
    println!("a router in a new folder has {bytes} bytes");
    assert!(bytes <= MAX_ROUTER_BYTES, "{bytes} bytes");
}

#[test]
fn shells_complete_the_commands() {
    let output = command(&room()).args(["completions", "bash"]).output().unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    for word in ["portcullis__subcmd__plugin__subcmd__new", "--baseline", "--watch"] {
        assert!(script.contains(word), "{word}");
    }
}
