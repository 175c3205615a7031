//! Peers that stop in the middle of a login: they are given up after a while that is known, named, and cost nobody else anything.

use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

use portcullis_protocol::{
    login::PluginRequest,
    packets::{Packet, State},
};

use crate::support::{
    programs::Program,
    raw::{Raw, RawServer},
    wait::PATIENCE,
    wire::{LOGIN, Peer, V1_20_1, V1_20_4, frame, handshake, login_start, varint},
};

use super::{
    Forwarding, Login, backend, proxy,
    stage::{MARK, Stage, TO_OTHER, wait_reason},
};

/// What a session that waits costs, some of them at once, and what an allocator keeps for itself.
const MEMORY_MAX_KIB: u64 = 8 << 10;

/// What the log says of a server that lets nobody in, and of a client that is not let in.
const FAILED: &str = "failed to get a player onto a server";
const REFUSED: &str = "refused a connection";

/// How long a server may take to let a player in, 30 s, and 15 s more for a busy machine.
const LONGEST: Duration = Duration::from_secs(30 + 15);

#[test]
fn servers_that_fall_silent_in_a_login_are_given_up_and_named() {
    let mut stage = Stage::set();
    let silences: [fn(&Raw) -> Vec<u8>; 4] = [
        |_| Vec::new(),
        |_| vec![0x20, 0x02, 0x00],
        |raw| frame(&raw.packet(State::Login, Packet::SetCompression, &varint(256))),
        // Empty frames are passed over, and are no sign of life.
        |_| vec![0; 16],
    ];
    let stalled: Vec<(Raw, Raw)> = silences
        .into_iter()
        .enumerate()
        .map(|(index, bytes)| {
            let client = stage.knock(V1_20_4, &format!("Patient{index}"));
            let mut server = stage.rogue.accept(V1_20_4);
            server.peer.send(&bytes(&server));
            (client, server)
        })
        .collect();
    let given_up = stalled.len() as f64;
    let mark = stage.proxy.mark();
    stage.check_memory(MEMORY_MAX_KIB);
    for (mut client, mut server) in stalled {
        let (disconnect, _) = outlast(&mut stage, &mut client).expect("the player is told");
        assert_eq!(disconnect, 0);
        assert!(server.peer.is_closed_silently());
    }
    stage.wait_reason(mark, FAILED, "timeout");
    stage.check_memory(MEMORY_MAX_KIB);
    let proxy = &stage.proxy;
    let labels = [("server", "rogue"), ("reason", "timeout")];
    proxy.wait_metric("portcullis_boarding_failures_total", &labels, |count| count == given_up);
    proxy.wait_metric("portcullis_refusals_total", &[("reason", "no-server")], |count| {
        count == given_up
    });
}

/// The host itself asks for proofs of life while there is no server that does.
#[test]
fn a_player_who_waits_for_the_next_server_is_not_idle() {
    let (lobby, fallback) = (RawServer::start(), RawServer::start());
    let servers = [("lobby", lobby.port()), ("fallback", fallback.port())];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, "fallback = \"fallback\"");
    let mark = proxy.mark();
    proxy.edit("chain = \"main\"", "chain = \"main\"\nidle-timeout-s = 15");
    proxy.wait_log_after(mark, "configuration was reloaded");

    let mut client = Raw::join(proxy.port(), V1_20_4, "play.example.com", "Patient");
    let mut server = lobby.accept(V1_20_4);
    server.let_in("Patient", None);
    client.enter();
    server.wait(State::Login, Packet::LoginAcknowledged);
    drop(server);
    let mut next = fallback.accept(V1_20_4);
    // After 10 s, and after 20.
    for _ in 0..2 {
        let asked = client.wait(State::Configuration, Packet::KeepAlive);
        let answer = client.packet(State::Configuration, Packet::KeepAlive, &asked);
        client.peer.send(&client.framed(&answer));
    }
    next.let_in("Patient", None);
    next.wait(State::Login, Packet::LoginAcknowledged);
    next.send(State::Configuration, &MARK);
    client.wait(State::Configuration, Packet::PluginMessage);
}

/// Otherwise he would be there already when he comes back.
#[test]
fn nobody_waits_for_a_silent_server_in_the_place_of_a_player_who_has_left() {
    let stage = Stage::set();
    let client = stage.knock(V1_20_4, "Hasty");
    let mut server = stage.rogue.accept(V1_20_4);
    let left = [("reason", "closed-early")];
    let mark = stage.proxy.mark();
    stage.counting("portcullis_refusals_total", &left, || drop(client));
    assert!(server.peer.is_closed_silently());
    stage.wait_reason(mark, REFUSED, "closed-early");
    stage.check_memory(MEMORY_MAX_KIB);
    assert_eq!(stage.proxy.metric("portcullis_boarding_failures_total", &[]), 0.0);
}

/// To 1.20.1 there is no configuration: a player is moved when the next server puts him into a world.
#[test]
fn a_server_that_sends_much_and_no_world_is_given_up() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_1, "Patient");
    server.send(State::Play, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_1);
    other.let_in("Patient", Some(256));
    let labels = [("server", "other"), ("reason", "no-world")];
    let mark = stage.proxy.mark();
    stage.counting("portcullis_boarding_failures_total", &labels, || {
        let many = other.framed(&[0x7e, 1, 2, 3]).repeat(1_025);
        other.peer.send(&many);
        client.wait(State::Play, Packet::SystemChat);
    });
    stage.wait_reason(mark, FAILED, "no-world");
    stage.check_memory(MEMORY_MAX_KIB);
    stage.check_bystander();
}

#[test]
fn a_client_that_leaves_a_servers_question_unanswered_is_blamed_itself() {
    let mut stage = Stage::set();
    let mut client = stage.knock(V1_20_4, "Silent");
    let mut server = stage.rogue.accept(V1_20_4);
    let question = PluginRequest {
        id: 7,
        channel: "mod:question",
        data: &[1, 2, 3],
    };
    server.send(State::Login, &question);
    client.wait(State::Login, Packet::LoginPluginRequest);
    let mark = stage.proxy.mark();
    let (_, told) = outlast(&mut stage, &mut client).expect("a text");
    assert!(String::from_utf8_lossy(&told).contains("did not answer"), "{told:?}");
    let refused = [("reason", "unanswered")];
    stage
        .proxy
        .wait_metric("portcullis_refusals_total", &refused, |count| count == 1.0);
    assert!(server.peer.is_closed_silently());
    assert_eq!(stage.proxy.metric("portcullis_boarding_failures_total", &[]), 0.0);
    stage.wait_reason(mark, REFUSED, "unanswered");
    stage.check_memory(MEMORY_MAX_KIB);
}

#[test]
fn clients_that_fall_silent_in_their_login_are_closed() {
    let (_lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let proxy = proxy(&[("lobby", port)], &Login::Online(&sessions), Forwarding::None, "");
    let start = login_start(V1_20_4, "Silent");
    let (mark, memory) = (proxy.mark(), proxy.memory_kib());
    let mut peers: Vec<_> = [&start[..0], &start[..start.len() / 2], &start]
        .into_iter()
        .map(|bytes| {
            let mut peer = Peer::connect(proxy.port());
            peer.send(&[&handshake(V1_20_4, "play.example.com", LOGIN), bytes].concat());
            peer
        })
        .collect();
    // Only the third has said enough to be asked for encryption.
    let asked: Vec<bool> = peers
        .iter_mut()
        .map(|peer| !peer.read_to_end().expect("it is closed").is_empty())
        .collect();
    assert_eq!(asked, [false, false, true]);
    let refused = [("reason", "handshake-timeout")];
    proxy.wait_metric("portcullis_refusals_total", &refused, |count| count == 3.0);
    proxy.wait_metric("portcullis_pending_connections", &[], |pending| pending == 0.0);
    wait_reason(&proxy, mark, REFUSED, "handshake-timeout");
    assert!(proxy.memory_kib().saturating_sub(memory) <= MEMORY_MAX_KIB);
}

#[test]
fn what_answers_no_encryption_request_is_refused_by_its_fault() {
    let (_lobby, port) = backend("lobby", "1.20.4", Forwarding::None, "256");
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let proxy = proxy(&[("lobby", port)], &Login::Online(&sessions), Forwarding::None, "");
    let memory = proxy.memory_kib();
    let garbled = [varint(128), vec![7; 128]].concat();
    for (reason, bytes) in [
        ("oversized", frame(&[0; 9 << 10])),
        ("empty-frames", vec![0; 1_000]),
        ("packet-out-of-order", login_start(V1_20_4, "Steve")),
        ("unknown-packet", frame(&[0x7f])),
        ("list-too-long", frame(&[&[1][..], &varint(-1)].concat())),
        ("truncated", frame(&[1, 5])),
        // What decrypts to anything at all decrypts to another token.
        ("token-mismatch", frame(&[&[1][..], &garbled, &garbled].concat())),
    ] {
        let (mark, start) = (proxy.mark(), Instant::now());
        // The log has one line a second of what strangers do: again, until it was this one's turn.
        let is_logged = || {
            let lines = proxy.log_after(mark);
            let reason = format!("reason=\"{reason}\"");
            lines
                .iter()
                .any(|line| line.contains(REFUSED) && line.contains(&reason))
        };
        let mut count = 0.0;
        while !is_logged() {
            assert!(start.elapsed() < PATIENCE, "{reason} is not in the log");
            count += 1.0;
            let mut client = Raw::join(proxy.port(), V1_20_4, "play.example.com", "Steve");
            client.wait(State::Login, Packet::EncryptionRequest);
            client.peer.send(&bytes);
            assert!(client.peer.is_closed_silently(), "{reason}");
            let labels = [("reason", reason)];
            proxy.wait_metric("portcullis_refusals_total", &labels, |refused| refused == count);
        }
    }
    assert!(proxy.memory_kib().saturating_sub(memory) <= MEMORY_MAX_KIB);
}

/// What the client is sent next. That takes longer than others wait for anything; meanwhile the bystander talks.
fn outlast(stage: &mut Stage, client: &mut Raw) -> io::Result<(i32, Vec<u8>)> {
    let start = Instant::now();
    loop {
        stage.check_bystander();
        match client.receive() {
            Err(error) if is_timeout(&error) && start.elapsed() < LONGEST => {}
            received => return received,
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
