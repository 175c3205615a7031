//! What plugins say of servers: what they are told of a player, and what becomes of one who loses his.

use std::sync::Arc;

use portcullis_registry::{Session, Target};
use portcullis_runtime::{
    AcceptedOutcome, ConnectOutcome, Destination, Introduction, KickCause, KickedOutcome, QuestionOutcome, Refusal,
    RouteCause, RouteOutcome, Text, Tlv, WorkerPlugins,
};

use crate::support::Host;
use crate::support::players::player;
use crate::support::questions::chain;

fn start(plugins: &[(&str, &str)]) -> Host {
    let mut toml = String::new();
    for (name, config) in plugins {
        toml += &format!(
            "[plugins.{name}]\nfile = 'scripted.wasm'\ngrants = ['packets']\n[plugins.{name}.config]\n{config}\n"
        );
    }
    let names: Vec<_> = plugins.iter().map(|(name, _)| format!("'{name}'")).collect();
    Host::start(1, &format!("{toml}[chains]\nmain = [{}]\nempty = []", names.join(", ")))
}

fn ask<R: Send + 'static>(
    host: &Host,
    question: impl FnOnce(&WorkerPlugins, &Arc<Session>) -> R + Send + 'static,
) -> R {
    let session = player(&host.registry, "Alex", "1.20.4");
    host.on_worker(0, move |plugins| question(plugins, &session))
}

fn destination() -> Destination {
    Destination {
        name: "lobby-1".into(),
        forwarding: Some("velocity".into()),
        labels: vec![("game".into(), "bedwars".into())],
    }
}

fn introduce(host: &Host) -> ConnectOutcome {
    ask(host, |plugins, session| {
        plugins.introduce(&chain("main"), session, &destination())
    })
}

#[test]
fn each_link_adds_to_what_a_server_is_told() {
    let host = start(&[
        (
            "a",
            "on-connect = { introduce = { host = 'a.example', tlvs = [{ kind = 1, value = [1] }] } }",
        ),
        (
            "b",
            "on-connect = { introduce = { tlvs = [{ kind = 2, value = [] }] } }",
        ),
        ("c", "on-connect = { introduce = { host = 'c.example' } }"),
        ("d", ""),
    ]);
    let told = Introduction {
        host: Some("c.example".into()),
        tlvs: vec![
            Tlv {
                kind: 1,
                value: vec![1],
            },
            Tlv {
                kind: 2,
                value: Vec::new(),
            },
        ],
    };
    assert_eq!(introduce(&host), ConnectOutcome::Introduce(told));
    let seen = &host.noted("d", "on-connect")[0];
    for part in [r#"name: "lobby-1""#, r#"Some("velocity")"#, r#"("game", "bedwars")"#] {
        assert!(seen.contains(part), "{seen}");
    }
}

#[test]
fn a_link_can_keep_a_server_from_being_told_anything() {
    let host = start(&[("a", ""), ("b", "on-connect = { deny = { plain = 'not there' } }")]);
    assert_eq!(
        introduce(&host),
        ConnectOutcome::Deny(Text::Plain("not there".into()), "b".into())
    );
    let nobody = ask(&host, |plugins, session| {
        plugins.introduce(&chain("empty"), session, &destination())
    });
    assert_eq!(nobody, ConnectOutcome::Refuse(Refusal::EmptyChain));
}

#[test]
fn more_than_fits_a_header_is_a_bad_return_of_who_brings_it_past_the_limit() {
    let tlvs = |count: usize, bytes: usize| {
        let tlv = format!("{{ kind = 3, value = {:?} }}", vec![0_u8; bytes]);
        format!(
            "on-connect = {{ introduce = {{ tlvs = [{}] }} }}",
            vec![tlv; count].join(", ")
        )
    };
    let host_field = format!("on-connect = {{ introduce = {{ host = '{}' }} }}", "x".repeat(32_768));
    for (first, second) in [
        (tlvs(16, 1), tlvs(1, 1)),
        (tlvs(2, 1_000), tlvs(1, 40)),
        (String::new(), tlvs(17, 0)),
        (String::new(), host_field),
    ] {
        let host = start(&[("a", &first), ("b", &second)]);
        let failed = Refusal::PluginFailed("b".into());
        assert_eq!(introduce(&host), ConnectOutcome::Refuse(failed));
        assert_eq!(
            (host.traps("a", "bad-return"), host.traps("b", "bad-return")),
            (0.0, 1.0)
        );
    }
}

#[test]
fn a_server_s_question_is_answered_by_the_first_link_that_knows_or_by_the_client() {
    for (verdict, expect) in [
        ("", QuestionOutcome::AskClient),
        (
            "on-question = { data = [1, 2] }",
            QuestionOutcome::Answer(vec![1, 2], "b".into()),
        ),
        ("on-question = 'unknown'", QuestionOutcome::Unknown("b".into())),
        (
            "on-question = { deny = { plain = 'no' } }",
            QuestionOutcome::Deny(Text::Plain("no".into()), "b".into()),
        ),
    ] {
        let host = start(&[("a", ""), ("b", verdict), ("c", "on-question = 'unknown'")]);
        let outcome = ask(&host, |plugins, session| {
            plugins.question(&chain("main"), session, &destination(), "velocity:player_info", &[4])
        });
        match verdict {
            "" => assert_eq!(outcome, QuestionOutcome::Unknown("c".into())),
            _ => assert_eq!(outcome, expect),
        }
        assert_eq!(
            host.noted("a", "on-question"),
            [r#"("lobby-1", "velocity:player_info", [4])"#]
        );
    }
    let host = start(&[("a", "")]);
    let outcome = ask(&host, |plugins, session| {
        plugins.question(&chain("main"), session, &destination(), "a:b", &[])
    });
    assert_eq!(outcome, QuestionOutcome::AskClient);
}

#[test]
fn a_link_can_leave_a_server_that_did_not_ask() {
    let accepted = |host: &Host| {
        ask(host, |plugins, session| {
            plugins.accepted(&chain("main"), session, &destination(), &["a:b".into()])
        })
    };
    assert_eq!(accepted(&start(&[("a", "")])), AcceptedOutcome::Admit);
    let host = start(&[("a", "on-accepted = { deny = { plain = 'it trusts anybody' } }")]);
    assert_eq!(
        accepted(&host),
        AcceptedOutcome::Deny(Text::Plain("it trusts anybody".into()), "a".into())
    );
    assert_eq!(host.noted("a", "on-accepted"), [r#"("lobby-1", ["a:b"])"#]);
}

#[test]
fn a_player_who_loses_his_server_goes_where_the_first_opinion_says() {
    let by = || "b".into();
    for (verdict, expect) in [
        ("", KickedOutcome::Next),
        ("on-kicked = 'hold'", KickedOutcome::Hold(by())),
        (
            "on-kicked = { disconnect = { plain = 'gone' } }",
            KickedOutcome::Disconnect(Text::Plain("gone".into()), by()),
        ),
        (
            "on-kicked = { redirect = [{ group = 'lobby' }] }",
            KickedOutcome::Redirect(vec![Target::Group("lobby".into())], by()),
        ),
        (
            "on-kicked = { redirect = [] }",
            KickedOutcome::Refuse(Refusal::PluginFailed(by())),
        ),
        (
            "on-kicked = { redirect = [{ server = 'nowhere' }] }",
            KickedOutcome::Refuse(Refusal::PluginFailed(by())),
        ),
    ] {
        let host = start(&[("a", ""), ("b", verdict)]);
        let outcome = ask(&host, |plugins, session| {
            let cause = KickCause::Kicked(Text::Json("{}".into()));
            plugins.kicked(&chain("main"), session, "lobby-1", &cause, true)
        });
        assert_eq!(outcome, expect, "{verdict}");
        assert_eq!(
            host.noted("a", "on-kicked"),
            [r#"("lobby-1", Cause::Kicked(Text::Json("{}")), true)"#]
        );
    }
}

#[test]
fn every_link_hears_of_servers_joined_and_left_and_a_failure_hurts_nobody() {
    let host = start(&[("a", ""), ("b", "trap = true"), ("c", "")]);
    let outcome = ask(&host, |plugins, session| {
        plugins.connected(&chain("main"), session, "lobby-1");
        plugins.disconnected(&chain("main"), session, "lobby-1");
        plugins.kicked(&chain("empty"), session, "lobby-1", &KickCause::Closed, true)
    });
    assert_eq!(outcome, KickedOutcome::Next);
    for name in ["a", "c"] {
        assert_eq!(host.noted(name, "on-connected"), ["\"lobby-1\""]);
        assert_eq!(host.noted(name, "on-disconnected"), ["\"lobby-1\""]);
    }
    assert_eq!(host.traps("b", "trap"), 1.0);
}

#[test]
fn a_route_is_asked_for_with_its_cause() {
    let host = Host::start(1, "[chains]\nmain = ['facts']");
    for (cause, expect) in [
        (RouteCause::Initial, "cause=Cause::Initial"),
        (RouteCause::Switch, "cause=Cause::Switch"),
        (RouteCause::Lost("lobby-2".into()), "cause=Cause::Lost(\"lobby-2\")"),
    ] {
        let outcome = ask(&host, move |plugins, session| {
            plugins.route(&chain("main"), session, &cause)
        });
        let RouteOutcome::Disconnect(Text::Plain(text), _) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(text.contains(expect), "{text}");
    }
}
