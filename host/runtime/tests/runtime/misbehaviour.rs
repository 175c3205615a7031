//! Each way a call can go wrong costs one instance of one plugin, and the policy says what becomes of the connection.

use std::time::{Duration, Instant};

use portcullis_runtime::{Accept, End, Hook, Refusal, StatusOutcome, Tally, Text};

use crate::support::questions::{Outcome, ask, chain, login, plain};
use crate::support::{Host, log};

/// One way to fail: the fixture, its configuration, the hook that shows it, the label in metrics, and a part of the detail.
struct Case {
    fixture: &'static str,
    config: &'static str,
    hook: Hook,
    reason: &'static str,
    detail: &'static str,
}

/// A call's budget that a slow machine keeps, for guests that are to fail for another reason.
const ROOMY: &str = "hot-call-ms = 1000";
const TIGHT: &str = "hot-call-ms = 2";

const HOOKS: [Hook; 4] = [Hook::Accept, Hook::Handshake, Hook::Status, Hook::Route];

/// Asks each case twice on one worker and once on the other, once under each policy.
fn check(limits: &str, cases: &[Case]) {
    let host = Host::start(2, &toml(limits, cases));
    for (number, case) in cases.iter().enumerate() {
        for policy in ["closed", "open"] {
            check_one(&host, case, &format!("p{number}-{policy}"), policy == "closed");
        }
    }
    for hook in HOOKS {
        assert_eq!(
            host.calls("witness", hook.label()),
            host.metric(
                "portcullis_plugin_verdicts_total",
                &[("plugin", "witness"), ("hook", hook.label()),]
            )
        );
    }
    assert_eq!(
        host.metric("portcullis_plugin_traps_total", &[("plugin", "witness")]),
        0.0
    );
}

/// For each case a plugin and a chain under either policy; the witness, shared by all chains, decides when it is asked.
fn toml(limits: &str, cases: &[Case]) -> String {
    let mut toml = String::from(
        r#"
        [plugins.witness]
        file = "fixed.wasm"
        [plugins.witness.config]
        accept = "drop"
        handshake = "drop"
        status = "drop"
        route = "drop"
        "#,
    );
    let mut chains = String::from("[chains]\n");
    for (number, Case { fixture, config, .. }) in cases.iter().enumerate() {
        for policy in ["closed", "open"] {
            let name = format!("p{number}-{policy}");
            toml += &format!("[plugins.{name}]\nfile = '{fixture}.wasm'\non-failure = '{policy}'\n");
            toml += &format!("limits = {{ {limits} }}\n[plugins.{name}.config]\n{config}\n");
            chains += &format!("{name} = ['{name}', 'witness']\n");
        }
    }
    toml + &chains
}

fn check_one(host: &Host, case: &Case, name: &str, closed: bool) {
    let Case {
        fixture,
        config,
        hook,
        reason,
        detail,
    } = case;
    let hook = *hook;
    let session = login(&host.registry);
    let asked = chain(name);
    // In one go, so that no new instance comes in between.
    let outcomes = host.on_worker(0, move |plugins| {
        [
            ask(plugins, hook, &asked, &session),
            ask(plugins, hook, &asked, &session),
        ]
    });
    for outcome in &outcomes {
        let refused = Some(Refusal::PluginFailed(name.into()));
        assert_eq!(
            outcome.refusal(),
            refused.as_ref().filter(|_| closed),
            "{fixture} {config} {name}"
        );
    }
    assert_eq!(
        (host.traps(name, reason), host.calls(name, hook.label())),
        (1.0, 1.0),
        "{fixture} {config}: {:?}",
        host.series("portcullis_plugin_traps_total", &[("plugin", name)])
    );
    let status = host.plugin(name);
    let error = status.error.unwrap_or_default();
    assert!(
        error.starts_with(&format!("{} failed ({reason}): ", hook.label())),
        "{fixture} {config}: {error}"
    );
    assert!(error.contains(detail), "{fixture} {config}: {error}");
    assert!(!error.contains('\n'), "one line: {error}");
    // The other worker's instance is still there to fail in its turn.
    host.ask(1, hook, name);
    assert_eq!(host.traps(name, reason), 2.0, "{fixture} {config}");
}

pub(crate) mod traps {
    use super::*;

    const fn case(config: &'static str, reason: &'static str, detail: &'static str) -> Case {
        Case {
            fixture: "traps",
            config,
            hook: Hook::Route,
            reason,
            detail,
        }
    }

    #[test]
    fn each_way_of_trapping_costs_one_instance_and_names_the_functions() {
        check(
            ROOMY,
            &[
                case("how = 'unreachable'", "trap", "give_up"),
                case("how = 'panic'", "trap", "panic_on_purpose"),
                case("how = 'stderr-then-panic'", "trap", "panic_on_purpose"),
                case("how = 'stack-overflow'", "stack", "dig"),
                case("how = 'index'", "trap", "index"),
                case("how = 'out-of-bounds'", "trap", "read_beyond_memory"),
            ],
        );
    }

    #[test]
    fn a_trap_in_any_hook_that_is_asked_costs_one_instance() {
        let case = |config, hook| Case {
            fixture: "traps",
            config,
            hook,
            reason: "trap",
            detail: "give_up",
        };
        check(
            ROOMY,
            &[
                case("at = 'accept'", Hook::Accept),
                case("at = 'handshake'", Hook::Handshake),
                case("at = 'status'", Hook::Status),
                case("at = 'route'", Hook::Route),
            ],
        );
    }

    #[test]
    fn a_call_that_went_well_before_does_not_save_the_one_that_fails() {
        let host = Host::start(1, "[plugins.traps.config]\nafter = 2\n[chains]\nmain = ['traps']");
        let refusals: Vec<_> = (0..3)
            .map(|_| host.ask(0, Hook::Route, "main").refusal().cloned())
            .collect();
        let next = Some(Refusal::NoVerdict);
        assert_eq!(
            refusals,
            [next.clone(), next, Some(Refusal::PluginFailed("traps".into()))]
        );
    }

    #[test]
    fn an_observer_that_traps_hurts_neither_the_player_nor_other_observers() {
        let host = Host::start(
            1,
            r#"
            [plugins.joining]
            file = "traps.wasm"
            config = { at = "joined" }
            [plugins.leaving]
            file = "traps.wasm"
            config = { at = "left" }
            [chains]
            main = ["joining", "observes", "leaving"]
            "#,
        );
        let session = login(&host.registry);
        host.on_worker(0, move |plugins| {
            plugins.joined(&chain("main"), &session, "lobby-1");
            plugins.left(&chain("main"), &session, "lobby-1", &End::ServerLeft, Tally::default());
        });
        assert_eq!(
            (host.traps("joining", "trap"), host.traps("leaving", "trap")),
            (1.0, 1.0)
        );
        assert_eq!(host.metric("plugin_observes_observed_joined_total", &[]), 1.0);
        assert_eq!(host.metric("plugin_observes_observed_left_total", &[]), 1.0);
    }

    #[test]
    fn what_a_guest_writes_before_it_dies_is_in_the_log() {
        let toml =
            "[plugins.dying]\nfile = 'traps.wasm'\nconfig = { how = 'stderr-then-panic' }\n[chains]\nmain = ['dying']";
        let host = Host::start(1, toml);
        let session = login(&host.registry);
        let id = session.id();
        host.ask_for(0, Hook::Route, &chain("main"), &session);
        let lines = log::lines_with("plugin=\"dying\"").join("\n");
        assert!(lines.contains("this line comes before the panic"), "{lines}");
        assert!(lines.contains("panicked on purpose"), "{lines}");
        assert!(
            lines.contains("hook=\"route\"") && lines.contains("worker=0"),
            "{lines}"
        );
        assert!(lines.contains(&format!("session={id}")), "{lines}");
    }
}

pub(crate) mod loops {
    use super::*;

    #[test]
    fn a_call_without_end_is_stopped_after_its_budget() {
        let case = |config, hook| Case {
            fixture: "loops",
            config,
            hook,
            reason: "timeout",
            detail: "for_ever",
        };
        check(
            TIGHT,
            &[
                case("at = 'accept'", Hook::Accept),
                case("at = 'handshake'", Hook::Handshake),
                case("at = 'status'", Hook::Status),
                case("at = 'route'", Hook::Route),
            ],
        );
    }

    #[test]
    fn a_larger_budget_is_waited_for_and_named() {
        let toml = "[plugins.loops]\nlimits = { hot-call-ms = 50 }\n[chains]\nmain = ['loops']";
        let host = Host::start(1, toml);
        let started = Instant::now();
        host.ask(0, Hook::Route, "main");
        assert!(started.elapsed() >= Duration::from_millis(50));
        let error = host.plugin("loops").error.unwrap();
        assert!(error.contains("used up its 50 ms"), "{error}");
    }
}

pub(crate) mod allocates {
    use super::*;

    #[test]
    fn reaching_the_memory_limit_costs_one_instance_and_names_the_key_to_raise() {
        let detail = "the memory limit of 32 MiB was reached; raise limits.memory-mib";
        check(
            ROOMY,
            &[Case {
                fixture: "allocates",
                config: "",
                hook: Hook::Route,
                reason: "memory",
                detail,
            }],
        );
    }

    #[test]
    fn the_memory_limit_is_the_configured_one() {
        let toml = |mib| {
            let limits = format!("limits = {{ memory-mib = {mib}, hot-call-ms = 1000 }}");
            format!("[plugins.allocates]\n{limits}\nconfig = {{ mib = 10 }}\n[chains]\nmain = ['allocates']")
        };
        let host = Host::start(1, &toml(8));
        host.ask(0, Hook::Route, "main");
        assert_eq!(host.traps("allocates", "memory"), 1.0);
        host.apply(&toml(64)).unwrap();
        assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
    }
}

pub(crate) mod garbage {
    use super::*;

    const fn case(config: &'static str, hook: Hook, reason: &'static str, detail: &'static str) -> Case {
        Case {
            fixture: "garbage",
            config,
            hook,
            reason,
            detail,
        }
    }

    #[test]
    fn a_verdict_that_breaks_the_contract_counts_as_a_failure() {
        let bad = |config, hook, detail| case(config, hook, "bad-return", detail);
        check(
            ROOMY,
            &[
                bad("what = 'rewrite-empty'", Hook::Handshake, "rewrite-host"),
                bad("what = 'rewrite-long'", Hook::Handshake, "rewrite-host"),
                bad("what = 'tag-many'", Hook::Handshake, "tag with attributes"),
                bad("what = 'tag-long-key'", Hook::Handshake, "tag with attributes"),
                bad("what = 'tag-long-value'", Hook::Handshake, "tag with attributes"),
                bad("what = 'sample-many'", Hook::Status, "a sample of 65 lines; at most 64"),
                bad("what = 'favicon-large'", Hook::Status, "favicon"),
                bad("what = 'timeout-zero'", Hook::Status, "timeout of 0"),
                bad(
                    "what = 'status-unknown-server'",
                    Hook::Status,
                    "unknown server `nobody-has-this-name`",
                ),
                bad("what = 'to-nothing'", Hook::Route, "no target"),
                bad("what = 'to-many'", Hook::Route, "65 targets; at most 64"),
                bad(
                    "what = 'to-unknown-server'",
                    Hook::Route,
                    "unknown server `nobody-has-this-name`",
                ),
                bad(
                    "what = 'to-unknown-group'",
                    Hook::Route,
                    "unknown group `nobody-has-this-name`",
                ),
            ],
        );
    }

    #[test]
    fn a_verdict_larger_than_may_cross_the_boundary_is_not_read() {
        let huge = |config, hook| case(config, hook, "transfer", "");
        check(
            "hot-call-ms = 1000, memory-mib = 128",
            &[
                huge("what = 'tag-huge'", Hook::Handshake),
                huge("what = 'description-huge'", Hook::Status),
                huge("what = 'to-huge'", Hook::Route),
                huge("what = 'disconnect-huge'", Hook::Route),
            ],
        );
    }

    #[test]
    fn a_text_that_is_none_or_lies_outside_the_memory_is_a_trap() {
        check(
            ROOMY,
            &[
                case("what = 'not-utf8'", Hook::Route, "trap", "utf-8"),
                case("what = 'beyond-memory'", Hook::Route, "trap", "out of bounds"),
            ],
        );
    }

    #[test]
    fn an_endless_tarpit_is_cut_to_a_minute() {
        let host = Host::start(
            1,
            "[plugins.garbage.config]\nwhat = 'tarpit-for-ever'\n[chains]\nmain = ['garbage']",
        );
        let expect = Accept::Tarpit(Duration::from_secs(60), "garbage".into());
        assert_eq!(host.ask(0, Hook::Accept, "main"), Outcome::Accept(expect));
    }

    #[test]
    fn broken_json_is_handed_on_for_the_host_to_show_as_text() {
        let host = Host::start(
            1,
            "[plugins.garbage.config]\nwhat = 'json-broken'\n[chains]\nmain = ['garbage']",
        );
        let Outcome::Status(StatusOutcome::Answer(answer, _)) = host.ask(0, Hook::Status, "main") else {
            panic!()
        };
        assert_eq!(answer.description, Text::Json("{\"text\":".into()));
    }
}

pub(crate) mod floods_log {
    use super::*;

    #[test]
    fn log_lines_past_the_allowance_are_cut_and_counted() {
        let toml = r#"
            [plugins.flood]
            file = "floods-log.wasm"
            limits = { hot-call-ms = 1000 }
            config = { lines = 1000 }
            [chains]
            main = ["flood"]
        "#;
        let host = Host::start(1, toml);
        assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
        let (cut, written) = (
            host.metric("portcullis_plugin_log_lines_cut_total", &[("plugin", "flood")]),
            log::lines_with("plugin=\"flood\" hook"),
        );
        // 200 at once, and some more where the call takes long.
        assert_eq!(cut as usize + written.len(), 3_000);
        assert!((200..400).contains(&written.len()), "{}", written.len());
    }

    #[test]
    fn long_lines_and_many_fields_are_shortened() {
        let toml = r#"
            [plugins.long]
            file = "floods-log.wasm"
            limits = { hot-call-ms = 1000 }
            config = { lines = 1, bytes = 20000, fields = 20 }
            [chains]
            main = ["long"]
        "#;
        let host = Host::start(1, toml);
        host.ask(0, Hook::Route, "main");
        let lines = log::lines_with("plugin=\"long\" hook");
        let longest = lines.iter().map(String::len).max().unwrap_or_default();
        // The message, sixteen fields of a name and a value, and what the host adds.
        assert!(
            (8 << 10..(8 << 10) + 16 * (1_100) + 200).contains(&longest),
            "{longest}"
        );
        assert!(
            lines.iter().any(|line| line.contains("field15=")) && !lines.iter().any(|line| line.contains("field16="))
        );
        // Standard output comes in pieces instead: nothing of it is lost.
        let pieces: usize = lines
            .iter()
            .filter(|line| !line.contains("field0="))
            .map(|line| line.matches("xx").count() * 2)
            .sum();
        assert_eq!(pieces, 2 * 20_000);
    }
}

pub(crate) mod waits {
    use super::*;

    #[test]
    fn a_hook_that_sleeps_goes_on_at_once_because_nothing_waits_here() {
        let host = Host::start(
            1,
            "[plugins.waits]\nlimits = { hot-call-ms = 1000 }\n[chains]\nmain = ['waits']",
        );
        let started = Instant::now();
        assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
        // It wants to sleep for a minute.
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn a_failing_plugin_does_not_touch_the_session_of_a_call_that_follows() {
    let host = Host::start(
        1,
        "[plugins.traps]\non-failure = 'open'\n[plugins.facts]\n[chains]\nmain = ['traps', 'facts']",
    );
    let text = plain(host.ask(0, Hook::Route, "main"));
    assert!(text.contains("claimed-name=Alex"), "{text}");
}
