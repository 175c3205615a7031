//! What operators see of sessions in which the host stands in the middle.

use crate::support::metrics::Reading;

use super::{Forwarding, Login, backend, player, proxy};

/// Where operators look a number up.
const PAGE: &str = include_str!("../../../../../docs/operator/telemetry.md");

#[test]
fn players_switches_and_lost_servers_are_in_the_numbers() {
    let (mut lobby, lobby_port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let (mut creative, creative_port) = backend("creative", "1.20.4", Forwarding::None, "64");
    let servers = [
        ("lobby", lobby_port),
        ("creative", creative_port),
        ("closed", crate::support::ports::free()),
    ];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, "fallback = \"lobby\"");
    let mut players = [1, 2].map(|nth| {
        let player = player("1.20.4", &proxy, &Login::Offline);
        lobby.wait_nth("joined", nth);
        player.wait("joined", |_| true);
        player
    });
    check(&proxy.metrics(), [2.0, 0.0], [2.0, 0.0]);

    // Both move.
    lobby.order("connect", "creative");
    players.iter().for_each(|player| drop(player.wait_nth("joined", 2)));
    players.iter_mut().for_each(|player| player.chat("moved"));
    check(&proxy.metrics(), [0.0, 2.0], [2.0, 2.0]);

    // Both lose their server, and fall back.
    creative.order("vanish", "");
    players.iter().for_each(|player| drop(player.wait_nth("joined", 3)));
    players.iter_mut().for_each(|player| player.chat("fell back"));
    let numbers = proxy.metrics();
    check(&numbers, [2.0, 0.0], [4.0, 2.0]);
    let lost = |numbers: &Reading, reason| numbers.sum("portcullis_server_losses_total", &[("reason", reason)]);
    assert_eq!(lost(&numbers, "closed"), 2.0);

    // One that cannot be reached is no loss.
    lobby.order("connect", "closed");
    let labels = [("server", "closed"), ("result", "refused")];
    proxy.wait_metric("portcullis_dials_total", &labels, |dials| dials == 2.0);
    players.iter_mut().for_each(|player| player.chat("stayed"));

    // Nowhere to fall back to: they are told.
    lobby.order("kick", "good night");
    for player in &players {
        assert_eq!(player.wait("disconnected", |_| true)["text"], "good night");
    }
    let ends = [("end", "server-left")];
    proxy.wait_metric("portcullis_session_ends_total", &ends, |ends| ends == 2.0);
    let numbers = proxy.metrics();
    check(&numbers, [0.0, 0.0], [4.0, 2.0]);
    assert_eq!((lost(&numbers, "closed"), lost(&numbers, "kicked")), (2.0, 2.0));
    assert_eq!(numbers.sum("portcullis_violations_total", &[]), 0.0);
    assert_eq!(numbers.sum("portcullis_undecoded_packets_total", &[]), 0.0);
    for direction in ["up", "down"] {
        let labels = [("server", "creative"), ("direction", direction)];
        assert!(numbers.sum("portcullis_bytes_total", &labels) > 0.0, "{direction}");
    }
    for family in numbers.families().filter(|family| family.starts_with("portcullis_")) {
        assert!(PAGE.contains(&format!("`{family}`")), "{family} is not documented");
    }
}

/// Players now, and sessions so far, on `lobby` and on `creative`.
fn check(numbers: &Reading, players: [f64; 2], sessions: [f64; 2]) {
    let of = |family| ["lobby", "creative"].map(|server| numbers.sum(family, &[("server", server)]));
    assert_eq!(of("portcullis_sessions"), players);
    assert_eq!(of("portcullis_sessions_total"), sessions);
}
