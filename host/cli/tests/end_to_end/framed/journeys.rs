//! Joining, talking, and moving to another server and back, twice.

use crate::support::programs::Program;

use super::{Forwarding, Login, backend, player, player_with, proxy};

macro_rules! journeys {
    ($($name:ident: $version:literal,)*) => {
        mod offline {
            use super::*;
            $(
                #[test]
                fn $name() {
                    journey($version, false, Forwarding::None, ["256", "256"]);
                }
            )*
        }

        mod online_and_forwarded {
            use super::*;
            $(
                #[test]
                fn $name() {
                    journey($version, true, Forwarding::best_for($version), ["256", "64"]);
                }
            )*
        }
    };
}

journeys! {
    v1_7_10: "1.7.10",
    v1_8_8: "1.8.8",
    v1_9_4: "1.9.4",
    v1_10_2: "1.10.2",
    v1_11_2: "1.11.2",
    v1_12_2: "1.12.2",
    v1_13_2: "1.13.2",
    v1_14_4: "1.14.4",
    v1_15_2: "1.15.2",
    v1_16_5: "1.16.5",
    v1_17_1: "1.17.1",
    v1_18_2: "1.18.2",
    v1_19: "1.19",
    v1_19_2: "1.19.2",
    v1_19_3: "1.19.3",
    v1_19_4: "1.19.4",
    v1_20: "1.20",
    v1_20_1: "1.20.1",
    v1_20_2: "1.20.2",
    v1_20_4: "1.20.4",
    v1_20_6: "1.20.6",
    v1_21_1: "1.21.1",
    v1_21_3: "1.21.3",
    v1_21_4: "1.21.4",
    v1_21_5: "1.21.5",
    v1_21_6: "1.21.6",
    v1_21_8: "1.21.8",
    v1_21_9: "1.21.9",
    v1_21_11: "1.21.11",
    v26_1: "26.1",
}

#[test]
fn legacy_forwarding_reaches_a_server_that_knows_nothing_newer() {
    journey("1.8.8", true, Forwarding::Legacy, ["256", "256"]);
}

#[test]
fn a_server_without_compression_and_one_with_it_are_both_understood() {
    journey("1.20.4", false, Forwarding::None, ["-1", "256"]);
    journey("1.12.2", true, Forwarding::None, ["64", "-1"]);
}

#[test]
fn everything_may_be_compressed() {
    journey("1.19.4", true, Forwarding::Velocity, ["0", "0"]);
}

#[test]
fn velocitys_forwarding_carries_the_chat_keys_of_the_versions_that_name_them_in_the_login() {
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    for (version, way, signature, holder) in [
        ("1.18.2", "velocity 1", None, None),
        ("1.19", "velocity 2", Some("of 1.19"), None),
        ("1.19.2", "velocity 3", Some("of 1.19.1"), Some(uuid)),
        ("1.19.3", "velocity 4", None, None),
    ] {
        let (lobby, port) = backend("lobby", version, Forwarding::Velocity, "256");
        let proxy = proxy(&[("lobby", port)], &login, Forwarding::Velocity, "");
        let player = player_with(version, &proxy, &login, &["--keys"]);
        player.wait("joined", |_| true);
        let identity = &lobby.wait("joined", |_| true)["identity"];
        assert_eq!(identity["protocol"], way);
        assert_eq!(identity["holder"].as_str(), holder, "{version}");
        assert_eq!(identity["key"]["signature"].as_str(), signature, "{version}");
        if signature.is_some() {
            let key = player.wait("key", |_| true);
            assert_eq!(
                (&identity["key"]["expires"], &identity["key"]["der"]),
                (&key["expires"], &key["der"])
            );
        }
    }
}

/// Joins `lobby`, talks, and moves to `creative` and back, twice. The servers compress from these lengths on.
fn journey(version: &str, online: bool, forwarding: Forwarding, thresholds: [&str; 2]) {
    let (mut lobby, lobby_port) = backend("lobby", version, forwarding, thresholds[0]);
    let (mut creative, creative_port) = backend("creative", version, forwarding, thresholds[1]);
    let sessions = online.then(|| Program::node("session.js", &["--deadline-s", "120"]));
    let login = sessions.as_ref().map_or(Login::Offline, Login::Online);
    let proxy = proxy(
        &[("lobby", lobby_port), ("creative", creative_port)],
        &login,
        forwarding,
        "",
    );
    let mut player = player(version, &proxy, &login);

    let joined = lobby.wait("joined", |_| true);
    assert_eq!(
        (&joined["name"], &joined["asked"]),
        (&"Steve".into(), &"play.example.com".into())
    );
    let entered = player.wait("joined", |_| true);
    assert_eq!(entered["encrypted"], online);
    if online {
        let identity = &joined["identity"];
        if forwarding != Forwarding::None {
            assert_eq!(joined["uuid"], "01234567-89ab-cdef-0123-456789abcdef", "{identity}");
            assert_eq!(identity["ip"], "127.0.0.1");
            assert_eq!(identity["properties"][0]["name"], "textures");
        }
        let uuid = entered["uuid"].as_str().unwrap().replace('-', "");
        assert_eq!(uuid, "0123456789abcdef0123456789abcdef");
    }
    talk(&mut player, &mut lobby, "in the lobby");

    for round in 1..=2 {
        lobby.order("connect", "creative");
        creative.wait_nth("joined", round);
        player.wait_nth("joined", 2 * round);
        lobby.wait_nth("left", round);
        talk(&mut player, &mut creative, &format!("in creative, {round}"));
        creative.order("connect", "lobby");
        lobby.wait_nth("joined", round + 1);
        player.wait_nth("joined", 2 * round + 1);
        creative.wait_nth("left", round);
        talk(&mut player, &mut lobby, &format!("back in the lobby, {round}"));
    }

    lobby.order("kick", "good night");
    let end = player.wait("disconnected", |_| true);
    assert_eq!((&end["text"], &end["state"]), (&"good night".into(), &"play".into()));
}

/// Says something both ways, short and longer than the usual threshold.
fn talk(player: &mut Program, server: &mut Program, words: &str) {
    player.order("say", words);
    server.wait("chat", |event| event["text"] == words);
    let answer = format!("{words}: {}", "x".repeat(300));
    server.order("tell", &answer);
    player.wait("heard", |event| event["text"] == answer.as_str());
}
