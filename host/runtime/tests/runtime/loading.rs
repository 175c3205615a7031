//! Components that may not be loaded, and what the operator is told.

use std::time::Duration;

use portcullis_runtime::{Hook, PluginState, Refusal};

use crate::support::bare::Bare;
use crate::support::questions::{ask, chain, login};
use crate::support::{Host, component, wait_until};

/// A plugin of this fixture is refused with this label, and a text that has all these parts.
fn check(table: &str, fixture: &str, label: &str, parts: &[&str]) {
    let host = Host::idle(1);
    let error = host.refusal(&format!(
        "[plugins.refused]\nfile = '{fixture}.wasm'\n{table}\n[chains]\nmain = ['refused']"
    ));
    assert_eq!(error.label(), label, "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{part} in {error}");
    }
    assert!(host.runtime.status().is_empty(), "nothing of it is in force");
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::EmptyChain));
}

pub(crate) mod imports_unknown {
    use super::*;

    #[test]
    fn an_import_that_no_host_offers_is_refused_by_its_name() {
        check(
            "",
            "imports-unknown",
            "unknown-import",
            &["portcullis:fixtures/teleport@1.0.0", "does not offer"],
        );
    }
}

pub(crate) mod wrong_version {
    use super::*;

    #[test]
    fn a_foreign_version_of_the_contract_is_refused_naming_both() {
        check("", "wrong-version", "version", &["9.0.0", "0.1.0", "update the host"]);
    }
}

pub(crate) mod lies_about_hooks {
    use super::*;

    #[test]
    fn a_description_that_differs_from_the_exports_is_refused_naming_both() {
        check(
            "",
            "lies-about-hooks",
            "contract",
            &["lists the hooks [route]", "exports [status]"],
        );
    }
}

pub(crate) mod init_fails {
    use super::*;

    #[test]
    fn a_plugin_that_refuses_its_configuration_is_refused_with_its_own_words() {
        check("", "init-fails", "step", &["`init` failed: refused on purpose"]);
        check(
            "config = { reason = 'no thanks' }",
            "init-fails",
            "step",
            &["no thanks"],
        );
    }
}

pub(crate) mod init_traps {
    use super::*;

    #[test]
    fn a_plugin_that_panics_in_init_is_refused_with_the_functions() {
        check(
            "",
            "init-traps",
            "step",
            &["`init` failed", "unreachable", "lifecycle@0.1.0#init"],
        );
    }
}

pub(crate) mod slow_init {
    use super::*;

    #[test]
    fn an_init_past_its_budget_is_refused() {
        let table = "limits = { slow-call-ms = 20 }\nconfig = { ms = 60000 }";
        check(table, "slow-init", "step", &["`init` failed", "used up its 20 ms"]);
    }

    #[test]
    fn connections_are_served_while_a_slow_plugin_starts() {
        let host = Host::start(1, "[plugins.fixed.config]\nroute = 'drop'\n[chains]\nmain = ['fixed']");
        let config = host.config(
            r#"
            [plugins.fixed.config]
            route = "drop"
            [plugins.slow-init.config]
            ms = 300
            [chains]
            main = ["fixed", "slow-init"]
            "#,
        );
        let runtime = host.runtime.clone();
        let applying = std::thread::spawn(move || runtime.apply(config));
        // All of these calls end before the apply does: it takes at least as long as `init`.
        let mut served = 0;
        while !applying.is_finished() {
            let session = login(&host.registry);
            let outcome = host.on_worker(0, move |plugins| ask(plugins, Hook::Route, &chain("main"), &session));
            assert_eq!(outcome.refusal(), None);
            served += 1;
        }
        applying.join().unwrap().unwrap();
        assert!(served >= 10, "{served}");
        wait_until("both are in force", || {
            host.plugin("slow-init").state == PluginState::Running
        });
    }
}

#[test]
fn files_that_are_no_plugins_are_told_apart() {
    let whole = component("fixed");
    let cases: [(&[u8], &str); 5] = [
        (b"", "not WebAssembly"),
        (b"#!/bin/sh\n", "not WebAssembly"),
        (b"\0asm\x01\0\0\0", "core module"),
        (&whole[..whole.len() / 2], "damaged or incomplete"),
        (&whole[..whole.len() - 1], "damaged or incomplete"),
    ];
    for (bytes, part) in cases {
        let host = Host::idle(1);
        host.put("odd.wasm", bytes);
        let error = host.refusal("[chains]\nmain = ['odd']");
        assert_eq!(error.label(), "not-a-component");
        assert!(error.to_string().contains(part), "{part} in {error}");
    }
}

#[test]
fn a_component_damaged_inside_its_code_is_refused() {
    let mut bytes = component("fixed");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let host = Host::idle(1);
    host.put("odd.wasm", &bytes);
    let error = host.refusal("[chains]\nmain = ['odd']");
    assert!(["compile", "not-a-component"].contains(&error.label()), "{error}");
}

#[test]
fn a_missing_file_is_named_with_the_key_that_says_where_it_is() {
    let host = Host::idle(1);
    let error = host.refusal("[plugins.nobody-has-this-name]\n[chains]\nmain = ['nobody-has-this-name']");
    let text = error.to_string();
    assert_eq!(error.label(), "file");
    assert!(
        text.contains("nobody-has-this-name.wasm") && text.contains("[plugins.nobody-has-this-name]"),
        "{text}"
    );
}

#[test]
fn a_file_larger_than_any_plugin_is_not_read() {
    let host = Host::idle(1);
    let file = std::fs::File::create(host.plugin_file("odd.wasm")).unwrap();
    // Takes no room: nothing is written.
    file.set_len((64 << 20) + 1).unwrap();
    assert_eq!(host.refusal("[chains]\nmain = ['odd']").label(), "too-large");
}

#[test]
fn a_description_that_breaks_a_rule_is_refused_saying_which() {
    let cases = [
        (
            Bare {
                name: "Not A Name",
                ..Bare::default()
            },
            "Not A Name",
        ),
        (
            Bare {
                name: "",
                ..Bare::default()
            },
            "has the name \"\"",
        ),
        (
            Bare {
                version: "one",
                ..Bare::default()
            },
            "not a semantic version",
        ),
        (
            Bare {
                hook: Some("route"),
                ..Bare::default()
            },
            "lists the hooks [route], but it exports []",
        ),
        (
            Bare {
                schema: Some("{"),
                ..Bare::default()
            },
            "not JSON",
        ),
        (
            Bare {
                schema: Some(r#"{"type": 5}"#),
                ..Bare::default()
            },
            "no JSON Schema",
        ),
    ];
    for (bare, part) in cases {
        let host = Host::idle(1);
        host.put("bare.wasm", &bare.build());
        let error = host.refusal("[chains]\nmain = ['bare']");
        assert_eq!(error.label(), "contract", "{error}");
        assert!(error.to_string().contains(part), "{part} in {error}");
    }
}

#[test]
fn a_component_that_starts_with_more_memory_than_allowed_is_refused() {
    let host = Host::idle(1);
    // 2 MiB.
    host.put(
        "bare.wasm",
        &Bare {
            pages: 32,
            ..Bare::default()
        }
        .build(),
    );
    let toml = |mib| format!("[plugins.bare]\nlimits = {{ memory-mib = {mib} }}\n[chains]\nmain = ['bare']");
    let error = host.refusal(&toml(1));
    assert!(error.to_string().contains("memory limit of 1 MiB"), "{error}");
    host.apply(&toml(2)).unwrap();
}

#[test]
fn a_configuration_with_one_plugin_that_does_not_load_is_refused_as_a_whole() {
    let host = Host::start(1, "[plugins.fixed.config]\nroute = 'drop'\n[chains]\nmain = ['fixed']");
    let error = host.refusal("[plugins.fixed.config]\nstatus = 'drop'\n[chains]\nmain = ['fixed', 'init-fails']");
    assert_eq!(error.label(), "step");
    assert_eq!(host.runtime.status().len(), 1);
    assert_eq!(host.plugin("fixed").generation, 1);
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), None);
    assert_eq!(host.ask(0, Hook::Status, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let host = Host::idle(1);
    let problems = host
        .apply(
            "[plugins.nobody-has-this-name]\n[chains]\nmain = ['init-fails', 'wrong-version', 'nobody-has-this-name']",
        )
        .unwrap_err();
    let mut found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.plugin.to_string(), problem.error.label()))
        .collect();
    found.sort();
    let expect = [
        ("init-fails", "step"),
        ("nobody-has-this-name", "file"),
        ("wrong-version", "version"),
    ];
    assert_eq!(found, expect.map(|(name, label)| (name.to_owned(), label)));
    assert!(problems[0].to_string().starts_with("plugin `"), "{}", problems[0]);
}

#[test]
fn a_plugin_that_never_answers_to_describe_or_init_does_not_hold_up_the_host() {
    let host = Host::idle(1);
    let toml = "[plugins.loops]\nlimits = { slow-call-ms = 10 }\nconfig = { at = 'init' }\n[chains]\nmain = ['loops']";
    let started = std::time::Instant::now();
    assert_eq!(host.refusal(toml).label(), "step");
    assert!(started.elapsed() < Duration::from_secs(30));
}
