//! Players of versions newer than the host knows, and servers that want to authenticate players themselves.

use std::{
    io::Read as _,
    net::{Ipv4Addr, TcpListener},
};

use portcullis_protocol::{
    login,
    packets::{Packet, State},
};

use crate::support::{
    programs::Program,
    wire::{LOGIN, Peer, V1_20_4, handshake, login_start, plain, string, told, varint},
};

use super::{Forwarding, Login, proxy, stage::Stage};

/// No release has it.
const UNKNOWN: i32 = 99_999;

#[test]
fn a_player_of_an_unknown_version_is_handed_through_where_nobody_verifies_him() {
    let backend = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let servers = [("lobby", backend.local_addr().unwrap().port())];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, "");
    let mark = proxy.mark();
    let mut client = Peer::connect(proxy.port());
    let hello = [
        handshake(UNKNOWN, "play.example.com", LOGIN),
        login_start(UNKNOWN, "Steve"),
    ]
    .concat();
    client.send(&hello);
    let (mut server, _) = backend.accept().unwrap();
    let mut arrived = vec![0; hello.len()];
    server.read_exact(&mut arrived).unwrap();
    assert_eq!(arrived, hello, "it came as it was");
    let line = proxy.wait_log_after(
        mark,
        "handed through a player of a version whose packets this host does not know",
    );
    assert!(line.contains(&UNKNOWN.to_string()), "{line}");
    // And so does whatever follows.
    let mut server = Peer::of(server).unwrap();
    for noise in [&[0xff; 64][..], &[0; 64]] {
        client.send(noise);
        assert_eq!(server.read_exact(64).unwrap(), noise);
        server.send(noise);
        assert_eq!(client.read_exact(64).unwrap(), noise);
    }
}

#[test]
fn a_player_of_an_unknown_version_is_turned_away_where_he_has_to_be_verified() {
    let backend = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let servers = [("lobby", backend.local_addr().unwrap().port())];
    let sessions = Program::node("session.js", &["--deadline-s", "60"]);
    let proxy = proxy(&servers, &Login::Online(&sessions), Forwarding::None, "");
    let mark = proxy.mark();
    let words = told(proxy.port(), UNKNOWN, "play.example.com", "Steve").unwrap();
    assert_eq!(words, "This version of Minecraft is not known here yet.");
    let line = proxy.wait_log_after(mark, "refused a connection");
    assert!(line.contains("unknown-version"), "{line}");
    let reason = [("reason", "unknown-version")];
    assert_eq!(proxy.metric("portcullis_refusals_total", &reason), 1.0);
    backend.set_nonblocking(true).unwrap();
    assert!(backend.accept().is_err(), "no server heard of him");
}

#[test]
fn a_server_that_wants_to_authenticate_players_itself_is_named_with_what_to_do() {
    let mut stage = Stage::set();
    let mut client = stage.knock(V1_20_4, "Victim");
    let mut server = stage.rogue.accept(V1_20_4);
    let mark = stage.proxy.mark();
    let labels = [("server", "rogue"), ("reason", "online-mode")];
    stage.counting("portcullis_boarding_failures_total", &labels, || {
        let request = [string(""), varint(4), vec![1; 4], varint(4), vec![2; 4]].concat();
        server.say(State::Login, Packet::EncryptionRequest, &request);
        let fields = client.wait(State::Login, Packet::Disconnect);
        let disconnect = login::Disconnect::read(&fields).expect("a text");
        let words = plain(&serde_json::from_str(disconnect.json).expect("JSON"));
        assert_eq!(
            words,
            "The server cannot be reached right now. Please try again in a moment."
        );
    });
    let line = stage.proxy.wait_log_after(mark, "online-mode");
    assert!(line.contains("rogue"), "{line}");
    assert!(server.peer.read_to_end().is_ok());
    stage.check_bystander();
}
