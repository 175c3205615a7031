//! From nothing to a component that a host loads, by the commands that a new plugin's README names.

use portcullis_runtime::Hook;

use crate::author::{Author, both_hooks, command, room};

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

#[test]
fn shells_complete_the_commands() {
    let output = command(&room()).args(["completions", "bash"]).output().unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    for word in ["portcullis__subcmd__plugin__subcmd__new", "--baseline", "--watch"] {
        assert!(script.contains(word), "{word}");
    }
}
