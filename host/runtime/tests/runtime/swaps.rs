//! Files and configurations that change while the host runs.

use portcullis_registry::Target;
use portcullis_runtime::{Hook, PluginState, Refusal, ReloadError, RouteOutcome};

use crate::support::questions::{Outcome, bare_chain, chain, login};
use crate::support::{Host, component, wait_until};

/// Routes to a server.
fn gate(server: &str) -> String {
    format!("[plugins.gate]\nconfig = {{ route = {{ to = [{{ server = '{server}' }}] }} }}\n[chains]\nmain = ['gate']")
}

fn started() -> Host {
    let host = Host::idle(2);
    host.put("gate.wasm", &component("fixed"));
    host.apply(&gate("lobby-1")).unwrap();
    host
}

/// Every worker is sent to this server.
#[track_caller]
fn check_routes_to(host: &Host, server: &str) {
    for worker in 0..2 {
        let expect = RouteOutcome::To(vec![Target::Server(server.into())], "gate".into());
        assert_eq!(
            host.ask(worker, Hook::Route, "main"),
            Outcome::Route(expect),
            "worker {worker}"
        );
    }
}

#[test]
fn a_changed_file_takes_the_place_of_the_old_one() {
    let host = started();
    let old = host.plugin("gate");
    host.put("gate.wasm", &component("traps"));
    host.rescan();
    let new = host.plugin("gate");
    assert_eq!((new.generation, new.state), (2, PluginState::Running));
    assert_ne!((new.sha256, new.size_bytes), (old.sha256, old.size_bytes));
    assert_eq!(new.hooks.len(), 5, "{:?}", new.hooks);
    assert_eq!(
        host.ask(0, Hook::Route, "main").refusal(),
        Some(&Refusal::PluginFailed("gate".into()))
    );
}

#[test]
fn a_look_at_unchanged_files_changes_no_plugin() {
    let host = started();
    host.rescan();
    host.put("gate.wasm", &component("fixed"));
    host.rescan();
    assert_eq!(host.plugin("gate").generation, 1);
    assert_eq!(host.reloads("gate", "ok"), 1.0);
}

#[test]
fn a_changed_configuration_is_in_force_when_apply_returns() {
    let host = started();
    check_routes_to(&host, "lobby-1");
    host.apply(&gate("lobby-2")).unwrap();
    check_routes_to(&host, "lobby-2");
    assert_eq!(host.plugin("gate").generation, 2);
}

#[test]
fn a_changed_policy_and_changed_limits_are_in_force_when_apply_returns() {
    let toml = |policy: &str, ms: u32| {
        format!(
            "[plugins.loops]\non-failure = '{policy}'\nlimits = {{ hot-call-ms = {ms} }}\n[chains]\nmain = ['loops']"
        )
    };
    let host = Host::start(1, &toml("closed", 2));
    assert_eq!(
        host.ask(0, Hook::Route, "main").refusal(),
        Some(&Refusal::PluginFailed("loops".into()))
    );
    host.apply(&toml("open", 20)).unwrap();
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
    assert_eq!(host.plugin("loops").on_failure, Some("open"));
    wait_until("the failure is told", || {
        host.plugin("loops").error.is_some_and(|error| error.contains("20 ms"))
    });
}

#[test]
fn chains_alone_can_change_and_plugins_stay_as_they_are() {
    let host = started();
    let before = host.on_worker(0, |plugins| plugins.generation());
    host.apply(&gate("lobby-1").replace("main = ['gate']", "main = ['gate']\nother = ['gate']"))
        .unwrap();
    assert_eq!(host.plugin("gate").generation, 1);
    assert_eq!(host.plugin("gate").chains, ["main", "other"]);
    assert_eq!(host.ask(0, Hook::Route, "other").refusal(), None);
    assert!(
        host.on_worker(0, |plugins| plugins.generation()) > before,
        "cached answers are not used any more"
    );
}

#[test]
fn a_plugin_that_leaves_the_configuration_is_gone_with_its_state() {
    let toml = "[plugins.watcher]\nfile = 'observes.wasm'\n[chains]\nmain = ['watcher']";
    let host = Host::start(1, toml);
    let joining = login(&host.registry);
    let key = format!("joined/{}", joining.id());
    host.on_worker(0, move |plugins| plugins.joined(&chain("main"), &joining, "lobby-1"));
    let state = || host.state("watcher");
    assert_eq!(state().get(&key), Ok(Some(b"lobby-1".to_vec())));
    std::fs::remove_file(host.plugin_file("observes.wasm")).unwrap();
    host.apply("[chains]\nmain = []").unwrap();
    assert_eq!(host.find("watcher"), None);
    assert_eq!(state().get(&key), Ok(None));
    // When it comes back it begins anew, and its own metrics are taken again.
    host.apply(toml).unwrap();
    let joining = login(&host.registry);
    host.on_worker(0, move |plugins| plugins.joined(&chain("main"), &joining, "lobby-1"));
    assert_eq!(
        host.metric("portcullis_plugin_metrics_refused_total", &[("plugin", "watcher")]),
        0.0
    );
}

#[test]
fn a_plugin_that_is_gone_is_in_no_state() {
    let host = Host::start(
        1,
        "[plugins.watcher]\nfile = 'observes.wasm'\n[chains]\nmain = ['watcher']",
    );
    assert_eq!(host.metric("portcullis_plugin_state", &[("plugin", "watcher")]), 1.0);
    assert!(host.memory("watcher", 0) > 0.0);
    std::fs::remove_file(host.plugin_file("observes.wasm")).unwrap();
    host.apply("[chains]\nmain = []").unwrap();
    assert_eq!(host.metric("portcullis_plugin_state", &[("plugin", "watcher")]), 0.0);
    assert_eq!(host.memory("watcher", 0), 0.0);
}

/// Puts these bytes in the place of a running plugin's file: it keeps running, and the reason is told once.
#[track_caller]
fn check_kept(bytes: &[u8], result: &str, part: &str) {
    let host = started();
    host.put("gate.wasm", bytes);
    host.rescan();
    check_routes_to(&host, "lobby-1");
    let plugin = host.plugin("gate");
    assert_eq!((plugin.state, plugin.generation), (PluginState::Running, 1));
    let error = plugin.error.unwrap_or_default();
    assert!(error.contains(part), "{part} in {error}");
    host.rescan();
    assert_eq!(host.reloads("gate", result), 1.0, "not tried, and told of, again");

    host.put("gate.wasm", &component("fixed"));
    host.rescan();
    check_routes_to(&host, "lobby-1");
    assert_eq!(host.plugin("gate").error, None, "mended");

    host.put("gate.wasm", &component("facts"));
    host.rescan();
    assert_eq!(host.plugin("gate").hooks.len(), 2, "another plugin took its place");
}

#[test]
fn a_successor_whose_init_fails_leaves_the_old_generation_in_force() {
    check_kept(&component("init-fails"), "step", "refused on purpose");
    check_kept(&component("init-traps"), "step", "`init` failed");
}

#[test]
fn a_successor_that_is_no_plugin_leaves_the_old_generation_in_force() {
    check_kept(&component("imports-unknown"), "unknown-import", "teleport");
    check_kept(&component("wrong-version"), "version", "9.0.0");
    check_kept(&component("lies-about-hooks"), "contract", "lists the hooks");
}

#[test]
fn half_a_file_leaves_the_old_generation_in_force_until_it_is_whole() {
    let whole = component("facts");
    check_kept(&whole[..whole.len() / 2], "not-a-component", "damaged or incomplete");
    check_kept(b"", "not-a-component", "not WebAssembly");
}

#[test]
fn a_deleted_file_of_a_plugin_that_a_chain_names_is_an_error_and_it_runs_on() {
    let host = started();
    std::fs::remove_file(host.plugin_file("gate.wasm")).unwrap();
    host.rescan();
    check_routes_to(&host, "lobby-1");
    assert!(
        host.plugin("gate")
            .error
            .is_some_and(|error| error.contains("cannot read"))
    );
    host.put("gate.wasm", &component("fixed"));
    host.rescan();
    assert_eq!(host.plugin("gate").error, None);
}

#[test]
fn a_configuration_applied_again_while_a_file_is_broken_is_no_error() {
    let host = started();
    host.put("gate.wasm", b"broken");
    host.apply(&gate("lobby-1")).unwrap();
    check_routes_to(&host, "lobby-1");
    assert!(host.plugin("gate").error.is_some());
    // What touches the broken plugin itself is one.
    assert_eq!(host.refusal(&gate("lobby-2")).label(), "not-a-component");
    check_routes_to(&host, "lobby-1");
}

#[test]
fn a_swap_lets_the_old_instances_shut_down_and_is_not_held_up_by_one_that_does_not() {
    let host = Host::start(
        2,
        "[plugins.loops]\nconfig = { at = 'shutdown' }\n[chains]\nmain = ['loops']",
    );
    host.reload("loops").unwrap();
    assert_eq!((host.plugin("loops").generation, host.plugin("loops").error), (2, None));
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn a_swap_while_an_instance_is_away_brings_the_plugin_back_at_once() {
    let host = Host::start(1, "[chains]\nmain = ['traps']");
    host.ask(0, Hook::Route, "main");
    host.wait_for("traps", PluginState::BackingOff);
    host.reload("traps").unwrap();
    assert_eq!(host.plugin("traps").state, PluginState::Running);
    assert_eq!(host.ask(0, Hook::Status, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn reloading_an_unknown_plugin_says_so() {
    let host = started();
    assert_eq!(host.reload("nobody"), Err(ReloadError::Unknown("nobody".into())));
}

#[test]
fn a_stopped_runtime_asks_nobody_and_answers_everybody() {
    let host = started();
    host.runtime.stop();
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::EmptyChain));
    assert_eq!(host.reload("gate"), Err(ReloadError::Stopping));
    assert_eq!(host.runtime.status(), Vec::new());
    assert_eq!(
        host.ask_for(0, Hook::Route, &bare_chain("main"), &login(&host.registry))
            .refusal(),
        Some(&Refusal::EmptyChain)
    );
}
