//! What follows failures: another instance after a wait, and a quarantine when waiting does not help.

use std::time::{Duration, Instant};

use portcullis_runtime::{Hook, PluginState, Refusal};

use crate::support::Host;
use crate::support::{component, log};

#[test]
fn a_failed_instance_is_replaced_after_about_a_second() {
    let host = Host::start(1, "[chains]\nmain = ['traps']");
    let failed = Instant::now();
    host.ask(0, Hook::Route, "main");
    host.wait_for("traps", PluginState::BackingOff);
    assert_eq!(host.plugin("traps").recent_failures, 1);
    // Meanwhile there is nobody to ask.
    assert_eq!(
        host.ask(0, Hook::Status, "main").refusal(),
        Some(&Refusal::PluginFailed("traps".into()))
    );
    host.wait_for("traps", PluginState::Running);
    assert!(failed.elapsed() >= Duration::from_secs(1), "{:?}", failed.elapsed());
    assert_eq!(host.ask(0, Hook::Status, "main").refusal(), Some(&Refusal::NoVerdict));
    assert_eq!(host.plugin("traps").generation, 1, "the same load, another instance");
    // What went wrong is still told.
    assert!(
        host.plugin("traps")
            .error
            .is_some_and(|error| error.contains("give_up"))
    );
}

#[test]
fn a_failure_on_one_worker_leaves_the_other_workers_instance_alone() {
    let host = Host::start(2, "[chains]\nmain = ['traps']");
    host.ask(0, Hook::Route, "main");
    assert_eq!(
        host.ask(0, Hook::Status, "main").refusal(),
        Some(&Refusal::PluginFailed("traps".into()))
    );
    assert_eq!(host.ask(1, Hook::Status, "main").refusal(), Some(&Refusal::NoVerdict));
}

/// Five failures at once take five workers; the sixth's instance has not failed.
const WORKERS: usize = 6;
const QUARANTINING: &str = "[plugins.traps.config]\nafter = 0\n[chains]\nmain = ['traps']";

fn quarantined() -> Host {
    let host = Host::start(WORKERS, QUARANTINING);
    for worker in 0..5 {
        host.ask(worker, Hook::Route, "main");
    }
    host.wait_for("traps", PluginState::Quarantined);
    host
}

#[test]
fn five_failures_within_a_minute_quarantine_the_plugin_on_all_workers() {
    let host = quarantined();
    assert_eq!(host.plugin("traps").recent_failures, 5);
    assert_eq!(
        host.metric(
            "portcullis_plugin_state",
            &[("plugin", "traps"), ("state", "quarantined")]
        ),
        1.0
    );
    assert_eq!(
        host.metric("portcullis_plugin_state", &[("plugin", "traps")]),
        1.0,
        "in one state at a time"
    );
    for worker in 0..WORKERS {
        let outcome = host.ask(worker, Hook::Status, "main");
        assert_eq!(
            outcome.refusal(),
            Some(&Refusal::PluginFailed("traps".into())),
            "{worker}"
        );
    }
    assert_eq!(host.calls("traps", "status"), 0.0, "nobody was asked");
}

#[test]
fn a_quarantine_outlasts_a_look_at_unchanged_files_and_an_unchanged_configuration() {
    let host = quarantined();
    host.rescan();
    host.apply(QUARANTINING).unwrap();
    assert_eq!(host.plugin("traps").state, PluginState::Quarantined);
    assert_eq!(host.plugin("traps").generation, 1);
}

#[test]
fn a_quarantine_is_lifted_by_the_operator() {
    let host = quarantined();
    host.reload("traps").unwrap();
    check_lifted(&host);
}

#[test]
fn a_quarantine_is_lifted_by_another_file() {
    let host = quarantined();
    host.put("traps.wasm", &component("fixed"));
    host.rescan();
    check_lifted(&host);
}

#[test]
fn a_quarantine_is_lifted_by_another_configuration() {
    let host = quarantined();
    host.apply("[plugins.traps.config]\nafter = 1\n[chains]\nmain = ['traps']")
        .unwrap();
    check_lifted(&host);
}

fn check_lifted(host: &Host) {
    let plugin = host.plugin("traps");
    assert_eq!(
        (plugin.state, plugin.generation, plugin.recent_failures),
        (PluginState::Running, 2, 0)
    );
    assert_eq!(plugin.error, None);
    for worker in 0..WORKERS {
        assert_eq!(
            host.ask(worker, Hook::Status, "main").refusal(),
            Some(&Refusal::NoVerdict),
            "{worker}"
        );
    }
}

#[test]
fn a_failure_is_logged_once_with_its_functions_and_when_to_expect_the_next_instance() {
    let host = Host::start(1, "[plugins.logged]\nfile = 'traps.wasm'\n[chains]\nmain = ['logged']");
    host.ask(0, Hook::Route, "main");
    host.ask(0, Hook::Route, "main");
    host.wait_for("logged", PluginState::BackingOff);
    let lines = log::lines_with("plugin=logged");
    let failed: Vec<_> = lines.iter().filter(|line| line.contains("plugin failed")).collect();
    assert_eq!(failed.len(), 1, "{lines:#?}");
    for part in ["WARN", "hook=\"route\"", "reason=\"trap\"", "give_up", "retry_ms=1"] {
        assert!(failed[0].contains(part), "{part} in {}", failed[0]);
    }
}
