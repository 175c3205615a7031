//! What the last server left on the screen, and a bundle that it left open, when a player is moved.

use serde_json::Value;

use crate::support::programs::Program;

use super::{Forwarding, Login, backend, player_with, proxy};

/// How `backend.js` calls its bar.
const BAR: &str = "00000000-0000-4000-8000-0000000000ba";

#[test]
fn words_and_bars_of_the_last_server_are_taken_off_the_screen() {
    for version in ["1.12.2", "1.20.1", "1.20.4"] {
        let watched = ["playerlist_header", "boss_bar", "start_configuration"];
        let (mut lobby, _creative, player, _proxy) = moved(version, &watched, &["dress"]);
        lobby.order("tell", "nobody hears this");
        let seen = packets(&player);
        let names: Vec<&str> = seen.iter().filter_map(|packet| packet["name"].as_str()).collect();
        if version == "1.20.4" {
            // The client clears its screen itself when it goes back to the configuration.
            assert_eq!(
                names,
                ["playerlist_header", "boss_bar", "start_configuration"],
                "{version}"
            );
            continue;
        }
        assert_eq!(
            names,
            ["playerlist_header", "boss_bar", "playerlist_header", "boss_bar"],
            "{version}"
        );
        let empty = "{\"text\":\"\"}";
        assert_eq!(
            (&seen[2]["fields"]["header"], &seen[2]["fields"]["footer"]),
            (&empty.into(), &empty.into())
        );
        // 1: it is removed.
        let bar = &seen[3]["fields"];
        assert_eq!((&bar["entityUUID"], &bar["action"]), (&BAR.into(), &1.into()));
    }
}

#[test]
fn a_bundle_that_the_last_server_left_open_is_closed() {
    for (version, behind) in [
        ("1.19.4", "login"),
        ("1.20.1", "login"),
        ("1.20.4", "start_configuration"),
    ] {
        let watched = ["bundle_delimiter", behind];
        let (_lobby, mut creative, player, _proxy) = moved(version, &watched, &["bundle"]);
        let seen = packets(&player);
        let mut names: Vec<&str> = seen.iter().filter_map(|packet| packet["name"].as_str()).collect();
        // Into the first world.
        names.retain(|name| *name != "login");
        let mut expect = vec!["bundle_delimiter", "bundle_delimiter"];
        expect.extend((behind == "start_configuration").then_some(behind));
        assert_eq!(names, expect, "{version}");
        let first = seen.iter().position(|packet| packet["name"] == "bundle_delimiter");
        let last = seen.iter().rposition(|packet| packet["name"] == behind);
        assert!(
            first.unwrap() + 1 < last.unwrap(),
            "{version}: closed before he is moved"
        );
        // The next server's own bundle begins and ends as it says.
        creative.order("bundle", "");
        creative.order("bundle", "");
        creative.order("kick", "good night");
        player.wait("disconnected", |_| true);
        let delimiters = packets(&player)
            .iter()
            .filter(|packet| packet["name"] == "bundle_delimiter")
            .count();
        assert_eq!(delimiters, 4, "{version}");
    }
}

/// A player who tells of these packets, whose lobby does these things before he is moved to `creative`.
fn moved(
    version: &str,
    watched: &[&str],
    orders: &[&str],
) -> (Program, Program, Program, crate::support::proxy::Proxy) {
    let (mut lobby, lobby_port) = backend("lobby", version, Forwarding::None, "256");
    let (creative, creative_port) = backend("creative", version, Forwarding::None, "256");
    let servers = [("lobby", lobby_port), ("creative", creative_port)];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, "");
    let arguments: Vec<&str> = watched.iter().flat_map(|name| ["--watch", name]).collect();
    let player = player_with(version, &proxy, &Login::Offline, &arguments);
    player.wait("joined", |_| true);
    lobby.wait("joined", |_| true);
    for order in orders {
        lobby.order(order, "a word");
    }
    lobby.order("connect", "creative");
    creative.wait("joined", |_| true);
    player.wait_nth("joined", 2);
    (lobby, creative, player, proxy)
}

fn packets(player: &Program) -> Vec<Value> {
    player.events("packet")
}
