//! What plugins are shown of what is on its way, and what becomes of it: packets, messages, commands, transfers, cookies and
//! resource packs.

use std::cell::RefCell;
use std::sync::Arc;

use portcullis_protocol::packets::{Direction, State};
use portcullis_protocol::version::Protocol;
use portcullis_registry::Session;
use portcullis_runtime::{
    CommandOutcome, DataOutcome, Hook, Pack, PackOutcome, PackResult, PacketOutcome, Payload, Refusal, RequestOutcome,
    Text, TransferOutcome, Wants, WorkerPlugins,
};

use crate::support::Host;
use crate::support::players::{player, uuid_of};
use crate::support::questions::chain;

const CHAT: &str = "{ direction = 'serverbound', state = 'play', packet = { name = 'chat' }, payload = 'whole' }";
const PLAY: State = State::Play;

/// A plugin of the scripted fixture.
fn plugin(name: &str, config: &str) -> String {
    format!("[plugins.{name}]\nfile = 'scripted.wasm'\ngrants = ['packets']\n[plugins.{name}.config]\n{config}\n")
}

/// Asks on behalf of a new player of 1.20.4.
fn ask<R: Send + 'static>(
    host: &Host,
    question: impl FnOnce(&WorkerPlugins, &Arc<Session>) -> R + Send + 'static,
) -> R {
    let session = player(&host.registry, "Alex", "1.20.4");
    host.on_worker(0, move |plugins| question(plugins, &session))
}

/// Shows a packet to the chain `main`.
fn show(host: &Host, packet: (State, Direction, i32), fields: &'static [u8]) -> PacketOutcome {
    ask(host, move |plugins, session| {
        let wants = plugins.wants(&chain("main"), Protocol::V1_20_3);
        plugins.packet(&chain("main"), session, &wants, packet, fields)
    })
}

/// The id of a player's chat in 1.20.4.
const CHAT_ID: i32 = 5;

pub(crate) mod watches {
    use super::*;

    #[test]
    fn a_packet_is_wanted_where_a_subscription_names_it_and_nowhere_else() {
        let toml = r#"
            [plugins.watches]
            grants = ["packets"]
            [plugins.watches.config]
            subscriptions = [
                { direction = "serverbound", state = "play", packet = { name = "chat" }, payload = { head = 4 } },
                { direction = "clientbound", state = "configuration", packet = { name = "registry-data" }, payload = "none" },
                { direction = "clientbound", state = "play", packet = { numbers = [{ id = 200, since = 764, until = 765 }] }, payload = "whole" },
                { direction = "serverbound", state = "play", packet = { name = "command" }, payload = "none" },
            ]
            [chains]
            main = ["watches"]
            other = []
        "#;
        let host = Host::start(1, toml);
        host.on_worker(0, |plugins| {
            let wants = plugins.wants(&chain("main"), Protocol::V1_20_3);
            let there = |state, id| wants.packet(state, Direction::Serverbound, id);
            let back = |state, id| wants.packet(state, Direction::Clientbound, id);
            assert_eq!(there(PLAY, CHAT_ID), Some(Payload::Head(4)));
            assert_eq!(back(State::Configuration, 5), Some(Payload::None));
            assert_eq!(back(PLAY, 200), Some(Payload::Whole));
            for id in [-1, 0, 4, 6, 199, 201, 256, i32::MAX] {
                assert_eq!(there(PLAY, id), None, "{id}");
                assert_eq!(there(State::Configuration, id), None, "{id}");
            }
            assert_eq!(there(State::Login, CHAT_ID), None);
            assert!(!wants.is_empty() && !wants.commands() && !wants.transfers() && !wants.cookies() && !wants.packs());
            assert_eq!(wants.channels().len(), 0);
            assert_eq!(wants.generation(), plugins.generation());
            assert!(plugins.has(&chain("main"), Hook::Packet) && !plugins.has(&chain("main"), Hook::Route));

            let newer = plugins.wants(&chain("main"), Protocol::V1_21);
            assert_eq!(newer.packet(PLAY, Direction::Serverbound, 6), Some(Payload::Head(4)));
            assert_eq!(newer.packet(PLAY, Direction::Serverbound, 4), Some(Payload::None));
            assert_eq!(newer.packet(PLAY, Direction::Clientbound, 200), None);

            let again = plugins.wants(&chain("main"), Protocol::V1_20_3);
            assert!(Arc::ptr_eq(&wants, &again), "it is kept");
            assert!(plugins.wants(&chain("other"), Protocol::V1_20_3).is_empty());
            assert!(plugins.wants(&chain("main"), Protocol(100_000)).is_empty());
        });
    }

    #[test]
    fn the_largest_wish_of_a_chain_counts_and_a_swap_renews_it() {
        let config = |payload| {
            format!(
                "[plugins.watches]\ngrants = ['packets']\n[plugins.watches.config]\nsubscriptions = \
                 [{{ direction = 'serverbound', state = 'play', packet = {{ name = 'chat' }}, payload = {payload} }}]\n"
            )
        };
        let second = plugin("second", "subscriptions = []");
        let chains = "[chains]\nmain = ['watches', 'second']";
        let host = Host::start(1, &(config("{ head = 9 }") + &second + chains));
        let need = |plugins: &WorkerPlugins| {
            let wants = plugins.wants(&chain("main"), Protocol::V1_20_3);
            (wants.generation(), wants.packet(PLAY, Direction::Serverbound, CHAT_ID))
        };
        let (before, head) = host.on_worker(0, move |plugins| need(plugins));
        assert_eq!(head, Some(Payload::Head(9)));
        host.apply(&(config("'whole'") + &second + chains)).unwrap();
        let (after, whole) = host.on_worker(0, move |plugins| need(plugins));
        assert_ne!(before, after);
        assert_eq!(whole, Some(Payload::Whole));
    }
}

pub(crate) mod scripted {
    use super::*;

    #[test]
    fn a_subscribed_packet_is_shown_as_far_as_it_is_wanted() {
        let host = Host::start(
            1,
            &(plugin(
                "p",
                "subscriptions = [
                    { direction = 'serverbound', state = 'play', packet = { name = 'chat' }, payload = { head = 2 } },
                    { direction = 'serverbound', state = 'play', packet = { name = 'keep-alive' }, payload = 'none' },
                    { direction = 'clientbound', state = 'play', packet = { name = 'keep-alive' }, payload = 'whole' },
                ]",
            ) + "[chains]\nmain = ['p']"),
        );
        for (packet, fields) in [
            ((PLAY, Direction::Serverbound, CHAT_ID), &b"abc"[..]),
            ((PLAY, Direction::Serverbound, CHAT_ID), b"a"),
            ((PLAY, Direction::Serverbound, 0x15), b"abc"),
            ((PLAY, Direction::Clientbound, 0x24), b"abc"),
            ((PLAY, Direction::Clientbound, 0x25), b"not wanted"),
        ] {
            assert_eq!(show(&host, packet, fields), PacketOutcome::Pass);
        }
        let expect = [
            "(0, 5, [97, 98])",
            "(0, 5, [97])",
            "(1, 21, [])",
            "(2, 36, [97, 98, 99])",
        ];
        assert_eq!(host.noted("p", "on-packet"), expect);
    }

    #[test]
    fn every_packet_verdict_arrives() {
        let by = || "p".into();
        for (verdict, expect) in [
            ("'next'", PacketOutcome::Pass),
            ("'drop'", PacketOutcome::Drop(by())),
            ("{ replace = [1, 2] }", PacketOutcome::Replaced(vec![1, 2])),
            (
                "{ disconnect = { plain = 'no' } }",
                PacketOutcome::Disconnect(Text::Plain("no".into()), by()),
            ),
        ] {
            let config = format!("subscriptions = [{CHAT}]\non-packet = {verdict}");
            let host = Host::start(1, &(plugin("p", &config) + "[chains]\nmain = ['p']"));
            let outcome = show(&host, (PLAY, Direction::Serverbound, CHAT_ID), b"hello");
            assert_eq!(outcome, expect, "{verdict}");
        }
    }

    #[test]
    fn packets_pass_the_links_in_order_on_the_way_there_and_in_reverse_on_the_way_back() {
        let both = format!(
            "subscriptions = [{CHAT}, {{ direction = 'clientbound', state = 'play', packet = {{ name = 'keep-alive' }}, payload = 'whole' }}]"
        );
        let toml = plugin("a", &format!("{both}\non-packet = {{ replace = [1] }}"))
            + &plugin("b", &format!("{both}\non-packet = {{ replace = [2] }}"))
            + "[chains]\nmain = ['a', 'b']";
        let host = Host::start(1, &toml);
        let there = show(&host, (PLAY, Direction::Serverbound, CHAT_ID), b"x");
        assert_eq!(there, PacketOutcome::Replaced(vec![2]));
        let back = show(&host, (PLAY, Direction::Clientbound, 0x24), b"x");
        assert_eq!(back, PacketOutcome::Replaced(vec![1]));
        // A link sees what earlier ones have put in place.
        assert_eq!(host.noted("a", "on-packet"), ["(0, 5, [120])", "(1, 36, [2])"]);
        assert_eq!(host.noted("b", "on-packet"), ["(0, 5, [1])", "(1, 36, [120])"]);
    }

    thread_local! {
        /// Kept on the worker across a swap, as a session would keep them.
        static KEPT: RefCell<Option<Arc<Wants>>> = const { RefCell::new(None) };
    }

    #[test]
    fn wants_of_a_former_generation_are_renewed_when_a_packet_is_shown() {
        let drops = plugin("drops", &format!("subscriptions = [{CHAT}]\non-packet = 'drop'"));
        let host = Host::start(1, &(drops.clone() + "[chains]\nmain = ['drops']"));
        host.on_worker(0, |plugins| {
            KEPT.set(Some(plugins.wants(&chain("main"), Protocol::V1_20_3)));
        });
        // What was the first plugin is the second one now.
        host.apply(&(plugin("before", "") + &drops + "[chains]\nmain = ['before', 'drops']"))
            .unwrap();
        let outcome = ask(&host, |plugins, session| {
            let wants = KEPT.take().unwrap();
            assert_ne!(wants.generation(), plugins.generation());
            plugins.packet(
                &chain("main"),
                session,
                &wants,
                (PLAY, Direction::Serverbound, CHAT_ID),
                b"",
            )
        });
        assert_eq!(outcome, PacketOutcome::Drop("drops".into()));
        assert_eq!(host.calls("before", "packet"), 0.0);
    }

    #[test]
    fn a_replacement_is_as_large_as_a_frame_at_most() {
        const MOST: usize = (2 << 20) - 16;
        for (bytes, reason) in [
            (MOST, None),
            (MOST + 1, Some("bad-return")),
            (3 << 20, Some("transfer")),
        ] {
            let config = format!("subscriptions = [{CHAT}]\nreplace-bytes = {bytes}");
            let roomy = plugin("p", &config).replace("grants", "limits = { hot-call-ms = 1000 }\ngrants");
            let host = Host::start(1, &(roomy + "[chains]\nmain = ['p']"));
            let outcome = show(&host, (PLAY, Direction::Serverbound, CHAT_ID), b"");
            match reason {
                None => assert_eq!(outcome, PacketOutcome::Replaced(vec![0; MOST])),
                Some(reason) => assert_eq!(host.traps("p", reason), 1.0, "{bytes}"),
            }
        }
    }

    #[test]
    fn a_failing_link_stops_packets_where_it_fails_closed_and_lets_them_pass_where_open() {
        for (policy, expect) in [
            ("closed", PacketOutcome::Refuse(Refusal::PluginFailed("bad".into()))),
            ("open", PacketOutcome::Replaced(vec![7])),
        ] {
            let bad = format!(
                "[plugins.bad]\nfile = 'scripted.wasm'\ngrants = ['packets']\non-failure = '{policy}'\n\
                 [plugins.bad.config]\nsubscriptions = [{CHAT}]\non-packet = {{ replace = [6] }}\ntrap = true\n"
            );
            let good = plugin(
                "good",
                &format!("subscriptions = [{CHAT}]\non-packet = {{ replace = [7] }}"),
            );
            let host = Host::start(1, &(bad + &good + "[chains]\nmain = ['bad', 'good']"));
            let outcome = show(&host, (PLAY, Direction::Serverbound, CHAT_ID), b"x");
            assert_eq!(outcome, expect, "{policy}");
            assert_eq!(host.traps("bad", "trap"), 1.0);
            // Away, it is as if it failed again.
            let outcome = show(&host, (PLAY, Direction::Serverbound, CHAT_ID), b"x");
            assert_eq!(outcome, expect, "{policy}");
        }
    }

    #[test]
    fn messages_are_shown_to_the_links_that_listen_on_their_channel() {
        let toml = plugin("a", "channels = ['x:news', 'x:chat']\non-message = { replace = [1] }")
            + &plugin("b", "channels = ['x:news']\non-message = 'next'")
            + &plugin("c", "channels = ['x:drop']\non-message = 'drop'")
            + "[chains]\nmain = ['a', 'b', 'c']";
        let host = Host::start(1, &toml);
        let tell = |direction, channel: &'static str| {
            ask(&host, move |plugins, session| {
                let wants = plugins.wants(&chain("main"), Protocol::V1_20_3);
                assert_eq!(wants.channels().collect::<Vec<_>>(), ["x:chat", "x:drop", "x:news"]);
                let outcome = plugins.message(&chain("main"), session, direction, channel, b"hi");
                (wants.channel(channel), outcome)
            })
        };
        let replaced = || DataOutcome::Replaced(vec![1]);
        assert_eq!(tell(Direction::Serverbound, "x:news"), (true, replaced()));
        assert_eq!(tell(Direction::Clientbound, "x:news"), (true, replaced()));
        assert_eq!(tell(Direction::Clientbound, "x:chat"), (true, replaced()));
        assert_eq!(
            tell(Direction::Clientbound, "x:drop"),
            (true, DataOutcome::Drop("c".into()))
        );
        assert_eq!(tell(Direction::Clientbound, "x:other"), (false, DataOutcome::Pass));
        assert_eq!(
            host.noted("b", "on-message"),
            [
                r#"(Direction::Serverbound, "x:news", [1])"#,
                r#"(Direction::Clientbound, "x:news", [104, 105])"#
            ]
        );
        assert_eq!(host.noted("a", "on-message").len(), 3);
    }

    #[test]
    fn commands_are_seen_swallowed_and_replaced() {
        let toml = plugin("first", "on-command = { replace = 'spawn now' }")
            + &plugin("second", "")
            + &plugin("third", "on-command = 'swallow'")
            + "[chains]\nreplaces = ['first', 'second']\nswallows = ['third', 'first']";
        let host = Host::start(1, &toml);
        let typed = |name: &'static str, signed| {
            ask(&host, move |plugins, session| {
                plugins.command(&chain(name), session, "spawn", signed)
            })
        };
        let replaced = CommandOutcome::Replaced("spawn now".into());
        assert_eq!(typed("replaces", false), replaced);
        // The caller is told, so that it can count; what is signed goes on as it is.
        assert_eq!(typed("replaces", true), replaced);
        assert_eq!(
            host.noted("second", "on-command"),
            [r#"("spawn now", false)"#, r#"("spawn", true)"#]
        );
        assert_eq!(typed("swallows", false), CommandOutcome::Swallow("third".into()));
    }

    #[test]
    fn transfers_cookies_and_packs_go_as_plugins_say() {
        let toml = plugin(
            "a",
            "on-store = { replace = [1] }\non-response = { replace = [2] }\n\
             on-offer = { replace = { url = 'https://a.example/a.zip', hash = '', required = true } }",
        ) + &plugin(
            "b",
            "on-transfer = { to = { host = 'b.example', port = 1 } }\non-request = 'drop'\non-store = 'drop'\n\
             on-offer = 'deny'",
        ) + &plugin("c", "")
            + "[chains]\none = ['a']\ntwo = ['c', 'b']\nnone = ['c']";
        let host = Host::start(1, &toml);
        let transfer = |name: &'static str| {
            ask(&host, move |plugins, session| {
                plugins.transfer(&chain(name), session, "a.example", 25_565)
            })
        };
        assert_eq!(transfer("none"), TransferOutcome::Pass);
        let to = TransferOutcome::To {
            host: "b.example".into(),
            port: 1,
            by: "b".into(),
        };
        assert_eq!(transfer("two"), to);
        let cookies = |name: &'static str| {
            ask(&host, move |plugins, session| {
                let chain = chain(name);
                (
                    plugins.cookie_request(&chain, session, "a:b"),
                    plugins.cookie_store(&chain, session, "a:b", b"x"),
                    plugins.cookie_response(&chain, session, "a:b", None),
                )
            })
        };
        let (pass, by) = (DataOutcome::Pass, || "b".into());
        assert_eq!(cookies("none"), (RequestOutcome::Pass, pass.clone(), pass.clone()));
        assert_eq!(
            cookies("one"),
            (
                RequestOutcome::Pass,
                DataOutcome::Replaced(vec![1]),
                DataOutcome::Replaced(vec![2])
            )
        );
        assert_eq!(
            cookies("two"),
            (RequestOutcome::Drop(by()), DataOutcome::Drop(by()), pass)
        );
        let offer = |name: &'static str| {
            ask(&host, move |plugins, session| {
                let pack = Pack {
                    id: Some(uuid_of("pack")),
                    url: "https://example.com/pack.zip".into(),
                    hash: String::new(),
                    required: false,
                };
                plugins.pack_outcome(&chain(name), session, pack.id, PackResult::Declined);
                plugins.pack_offer(&chain(name), session, &pack)
            })
        };
        assert_eq!(offer("none"), PackOutcome::Pass);
        assert_eq!(offer("two"), PackOutcome::Deny("b".into()));
        let replaced = Pack {
            id: None,
            url: "https://a.example/a.zip".into(),
            hash: String::new(),
            required: true,
        };
        assert_eq!(offer("one"), PackOutcome::Replaced(replaced));
        // From the server, so the chain's last link was asked first, and decided.
        assert_eq!(host.noted("c", "on-offer").len(), 1);
        assert_eq!(host.noted("c", "on-outcome").len(), 2);
        assert_eq!(host.noted("c", "on-response"), [r#"("a:b", None)"#, r#"("a:b", None)"#]);
    }

    #[test]
    fn an_answer_that_the_contract_does_not_allow_is_a_bad_return() {
        let long = "x".repeat(257);
        for (config, question) in [
            (format!("on-command = {{ replace = '{long}' }}"), 0),
            ("on-command = { replace = '/spawn' }".into(), 0),
            (r#"on-command = { replace = "a\nb" }"#.into(), 0),
            ("on-transfer = { to = { host = '', port = 1 } }".into(), 1),
            (format!("on-store = {{ replace = {:?} }}", vec![0_u8; 5_121]), 2),
            (
                "on-offer = { replace = { url = '', hash = '', required = false } }".into(),
                3,
            ),
            (
                "on-offer = { replace = { url = 'https://a.example', hash = 'abc', required = false } }".into(),
                3,
            ),
            (
                "on-offer = { replace = { id = 'x', url = 'https://a.example', hash = '', required = false } }".into(),
                3,
            ),
        ] {
            let host = Host::start(1, &(plugin("p", &config) + "[chains]\nmain = ['p']"));
            ask(&host, move |plugins, session| {
                let chain = chain("main");
                let pack = Pack {
                    id: None,
                    url: "https://example.com/pack.zip".into(),
                    hash: String::new(),
                    required: false,
                };
                match question {
                    0 => drop(plugins.command(&chain, session, "spawn", false)),
                    1 => drop(plugins.transfer(&chain, session, "a.example", 1)),
                    2 => drop(plugins.cookie_store(&chain, session, "a:b", b"x")),
                    _ => drop(plugins.pack_offer(&chain, session, &pack)),
                }
            });
            assert_eq!(host.traps("p", "bad-return"), 1.0, "{config:.80}");
        }
    }

    #[test]
    fn wishes_that_cannot_come_true_refuse_the_load() {
        let wish = |packet: &str| {
            format!(
                "subscriptions = [{{ direction = 'clientbound', state = 'play', packet = {packet}, payload = 'none' }}]"
            )
        };
        let head = "subscriptions = [{ direction = 'clientbound', state = 'play', packet = { name = 'chat' }, payload = { head = 32768 } }]";
        let many = format!("subscriptions = [{}]", vec![CHAT; 257].join(","));
        for (config, expect) in [
            (wish("{ name = 'chatt' }"), "name the packet \"chatt\""),
            (
                wish("{ name = 'settings' }"),
                "which no version has in play clientbound; known there: ",
            ),
            (head.into(), "want a head of 32768 bytes"),
            (many, "are 257; at most 256"),
            (
                "channels = ['BungeeCord']".into(),
                "have \"BungeeCord\" among them; names are as in 1.13",
            ),
        ] {
            let host = Host::idle(1);
            let error = host.refusal(&(plugin("p", &config) + "[chains]\nmain = ['p']"));
            assert_eq!(error.label(), "contract");
            assert!(error.to_string().contains(expect), "{error}");
        }
    }
}
