//! What the open internet sends to a listening port: it costs a counter, little memory and few log lines, and the players
//! do not notice.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    backend::Backend,
    load::joined,
    ports,
    programs::Program,
    proxy::Proxy,
    toml::{all_to, listener, server},
    wait::until_true,
    wire::{self, LOGIN, Peer, STATUS, V1_20_1},
};

/// A request of a browser or scanner.
const HTTP: &[u8] = b"GET / HTTP/1.1\r\nHost: play.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n";

/// The beginning of a TLS 1.2 ClientHello record.
const TLS: &[u8] = &[
    0x16, 0x03, 0x01, 0x00, 0xc8, 0x01, 0x00, 0x00, 0xc4, 0x03, 0x03, 0x5b, 0x90, 0x9d, 0x9b, 0x72, 0x0b, 0xbc, 0x0c,
    0xbc,
];

/// One connection is sampled into the log at most this often; see the listener's documentation. Some lines more belong to
/// what else happens.
const LOG_LINES_MAX: usize = 40;

fn proxy_with(backend: &Backend, listener_settings: &str) -> (Proxy, u16) {
    let port = ports::free();
    let config = [
        listener(port, "main", listener_settings),
        server("echo", backend.port()),
        all_to("echo"),
    ]
    .concat();
    (Proxy::start(&["router.wasm"], &config), port)
}

#[test]
fn bytes_that_are_not_minecraft_are_counted_and_hardly_logged() {
    const EACH: usize = 60;
    let backend = Backend::echo();
    let (proxy, port) = proxy_with(&backend, "handshake-timeout-ms = 2000");
    let pseudo_random: Vec<u8> = (1..600_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let kinds: [(&str, Vec<u8>); 8] = [
        ("HTTP", HTTP.to_vec()),
        ("TLS", TLS.to_vec()),
        ("random bytes", pseudo_random),
        ("a length of more than five bytes", vec![0xff; 6]),
        ("a length of 2^21 - 1", vec![0xff, 0xff, 0x7f]),
        ("a length of 8 KiB", wire::varint(8192)),
        ("a packet with another id", wire::frame(&[0x42, 1, 2, 3])),
        (
            "a host of 5,000 characters",
            wire::handshake(V1_20_1, &"h".repeat(5000), LOGIN),
        ),
    ];
    let mark = proxy.mark();
    for _ in 0..EACH {
        for (kind, bytes) in &kinds {
            let mut peer = Peer::connect(port);
            let _ = peer.try_send(bytes);
            assert!(peer.is_closed_silently(), "{kind} was answered");
        }
    }
    let count = (EACH * kinds.len()) as f64;
    proxy.wait_metric("portcullis_refusals_total", &[], |refused| refused >= count);
    let lines = proxy.log_after(mark);
    assert!(
        lines.len() <= LOG_LINES_MAX,
        "{} lines for {count} connections:\n{}",
        lines.len(),
        lines.join("\n")
    );
    assert_eq!(backend.accepted(), 0, "garbage reached a server");
    Peer::join(port, "play.example.com", "Steve")
        .read_exact(1)
        .expect("a player still gets in");
}

#[test]
fn five_hundred_half_open_connections_cost_little_and_a_real_player_joins_meanwhile() {
    const CONNECTIONS: usize = 500;
    /// 2 KiB each, as promised, and what an allocator takes for itself.
    const MEMORY_MAX_KIB: u64 = 2 * CONNECTIONS as u64 + 3 * 1024;
    let (_survival, ports) = Program::servers("survival", &["1.20.4"]);
    let port = ports::free();
    let config = [
        listener(port, "main", "handshake-timeout-ms = 6000"),
        server("survival", ports[0]),
        all_to("survival"),
    ]
    .concat();
    let proxy = Proxy::start(&["router.wasm"], &config);
    // What the first connections allocate once is not theirs.
    (0..20).for_each(|_| drop(Peer::connect(port)));
    let before = proxy.memory_kib();
    let mark = proxy.mark();
    let beginning = wire::handshake(V1_20_1, "play.example.com", LOGIN);
    let mut peers: Vec<Peer> = (0..CONNECTIONS)
        .map(|index| {
            let mut peer = Peer::connect(port);
            peer.send(&beginning[..index % beginning.len()]);
            peer
        })
        .collect();
    let mut player = Program::player("1.20.4", port, &["join:play.example.com"]);
    player.wait("joined", |_| true);
    player.chat("in between");
    let grown = proxy.memory_kib().saturating_sub(before);
    assert!(
        grown <= MEMORY_MAX_KIB,
        "{CONNECTIONS} half-open connections cost {grown} KiB"
    );
    for peer in &mut peers {
        assert!(peer.is_closed_silently(), "a half-open connection was answered");
    }
    player.chat("and afterwards");
    let lines = proxy.log_after(mark);
    assert!(
        lines.len() <= LOG_LINES_MAX,
        "{} log lines:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn a_peer_that_sends_a_byte_now_and_then_is_closed_when_the_handshake_takes_too_long() {
    const TIMEOUT: Duration = Duration::from_millis(600);
    const BETWEEN_BYTES: Duration = Duration::from_millis(50);
    let backend = Backend::echo();
    let (proxy, port) = proxy_with(&backend, &format!("handshake-timeout-ms = {}", TIMEOUT.as_millis()));
    let mut peer = Peer::connect(port);
    let start = Instant::now();
    let slow = wire::handshake(V1_20_1, &"slow.example.com".repeat(12), LOGIN);
    let sent = slow.iter().take_while(|byte| {
        thread::sleep(BETWEEN_BYTES);
        peer.try_send(&[**byte]).is_ok()
    });
    let sent = sent.count();
    assert!(sent < slow.len(), "the whole handshake was taken, a byte at a time");
    assert!(start.elapsed() >= TIMEOUT, "closed after {:?}", start.elapsed());
    assert!(peer.is_closed_silently());
    proxy.wait_metric(
        "portcullis_refusals_total",
        &[("reason", "handshake-timeout")],
        |count| count >= 1.0,
    );
}

#[test]
fn a_handshake_of_254_bytes_is_not_taken_for_a_legacy_ping() {
    let backend = Backend::echo();
    let (_proxy, port) = proxy_with(&backend, "");
    let host = [
        "a".repeat(49),
        "b".repeat(49),
        "c".repeat(49),
        "d".repeat(49),
        "e".repeat(46),
    ]
    .join(".");
    let handshake = wire::handshake(V1_20_1, &host, LOGIN);
    assert_eq!(handshake[..3], [0xfe, 0x01, 0x00], "the trap is set");
    let mut peer = Peer::connect(port);
    for part in [&handshake[..1], &handshake[1..2], &handshake[2..]] {
        peer.send(part);
    }
    let login = wire::login_start(V1_20_1, "Steve");
    peer.send(&login);
    let replayed = [handshake, login].concat();
    assert_eq!(peer.read_exact(replayed.len()).expect("the server echoes"), replayed);
}

#[test]
fn a_login_that_arrives_byte_by_byte_is_replayed_unchanged() {
    let backend = Backend::echo();
    let (_proxy, port) = proxy_with(&backend, "");
    let login = wire::login(V1_20_1, "play.example.com", "Steve");
    let mut peer = Peer::connect(port);
    login.iter().for_each(|byte| peer.send(&[*byte]));
    assert_eq!(peer.read_exact(login.len()).expect("the server echoes"), login);
    assert_eq!(backend.last_received(), login);
}

#[test]
fn names_that_no_client_sends_reach_neither_plugin_nor_server() {
    let backend = Backend::echo();
    let (_proxy, port) = proxy_with(&backend, "");
    for name in ["", "with a space", "seventeen_letters", "ctrl\u{1}", "emoji\u{1f600}"] {
        let mut peer = Peer::connect(port);
        peer.send(&wire::login(V1_20_1, "play.example.com", name));
        peer.read_to_end().expect("the connection is closed");
    }
    assert_eq!(backend.accepted(), 0);
}

#[test]
fn a_status_request_may_be_followed_by_silence_or_come_twice() {
    let backend = Backend::echo();
    let (proxy, port) = proxy_with(&backend, "handshake-timeout-ms = 500");
    let mut peer = Peer::connect(port);
    peer.send(
        &[
            wire::handshake(V1_20_1, "play.example.com", STATUS),
            wire::frame(&[0]),
            wire::frame(&[0]),
        ]
        .concat(),
    );
    peer.read_to_end().expect("it is closed in the end");
    until_true("the connection is forgotten", || {
        proxy.metric("portcullis_pending_connections", &[]) == 0.0
    });
}

#[test]
fn more_connections_than_the_listener_allows_are_closed_and_room_is_given_again() {
    let backend = Backend::echo();
    let (proxy, port) = proxy_with(&backend, "max-connections = 5");
    let mut players: Vec<Peer> = (0..5)
        .map(|index| Peer::join(port, "play.example.com", &format!("P{index}")))
        .collect();
    players
        .iter_mut()
        .for_each(|player| drop(player.read_exact(1).expect("a player gets in")));
    assert!(Peer::connect(port).is_closed_silently(), "a sixth connection");
    proxy.wait_metric("portcullis_refusals_total", &[("reason", "max-connections")], |count| {
        count >= 1.0
    });
    players.truncate(4);
    until_true("there is room again", || {
        let mut peer = Peer::connect(port);
        peer.try_send(&wire::login(V1_20_1, "play.example.com", "Late")).is_ok() && peer.read_exact(1).is_ok()
    });
}

#[test]
fn a_flood_without_a_route_does_not_close_the_door_on_those_inside() {
    const PENDING_MAX: usize = 10;
    let backend = Backend::echo();
    let (proxy, port) = proxy_with(&backend, &format!("max-pending = {PENDING_MAX}"));
    let mut inside = joined(port, "play.example.com", "Steve");
    let flood: Vec<Peer> = (0..PENDING_MAX).map(|_| Peer::connect(port)).collect();
    proxy.wait_metric("portcullis_pending_connections", &[], |pending| {
        pending == PENDING_MAX as f64
    });
    assert!(Peer::connect(port).is_closed_silently());
    proxy.wait_metric("portcullis_refusals_total", &[("reason", "max-pending")], |count| {
        count >= 1.0
    });
    inside.echo(b"still here").expect("a session does not count");
    drop(flood);
    proxy.wait_metric("portcullis_pending_connections", &[], |pending| pending == 0.0);
    joined(port, "play.example.com", "Alex");
}
