//! An import that needs the operator's consent is a request; the configuration is the answer.

use portcullis_runtime::{Hook, PluginState, Refusal};

use crate::support::Host;
use crate::support::bare::importing;

const CONTROL: &str = "portcullis:plugin/control@0.1.0";

#[test]
fn a_missing_grant_refuses_a_named_plugin_with_the_line_to_add() {
    for (interface, grant) in [
        ("control", "control"),
        ("http", "http:https://example.com"),
        ("sql", "sql"),
        ("secrets", "secrets:NAME"),
        ("packets", "packets"),
    ] {
        let host = Host::idle(1);
        host.put(
            "kicker.wasm",
            &importing(&format!("portcullis:plugin/{interface}@0.1.0")),
        );
        let error = host.refusal("[chains]\nmain = ['kicker']");
        assert_eq!(error.label(), "missing-grant");
        let line = format!("add to [plugins.kicker]: grants = [\"{grant}\"]");
        assert!(error.to_string().ends_with(&line), "{error}");
    }
}

#[test]
fn a_grant_for_what_this_host_does_not_offer_is_not_enough() {
    let host = Host::idle(1);
    host.put("keeper.wasm", &importing("portcullis:plugin/sql@0.1.0"));
    let error = host.refusal("[plugins.keeper]\ngrants = ['sql']\n[chains]\nmain = ['keeper']");
    assert_eq!(error.label(), "unknown-import");
}

#[test]
fn a_hook_that_sees_what_players_do_needs_a_grant_as_an_import_does() {
    let host = Host::idle(1);
    let error = host.refusal("[chains]\nmain = ['watches']");
    assert_eq!(error.label(), "missing-grant");
    let text = error.to_string();
    assert!(
        text.starts_with("it exports `portcullis:plugin/packet@0.1.0`"),
        "{text}"
    );
    assert!(
        text.ends_with("add to [plugins.watches]: grants = [\"packets\"]"),
        "{text}"
    );
    host.apply("[plugins.watches]\ngrants = ['packets']\n[chains]\nmain = ['watches']")
        .unwrap();
}

#[test]
fn every_grant_that_a_plugin_needs_must_be_there() {
    let host = Host::idle(1);
    let toml = |grants: &str| format!("[plugins.orders]\ngrants = {grants}\n[chains]\nmain = ['orders']");
    for (grants, missing) in [
        ("[]", "control"),
        ("['packets']", "control"),
        ("['control']", "packets"),
    ] {
        let error = host.refusal(&toml(grants)).to_string();
        assert!(error.ends_with(&format!("grants = [\"{missing}\"]")), "{error}");
    }
    host.apply(&toml("['packets', 'control']")).unwrap();
    assert_eq!(host.plugin("orders").state, PluginState::Running);
}

#[test]
fn a_dropped_in_plugin_that_lacks_a_grant_is_listed_as_waiting_and_joins_no_chain() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']");
    host.put("kicker.wasm", &importing(CONTROL));
    host.rescan();
    let plugin = host.plugin("kicker");
    assert_eq!(plugin.state, PluginState::WaitingForGrant);
    assert!(
        plugin
            .error
            .is_some_and(|error| error.contains(r#"[plugins.kicker]: grants = ["control"]"#))
    );
    assert_eq!(plugin.chains, Vec::<String>::new());
    assert_eq!(
        host.metric(
            "portcullis_plugin_state",
            &[("plugin", "kicker"), ("state", "waiting-for-grant")]
        ),
        1.0
    );
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn a_plugin_waits_for_a_grant_only_while_that_is_what_it_lacks() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']");
    host.put("kicker.wasm", &importing(CONTROL));
    host.rescan();
    host.put("kicker.wasm", b"no component at all");
    host.rescan();
    let plugin = host.plugin("kicker");
    assert_eq!(plugin.state, PluginState::Failed, "{:?}", plugin.error);
}

#[test]
fn the_contracts_own_hooks_are_no_imports() {
    let host = Host::idle(1);
    host.put("odd.wasm", &importing("portcullis:plugin/route@0.1.0"));
    assert_eq!(host.refusal("[chains]\nmain = ['odd']").label(), "unknown-import");
}
