//! Every verdict a plugin can give arrives in the host's terms.

use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Target;
use portcullis_runtime::{
    Accept, By, HandshakeOutcome, Hook, Mode, Passthrough, RouteOutcome, SamplePlayer, StatusAnswer, StatusOutcome,
    Text,
};

use crate::support::Host;
use crate::support::questions::{Outcome, chain, login};

/// A configuration, and what is expected of the plugin that has it.
type Case<'a> = (&'a str, fn(By) -> Outcome);

/// Asks one hook of a plugin for each configuration.
fn check(hook: Hook, cases: &[Case<'_>]) {
    let mut toml = String::new();
    for (number, (config, _)) in cases.iter().enumerate() {
        toml += &format!("[plugins.p{number}]\nfile = 'fixed.wasm'\n[plugins.p{number}.config]\n{config}\n");
    }
    toml += "[chains]\n";
    for number in 0..cases.len() {
        toml += &format!("c{number} = ['p{number}']\n");
    }
    let host = Host::start(1, &toml);
    for (number, (config, expect)) in cases.iter().enumerate() {
        let by = format!("p{number}").into();
        assert_eq!(host.ask(0, hook, &format!("c{number}")), expect(by), "{config}");
    }
}

#[test]
fn every_accept_verdict_arrives() {
    check(
        Hook::Accept,
        &[
            ("", |_| Outcome::Accept(Accept::Admit)),
            ("accept = 'next'", |_| Outcome::Accept(Accept::Admit)),
            ("accept = 'drop'", |by| Outcome::Accept(Accept::Drop(by))),
            ("accept = { tarpit-ms = 150 }", |by| {
                Outcome::Accept(Accept::Tarpit(Duration::from_millis(150), by))
            }),
            ("accept = { tarpit-ms = 60001 }", |by| {
                Outcome::Accept(Accept::Tarpit(Duration::from_secs(60), by))
            }),
        ],
    );
}

#[test]
fn every_handshake_verdict_arrives() {
    let text = "handshake = { disconnect = { markup = '<red>no' } }";
    check(
        Hook::Handshake,
        &[
            ("", |_| Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice))),
            ("handshake = { use-mode = 'splice' }", |_| {
                Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice))
            }),
            ("handshake = { use-mode = 'copy' }", |_| {
                Outcome::Handshake(HandshakeOutcome::Continue(Mode::Copy))
            }),
            ("handshake = { rewrite-host = 'a.example' }", |_| {
                Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice))
            }),
            ("handshake = { tag = [['key', 'value']] }", |_| {
                Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice))
            }),
            (text, |by| {
                Outcome::Handshake(HandshakeOutcome::Disconnect(Text::Markup("<red>no".into()), by))
            }),
            ("handshake = 'drop'", |by| {
                Outcome::Handshake(HandshakeOutcome::Drop(by))
            }),
        ],
    );
}

#[test]
fn every_status_verdict_arrives() {
    check(
        Hook::Status,
        &[
            ("status = 'drop'", |by| Outcome::Status(StatusOutcome::Drop(by))),
            ("status = { answer = { description = { plain = 'hello' } } }", |by| {
                Outcome::Status(StatusOutcome::Answer(Arc::new(answer("hello")), by))
            }),
            (
                r#"
                [plugins.p2.config.status.answer]
                version-name = "1.20"
                protocol = -1
                description = { json = '{"text":"hi"}' }
                online = 3
                maximum = 7
                sample = [{ name = "Alex", uuid = "00000000-0000-0000-0000-000000000000" }]
                favicon = [137, 80, 78, 71, 13, 10, 26, 10]
                ttl-ms = 1500
                "#,
                |by| {
                    let answer = StatusAnswer {
                        version_name: Some("1.20".into()),
                        protocol: Some(-1),
                        description: Text::Json(r#"{"text":"hi"}"#.into()),
                        online: 3,
                        maximum: 7,
                        sample: vec![SamplePlayer {
                            name: "Alex".into(),
                            uuid: "00000000-0000-0000-0000-000000000000".into(),
                        }],
                        favicon: Some(b"\x89PNG\r\n\x1a\n".to_vec()),
                        ttl: Duration::from_millis(1_500),
                    };
                    Outcome::Status(StatusOutcome::Answer(Arc::new(answer), by))
                },
            ),
            (
                r#"
                [plugins.p3.config.status.passthrough]
                to = { group = "lobby" }
                ttl-ms = 1000
                failure-ttl-ms = 2000
                timeout-ms = 20000
                unreachable = { description = { plain = "away" } }
                "#,
                |by| {
                    let passthrough = Passthrough {
                        to: Target::Group("lobby".into()),
                        ttl: Duration::from_secs(1),
                        failure_ttl: Duration::from_secs(2),
                        timeout: Duration::from_secs(10),
                        unreachable: Some(Arc::new(answer("away"))),
                    };
                    Outcome::Status(StatusOutcome::Passthrough(Arc::new(passthrough), by))
                },
            ),
        ],
    );
}

#[test]
fn every_route_verdict_arrives() {
    check(
        Hook::Route,
        &[
            ("route = { to = [{ server = 'lobby-2' }, { group = 'lobby' }] }", |by| {
                let targets = vec![Target::Server("lobby-2".into()), Target::Group("lobby".into())];
                Outcome::Route(RouteOutcome::To(targets, by))
            }),
            ("route = { disconnect = { plain = 'no' } }", |by| {
                Outcome::Route(RouteOutcome::Disconnect(Text::Plain("no".into()), by))
            }),
            ("route = 'drop'", |by| Outcome::Route(RouteOutcome::Drop(by))),
        ],
    );
}

fn answer(description: &str) -> StatusAnswer {
    StatusAnswer {
        version_name: None,
        protocol: None,
        description: Text::Plain(description.into()),
        online: 0,
        maximum: 0,
        sample: Vec::new(),
        favicon: None,
        ttl: Duration::ZERO,
    }
}

pub(crate) mod fixed {
    use super::*;

    #[test]
    fn a_rewritten_host_is_kept_in_lower_case_and_the_one_received_stays() {
        let host = Host::start(
            1,
            "[plugins.fixed.config]\nhandshake = { rewrite-host = 'Other.Example.Com' }\n[chains]\nmain = ['fixed']",
        );
        let session = login(&host.registry);
        host.ask_for(0, Hook::Handshake, &chain("main"), &session);
        assert_eq!(session.rewritten_host().as_deref(), Some("other.example.com"));
        assert_eq!(session.handshake().unwrap().raw_host(), "play.example.com");
    }
}
