//! Everything that a server can ask on BungeeCord's channel, from a real server through the real host.

use serde_json::Value;

use crate::support::programs::Program;

use super::{Forwarding, Login, backend, player, proxy};

#[test]
fn every_request_is_answered_in_a_new_and_an_old_version() {
    for version in ["1.12.2", "1.20.4"] {
        let (mut lobby, lobby_port) = backend("lobby", version, Forwarding::None, "256");
        let (mut creative, creative_port) = backend("creative", version, Forwarding::None, "256");
        let servers = [("lobby", lobby_port), ("creative", creative_port)];
        let routes = "routes = [{ host = \"creative.example.com\", to = \"creative\" }]";
        let proxy = proxy(&servers, &Login::Offline, Forwarding::None, routes);
        let mark = proxy.mark();
        proxy.edit(
            "name = \"creative\"",
            "name = \"creative\"\nlabels = { address = \"192.0.2.1:25566\" }",
        );
        proxy.wait_log_after(mark, "configuration was reloaded");
        let steve = player(version, &proxy, &Login::Offline);
        steve.wait("joined", |_| true);
        lobby.wait("joined", |_| true);
        let port = proxy.port().to_string();
        let arguments = ["--version", version, "--port", &port, "--deadline-s", "90"];
        let alex = ["--name", "Alex", "--step", "join:creative.example.com"];
        let alex = Program::node("player.js", &[&arguments[..], &alex].concat());
        alex.wait("joined", |_| true);
        creative.wait("joined", |_| true);
        let [steves, alexs] = [&lobby, &creative].map(|server| undashed(&server.wait("joined", |_| true)["uuid"]));

        // What the server that asks is told: these texts, and what follows them.
        for (request, texts, behind) in [
            ("IP", vec!["IP", "127.0.0.1"], None),
            ("IPOther|alex", vec!["IPOther", "Alex", "127.0.0.1"], None),
            ("PlayerCount|ALL", vec!["PlayerCount", "ALL"], Some("\0\0\0\x02")),
            (
                "PlayerCount|creative",
                vec!["PlayerCount", "creative"],
                Some("\0\0\0\x01"),
            ),
            ("PlayerList|ALL", vec!["PlayerList", "ALL", "Steve, Alex"], Some("")),
            ("PlayerList|lobby", vec!["PlayerList", "lobby", "Steve"], Some("")),
            ("GetServers", vec!["GetServers", "lobby, creative"], Some("")),
            ("GetServer", vec!["GetServer", "lobby"], Some("")),
            (
                "GetPlayerServer|Alex",
                vec!["GetPlayerServer", "Alex", "creative"],
                Some(""),
            ),
            ("UUID", vec!["UUID", &steves], Some("")),
            ("UUIDOther|Alex", vec!["UUIDOther", "Alex", &alexs], Some("")),
            ("ServerIP|creative", vec!["ServerIP", "creative", "192.0.2.1"], None),
        ] {
            lobby.order("ask", request);
            let start: String = texts.iter().map(|text| java(text)).collect();
            let answer = lobby.wait("message", |event| {
                event["text"].as_str().is_some_and(|text| text.starts_with(&start))
            });
            let rest = answer["text"].as_str().unwrap().strip_prefix(&start).unwrap();
            assert!(
                behind.is_none_or(|behind| behind == rest),
                "{version} {request}: {rest:?}"
            );
        }

        lobby.order("ask", "Message|Alex|for Alex");
        alex.wait("heard", |event| event["text"] == "for Alex");
        // minecraft-protocol takes texts in NBT for plain UTF-8, which Java's is not.
        let words = if version == "1.12.2" { "for all 😀" } else { "for all" };
        lobby.order("ask", &format!("MessageRaw|ALL|{{\"text\":\"{words}\"}}"));
        for player in [&steve, &alex] {
            player.wait("heard", |event| event["text"] == words);
        }
        assert!(steve.events("heard").iter().all(|event| event["text"] != "for Alex"));
        for (target, words) in [
            ("Forward|creative", "to one"),
            ("Forward|ALL", "to all"),
            ("ForwardToPlayer|Alex", "by a player"),
        ] {
            lobby.order("ask", &format!("{target}|news|{words}"));
            let expect = java("news") + &java(words);
            creative.wait("message", |event| event["text"] == expect.as_str());
        }
        assert!(
            lobby
                .events("message")
                .iter()
                .all(|event| !event["text"].as_str().unwrap().contains("news"))
        );

        lobby.order("ask", "ConnectOther|Alex|lobby");
        alex.wait_nth("joined", 2);
        lobby.wait_nth("joined", 2);
        lobby.order("ask", "KickPlayerRaw|Alex|{\"text\":\"raw bye\"}");
        assert_eq!(alex.wait("disconnected", |_| true)["text"], "raw bye");
        lobby.wait("left", |event| event["name"] == "Alex");
        lobby.order("ask", "Connect|creative");
        steve.wait_nth("joined", 2);
        creative.wait_nth("joined", 2);
        creative.order("ask", "KickPlayer|Steve|bye");
        assert_eq!(steve.wait("disconnected", |_| true)["text"], "bye");
        assert_eq!(proxy.metric("portcullis_plugin_traps_total", &[]), 0.0, "{version}");
    }
}

/// A text as Java's `DataOutput` writes it.
fn java(text: &str) -> String {
    let length = u8::try_from(text.len()).expect("a short text");
    format!("\0{}{text}", char::from(length))
}

fn undashed(uuid: &Value) -> String {
    uuid.as_str().expect("a UUID").replace('-', "")
}
