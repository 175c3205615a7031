//! What plugins may call, as a plugin sees it; and what is shared by whom.

use portcullis_runtime::Accept;

use crate::support::bare::HUNDRED_TOKENS;
use crate::support::questions::{accepted, chain, login};
use crate::support::{Host, log};

const KEYS: usize = 50;

fn toml(plugin: &str, keys: usize) -> String {
    format!(
        r#"
        [plugins.{plugin}]
        file = "services.wasm"
        limits = {{ hot-call-ms = 1000, state-keys = {keys} }}
        [plugins.{plugin}.config]
        server = "lobby-1"
        group = "lobby"
        keys = {keys}
        [chains]
        main = ["{plugin}"]
        "#
    )
}

#[track_caller]
fn check_all_ok(report: &str) {
    let failed: Vec<_> = report.lines().filter(|line| !line.ends_with("=ok")).collect();
    assert!(failed.is_empty() && report.lines().count() > 50, "{failed:#?}");
}

#[expect(clippy::module_inception, reason = "named after the fixture")]
pub(crate) mod services {
    use super::*;

    #[test]
    fn every_service_keeps_its_contract_and_wasi_gives_nothing() {
        let host = Host::start(2, &toml("services", KEYS));
        for worker in [0, 1, 0] {
            check_all_ok(&host.description(worker, "main"));
        }
    }

    #[test]
    fn numbers_that_break_a_rule_are_counted_and_the_others_are_exposed() {
        let host = Host::start(1, &toml("services", KEYS));
        check_all_ok(&host.description(0, "main"));
        // A name, a kind, a set of labels, a label's value, and the 65th series.
        assert_eq!(
            host.metric("portcullis_plugin_metrics_refused_total", &[("plugin", "services")]),
            5.0
        );
        let value = [("label", "value")];
        assert_eq!(host.metric("plugin_services_services_calls_total", &value), 1.0);
        assert_eq!(host.metric("plugin_services_services_gauge", &value), 1.5);
        assert_eq!(host.metric("plugin_services_services_seconds_count", &value), 1.0);
        assert_eq!(host.metric("plugin_services_services_seconds_sum", &value), 0.25);
        assert_eq!(host.series("plugin_services_services_series_total", &[]).len(), 64);
    }

    #[test]
    fn log_lines_and_standard_output_are_tagged_with_plugin_hook_worker_and_session() {
        let host = Host::start(1, &toml("tagged", KEYS));
        let session = login(&host.registry);
        let tags = format!("plugin=\"tagged\" hook=\"status\" worker=0 session={}", session.id());
        host.ask_for(0, portcullis_runtime::Hook::Status, &chain("main"), &session);
        for (level, text) in [
            (" WARN ", "services wrote a line field=value"),
            (" INFO ", "services wrote to standard output"),
            (" WARN ", "services wrote to standard error"),
        ] {
            let lines = log::lines_with(text);
            assert!(
                lines.iter().any(|line| line.contains(level) && line.contains(&tags)),
                "{tags}\n{lines:#?}"
            );
        }
    }

    #[test]
    fn a_changed_quota_is_in_force_when_apply_returns() {
        let host = Host::start(1, &toml("services", KEYS));
        check_all_ok(&host.description(0, "main"));
        host.apply(&toml("services", KEYS * 2)).unwrap();
        check_all_ok(&host.description(0, "main"));
    }
}

#[test]
fn two_plugins_made_of_one_component_share_nothing() {
    let host = Host::start(
        1,
        r#"
        [plugins.one]
        file = "observes.wasm"
        [plugins.two]
        file = "observes.wasm"
        [chains]
        first = ["one"]
        second = ["two"]
        "#,
    );
    let session = login(&host.registry);
    let key = format!("joined/{}", session.id());
    host.on_worker(0, move |plugins| plugins.joined(&chain("first"), &session, "lobby-1"));
    assert_eq!(host.state("one").get(&key), Ok(Some(b"lobby-1".to_vec())));
    assert_eq!(host.state("two").get(&key), Ok(None));
    assert_eq!(host.metric("plugin_one_observed_joined_total", &[]), 1.0);
    assert_eq!(host.metric("plugin_two_observed_joined_total", &[]), 0.0);
}

#[test]
fn state_outlives_a_trap_and_a_swap() {
    let host = Host::start(1, "[chains]\nmain = ['observes']");
    let session = login(&host.registry);
    let key = format!("joined/{}", session.id());
    host.on_worker(0, move |plugins| plugins.joined(&chain("main"), &session, "lobby-1"));
    host.reload("observes").unwrap();
    assert_eq!(host.state("observes").get(&key), Ok(Some(b"lobby-1".to_vec())));
}

#[test]
fn one_bucket_admits_exactly_its_tokens_whoever_asks() {
    let host = Host::idle(2);
    host.put("guard.wasm", &HUNDRED_TOKENS.build());
    host.apply("[plugins.guard]\nlimits = { hot-call-ms = 1000 }\n[chains]\nmain = ['guard']")
        .unwrap();
    let askers: Vec<_> = (0..2)
        .map(|worker| {
            let (ask, registry) = (host.asker(worker), host.registry.clone());
            std::thread::spawn(move || {
                ask(Box::new(move |plugins| {
                    let admitted = |_: &u32| plugins.accept(&chain("main"), &accepted(&registry)) == Accept::Admit;
                    (0..200).filter(admitted).count()
                }))
            })
        })
        .collect();
    let admitted: usize = askers.into_iter().map(|asker| asker.join().unwrap()).sum();
    assert_eq!(admitted, 100);
    assert_eq!(host.metric("portcullis_plugin_traps_total", &[]), 0.0);
}
