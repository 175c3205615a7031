//! The host's own numbers about its plugins.

use portcullis_runtime::{Accept, Hook, PluginState, RouteOutcome, StatusOutcome};

use crate::support::Host;
use crate::support::questions::Outcome;

pub(crate) mod bench {
    use super::*;

    #[test]
    fn calls_verdicts_and_durations_are_counted_by_hook() {
        let host = Host::start(
            2,
            "[plugins.bench]\nlimits = { hot-call-ms = 1000 }\nconfig = { description-bytes = 64, attribute = 'a' }\n[chains]\nmain = ['bench']",
        );
        for worker in [0, 0, 1] {
            assert_eq!(host.ask(worker, Hook::Accept, "main"), Outcome::Accept(Accept::Admit));
            host.ask(worker, Hook::Handshake, "main");
        }
        let Outcome::Status(StatusOutcome::Answer(answer, _)) = host.ask(0, Hook::Status, "main") else {
            panic!()
        };
        assert_eq!(answer.description, portcullis_runtime::Text::Plain("x".repeat(64)));
        // It names "lobby", which is a group here and no server.
        assert!(matches!(
            host.ask(1, Hook::Route, "main"),
            Outcome::Route(RouteOutcome::Refuse(_))
        ));

        let calls = ["accept", "handshake", "status", "route", "session"].map(|hook| host.calls("bench", hook));
        assert_eq!(calls, [3.0, 3.0, 1.0, 1.0, 0.0]);
        let verdict = |hook, verdict| {
            let labels = [("plugin", "bench"), ("hook", hook), ("verdict", verdict)];
            host.metric("portcullis_plugin_verdicts_total", &labels)
        };
        let verdicts = [
            ("accept", "next"),
            ("accept", "drop"),
            ("handshake", "next"),
            ("status", "answer"),
        ];
        assert_eq!(verdicts.map(|(hook, name)| verdict(hook, name)), [3.0, 0.0, 3.0, 1.0]);
        let timed = host.metric("portcullis_plugin_call_seconds_count", &[("plugin", "bench")]);
        assert_eq!(timed, 8.0);
    }
}

#[test]
fn memory_is_told_by_worker_and_is_none_where_an_instance_is_away() {
    let host = Host::start(2, "[chains]\nmain = ['traps']");
    let before = [0, 1].map(|worker| host.memory("traps", worker));
    assert!(
        before.iter().all(|bytes| *bytes >= 65_536.0 && bytes % 65_536.0 == 0.0),
        "{before:?}"
    );
    host.ask(0, Hook::Route, "main");
    assert_eq!([0, 1].map(|worker| host.memory("traps", worker)), [0.0, before[1]]);
}

#[test]
fn memory_that_an_instance_grew_by_is_told_after_the_next_change() {
    let host = Host::start(
        1,
        "[plugins.allocates]\nlimits = { hot-call-ms = 1000 }\nconfig = { mib = 4 }\n[chains]\nmain = ['allocates']",
    );
    let before = host.memory("allocates", 0);
    host.ask(0, Hook::Route, "main");
    host.rescan();
    assert!(host.memory("allocates", 0) >= before + f64::from(4 << 20));
}

#[test]
fn generation_and_state_are_told_for_each_plugin() {
    let host = Host::start(1, "[chains]\nmain = ['traps', 'fixed']");
    let generation = |plugin| host.metric("portcullis_plugin_generation", &[("plugin", plugin)]);
    let state = |plugin, state| host.metric("portcullis_plugin_state", &[("plugin", plugin), ("state", state)]);
    host.reload("fixed").unwrap();
    assert_eq!([generation("traps"), generation("fixed")], [1.0, 2.0]);
    assert_eq!([state("traps", "running"), state("fixed", "running")], [1.0, 1.0]);
    host.ask(0, Hook::Route, "main");
    host.wait_for("traps", PluginState::BackingOff);
    assert_eq!([state("traps", "running"), state("traps", "backing-off")], [0.0, 1.0]);
}
