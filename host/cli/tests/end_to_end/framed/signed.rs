//! Signed lines: servers throw out whose signatures have a gap, so none is kept back without its author's hearing of it; and counts of
//! messages seen that stay right.

use crate::support::{programs::Program, proxy::Proxy};

use super::{Forwarding, Login, backend_with, player_with, proxy_beside};

/// The text of the host for whose line is missing.
const GONE: &str = "because it was signed you cannot go on";

#[test]
fn a_server_verifies_what_a_guard_lets_pass() {
    for version in ["1.19.3", "1.20.4"] {
        let (mut lobby, mut player, _proxy, _sessions) = guarded(version, "");
        lobby.wait("session", |_| true);
        for (nth, words) in ["one", "two", "three"].into_iter().enumerate() {
            lobby.order("tell-signed", words);
            player.wait("heard", |event| event["text"] == words);
            player.order("say", words);
            let line = lobby.wait("chat", |event| event["text"] == words);
            assert_eq!(
                (&line["verified"], &line["seen"]),
                (&true.into(), &(nth + 1).into()),
                "{version}"
            );
        }
    }
}

#[test]
fn a_player_whose_signed_line_is_dropped_is_told_so_and_leaves() {
    for version in ["1.19.2", "1.19.3", "1.20.4"] {
        let (lobby, mut player, proxy, _sessions) = guarded(version, "");
        player.order("say", "hello");
        lobby.wait("chat", |event| event["text"] == "hello");
        let mark = proxy.mark();
        player.order("say", "spam");
        let end = player.wait("disconnected", |_| true);
        assert!(end["text"].as_str().unwrap().contains(GONE), "{version}: {end}");
        let line = proxy.wait_log_after(mark, "signed-line-kept");
        assert!(line.contains("chat-guard"), "{line}");
        let reason = [("reason", "signed-line-kept")];
        assert_eq!(proxy.metric("portcullis_refusals_total", &reason), 1.0, "{version}");
        assert_eq!(lobby.events("chat").len(), 1, "{version}: it did not arrive");
    }
}

#[test]
fn servers_that_know_no_key_let_lines_be_dropped_and_count_on() {
    for version in ["1.19.3", "1.20.4"] {
        let (mut lobby, mut player, proxy, _sessions) = guarded(version, "unsigned = true");
        for words in ["one", "two", "three"] {
            lobby.order("tell-signed", words);
            player.wait("heard", |event| event["text"] == words);
        }
        // This line is the only one that says how many were seen.
        player.order("say", "spam");
        player.wait("heard", |event| event["text"] == "That is not said here.");
        player.order("say", "hello");
        let line = lobby.wait("chat", |_| true);
        assert_eq!(line["text"], "hello");
        assert_eq!(
            (&line["verified"], &line["seen"]),
            (&false.into(), &3.into()),
            "{version}"
        );
        lobby.order("tell-signed", "four");
        player.wait("heard", |event| event["text"] == "four");
        player.chat("still here");
        let line = lobby.wait("chat", |event| event["text"] == "still here");
        assert_eq!(line["seen"], 4, "{version}");
        assert!(lobby.events("session").is_empty(), "{version}: it heard of the key");
        let reason = [("reason", "signed-line-kept")];
        assert_eq!(proxy.metric("portcullis_refusals_total", &reason), 0.0, "{version}");
    }
}

/// In 1.19 each signature stands for itself.
#[test]
fn lines_that_build_on_no_other_can_be_dropped() {
    let (lobby, mut player, _proxy, _sessions) = guarded("1.19", "");
    player.order("say", "spam");
    player.wait("heard", |event| event["text"] == "That is not said here.");
    player.chat("hello");
    assert_eq!(lobby.events("chat").len(), 1);
}

/// A player with an account and a chat key, in a world behind `chat-guard`.
fn guarded(version: &str, config: &str) -> (Program, Program, Proxy, Program) {
    // Servers of these versions look for Mojang's signature beside a key in a login, but for one that a proxy vouches for.
    let (lobby, port) = backend_with(
        "lobby",
        version,
        Forwarding::Velocity,
        "256",
        if version.starts_with("1.19") && !version.ends_with(['3', '4']) {
            &[]
        } else {
            &["--follow-signatures"]
        },
    );
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let guard = format!(
        "[plugins.chat-guard]\ngrants = [\"packets\"]\nlimits = {{ hot-call-ms = 100 }}\n[plugins.chat-guard.config]\nblocked = [\"spam\"]\n{config}\n"
    );
    let proxy = proxy_beside(
        &[("lobby", port)],
        &login,
        Forwarding::Velocity,
        &[("chat-guard", &guard)],
        "",
    );
    let player = player_with(version, &proxy, &login, &["--keys"]);
    player.wait("joined", |_| true);
    lobby.wait("joined", |_| true);
    (lobby, player, proxy, sessions)
}
