//! Session servers that do not say who players are: who comes in all the same.

use serde_json::Value;

use crate::support::{programs::Program, proxy::Proxy};

use super::{Forwarding, Login, backend, player, proxy};

const OUTAGE: &str = "Accounts cannot be verified right now. Please try again in a minute.";

#[test]
fn nobody_comes_in_during_an_outage() {
    let (_lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let mut sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", port)], &login, Forwarding::None, "");
    let known = player("1.20.4", &proxy, &login);
    known.wait("joined", |_| true);
    drop(known);
    proxy.wait_metric("portcullis_sessions", &[], |sessions| sessions == 0.0);
    sessions.order("fail", "500");
    assert_eq!(refused(&proxy, &sessions), OUTAGE);
    sessions.order("fail", "0");
    let player = player("1.20.4", &proxy, &Login::Online(&sessions));
    player.wait("joined", |_| true);
}

#[test]
fn who_was_verified_lately_comes_in_during_an_outage_but_not_for_asking_too_often() {
    let (lobby, port) = backend("lobby", "1.20.4", Forwarding::Velocity, "256");
    let mut sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", port)], &login, Forwarding::Velocity, "");
    let mark = proxy.mark();
    proxy.edit("session-server =", "outage = \"allow-known\"\nsession-server =");
    proxy.wait_log_after(mark, "configuration was reloaded");
    sessions.order("fail", "500");
    assert_eq!(refused(&proxy, &sessions), OUTAGE, "nobody knows him yet");
    sessions.order("fail", "0");
    for (nth, status) in [(1, "0"), (2, "500")] {
        sessions.order("fail", status);
        let player = player("1.20.4", &proxy, &Login::Online(&sessions));
        player.wait("joined", |_| true);
        let joined = lobby.wait_nth("joined", nth);
        assert_eq!(joined["identity"]["properties"][0]["name"], "textures", "{status}");
        drop(player);
        proxy.wait_metric("portcullis_sessions", &[], |sessions| sessions == 0.0);
    }
    sessions.order("fail", "429");
    assert_eq!(refused(&proxy, &sessions), OUTAGE);
    assert_eq!(lobby.events("joined").len(), 2);
    for (outcome, count) in [("verified", 1.0), ("known", 1.0), ("outage", 1.0), ("throttled", 1.0)] {
        let labels = [("outcome", outcome)];
        assert_eq!(
            proxy.metric("plugin_auth_mojang_players_total", &labels),
            count,
            "{outcome}"
        );
    }
}

/// The words with which a player is turned away.
fn refused(proxy: &Proxy, sessions: &Program) -> Value {
    let player = player("1.20.4", proxy, &Login::Online(sessions));
    player.wait("disconnected", |_| true)["text"].clone()
}
