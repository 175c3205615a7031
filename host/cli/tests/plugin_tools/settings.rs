//! What an operator is told of a plugin's settings: file, line and key, whether the schema or the plugin's own `init` refused them.

use std::fs;

use crate::support::proxy::{Setting, said};

/// `portcullis check` of this text behind the listener's table tells each of these lines: the line that begins with the first part, and
/// what is said of it.
fn check(components: &[&str], rest: &str, expect: &[(&str, &str)]) {
    let setting = Setting::new(components, rest);
    let text = fs::read_to_string(setting.config()).unwrap();
    let output = setting.run(&["check"]);
    let told = said(&output);
    assert!(!output.status.success(), "{told}");
    for (line, message) in expect {
        let number = text.lines().position(|found| found.trim_start().starts_with(line));
        let number = number.unwrap_or_else(|| panic!("{line:?} is not in\n{text}")) + 1;
        let place = format!("/portcullis.toml:{number}:");
        let found = told.lines().any(|told| told.contains(&place) && told.contains(message));
        assert!(found, "{place} … {message}\nis not in\n{told}");
    }
    assert_eq!(told.lines().count(), expect.len() + 1, "{told}");
}

#[test]
fn a_malformed_value_is_told_by_example() {
    check(
        &["join-queue.wasm"],
        "[plugins.join-queue.config]\nplaces = 5\nkeep = \"5\"\n[chains]\nmain = [\"join-queue\"]\n",
        &[(
            "keep",
            "keep: \"5\" is not written as it must be; write \"5s\", \"1m30s\" or \"250ms\"",
        )],
    );
    // Where a plugin has secrets, no value is shown.
    check(
        &["realip.wasm"],
        "[plugins.realip.config]\nmax-age = \"5\"\ntrusted = [\n  \"10.0.0.0/8\",\n  \"lobby\",\n]\n[chains]\nmain = [\"realip\"]\n",
        &[
            (
                "max-age",
                "max-age: is not written as it must be; write \"5s\", \"1m30s\" or \"250ms\"",
            ),
            (
                "\"lobby\"",
                "trusted[1]: is not written as it must be; write \"10.0.0.0/8\"",
            ),
        ],
    );
}

#[test]
fn what_only_the_plugin_can_refuse_is_found_in_the_file_too() {
    check(
        &["realip.wasm"],
        "[plugins.realip.config]\nmax-age = \"2h\"\ntrusted = [\n  \"192.0.2.0/24\",\n  \"10.0.0.1/8\",\n]\n[chains]\nmain = [\"realip\"]\n",
        &[
            ("max-age", "max-age: \"2h\" is out of range; 1s to 1h is allowed"),
            (
                "\"10.0.0.1/8\"",
                "trusted[1]: \"10.0.0.1/8\" has bits set beyond its prefix; write \"10.0.0.0/8\"",
            ),
        ],
    );
    check(
        &["router.wasm"],
        "[plugins.router.config]\ndefault = \"lobby\"\nroutes = [\n  { host = \"a.example\", to = \"lobby\" },\n  \
         { host = \"a b\", to = \"lobby\" },\n]\n[chains]\nmain = [\"router\"]\n",
        &[("{ host = \"a b\"", "routes[1].host: \"a b\"")],
    );
}

#[test]
fn what_cannot_be_converted_is_told_at_its_key() {
    check(
        &["realip.wasm"],
        "[plugins.realip.config]\nrequired = true\nmax-age = \"30s\"\npublic-key = \"AAAA\"\n[chains]\nmain = [\"realip\"]\n",
        &[("public-key", "public-key: is no public key")],
    );
}
