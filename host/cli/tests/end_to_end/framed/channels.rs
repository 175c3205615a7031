//! Plugin channels and messages without measure: they pass, the receiver judges them, and what is remembered has a limit.

use std::collections::BTreeSet;

use portcullis_protocol::{
    message::{MAX_CHANNELS, MAX_CLIENTBOUND_BYTES, MAX_SERVERBOUND_BYTES, PluginMessage},
    packets::{Packet, State},
};

use crate::support::{
    raw::Raw,
    wire::{V1_20_1, V1_20_4, string},
};

use super::stage::{MARK, Stage, TO_OTHER};

const REGISTER: &str = "minecraft:register";

/// Five times as many as are remembered, in messages as long as a client may send.
const CHANNELS: usize = 5 * MAX_CHANNELS;
const NAME_BYTES: usize = 100;

/// What a session may cost: 1,024 names of 100 bytes and what a set keeps for each, twice over.
const MEMORY_MAX_KIB: u64 = 8 << 10;

#[test]
fn of_thousands_of_channels_the_next_server_is_told_a_thousand_in_messages_that_it_takes() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_4, "Modded");
    for list in lists() {
        send(&mut client, REGISTER, list.as_bytes());
        assert_eq!(message(&mut server), (REGISTER.into(), list.into_bytes()));
    }
    assert!(
        stage.grown_kib() <= MEMORY_MAX_KIB,
        "grown by {} KiB",
        stage.grown_kib()
    );

    server.send(State::Configuration, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_4);
    other.let_in("Modded", Some(256));
    other.wait(State::Login, Packet::LoginAcknowledged);
    let mut told = BTreeSet::new();
    while told.len() < MAX_CHANNELS {
        let (channel, data) = message(&mut other);
        assert_eq!(channel, REGISTER);
        assert!(data.len() <= MAX_SERVERBOUND_BYTES, "a list of {} bytes", data.len());
        let names = String::from_utf8(data).expect("names");
        told.extend(names.split('\0').map(str::to_owned));
    }
    assert_eq!(told.len(), MAX_CHANNELS);
    assert!(told.iter().all(|name| name.len() == NAME_BYTES));
    stage.check_bystander();
}

#[test]
fn channels_of_a_server_pass_and_are_not_remembered() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_4, "Player");
    for list in lists() {
        send(&mut server, REGISTER, list.as_bytes());
        assert_eq!(message(&mut client), (REGISTER.into(), list.into_bytes()));
    }
    assert!(
        stage.grown_kib() <= MEMORY_MAX_KIB,
        "grown by {} KiB",
        stage.grown_kib()
    );
    stage.check_bystander();
}

/// The host does not judge for the receiver. It reads no such message, shows it to no plugin, and remembers nothing of it. Only a client
/// does not get past a plugin with it.
#[test]
fn messages_longer_than_their_receiver_reads_pass_unread_and_are_counted() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_1, "Player");
    let labels = [("packet", "plugin-message")];
    for channel in ["bungeecord:main", REGISTER, "minecraft:brand", "a:b"] {
        let long = vec![b'x'; MAX_SERVERBOUND_BYTES + 1];
        stage.counting("portcullis_undecoded_packets_total", &labels, || {
            let packet = in_a_world(&client, channel, &long);
            client.peer.send(&packet);
            client.send(State::Play, &MARK);
            let passed = server.wait(State::Play, Packet::PluginMessage);
            if channel == "bungeecord:main" {
                assert!(
                    passed.ends_with(MARK.data),
                    "it came past the plugin that listens on its channel"
                );
            } else {
                assert_eq!(passed, [string(channel), long].concat());
                server.wait(State::Play, Packet::PluginMessage);
            }
        });
        let long = vec![b'x'; MAX_CLIENTBOUND_BYTES + 1];
        stage.counting("portcullis_undecoded_packets_total", &labels, || {
            let packet = in_a_world(&server, channel, &long);
            server.peer.send(&packet);
            let passed = client.wait(State::Play, Packet::PluginMessage);
            assert_eq!(passed, [string(channel), long].concat());
        });
    }
    stage.check_bystander();
}

/// Settings have some twenty bytes, a brand has ten.
#[test]
fn what_a_client_says_of_itself_at_length_is_not_remembered() {
    const CLIENTS: usize = 40;
    let mut stage = Stage::set();
    let mut guests: Vec<(Raw, Raw)> = (0..CLIENTS)
        .map(|index| stage.guest(V1_20_1, &format!("Verbose{index}")))
        .collect();
    let settings = vec![7; 1 << 20];
    for (client, server) in &mut guests {
        let packet = client.packet(State::Play, Packet::Settings, &settings);
        client.peer.send(&client.framed(&packet));
        assert_eq!(server.wait(State::Play, Packet::Settings), settings);
        send_in_a_world(client, "minecraft:brand", &[b'x'; MAX_SERVERBOUND_BYTES]);
        server.wait(State::Play, Packet::PluginMessage);
    }
    let grown = stage.grown_kib();
    assert!(grown <= 16 << 10, "{CLIENTS} clients cost {grown} KiB");
    stage.check_bystander();
}

/// All the names, in lists of as many as one message may have.
fn lists() -> Vec<String> {
    let names: Vec<String> = (0..CHANNELS)
        .map(|number| format!("mod:{number:0width$}", width = NAME_BYTES - 4))
        .collect();
    let at_once = MAX_SERVERBOUND_BYTES / (NAME_BYTES + 1);
    names.chunks(at_once).map(|names| names.join("\0")).collect()
}

fn send(raw: &mut Raw, channel: &str, data: &[u8]) {
    raw.send(State::Configuration, &PluginMessage { channel, data });
}

fn send_in_a_world(raw: &mut Raw, channel: &str, data: &[u8]) {
    raw.send(State::Play, &PluginMessage { channel, data });
}

fn in_a_world(raw: &Raw, channel: &str, data: &[u8]) -> Vec<u8> {
    let fields = [&string(channel)[..], data].concat();
    raw.framed(&raw.packet(State::Play, Packet::PluginMessage, &fields))
}

/// Channel and data of the next message in the configuration.
fn message(raw: &mut Raw) -> (String, Vec<u8>) {
    let fields = raw.wait(State::Configuration, Packet::PluginMessage);
    let (length, rest) = fields.split_first().expect("a channel");
    let (channel, data) = rest.split_at(usize::from(*length));
    (String::from_utf8(channel.to_vec()).expect("a name"), data.to_vec())
}
