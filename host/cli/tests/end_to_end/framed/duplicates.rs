//! Two sessions of one player: who stays is for the plugin to say that says who players are, or for the server.

use crate::support::{programs::Program, proxy::Proxy};

use super::{Forwarding, Login, backend, player, proxy, stage::wait_reason};

/// What a session costs, and what an allocator keeps for itself.
const MEMORY_MAX_KIB: u64 = 8 << 10;

/// The proxy has not grown by more than a session.
#[track_caller]
fn check_memory(proxy: &Proxy, before: u64) {
    let grown = proxy.memory_kib().saturating_sub(before);
    assert!(grown <= MEMORY_MAX_KIB, "grown by {grown} KiB");
}

#[test]
fn offline_mode_leaves_it_to_the_server() {
    let (mut lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let proxy = proxy(&[("lobby", port)], &Login::Offline, Forwarding::None, "");
    let mut players = [1, 2].map(|nth| {
        let player = player("1.20.4", &proxy, &Login::Offline);
        player.wait("joined", |_| true);
        lobby.wait_nth("joined", nth);
        player
    });
    for player in &mut players {
        player.chat("I am here");
    }
    lobby.order("kick", "only one of you");
    for player in &players {
        assert_eq!(player.wait("disconnected", |_| true)["text"], "only one of you");
    }
}

#[test]
fn online_mode_turns_the_new_one_away() {
    let (_lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", port)], &login, Forwarding::None, "");
    let mut old = player("1.20.4", &proxy, &login);
    old.wait("joined", |_| true);
    let (mark, memory) = (proxy.mark(), proxy.memory_kib());
    let new = player("1.20.4", &proxy, &login);
    let end = new.wait("disconnected", |_| true);
    assert_eq!(
        (&end["text"], &end["state"]),
        (&"You are here already.".into(), &"login".into())
    );
    old.chat("still here");
    let labels = [("reason", "plugin-disconnect")];
    proxy.wait_metric("portcullis_refusals_total", &labels, |count| count == 1.0);
    assert_eq!(proxy.metric("portcullis_sessions", &[]), 1.0);
    wait_reason(&proxy, mark, "refused a connection", "plugin-disconnect");
    check_memory(&proxy, memory);
}

#[test]
fn online_mode_sends_the_old_one_away_where_it_is_told_so() {
    let (_lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", port)], &login, Forwarding::None, "");
    let mark = proxy.mark();
    proxy.edit("session-server =", "duplicate = \"kick-old\"\nsession-server =");
    proxy.wait_log_after(mark, "configuration was reloaded");
    let old = player("1.20.4", &proxy, &login);
    old.wait("joined", |_| true);
    let (mark, memory) = (proxy.mark(), proxy.memory_kib());
    let mut new = player("1.20.4", &proxy, &login);
    let end = old.wait("disconnected", |_| true);
    assert_eq!(
        (&end["text"], &end["state"]),
        (&"You joined from elsewhere.".into(), &"play".into())
    );
    new.wait("joined", |_| true);
    new.chat("now I am");
    let ends = [("end", "closed-by-host")];
    proxy.wait_metric("portcullis_session_ends_total", &ends, |count| count == 1.0);
    assert_eq!(proxy.metric("portcullis_sessions", &[]), 1.0);
    wait_reason(&proxy, mark, "left", "closed-by-host");
    check_memory(&proxy, memory);
}
