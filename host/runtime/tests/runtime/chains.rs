//! How the links of a chain are asked, and what they leave for each other.

use portcullis_registry::{ChatKey, Handshake, Intent, Marker, Target};
use portcullis_runtime::{Accept, End, HandshakeOutcome, Hook, Mode, Refusal, RouteOutcome, StatusOutcome, Tally};
use uuid::Uuid;

use crate::support::log;
use crate::support::questions::{Outcome, accepted, chain, login, plain};
use crate::support::{Host, wait_until};

#[test]
fn the_first_final_verdict_ends_the_chain() {
    let host = Host::start(
        1,
        r#"
        [plugins.silent]
        file = "fixed.wasm"
        [plugins.one]
        file = "fixed.wasm"
        config = { route = { to = [{ server = "lobby-1" }] } }
        [plugins.two]
        file = "fixed.wasm"
        config = { route = { to = [{ server = "lobby-2" }] } }
        [chains]
        forth = ["silent", "one", "two"]
        back = ["silent", "two", "one"]
        "#,
    );
    let to = |server: &str, by: &str| Outcome::Route(RouteOutcome::To(vec![Target::Server(server.into())], by.into()));
    assert_eq!(host.ask(0, Hook::Route, "forth"), to("lobby-1", "one"));
    assert_eq!(host.ask(0, Hook::Route, "back"), to("lobby-2", "two"));
    assert_eq!(
        (
            host.calls("silent", "route"),
            host.calls("one", "route"),
            host.calls("two", "route")
        ),
        (2.0, 1.0, 1.0)
    );
}

#[test]
fn when_every_link_passes_nobody_decides_but_connections_and_handshakes_go_on() {
    let host = Host::start(
        1,
        "[plugins.second]\nfile = 'fixed.wasm'\n[chains]\nmain = ['fixed', 'second', 'empty']",
    );
    check_undecided(&host);
    assert_eq!(host.calls("second", "route"), 1.0);
}

fn check_undecided(host: &Host) {
    assert_eq!(host.ask(0, Hook::Accept, "main"), Outcome::Accept(Accept::Admit));
    assert_eq!(
        host.ask(0, Hook::Handshake, "main"),
        Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice))
    );
    assert_eq!(
        host.ask(0, Hook::Status, "main"),
        Outcome::Status(StatusOutcome::Refuse(Refusal::NoVerdict))
    );
    assert_eq!(
        host.ask(0, Hook::Route, "main"),
        Outcome::Route(RouteOutcome::Refuse(Refusal::NoVerdict))
    );
}

pub(crate) mod empty {
    use super::*;

    #[test]
    fn a_plugin_without_hooks_makes_a_chain_that_decides_nothing() {
        check_undecided(&Host::start(1, "[chains]\nmain = ['empty']"));
    }
}

#[test]
fn an_empty_chain_and_an_unknown_one_refuse_every_question() {
    let host = Host::start(1, "[chains]\nmain = []");
    for name in ["main", "nobody-has-this-name"] {
        for hook in [Hook::Accept, Hook::Handshake, Hook::Status, Hook::Route] {
            assert_eq!(
                host.ask(0, hook, name).refusal(),
                Some(&Refusal::EmptyChain),
                "{name} {hook:?}"
            );
        }
    }
}

#[test]
fn the_last_link_that_chooses_a_mode_wins() {
    let host = Host::start(
        1,
        r#"
        [plugins.copies]
        file = "fixed.wasm"
        config = { handshake = { use-mode = "copy" } }
        [plugins.splices]
        file = "fixed.wasm"
        config = { handshake = { use-mode = "splice" } }
        [chains]
        copy = ["splices", "copies", "fixed"]
        splice = ["copies", "splices", "fixed"]
        "#,
    );
    for (name, mode) in [("copy", Mode::Copy), ("splice", Mode::Splice)] {
        assert_eq!(
            host.ask(0, Hook::Handshake, name),
            Outcome::Handshake(HandshakeOutcome::Continue(mode))
        );
    }
}

pub(crate) mod facts {
    use super::*;

    #[test]
    fn a_plugin_sees_what_the_host_knows_of_the_session() {
        let host = Host::start(1, "[chains]\nmain = ['facts']");
        let session = accepted(&host.registry);
        let id = session.id();
        let before = format!(
            "id={id}\npeer=192.0.2.7 50123\nlistener=0.0.0.0:25565\nhost=-\nprotocol=-\nclaimed-name=-\nchat-key=-"
        );
        assert_eq!(plain(host.ask_for(0, Hook::Status, &chain("main"), &session)), before);
        session.set_handshake(Handshake {
            protocol: 763,
            host: "play.example.com".into(),
            raw_host: Some("Play.Example.Com\0FML3\0".into()),
            port: 25577,
            intent: Intent::Transfer,
            marker: Some(Marker::Fml3),
            legacy: false,
        });
        session.set_claimed_name("Alex");
        session.set_chat_key(ChatKey {
            expires_ms: -5,
            key: [1, 2].into(),
            signature: [3].into(),
            holder: Some(Uuid::from_u128(7)),
        });
        let after = format!(
            "id={id}\npeer=192.0.2.7 50123\nlistener=0.0.0.0:25565\nhost=play.example.com\nprotocol=763\n\
             claimed-name=Alex\nchat-key=ChatKey {{ expires-ms: -5, key: [1, 2], signature: [3], \
             holder: Some(\"00000000-0000-0000-0000-000000000007\") }}\nhandshake.protocol=763\nhandshake.host=play.example.com\n\
             handshake.raw-host=Play.Example.Com\0FML3\0\nhandshake.port=25577\nhandshake.intent=Intent::Transfer\n\
             handshake.marker=Marker::Fml3\nhandshake.legacy=false\ncause=Cause::Initial"
        );
        assert_eq!(plain(host.ask_for(0, Hook::Route, &chain("main"), &session)), after);
    }
}

pub(crate) mod tags {
    use super::*;

    const TAGS: &str = r#"
        [plugins.tags.config]
        set = [["called", "by set-attribute"], ["both", "first"]]
        verdict = { tag = [["tagged", "by verdict"], ["both", "second"]] }
        [plugins.renames]
        file = "fixed.wasm"
        config = { handshake = { rewrite-host = "other.example.com" } }
        [plugins.facts.config]
        attributes = ["called", "tagged", "both", "absent"]
        [chains]
        main = ["tags", "renames", "facts"]
    "#;

    #[test]
    fn attributes_and_a_rewritten_host_are_left_for_later_links() {
        let host = Host::start(1, TAGS);
        let session = login(&host.registry);
        host.ask_for(0, Hook::Handshake, &chain("main"), &session);
        let text = plain(host.ask_for(0, Hook::Status, &chain("main"), &session));
        for line in [
            "host=other.example.com",
            "handshake.host=other.example.com",
            "handshake.raw-host=play.example.com",
            "attribute.called=by set-attribute",
            "attribute.tagged=by verdict",
            "attribute.both=second",
            "attribute.absent=-",
        ] {
            assert!(text.lines().any(|has| has == line), "{line} in {text}");
        }
    }

    #[test]
    fn what_a_link_left_is_undone_when_its_call_fails() {
        check_undone("trap = true", "trap");
    }

    #[test]
    fn what_a_link_left_is_undone_when_the_tags_it_returns_do_not_fit() {
        check_undone(
            &format!("verdict = {{ tag = [['{}', 'too long a key']] }}", "k".repeat(65)),
            "bad-return",
        );
    }

    /// The link before and the one after keep what they left.
    fn check_undone(trouble: &str, reason: &str) {
        let host = Host::start(
            1,
            &format!(
                r#"
                [plugins.before]
                file = "tags.wasm"
                config = {{ set = [["kept", "old"]] }}
                [plugins.fails]
                file = "tags.wasm"
                on-failure = "open"
                [plugins.fails.config]
                set = [["kept", "new"], ["kept", "newer"], ["added", "new"]]
                {trouble}
                [plugins.after]
                file = "tags.wasm"
                config = {{ verdict = {{ tag = [["last", "kept, too"]] }} }}
                [chains]
                main = ["before", "fails", "after"]
                "#
            ),
        );
        let session = login(&host.registry);
        let outcome = host.ask_for(0, Hook::Handshake, &chain("main"), &session);
        assert_eq!(outcome, Outcome::Handshake(HandshakeOutcome::Continue(Mode::Splice)));
        assert_eq!(host.traps("fails", reason), 1.0);
        assert_eq!(session.attribute("kept").as_deref(), Some("old"));
        assert_eq!(session.attribute("added"), None);
        assert_eq!(session.attribute("last").as_deref(), Some("kept, too"));
    }
}

pub(crate) mod observes {
    use super::*;

    #[test]
    fn observers_are_told_of_joining_and_leaving_once_each() {
        let host = Host::start(2, "[chains]\nmain = ['observes']");
        let session = login(&host.registry);
        let id = session.id();
        let (joining, leaving) = (session.clone(), session);
        host.on_worker(0, move |plugins| plugins.joined(&chain("main"), &joining, "lobby-1"));
        // State is shared by all workers, so the other one knows of it.
        host.on_worker(1, move |plugins| {
            let tally = Tally {
                up_bytes: 11,
                down_bytes: 22,
                duration: std::time::Duration::from_millis(1_500),
            };
            plugins.left(&chain("main"), &leaving, "lobby-1", &End::Idle, tally);
        });
        let state = host.state("observes");
        assert_eq!(state.get(&format!("joined/{id}")), Ok(None));
        assert_eq!(
            state.get(&format!("left/{id}")),
            Ok(Some(b"lobby-1 idle 11 22 1500".to_vec()))
        );
        assert_eq!(host.metric("plugin_observes_observed_unknown_left_total", &[]), 0.0);
        assert_eq!(
            host.metric("plugin_observes_observed_left_total", &[("end", "idle")]),
            1.0
        );
        assert_eq!(host.plugin("observes").on_failure, Some("open"));
    }
}

#[test]
fn observers_hear_of_joining_in_the_chains_order_and_of_leaving_in_reverse() {
    let mut toml = String::new();
    for name in ["order-first", "order-second"] {
        for at in ["joined", "left"] {
            toml +=
                &format!("[plugins.{name}-{at}]\nfile = 'floods-log.wasm'\nconfig = {{ at = '{at}', lines = 1 }}\n");
        }
    }
    toml += "[chains]\nmain = ['order-first-joined', 'order-first-left', 'order-second-joined', 'order-second-left']";
    let host = Host::start(1, &toml);
    let session = login(&host.registry);
    host.on_worker(0, move |plugins| {
        plugins.joined(&chain("main"), &session, "lobby-1");
        plugins.left(&chain("main"), &session, "lobby-1", &End::ClientLeft, Tally::default());
    });
    let written = |name: &str| log::lines_with(&format!("plugin=\"{name}\""));
    let order = [
        "order-first-joined",
        "order-second-joined",
        "order-second-left",
        "order-first-left",
    ];
    wait_until("each has written", || {
        order.iter().all(|name| !written(name).is_empty())
    });
    let lines = log::lines_with("plugin=\"order-");
    let at = |name: &str| {
        lines
            .iter()
            .position(|line| line.contains(&format!("plugin=\"{name}\"")))
            .unwrap()
    };
    assert!(order.map(at).is_sorted(), "{lines:#?}");
}
