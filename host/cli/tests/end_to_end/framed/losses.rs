//! Servers that are lost: their players are moved where a plugin says so, and told what happened where none does.

use crate::support::ports;

use super::{Forwarding, Login, backend, player, proxy, stage::wait_reason};

/// What a move costs beside a session, and what an allocator keeps for itself.
const MEMORY_MAX_KIB: u64 = 8 << 10;

const FALLBACK: &str = "fallback = \"fallback\"";

#[test]
fn players_of_a_server_that_dies_are_moved_in_old_and_new_versions() {
    for version in ["1.7.10", "1.8.8", "1.12.2", "1.16.5", "1.20.1", "1.20.4", "1.21.4"] {
        let (mut lobby, lobby_port) = backend("lobby", version, Forwarding::None, "256");
        let (mut fallback, fallback_port) = backend("fallback", version, Forwarding::None, "64");
        let servers = [("lobby", lobby_port), ("fallback", fallback_port)];
        let proxy = proxy(&servers, &Login::Offline, Forwarding::None, FALLBACK);
        let mut player = player(version, &proxy, &Login::Offline);
        player.wait("joined", |_| true);
        let (mark, memory) = (proxy.mark(), proxy.memory_kib());
        lobby.order("vanish", "");
        fallback.wait("joined", |_| true);
        player.wait_nth("joined", 2);
        player.order("say", "still here");
        fallback.wait("chat", |event| event["text"] == "still here");
        wait_reason(&proxy, mark, "lost the server", "closed");
        let losses = |reason| proxy.metric("portcullis_server_losses_total", &[("reason", reason)]);
        assert_eq!((losses("closed"), losses("kicked")), (1.0, 0.0), "{version}");
        let grown = proxy.memory_kib().saturating_sub(memory);
        assert!(grown <= MEMORY_MAX_KIB, "{version}: grown by {grown} KiB");
        fallback.order("kick", "good night");
        assert_eq!(player.wait("disconnected", |_| true)["text"], "good night");
        wait_reason(&proxy, mark, "lost the server", "kicked");
    }
}

#[test]
fn who_arrives_while_his_server_cannot_be_reached_comes_to_the_fallback() {
    let (fallback, port) = backend("fallback", "1.20.4", Forwarding::None, "256");
    let servers = [("lobby", ports::free()), ("fallback", port)];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, FALLBACK);
    for nth in 1..=2 {
        // The second one meets a server that is known to be down.
        let mut player = player("1.20.4", &proxy, &Login::Offline);
        player.wait("joined", |_| true);
        fallback.wait_nth("joined", nth);
        player.chat("here I am");
    }
    let asked = [("plugin", "router"), ("hook", "backend"), ("verdict", "redirect")];
    assert_eq!(proxy.metric("portcullis_plugin_verdicts_total", &asked), 2.0);
}

#[test]
fn without_advice_a_lost_player_is_told() {
    let (mut lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let proxy = proxy(&[("lobby", port)], &Login::Offline, Forwarding::None, "");
    let player = player("1.20.4", &proxy, &Login::Offline);
    player.wait("joined", |_| true);
    let mark = proxy.mark();
    lobby.order("vanish", "");
    let end = player.wait("disconnected", |_| true);
    assert_eq!(end["text"], "The connection to the server was lost.");
    wait_reason(&proxy, mark, "lost the server", "closed");
    let ends = [("end", "server-left")];
    proxy.wait_metric("portcullis_session_ends_total", &ends, |ends| ends == 1.0);
}
