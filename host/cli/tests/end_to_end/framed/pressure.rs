//! Peers that are sent more than they take: what waits for them has a limit, whoever sends it.

use std::{io, thread};

use portcullis_protocol::packets::{Packet, State};

use crate::support::{
    proxy::Proxy,
    raw::{Raw, RawServer},
    toml::server,
    wire::{V1_20_1, V1_20_4, string, varint},
};

use super::stage::{MARK, Stage, THRESHOLD, TO_OTHER};

/// What is sent in all.
const FLOOD_BYTES: usize = 64 << 20;

/// 64 KiB wait, and whatever one read has brought; the rest is what an allocator keeps for itself.
const MEMORY_MAX_KIB: u64 = 8 << 10;

/// Most of a packet that plugins are shown.
const SHOWN_BYTES: usize = 512 << 10;

#[test]
fn a_client_that_does_not_read_costs_little_and_loses_nothing() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_1, "Slow");
    let packet = [&[0x7e][..], &[7; 60_000]].concat();
    let frames = server.framed(&packet).repeat(1_000);
    let (bytes, rounds) = (frames.clone(), FLOOD_BYTES / frames.len());
    let flood = thread::spawn(move || -> io::Result<()> { (0..rounds).try_for_each(|_| server.peer.try_send(&bytes)) });
    let down = [("server", "rogue"), ("direction", "down")];
    let before = stage.proxy.metric("portcullis_bytes_total", &down);
    stage
        .proxy
        .wait_metric("portcullis_bytes_total", &down, |bytes| bytes > before);
    stage.check_bystander();
    assert!(
        stage.grown_kib() <= MEMORY_MAX_KIB,
        "grown by {} KiB",
        stage.grown_kib()
    );
    for _ in 0..rounds {
        assert_eq!(client.peer.read_exact(frames.len()).unwrap(), frames);
    }
    flood.join().unwrap().expect("the server was read to the end");
    assert!(
        stage.grown_kib() <= MEMORY_MAX_KIB,
        "grown by {} KiB",
        stage.grown_kib()
    );
    stage.check_bystander();
}

/// A client compresses as its first server wanted. For a server that does not compress, what it sends is inflated: a read of
/// 64 KiB could become 64 MiB.
#[test]
fn bombs_that_have_to_be_inflated_wait_until_their_receiver_has_read_the_last_one() {
    const BOMB_BYTES: usize = (2 << 20) - 16;
    const BOMBS: usize = 100;
    /// Two bombs on the way, one in each worker's inflater, and what an allocator keeps for itself.
    const MEMORY_MAX_KIB: u64 = 32 << 10;
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_4, "Bomber");
    server.send(State::Configuration, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_4);
    other.let_in("Bomber", None);
    other.wait(State::Login, Packet::LoginAcknowledged);
    let bomb = [&[0x7e][..], &vec![0; BOMB_BYTES]].concat();
    let frames = client.framed(&bomb).repeat(BOMBS);
    client.peer.send(&frames);
    let up = [("server", "other"), ("direction", "up")];
    stage
        .proxy
        .wait_metric("portcullis_bytes_total", &up, |bytes| bytes > 0.0);
    stage.check_bystander();
    let grown = stage.grown_kib();
    assert!(grown <= MEMORY_MAX_KIB, "grown by {grown} KiB");
    for _ in 0..BOMBS {
        assert!(other.peer.read_frame().unwrap() == bomb, "another packet came");
    }
    let grown = stage.grown_kib();
    assert!(grown <= MEMORY_MAX_KIB, "grown by {grown} KiB");
    stage.check_bystander();
}

/// A server can have messages sent to itself. One that does not read them gets no more of them after a while.
#[test]
fn a_server_that_does_not_read_what_it_asked_for_costs_little() {
    const MESSAGE_BYTES: usize = 30_000;
    /// 2 MiB in orders, 4 MiB for the server's socket, and what an allocator keeps for itself.
    const MEMORY_MAX_KIB: u64 = 32 << 10;
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest_from(V1_20_1, "Echo", None);
    let text = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat();
    let data = [
        text("ForwardToPlayer"),
        text("Echo"),
        text("a:b"),
        u16::try_from(MESSAGE_BYTES).unwrap().to_be_bytes().to_vec(),
        vec![7; MESSAGE_BYTES],
    ]
    .concat();
    let fields = [string("bungeecord:main"), data].concat();
    let request = server.framed(&server.packet(State::Play, Packet::PluginMessage, &fields));
    server.peer.send(&request);
    let echoed = server.wait(State::Play, Packet::PluginMessage);
    assert!(echoed.len() > MESSAGE_BYTES, "{} bytes", echoed.len());
    let requests = FLOOD_BYTES / MESSAGE_BYTES;
    for _ in 0..requests {
        server.peer.send(&request);
        server.send(State::Play, &MARK);
        // Until then the request has come to an order.
        client.wait(State::Play, Packet::PluginMessage);
    }
    let grown = stage.grown_kib();
    assert!(grown <= MEMORY_MAX_KIB, "{requests} requests cost {grown} KiB");
    stage.check_bystander();
}

/// What a client says can be answered, longer than it was. One that does not read the answers is ended.
#[test]
fn a_client_that_does_not_read_what_a_plugin_answers_is_ended() {
    const LINES: usize = 80_000;
    /// 4 MiB wait, and what one read of lines is answered with; an allocator doubles that. Kept to the end, it would be 110 MiB.
    const MEMORY_MAX_KIB: u64 = 40 << 10;
    let (proxy, mut client, mut server) = guarded();
    let line = client.framed(&chat(&client, "hello"));
    client.peer.send(&line);
    server.wait(State::Play, Packet::Chat);
    let before = proxy.memory_kib();
    let lines = line.repeat(100);
    for _ in 0..LINES / 100 {
        // It may be over before the last.
        let _ = client.peer.try_send(&lines);
    }
    let reason = [("reason", "answers-unread")];
    proxy.wait_metric("portcullis_violations_total", &reason, |count| count == 1.0);
    let grown = proxy.memory_kib().saturating_sub(before);
    assert!(grown <= MEMORY_MAX_KIB, "grown by {grown} KiB");
}

/// Answers wait for the end of a frame that is under way to the client. It is the server that does not finish it.
#[test]
fn a_server_that_leaves_a_frame_unfinished_has_no_more_wait_for_its_end_than_a_limit() {
    const LINES: usize = 20_000;
    /// 4 MiB wait; to the end, it would be 28 MiB, and an allocator doubles that.
    const MEMORY_MAX_KIB: u64 = 20 << 10;
    let (proxy, mut client, mut server) = guarded();
    let line = client.framed(&chat(&client, "hello"));
    let begun = [&varint(1_000)[..], &[0x7e, 1, 2, 3]].concat();
    server.peer.send(&begun);
    assert_eq!(client.peer.read_exact(begun.len()).unwrap(), begun);
    let before = proxy.memory_kib();
    let lines = line.repeat(100);
    for _ in 0..LINES / 100 {
        // It may be over before the last.
        let _ = client.peer.try_send(&lines);
    }
    let reason = [("reason", "frame-unfinished")];
    proxy.wait_metric("portcullis_server_losses_total", &reason, |count| count == 1.0);
    assert_eq!(proxy.metric("portcullis_violations_total", &[]), 0.0);
    let grown = proxy.memory_kib().saturating_sub(before);
    assert!(grown <= MEMORY_MAX_KIB, "grown by {grown} KiB");
}

/// What a plugin is shown it has to copy, within the time of a call; five times too late, and it is quarantined for everybody.
#[test]
fn a_client_sends_no_plugin_more_than_it_can_copy() {
    let (proxy, mut client, mut server) = guarded();
    for _ in 0..10 {
        let line = chat(&client, &"x".repeat(SHOWN_BYTES - 100));
        client.peer.send(&client.framed(&line));
        client.send(State::Play, &MARK);
        server.wait(State::Play, Packet::PluginMessage);
    }
    let line = chat(&client, &"x".repeat(SHOWN_BYTES));
    let _ = client.peer.try_send(&client.framed(&line));
    let oversized = [("reason", "oversized")];
    proxy.wait_metric("portcullis_violations_total", &oversized, |count| count == 1.0);
    assert_eq!(proxy.metric("portcullis_plugin_traps_total", &[]), 0.0);
}

#[test]
fn longer_packets_of_a_server_pass_a_plugin_that_watches_them() {
    let (proxy, mut client, mut server) = joined_through(
        "watches",
        r#"subscriptions = [
            { direction = "clientbound", state = "play", packet = { name = "system-chat" }, payload = "whole" },
        ]"#,
        Some(THRESHOLD),
    );
    for bytes in [SHOWN_BYTES, SHOWN_BYTES + 1, (8 << 20) - 1] {
        let packet = server.packet(State::Play, Packet::SystemChat, &vec![7; bytes]);
        let frame = server.framed(&packet);
        for _ in 0..10 {
            server.peer.send(&frame);
            server.send(State::Play, &MARK);
            client.wait(State::Play, Packet::PluginMessage);
        }
    }
    let watched = [("plugin", "watches"), ("hook", "packet")];
    assert_eq!(proxy.metric("portcullis_plugin_calls_total", &watched), 10.0);
    let passed = [("packet", "system-chat")];
    assert_eq!(proxy.metric("portcullis_undecoded_packets_total", &passed), 20.0);
    assert_eq!(proxy.metric("portcullis_plugin_traps_total", &[]), 0.0);
}

/// A player whose lines `chat-guard` reads and, from the second one on, answers.
fn guarded() -> (Proxy, Raw, Raw) {
    let long = "slowly ".repeat(200);
    joined_through(
        "chat-guard",
        &format!("flood-text = \"{long}\"\nrepeated-text = \"{long}\""),
        None,
    )
}

/// A player, his client's end and the server's, behind a plugin that sees packets. It has time enough for one of many thousand calls
/// to be slow beside other tests.
fn joined_through(plugin: &str, config: &str, threshold: Option<u32>) -> (Proxy, Raw, Raw) {
    let backend = RawServer::start();
    let proxy = Proxy::start(
        &["auth-offline.wasm", "router.wasm", &format!("{plugin}.wasm")],
        &format!(
            r#"{server}
            [plugins.{plugin}]
            grants = ["packets"]
            limits = {{ hot-call-ms = 20 }}
            [plugins.{plugin}.config]
            {config}
            [plugins.router.config]
            default = "talk"
            [chains]
            main = ["auth-offline", "router", "{plugin}"]
            "#,
            server = server("talk", backend.port()),
        ),
    );
    let mut client = Raw::join(proxy.port(), V1_20_1, "play.example.com", "Chatty");
    let mut server = backend.accept(V1_20_1);
    server.let_in("Chatty", threshold);
    client.enter();
    (proxy, client, server)
}

/// A line of 1.20.1: the words, no time, no salt, no signature, nothing seen.
fn chat(client: &Raw, words: &str) -> Vec<u8> {
    let fields = [string(words), vec![0; 8 + 8 + 1 + 1 + 3]].concat();
    client.packet(State::Play, Packet::Chat, &fields)
}
