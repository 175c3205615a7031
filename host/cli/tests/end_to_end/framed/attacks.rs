//! Packets that no client and no server sends: whoever sends one loses the session and is named in numbers and log; nobody else
//! notices, and the proxy does not grow.

use std::time::Instant;

use portcullis_protocol::{
    login,
    packets::{Packet, State},
    play::Disconnect,
    version::Protocol,
};

use crate::support::{
    raw::{Raw, claiming, deflated},
    wait::PATIENCE,
    wire::{V1_8, V1_20_1, V1_20_4, V1_21_1, frame, plain, varint},
};

use super::stage::{Stage, THRESHOLD, TO_OTHER};

/// Far less than what the bombs would come to, far more than what one worker keeps for the longest packet: twice 8 MiB each.
const MEMORY_MAX_KIB: u64 = 48 << 10;

/// An id that no packet has: nobody looks at it.
const NOBODYS: u8 = 0x7e;

/// What is sent by one end.
type Bytes = fn(&Raw) -> Vec<u8>;

/// What is sent in a world, behind a threshold of 256, and the reason that is counted.
const ATTACKS: [(&str, &str, Bytes); 14] = [
    ("a length of four bytes", "bad-varint", |_| vec![0xff, 0xff, 0xff, 0x7f]),
    ("a claim of 64 MiB", "inflated-too-long", |_| {
        claiming(64 << 20, &deflated(&[NOBODYS; 4096]))
    }),
    ("a claim below zero", "inflated-too-long", |_| {
        claiming(-1, &deflated(&[NOBODYS; 4096]))
    }),
    ("a claim of 1 MiB by a few bytes", "decompression-bomb", |_| {
        claiming(1 << 20, &deflated(&[NOBODYS; 300]))
    }),
    ("4 MiB in place of 300 bytes", "inflated-other-length", |raw| {
        claiming(300, &deflated(&message(raw, &vec![0; 4 << 20])))
    }),
    ("1,000 bytes in place of 2,000", "inflated-other-length", |raw| {
        claiming(2_000, &deflated(&message(raw, &noise(1_000))))
    }),
    ("a compressed packet of 10 bytes", "compressed-below-threshold", |_| {
        claiming(10, &deflated(&[NOBODYS; 10]))
    }),
    ("300 bytes that are not compressed", "not-compressed", |_| {
        frame(&[&[0][..], &[NOBODYS; 300]].concat())
    }),
    ("bytes that are no zlib stream", "bad-zlib", |_| {
        claiming(300, &[0xff; 300])
    }),
    ("a zlib stream with another checksum", "bad-zlib", |raw| {
        let packet = message(raw, &noise(1_000));
        let mut stream = deflated(&packet);
        *stream.last_mut().unwrap() ^= 1;
        claiming(i32::try_from(packet.len()).unwrap(), &stream)
    }),
    ("a thousand empty frames", "empty-frames", |_| vec![0; 1_000]),
    ("a frame without a packet", "truncated", |_| frame(&[0])),
    ("an id below zero", "unknown-packet", |raw| raw.framed(&varint(-1))),
    ("an id of six bytes", "bad-varint", |raw| raw.framed(&[0xff; 6])),
];

/// An old version, one between a login and a configuration, and one with a configuration.
const VERSIONS: [i32; 3] = [V1_8, V1_20_1, V1_21_1];

#[test]
fn clients_that_break_the_protocol_are_ended_and_nobody_else_notices() {
    let mut stage = Stage::set();
    clients_break_it(&mut stage, &VERSIONS);
}

#[test]
fn encrypted_clients_that_break_the_protocol_are_ended_and_nobody_else_notices() {
    let mut stage = Stage::set_online();
    clients_break_it(&mut stage, &[V1_21_1]);
}

fn clients_break_it(stage: &mut Stage, versions: &[i32]) {
    let mut count = 0;
    for (at, (what, reason, bytes)) in ATTACKS.into_iter().enumerate() {
        let protocol = versions[at % versions.len()];
        let (mark, start) = (stage.proxy.mark(), Instant::now());
        // The log has one line a second of what strangers do: again, until it was this one's turn.
        while !is_logged(stage, mark, "ended a session", reason) {
            assert!(start.elapsed() < PATIENCE, "{what} is not in the log");
            count += 1;
            let (mut client, mut server) = stage.settler(protocol, &format!("Mallory{count}"));
            stage.counting("portcullis_violations_total", &[("reason", reason)], || {
                let _ = client.peer.try_send(&bytes(&client));
                assert!(client.peer.is_closed_silently(), "{what} was answered, {protocol}");
            });
            assert!(
                server.peer.is_closed_silently(),
                "{what} reached the server, {protocol}"
            );
        }
        stage.check_bystander();
    }
    assert_eq!(stage.proxy.metric("portcullis_violations_total", &[]), f64::from(count));
    stage.wait_alone();
    let ends = [("end", "error")];
    assert_eq!(
        stage.proxy.metric("portcullis_session_ends_total", &ends),
        f64::from(count)
    );
    stage.check_memory(MEMORY_MAX_KIB);
}

/// Whether there is a line of the log since then that says this, and names the reason by its stable name.
fn is_logged(stage: &Stage, mark: usize, message: &str, reason: &str) -> bool {
    let reason = format!("reason=\"{reason}\"");
    let lines = stage.proxy.log_after(mark);
    lines
        .iter()
        .any(|line| line.contains(message) && line.contains(&reason))
}

#[test]
fn what_a_client_did_is_in_the_log() {
    let stage = Stage::set();
    let (mut client, _server) = stage.guest(V1_20_1, "Mallory");
    let mark = stage.proxy.mark();
    client.peer.send(&claiming(64 << 20, &[0; 100]));
    let line = stage.proxy.wait_log_after(mark, "ended a session");
    assert!(
        line.contains("inflated-too-long") && line.contains("67108864 bytes"),
        "{line}"
    );
}

#[test]
fn servers_that_break_the_protocol_are_left_and_their_players_told() {
    let mut stage = Stage::set();
    servers_break_it(&mut stage, &VERSIONS);
}

#[test]
fn servers_of_encrypted_players_that_break_the_protocol_are_left_and_their_players_told() {
    let mut stage = Stage::set_online();
    servers_break_it(&mut stage, &[V1_20_1]);
}

fn servers_break_it(stage: &mut Stage, versions: &[i32]) {
    for (at, (what, reason, bytes)) in ATTACKS.into_iter().enumerate() {
        let protocol = versions[at % versions.len()];
        let (mut client, mut server) = stage.settler(protocol, &format!("Victim{at}"));
        let mark = stage.proxy.mark();
        stage.counting("portcullis_server_losses_total", &[("reason", reason)], || {
            let _ = server.peer.try_send(&bytes(&server));
            assert_eq!(
                told(&mut client, protocol),
                "The connection to the server was lost.",
                "{what}, {protocol}"
            );
        });
        assert!(
            client.peer.is_closed_silently(),
            "{what} reached the client, {protocol}"
        );
        let line = stage.proxy.wait_log_after(mark, "lost the server");
        assert!(line.contains("it broke the protocol"), "{line}");
        assert!(is_logged(stage, mark, "lost the server", reason), "{what}: {line}");
        assert!(server.peer.read_to_end().is_ok());
        stage.check_bystander();
    }
    stage.wait_alone();
    let ends = [("end", "server-left")];
    assert_eq!(
        stage.proxy.metric("portcullis_session_ends_total", &ends),
        ATTACKS.len() as f64
    );
    stage.check_memory(MEMORY_MAX_KIB);
}

#[test]
fn servers_that_break_the_protocol_in_a_login_are_named_and_their_players_told() {
    let logins: [(&str, Bytes); 9] = [
        ("bad-varint", |_| vec![0xff, 0xff, 0xff, 0x7f]),
        ("empty-frames", |_| vec![0; 1_000]),
        ("unknown-packet", |_| frame(&[0x7f])),
        ("packet-out-of-order", |raw| {
            let set = raw.packet(State::Login, Packet::SetCompression, &varint(256));
            // The second one in the form that the first one asks for.
            [frame(&set), frame(&[vec![0], set].concat())].concat()
        }),
        ("truncated", |raw| {
            frame(&raw.packet(State::Login, Packet::LoginSuccess, &[1, 2, 3]))
        }),
        ("string-too-long", |raw| {
            let fields = [vec![7; 16], varint(-1)].concat();
            frame(&raw.packet(State::Login, Packet::LoginSuccess, &fields))
        }),
        ("inflated-too-long", |raw| {
            [compression(raw), claiming(64 << 20, &deflated(&[2; 4096]))].concat()
        }),
        ("inflated-other-length", |raw| {
            [compression(raw), claiming(300, &deflated(&vec![2; 4 << 20]))].concat()
        }),
        ("bad-zlib", |raw| {
            [compression(raw), claiming(300, &[0xff; 300])].concat()
        }),
    ];
    let mut stage = Stage::set();
    let mut count = 0;
    for (at, (reason, bytes)) in logins.into_iter().enumerate() {
        // The fields of a login success differ.
        let protocol = match reason {
            "string-too-long" => V1_20_4,
            _ => VERSIONS[at % VERSIONS.len()],
        };
        let labels = [("server", "rogue"), ("reason", reason)];
        let (mark, start) = (stage.proxy.mark(), Instant::now());
        while !is_logged(&stage, mark, "failed to get a player onto a server", reason) {
            assert!(start.elapsed() < PATIENCE, "{reason} is not in the log");
            count += 1;
            let mut client = stage.knock(protocol, "Victim");
            let mut server = stage.rogue.accept(protocol);
            stage.counting("portcullis_boarding_failures_total", &labels, || {
                server.peer.send(&bytes(&server));
                assert_eq!(
                    refused(&mut client),
                    "The connection to the server was lost.",
                    "{reason}, {protocol}"
                );
            });
            assert!(server.peer.read_to_end().is_ok());
        }
        stage.check_bystander();
    }
    let refused = stage
        .proxy
        .metric("portcullis_refusals_total", &[("reason", "no-server")]);
    assert_eq!(refused, f64::from(count));
    stage.check_memory(MEMORY_MAX_KIB);
}

#[test]
fn a_player_stays_where_he_is_when_the_next_server_breaks_the_protocol() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_1, "Traveller");
    server.send(State::Play, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_1);
    let labels = [("server", "other"), ("reason", "empty-frames")];
    stage.counting("portcullis_boarding_failures_total", &labels, || {
        other.peer.send(&[0; 1_000]);
        let told = client.wait(State::Play, Packet::SystemChat);
        assert!(String::from_utf8_lossy(&told).contains("The connection to the server was lost."));
    });
    let words = client.packet(State::Play, Packet::PluginMessage, b"\x03a:bstill here");
    client.peer.send(&client.framed(&words));
    let heard = server.wait(State::Play, Packet::PluginMessage);
    assert_eq!(heard, b"\x03a:bstill here");
    stage.check_bystander();
}

/// With equal thresholds the receiver inflates. With others the host has to, and finds out.
#[test]
fn a_packet_that_nobody_looks_at_keeps_its_bytes_where_the_thresholds_agree() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_4, "Victim");
    // 4 MiB, of which a few KiB arrive: no more than its id is ever inflated here.
    let mut packet = vec![0; 4 << 20];
    packet[0] = NOBODYS;
    let mut lies = claiming(300, &deflated(&packet));
    let corrupt = lies.len() - 1;
    lies[corrupt] ^= 1;
    for _ in 0..100 {
        server.peer.send(&lies);
        assert_eq!(client.peer.read_exact(lies.len()).unwrap(), lies);
        client.peer.send(&lies);
        assert_eq!(server.peer.read_exact(lies.len()).unwrap(), lies);
    }
    // The next server compresses from another length on.
    server.send(State::Configuration, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_4);
    other.let_in("Victim", Some(THRESHOLD / 4));
    other.wait(State::Login, Packet::LoginAcknowledged);
    let claimed = claiming(100, &deflated(&packet));
    stage.counting(
        "portcullis_server_losses_total",
        &[("reason", "inflated-other-length")],
        || {
            other.peer.send(&claimed);
            client.wait(State::Configuration, Packet::Disconnect);
        },
    );
    stage.check_bystander();
    assert!(
        stage.grown_kib() <= MEMORY_MAX_KIB,
        "grown by {} KiB",
        stage.grown_kib()
    );
}

/// A plugin message, which the host looks at, with these bytes.
fn message(raw: &Raw, bytes: &[u8]) -> Vec<u8> {
    raw.packet(State::Play, Packet::PluginMessage, &[&b"\x03a:b"[..], bytes].concat())
}

/// What makes the proxy compress, from 256 bytes on, in a login.
fn compression(raw: &Raw) -> Vec<u8> {
    frame(&raw.packet(State::Login, Packet::SetCompression, &varint(256)))
}

/// The words with which a client in a world is sent away.
fn told(client: &mut Raw, protocol: i32) -> String {
    let fields = client.wait(State::Play, Packet::Disconnect);
    let disconnect = Disconnect::read(&fields, Protocol(protocol)).expect("a text");
    disconnect.reason.to_plain()
}

/// The words with which a client in its login is sent away.
fn refused(client: &mut Raw) -> String {
    let fields = client.wait(State::Login, Packet::Disconnect);
    let disconnect = login::Disconnect::read(&fields).expect("a text");
    plain(&serde_json::from_str(disconnect.json).expect("JSON"))
}

/// Bytes that cannot be compressed.
fn noise(length: u32) -> Vec<u8> {
    (0..length)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect()
}
