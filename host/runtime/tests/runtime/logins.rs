//! Who players are, in hooks that may wait: what is decided, and what waiting and failing cost whom.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use portcullis_registry::{Property, Session, SessionId};
use portcullis_runtime::{
    ClaimOutcome, ConflictOutcome, HandshakeOutcome, Hook, Mode, PluginState, ProfileOutcome, ProofOutcome, Refusal,
    Text,
};

use crate::support::players::{identity, uuid_of};
use crate::support::questions::{Outcome, accepted, chain, login};
use crate::support::waiting::{later, later_for};
use crate::support::{Host, PATIENCE, wait_until};

/// A plugin of the fixture.
fn plugin(name: &str, limits: &str, config: &str) -> String {
    format!(
        "[plugins.{name}]\ngrants = ['packets']\nfile = 'logs-in.wasm'\nlimits = {{ {limits} }}\n[plugins.{name}.config]\n{config}\n"
    )
}

/// A host with one plugin.
fn start(limits: &str, config: &str) -> Host {
    Host::start(1, &(plugin("p", limits, config) + "[chains]\nmain = ['p']"))
}

fn claim_later(host: &Host, name: &'static str) -> Receiver<ClaimOutcome> {
    later(host, move |plugins, session| async move {
        plugins.claim(&chain("main"), &session, name, None).await
    })
}

fn claim(host: &Host, name: &'static str) -> ClaimOutcome {
    claim_later(host, name).recv_timeout(PATIENCE).unwrap()
}

fn profile(host: &Host, session: &Arc<Session>) -> ProfileOutcome {
    let asked = later_for(host, session.clone(), |plugins, session| async move {
        plugins.profile(&chain("main"), &session).await
    });
    asked.recv_timeout(PATIENCE).unwrap()
}

fn open(host: &Host) {
    host.state("p").set("open", b"yes".to_vec(), None).unwrap();
}

/// How many calls have begun to wait.
fn waiting(host: &Host) -> String {
    host.noted("p", "waiting").concat()
}

fn wait_for_waiting(host: &Host, count: &str) {
    wait_until("calls wait", || waiting(host) == count);
}

fn failed() -> ClaimOutcome {
    ClaimOutcome::Refuse(Refusal::PluginFailed("p".into()))
}

pub(crate) mod logs_in {
    use super::*;

    #[test]
    fn every_claim_verdict_arrives_and_where_none_does_nobody_says_who_players_are() {
        for (config, expect) in [
            ("", ClaimOutcome::Refuse(Refusal::NoVerdict)),
            ("on-claim = 'force-online'", ClaimOutcome::Online("p".into())),
            ("on-claim = 'force-offline'", ClaimOutcome::Offline("p".into())),
            (
                "on-claim = { deny = { markup = '<red>no' } }",
                ClaimOutcome::Deny(Text::Markup("<red>no".into()), "p".into()),
            ),
        ] {
            assert_eq!(claim(&start("", config), "Alex"), expect, "{config}");
        }
    }

    #[test]
    fn the_first_link_that_decides_ends_the_chain() {
        let toml = plugin("first", "", "")
            + &plugin("second", "", "on-claim = 'force-online'")
            + &plugin("third", "", "on-claim = 'force-offline'")
            + "[chains]\nmain = ['fixed', 'first', 'second', 'third']\nempty = []";
        let host = Host::start(1, &toml);
        let asked = later(&host, |plugins, session| async move {
            let uuid = Some(uuid_of("Alex"));
            let decided = plugins.claim(&chain("main"), &session, "Alex", uuid).await;
            (decided, plugins.claim(&chain("empty"), &session, "Alex", uuid).await)
        });
        let (decided, empty) = asked.recv_timeout(PATIENCE).unwrap();
        assert_eq!(decided, ClaimOutcome::Online("second".into()));
        assert_eq!(empty, ClaimOutcome::Refuse(Refusal::EmptyChain));
        let seen = format!("(\"Alex\", Some(\"{}\"))", uuid_of("Alex"));
        assert_eq!(host.noted("first", "on-claim"), [seen]);
        assert_eq!(host.noted("third", "on-claim"), Vec::<String>::new());
        let calls = ["first", "second", "third"].map(|plugin| host.calls(plugin, "login"));
        assert_eq!(calls, [1.0, 1.0, 0.0]);
    }

    #[test]
    fn a_player_is_who_a_link_says_he_is() {
        let uuid = uuid_of("Alex");
        let profile = format!(
            "{{ uuid = '{}', name = 'Alex', properties = [{{ name = 'textures', value = 'x', signature = 'y' }}] }}",
            uuid.simple()
        );
        let host = start("", &format!("authenticate = {{ profile = {profile} }}"));
        let asked = later(&host, |plugins, session| async move {
            plugins.authenticate(&chain("main"), &session, "Alex", "-7c9d5b").await
        });
        let ProofOutcome::Verified(found, by) = asked.recv_timeout(PATIENCE).unwrap() else {
            panic!("he is known");
        };
        assert_eq!(
            (found.profile.uuid, &*found.profile.name, found.verified),
            (uuid, "Alex", true)
        );
        assert_eq!(
            found.profile.properties,
            [Property {
                name: "textures".into(),
                value: "x".into(),
                signature: Some("y".into())
            }]
        );
        assert_eq!(&*by, "p");
        assert_eq!(host.noted("p", "authenticate"), [r#"("Alex", "-7c9d5b")"#]);
    }

    #[test]
    fn a_profile_that_no_client_could_be_told_is_a_bad_return() {
        let long = "x".repeat(65);
        for profile in [
            "{ uuid = 'none', name = 'Alex', properties = [] }",
            "{ uuid = '00000000-0000-0000-0000-000000000001', name = '', properties = [] }",
            "{ uuid = '00000000-0000-0000-0000-000000000001', name = 'SeventeenLettersX', properties = [] }",
            "{ uuid = '00000000-0000-0000-0000-000000000001', name = 'A B', properties = [] }",
            &format!(
                "{{ uuid = '00000000-0000-0000-0000-000000000001', name = 'Alex', properties = [{{ name = '{long}', value = '' }}] }}"
            ),
        ] {
            let host = start("", &format!("authenticate = {{ profile = {profile} }}"));
            let asked = later(&host, |plugins, session| async move {
                plugins.authenticate(&chain("main"), &session, "Alex", "0").await
            });
            let outcome = asked.recv_timeout(PATIENCE).unwrap();
            assert_eq!(
                outcome,
                ProofOutcome::Refuse(Refusal::PluginFailed("p".into())),
                "{profile}"
            );
            assert_eq!(host.traps("p", "bad-return"), 1.0, "{profile}");
        }
    }

    #[test]
    fn a_profile_is_replaced_for_later_links_and_stays_as_verified_as_it_was() {
        let replacing = format!(
            "on-profile = {{ replace = {{ uuid = '{}', name = 'Nick', properties = [] }} }}",
            uuid_of("Nick")
        );
        let toml = plugin("first", "", &replacing) + &plugin("second", "", "") + "[chains]\nmain = ['first', 'second']";
        let host = Host::start(1, &toml);
        for verified in [true, false] {
            let session = login(&host.registry);
            session.set_identity(identity("Alex", verified));
            assert_eq!(profile(&host, &session), ProfileOutcome::Admit);
            let now = session.identity().unwrap();
            assert_eq!((&*now.profile.name, now.verified), ("Nick", verified));
        }
        assert_eq!(
            host.noted("second", "on-profile"),
            [
                r#"("Nick", Some(("Nick", true)))"#,
                r#"("Nick", Some(("Nick", false)))"#
            ]
        );
    }

    #[test]
    fn a_player_can_be_denied_for_his_profile() {
        let host = start("", "on-profile = { deny = { plain = 'banned' } }");
        let session = login(&host.registry);
        session.set_identity(identity("Alex", true));
        assert_eq!(
            profile(&host, &session),
            ProfileOutcome::Deny(Text::Plain("banned".into()), "p".into())
        );
    }

    #[test]
    fn what_becomes_of_a_player_who_is_there_already_is_decided_and_a_claimed_name_touches_nobody() {
        let text = || Text::Plain("you are there".into());
        let failed = || ConflictOutcome::Refuse(Refusal::PluginFailed("p".into()));
        for (config, verified, expect) in [
            ("", true, ConflictOutcome::Both),
            (
                "joined-before = { deny-new = { plain = 'you are there' } }",
                false,
                ConflictOutcome::DenyNew(text(), "p".into()),
            ),
            (
                "joined-before = { kick-old = { plain = 'you are there' } }",
                true,
                ConflictOutcome::KickOld(text(), "p".into()),
            ),
            (
                "joined-before = { kick-old = { plain = 'you are there' } }",
                false,
                failed(),
            ),
        ] {
            let host = start("", config);
            let session = login(&host.registry);
            session.set_identity(identity("Alex", verified));
            let asked = later_for(&host, session, |plugins, session| async move {
                let others: [SessionId; 2] = [7.into(), 9.into()];
                plugins.joined_before(&chain("main"), &session, &others).await
            });
            assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), expect, "{config} {verified}");
            let seen = format!("(\"{}\", [7, 9])", uuid_of("Alex"));
            assert_eq!(host.noted("p", "joined-before"), [seen]);
            assert_eq!(host.traps("p", "bad-return"), f64::from(u8::from(expect == failed())));
        }
    }

    #[test]
    fn a_chain_that_says_who_players_are_is_framed_unless_a_link_chooses() {
        let toml = plugin("p", "", "")
            + "[plugins.splices]\nfile = 'fixed.wasm'\nconfig = { handshake = { use-mode = 'splice' } }\n\
               [chains]\nmain = ['p']\nsplice = ['p', 'splices']";
        let host = Host::start(1, &toml);
        for (name, mode) in [("main", Mode::Framed), ("splice", Mode::Splice)] {
            assert_eq!(
                host.ask(0, Hook::Handshake, name),
                Outcome::Handshake(HandshakeOutcome::Continue(mode))
            );
        }
    }

    #[test]
    fn a_call_that_waits_holds_up_neither_its_worker_nor_other_calls() {
        let host = start("slow-call-ms = 60000", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        for _ in 0..3 {
            assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
            assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
        }
        assert!(waits.try_recv().is_err(), "it waits");
        open(&host);
        assert_eq!(waits.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
    }

    #[test]
    fn more_guests_that_compute_than_threads_take_turns() {
        let host = start("slow-call-ms = 60000, slow-instances = 12", "on-claim = 'force-online'");
        let waits: Vec<_> = (0..10).map(|_| claim_later(&host, "Waits")).collect();
        wait_for_waiting(&host, "10");
        assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
        for wait in waits {
            open(&host);
            wait_until("one has passed", || host.noted("p", "open") == ["no"]);
            drop(wait);
        }
    }

    #[test]
    fn an_instance_is_kept_for_the_next_call_and_shares_no_memory_with_the_worker_s() {
        let host = start("", "");
        let denied = |count: &str| ClaimOutcome::Deny(Text::Plain(count.into()), "p".into());
        assert_eq!(
            host.metric("portcullis_plugin_memory_bytes", &[("worker", "slow")]),
            0.0
        );
        for count in ["1", "2", "3"] {
            assert_eq!(claim(&host, "Counts"), denied(count));
        }
        let memory = || host.metric("portcullis_plugin_memory_bytes", &[("plugin", "p"), ("worker", "slow")]);
        assert!(memory() >= 65_536.0, "{}", memory());
        host.apply("[chains]\nmain = []").unwrap();
        assert_eq!(memory(), 0.0, "it is gone");
    }

    #[test]
    fn an_instance_that_fails_is_away_for_all_calls_until_the_wait_is_over() {
        for (policy, name, reason) in [
            ("closed", "Traps", "trap"),
            ("open", "Marks", "trap"),
            ("closed", "Loops", "timeout"),
        ] {
            let toml = plugin("p", "slow-call-ms = 200", "on-claim = 'force-online'")
                .replace("file =", &format!("on-failure = '{policy}'\nfile ="));
            let host = Host::start(1, &(toml + "[chains]\nmain = ['p']"));
            let expect = match policy {
                "closed" => failed(),
                _ => ClaimOutcome::Refuse(Refusal::NoVerdict),
            };
            let session = login(&host.registry);
            let asked = later_for(&host, session.clone(), move |plugins, session| async move {
                plugins.claim(&chain("main"), &session, name, None).await
            });
            assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), expect, "{name}");
            assert_eq!(session.attribute("marked"), None, "what it changed is undone");
            assert_eq!(host.traps("p", reason), 1.0, "{name}");
            let status = host.plugin("p");
            assert_eq!(status.state, PluginState::BackingOff);
            let error = status.error.unwrap();
            assert!(error.starts_with(&format!("login failed ({reason}): ")), "{error}");
            assert_eq!(claim(&host, "Alex"), expect, "it is away");
            assert_eq!(host.calls("p", "login"), 1.0);
            // The worker's own instance has not failed.
            assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
            host.wait_for("p", PluginState::Running);
            assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
        }
    }

    #[test]
    fn an_instance_that_does_not_start_is_a_failure() {
        let host = start("", "on-claim = 'force-online'");
        host.state("p").set("broken", b"yes".to_vec(), None).unwrap();
        assert_eq!(claim(&host, "Alex"), failed());
        let error = host.plugin("p").error.unwrap();
        assert!(error.contains("login failed (trap)"), "{error}");
    }

    #[test]
    fn failures_here_and_on_workers_together_quarantine() {
        let toml = plugin("p", "", "on-claim = 'force-online'") + "[chains]\nmain = ['p']";
        let host = Host::start(4, &toml);
        let session = accepted(&host.registry);
        session.set_claimed_name("Traps");
        for worker in 0..4 {
            host.ask_for(worker, Hook::Route, &chain("main"), &session);
        }
        assert_eq!(host.traps("p", "trap"), 4.0);
        assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
        assert_eq!(claim(&host, "Traps"), failed());
        host.wait_for("p", PluginState::Quarantined);
        assert_eq!(claim(&host, "Alex"), failed());
        let memory = || host.metric("portcullis_plugin_memory_bytes", &[("plugin", "p"), ("worker", "slow")]);
        wait_until("all instances are dropped", || memory() == 0.0);
        host.reload("p").unwrap();
        assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
    }

    #[test]
    fn calls_under_way_in_a_swap_end_on_the_old_load_and_new_ones_begin_on_the_new() {
        let host = start("slow-call-ms = 60000", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        // Another instance of the old load, idle by then.
        assert_eq!(claim(&host, "Alex"), ClaimOutcome::Online("p".into()));
        host.apply(&(plugin("p", "slow-call-ms = 60000", "on-claim = 'force-offline'") + "[chains]\nmain = ['p']"))
            .unwrap();
        assert_eq!(claim(&host, "Alex"), ClaimOutcome::Offline("p".into()));
        // The worker's instance, and the idle one.
        assert_eq!(host.noted("p", "shutdowns"), ["2"]);
        open(&host);
        assert_eq!(waits.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
        wait_until("the last of the old ones has shut down", || {
            host.noted("p", "shutdowns") == ["3"]
        });
    }

    #[test]
    fn a_plugin_has_only_so_many_instances_and_other_calls_wait_for_one() {
        let host = start("slow-call-ms = 60000, slow-instances = 1", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        let next = claim_later(&host, "Alex");
        assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
        assert!(next.try_recv().is_err(), "it waits for its turn");
        open(&host);
        for asked in [waits, next] {
            assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
        }
    }

    #[test]
    fn a_call_whose_asker_is_gone_is_not_made() {
        let host = start("slow-call-ms = 60000, slow-instances = 1", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        let session = login(&host.registry);
        host.on_worker(0, move |plugins| {
            let plugins = plugins.clone();
            let asked = tokio::task::spawn_local(async move {
                plugins.claim(&chain("main"), &session, "Gone", None).await;
            });
            tokio::task::spawn_local(async move {
                // It has been asked by now, and waits for its turn.
                tokio::task::yield_now().await;
                asked.abort();
            });
        });
        let next = claim_later(&host, "Alex");
        open(&host);
        for asked in [waits, next] {
            assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
        }
        assert_eq!(host.noted("p", "on-claim"), [r#"("Alex", None)"#]);
    }

    #[test]
    fn no_more_calls_wait_than_a_flood_may_hold() {
        let host = start("slow-call-ms = 60000, slow-instances = 1", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        let queued: Vec<_> = (0..1_024).map(|_| claim_later(&host, "Alex")).collect();
        assert_eq!(claim(&host, "Alex"), failed());
        let refused = |reason| {
            host.metric(
                "portcullis_plugin_slow_refused_total",
                &[("plugin", "p"), ("reason", reason)],
            )
        };
        assert_eq!(refused("queue"), 1.0);
        assert_eq!(host.plugin("p").state, PluginState::Running, "nothing has failed");
        open(&host);
        for asked in queued.into_iter().chain([waits]) {
            assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
        }
    }

    #[test]
    fn a_call_that_finds_no_instance_in_time_is_refused_without_a_failure() {
        let host = start("slow-call-ms = 2000, slow-instances = 1", "on-claim = 'force-online'");
        let first = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        let second = claim_later(&host, "Waits");
        let third = claim_later(&host, "Alex");
        open(&host);
        assert_eq!(first.recv_timeout(PATIENCE).unwrap(), ClaimOutcome::Online("p".into()));
        // The second has begun after the third began to wait, so the third's time is up before the second's.
        wait_for_waiting(&host, "2");
        assert_eq!(third.recv_timeout(PATIENCE).unwrap(), failed());
        assert_eq!(
            host.metric(
                "portcullis_plugin_slow_refused_total",
                &[("plugin", "p"), ("reason", "time")]
            ),
            1.0
        );
        drop(second);
    }

    #[test]
    fn a_player_who_is_not_in_yet_can_be_sent_no_packets() {
        let host = start("", "");
        claim(&host, "Sends");
        assert_eq!(host.noted("p", "sends"), ["Err(Error::Unavailable)"]);
    }

    #[test]
    fn a_stopped_runtime_answers_everybody() {
        let host = start("slow-call-ms = 60000", "on-claim = 'force-online'");
        let waits = claim_later(&host, "Waits");
        wait_for_waiting(&host, "1");
        host.runtime.stop();
        assert_eq!(waits.recv_timeout(PATIENCE).unwrap(), failed());
    }
}
