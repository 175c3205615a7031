//! Lines and commands in, verdicts out, in old and new versions.

use std::time::Duration;

use portcullis_sdk::End;
use portcullis_sdk::packets::Which;
use portcullis_sdk::testing::{Host, Running};

use super::*;

/// 1.8, 1.18.2, 1.19, 1.20.1, 1.21.11.
const PROTOCOLS: [i32; 5] = [47, 758, 759, 763, 774];

fn said(plugin: &mut Running<ChatGuard>, session: &Session, text: &str) -> PacketVerdict {
    plugin.client_sends(session, &Chat::unsigned(text))
}

fn ordered(plugin: &mut Running<ChatGuard>, session: &Session, command: &str) -> PacketVerdict {
    plugin.client_sends(session, &Command::unsigned(command))
}

/// The first block of TOML in the manual, from the plugin's configuration on.
fn example() -> String {
    let manual = include_str!("../README.md");
    let block = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    block.split_once(".config]\n").unwrap().1.to_owned()
}

#[test]
fn who_is_too_fast_is_dropped_and_told_and_heard_again_later() {
    for protocol in PROTOCOLS {
        let host = Host::new();
        let mut plugin = host.start::<ChatGuard>("chat = { per-second = 0.5, burst = 2 }");
        let session = Session::build().protocol(protocol).in_play();
        for text in ["a", "b"] {
            assert_eq!(said(&mut plugin, &session, text), PacketVerdict::Next, "{protocol}");
        }
        assert_eq!(said(&mut plugin, &session, "c"), PacketVerdict::Drop, "{protocol}");
        let notice = if protocol < 759 { "chat" } else { "system-chat" };
        assert_eq!(host.sent()[0].name(), Some(notice), "{protocol}");
        host.advance(Duration::from_secs(2));
        assert_eq!(said(&mut plugin, &session, "d"), PacketVerdict::Next, "{protocol}");
        assert_eq!(said(&mut plugin, &session, "e"), PacketVerdict::Drop, "{protocol}");
        let dropped = host.metric_with("dropped_total", [("kind", "chat"), ("reason", "flood")]);
        assert_eq!(dropped, 2.0, "{protocol}");
    }
}

#[test]
fn commands_and_chat_are_limited_each_for_itself_in_every_version() {
    for protocol in PROTOCOLS {
        let host = Host::new();
        let mut plugin = host.start::<ChatGuard>("chat = { burst = 1 }\ncommands = { burst = 2 }");
        let session = Session::build().protocol(protocol).in_play();
        assert_eq!(ordered(&mut plugin, &session, "a"), PacketVerdict::Next, "{protocol}");
        assert_eq!(said(&mut plugin, &session, "a"), PacketVerdict::Next, "{protocol}");
        assert_eq!(ordered(&mut plugin, &session, "b"), PacketVerdict::Next, "{protocol}");
        assert_eq!(ordered(&mut plugin, &session, "c"), PacketVerdict::Drop, "{protocol}");
        assert_eq!(said(&mut plugin, &session, "b"), PacketVerdict::Drop, "{protocol}");
    }
}

#[test]
fn players_do_not_pay_for_each_other_and_are_forgotten_when_they_leave() {
    let host = Host::new();
    let mut plugin = host.start::<ChatGuard>("chat = { burst = 1 }");
    let (ada, bob) = (
        Session::build().name("Ada").in_play(),
        Session::build().name("Bob").in_play(),
    );
    assert_eq!(said(&mut plugin, &ada, "a"), PacketVerdict::Next);
    assert_eq!(said(&mut plugin, &bob, "a"), PacketVerdict::Next);
    assert_eq!(said(&mut plugin, &ada, "b"), PacketVerdict::Drop);
    let departure = Departure {
        end: End::ClientLeft,
        up_bytes: 0,
        down_bytes: 0,
        duration: Duration::ZERO,
    };
    plugin.left(&ada, "lobby", &departure);
    assert_eq!(plugin.players.len(), 1);
}

#[test]
fn half_typed_lines_above_the_rate_are_dropped_in_silence() {
    let host = Host::new();
    let mut plugin = host.start::<ChatGuard>("tab-complete = { burst = 2 }");
    let session = Session::build().in_play();
    let asked = TabComplete {
        text: "/t".into(),
        ..TabComplete::default()
    };
    let verdicts = [(); 3].map(|()| plugin.client_sends(&session, &asked));
    assert_eq!(
        verdicts,
        [PacketVerdict::Next, PacketVerdict::Next, PacketVerdict::Drop]
    );
    assert!(host.sent().is_empty());
}

#[test]
fn the_same_is_said_only_so_often_in_a_row() {
    let mut plugin = Host::new().start::<ChatGuard>("chat = { burst = 100 }\nrepeats = 2");
    let session = Session::build().in_play();
    let mut check = |text: &str, expect: PacketVerdict| assert_eq!(said(&mut plugin, &session, text), expect, "{text}");
    check("hello", PacketVerdict::Next);
    check("Hello ", PacketVerdict::Next);
    check("hello", PacketVerdict::Drop);
    check("bye", PacketVerdict::Next);
    check("hello", PacketVerdict::Next);
}

#[test]
fn what_is_blocked_reaches_no_server() {
    let config = "blocked = ['*spam*']\nblocked-commands = ['plugins', 'op']\nchat = { burst = 100 }\ncommands = { burst = 100 }";
    let host = Host::new();
    let mut plugin = host.start::<ChatGuard>(config);
    let session = Session::build().in_play();
    assert_eq!(said(&mut plugin, &session, "buy SPAM here"), PacketVerdict::Drop);
    assert_eq!(said(&mut plugin, &session, "buy ham here"), PacketVerdict::Next);
    for (command, expect) in [
        ("plugins", PacketVerdict::Drop),
        ("PLUGINS 2", PacketVerdict::Drop),
        ("bukkit:plugins", PacketVerdict::Drop),
        ("op Ada", PacketVerdict::Drop),
        ("opt Ada", PacketVerdict::Next),
        ("tell Ada spam", PacketVerdict::Next),
    ] {
        assert_eq!(ordered(&mut plugin, &session, command), expect, "{command}");
    }
}

#[test]
fn whoever_goes_on_is_sent_away_unless_he_pauses() {
    let config = "chat = { per-second = 0.01, burst = 1 }\nkick-after = 3\nkick-text = 'out'";
    let host = Host::new();
    let mut plugin = host.start::<ChatGuard>(config);
    let session = Session::build().in_play();
    let all = |plugin: &mut Running<ChatGuard>, count: usize| {
        (0..count).map(|n| said(plugin, &session, &n.to_string())).last()
    };
    assert_eq!(all(&mut plugin, 3), Some(PacketVerdict::Drop));
    host.advance(Duration::from_secs(60));
    assert_eq!(all(&mut plugin, 2), Some(PacketVerdict::Drop));
    assert_eq!(all(&mut plugin, 1), Some(PacketVerdict::disconnect("out")));
}

#[test]
fn signed_lines_are_limited_like_others() {
    let host = Host::new();
    let mut plugin = host.start::<ChatGuard>("blocked = ['*spam*']");
    // 1.21.4: time, salt, a signature, and what was seen.
    let signed = |text: &str| {
        [
            &[text.len() as u8][..],
            text.as_bytes(),
            &[9; 16],
            &[1],
            &[7; 256],
            &[3, 1, 2, 3],
        ]
        .concat()
    };
    let session = Session::build().protocol(769).in_play();
    let mut check = |text: &str, expect: PacketVerdict| {
        let verdict = plugin.packet(&session, Direction::Serverbound, "chat", &signed(text));
        assert_eq!(verdict, expect, "{text}");
    };
    check("hello", PacketVerdict::Next);
    check("spam", PacketVerdict::Drop);
}

#[test]
fn keys_are_kept_from_servers_only_where_that_is_configured() {
    for (config, expect) in [("", None), ("unsigned = true", Some(PacketVerdict::Drop))] {
        let mut plugin = Host::new().start::<ChatGuard>(config);
        let session = Session::build().protocol(769).in_play();
        let wanted = plugin.subscriptions();
        let is_wanted = wanted
            .iter()
            .any(|wanted| matches!(&wanted.packet, Which::Name(name) if name == CHAT_SESSION));
        assert_eq!(is_wanted, expect.is_some());
        if let Some(expect) = expect {
            let verdict = plugin.packet(&session, Direction::Serverbound, CHAT_SESSION, &[]);
            assert_eq!(verdict, expect);
        }
    }
}

#[test]
fn what_cannot_be_read_goes_on() {
    let mut plugin = Host::new().start::<ChatGuard>("");
    let session = Session::build().in_play();
    let verdict = plugin.packet(&session, Direction::Serverbound, "chat", &[0xff; 3]);
    assert_eq!(verdict, PacketVerdict::Next);
}

#[test]
fn the_manual_s_example_is_taken_and_what_is_wrong_is_named() {
    let host = Host::new();
    host.start::<ChatGuard>(&example());
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<ChatGuard>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check(
        "blocked = ['*']",
        "blocked[0]: fits everything or nothing: write what is to be blocked, with * for the rest",
    );
    check(
        "chat = { burst = 0 }",
        "chat.burst: 0 is out of range; 1 to 1000 is allowed",
    );
}
