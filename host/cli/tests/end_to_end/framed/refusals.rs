//! Who does not get in: accounts that nobody vouches for, forgeries, versions that nobody knows, and servers that want to
//! authenticate players themselves.

use crate::support::programs::Program;

use super::{Forwarding, Login, backend, player, proxy};

#[test]
fn a_player_whom_the_session_server_does_not_know_is_told_so() {
    let (lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let mut sessions = Program::node("session.js", &["--deadline-s", "120"]);
    sessions.order("fail", "204");
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", port)], &login, Forwarding::None, "");
    let player = player("1.20.4", &proxy, &login);
    let end = player.wait("disconnected", |_| true);
    assert_eq!(end["state"], "login");
    assert!(!end["text"].as_str().unwrap().is_empty(), "{end}");
    assert!(lobby.events("joined").is_empty());
}

#[test]
fn servers_refuse_who_comes_past_the_proxy_or_with_another_secret() {
    for (forwarding, version) in [(Forwarding::Velocity, "1.20.4"), (Forwarding::BungeeGuard, "1.12.2")] {
        let (lobby, port) = backend("lobby", version, forwarding, "256");
        // Past the proxy.
        let port_text = port.to_string();
        let arguments = [
            "--version",
            version,
            "--port",
            &port_text,
            "--step",
            "join:play.example.com",
        ];
        let stranger = Program::node("player.js", &arguments);
        stranger.wait("disconnected", |_| true);
        lobby.wait("refused", |_| true);
        // A proxy with another secret.
        let config = forwarding.config().replace(super::SECRET, "another secret");
        let proxy = super::proxy_with(&[("lobby", port)], &Login::Offline, forwarding, &config, "");
        let player = player(version, &proxy, &Login::Offline);
        let end = player.wait("disconnected", |_| true);
        assert!(end["text"].as_str().unwrap().contains("wrong"), "{end}");
        assert!(lobby.events("joined").is_empty());
    }
}

#[test]
fn a_server_that_does_not_ask_for_the_identity_is_left() {
    let (lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let proxy = proxy(&[("lobby", port)], &Login::Offline, Forwarding::Velocity, "");
    let player = player("1.20.4", &proxy, &Login::Offline);
    let end = player.wait("disconnected", |_| true);
    assert_eq!(end["state"], "login");
    assert!(lobby.events("joined").is_empty(), "nobody plays unnamed");
}
