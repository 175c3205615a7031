//! Files that appear in the plugin folder without being configured.

use std::fs;

use portcullis_runtime::{Hook, PluginState, Refusal, StatusOutcome};

use crate::support::questions::{Outcome, bare_chain, chain, login};
use crate::support::{Host, component};

/// A configured `motd` that answers whatever host is asked for. One without configuration passes every question on.
const MOTD: &str = "[plugins.motd.config.default]\ndescription = 'here'\n";

/// A chain of one link at the stage `route`, which also answers the server list.
const ROUTE: &str = r#"
    [plugins.fixed.config]
    status = "drop"
    [chains]
    main = ["fixed"]
"#;

fn status_by(host: &Host, auto_chain: bool) -> String {
    let asked = if auto_chain { chain("main") } else { bare_chain("main") };
    match host.ask_for(0, Hook::Status, &asked, &login(&host.registry)) {
        Outcome::Status(StatusOutcome::Answer(_, by) | StatusOutcome::Drop(by)) => by.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_dropped_in_plugin_joins_at_its_stage_where_listeners_allow_it() {
    let host = Host::start(1, ROUTE);
    assert_eq!(status_by(&host, true), "fixed");
    host.put("motd.wasm", &component("motd"));
    host.rescan();
    assert_eq!(host.plugin("motd").stage, Some("status"));
    assert_eq!(host.plugin("motd").chains, ["main"]);
    // Its stage, `status`, comes before `route`: it is asked, though the chain's own link would have decided.
    assert_eq!(status_by(&host, true), "fixed");
    assert_eq!(host.calls("motd", "status"), 1.0);
    assert_eq!(status_by(&host, false), "fixed");
    assert_eq!(host.calls("motd", "status"), 1.0);
}

#[test]
fn a_dropped_in_plugin_of_a_later_stage_is_asked_after_the_chains_own() {
    let host = Host::start(1, &format!("{MOTD}[chains]\nmain = ['motd']"));
    host.put("counts.wasm", &component("counts-v1"));
    host.rescan();
    assert_eq!(status_by(&host, true), "motd");
    // And its hooks are asked where the chain's own have none.
    host.ask(0, Hook::Route, "main");
    assert_eq!(
        (host.calls("counts", "route"), host.calls("counts", "status")),
        (1.0, 0.0)
    );
}

#[test]
fn a_plugin_that_any_chain_names_joins_no_other() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']\nother = ['motd']");
    assert_eq!(host.plugin("motd").chains, ["other"]);
    assert_eq!(host.ask(0, Hook::Status, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn a_configured_plugin_that_no_chain_names_joins_like_a_dropped_in_one() {
    let host = Host::start(1, &format!("{MOTD}{ROUTE}"));
    assert_eq!(status_by(&host, true), "motd");
    assert_eq!(status_by(&host, false), "fixed");
}

#[test]
fn an_empty_chain_is_empty_no_longer_when_a_plugin_is_dropped_in() {
    let host = Host::start(1, "[chains]\nmain = []");
    host.put("fixed.wasm", &component("fixed"));
    host.rescan();
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
    let outcome = host.ask_for(0, Hook::Route, &bare_chain("main"), &login(&host.registry));
    assert_eq!(outcome.refusal(), Some(&Refusal::EmptyChain));
}

#[test]
fn a_dropped_in_plugin_leaves_with_its_file_and_may_come_back() {
    let host = Host::start(1, ROUTE);
    for round in [1.0, 2.0] {
        host.put("motd.wasm", &component("motd"));
        host.rescan();
        assert_eq!(status_by(&host, true), "fixed");
        assert_eq!(host.calls("motd", "status"), round);
        assert_eq!(host.plugin("motd").generation, 1);
        fs::remove_file(host.plugin_file("motd.wasm")).unwrap();
        host.rescan();
        assert_eq!(host.find("motd"), None);
        assert_eq!(status_by(&host, true), "fixed");
    }
}

#[test]
fn a_dropped_in_plugin_that_does_not_load_is_listed_with_the_reason_and_hurts_nobody() {
    let host = Host::start(1, ROUTE);
    host.put("init-fails.wasm", &component("init-fails"));
    host.rescan();
    let plugin = host.plugin("init-fails");
    assert_eq!((plugin.state, plugin.generation), (PluginState::Failed, 0));
    assert!(plugin.error.is_some_and(|error| error.contains("refused on purpose")));
    assert_eq!(status_by(&host, true), "fixed");
    // Nor is it a reason to refuse a configuration.
    host.apply(ROUTE).unwrap();
}

#[test]
fn files_that_cannot_be_plugins_by_their_names_are_passed_over() {
    let host = Host::start(1, ROUTE);
    let bytes = component("motd");
    for name in [".motd.wasm", "motd.wasm~", "motd.cwasm", "Not A Name.wasm", "motd.txt"] {
        host.put(name, &bytes);
    }
    fs::create_dir(host.plugin_file("folder.wasm")).unwrap();
    host.rescan();
    let names: Vec<_> = host.runtime.status().into_iter().map(|plugin| plugin.name).collect();
    assert_eq!(names, ["fixed"]);
}

#[test]
fn a_file_that_a_configured_plugin_is_made_of_is_not_dropped_in_as_well() {
    let host = Host::start(1, "[plugins.mine]\nfile = 'fixed.wasm'\n[chains]\nmain = ['mine']");
    host.rescan();
    assert_eq!(host.find("fixed"), None);
}
