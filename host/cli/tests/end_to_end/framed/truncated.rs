//! Peers that go in the middle: of a packet, of a login, of the configuration.

use portcullis_protocol::{
    packets::{Packet, State},
    play::Disconnect,
    text::Text,
    version::Protocol,
};

use crate::support::{
    raw::Raw,
    wire::{V1_8, V1_20_1, V1_20_4},
};

use super::stage::Stage;

/// What a session costs beside what is kept of the last ones, and what an allocator keeps for itself.
const MEMORY_MAX_KIB: u64 = 8 << 10;

/// What is said in the log of the end of a session, of a lost server, and of one that was not reached.
const LEFT: &str = "left";
const LOST: &str = "lost the server";
const FAILED: &str = "failed to get a player onto a server";

/// The beginning of a plugin message, which the host looks at, and which would have 300 bytes.
fn half_a_packet(raw: &Raw, state: State) -> Vec<u8> {
    let packet = raw.packet(state, Packet::PluginMessage, &[&b"\x03a:b"[..], &[7; 296]].concat());
    let whole = raw.framed(&packet);
    whole[..whole.len() / 2].to_vec()
}

#[test]
fn a_client_that_goes_in_the_middle_of_a_packet_has_left() {
    let mut stage = Stage::set();
    for (version, threshold) in [(V1_8, None), (V1_20_1, None), (V1_20_1, Some(256))] {
        let (mut client, mut server) = stage.guest_from(version, "Hasty", threshold);
        let mark = stage.proxy.mark();
        stage.counting("portcullis_session_ends_total", &[("end", "client-left")], || {
            client.peer.send(&half_a_packet(&client, State::Play));
            drop(client);
        });
        assert!(server.peer.is_closed_silently(), "half a packet reached the server");
        stage.wait_reason(mark, LEFT, "client-left");
        stage.check_bystander();
    }
    assert_eq!(stage.proxy.metric("portcullis_violations_total", &[]), 0.0);
    stage.check_memory(MEMORY_MAX_KIB);
}

#[test]
fn a_server_that_dies_in_the_middle_of_a_packet_is_lost_and_its_player_told() {
    let mut stage = Stage::set();
    for (version, threshold) in [(V1_8, None), (V1_20_1, None), (V1_20_1, Some(256))] {
        let (mut client, mut server) = stage.guest_from(version, "Victim", threshold);
        let mark = stage.proxy.mark();
        stage.counting("portcullis_server_losses_total", &[("reason", "closed")], || {
            server.peer.send(&half_a_packet(&server, State::Play));
            drop(server);
        });
        let told = client.wait(State::Play, Packet::Disconnect);
        let told = Disconnect::read(&told, Protocol(version)).unwrap().reason;
        assert_eq!(told.to_plain(), "The connection to the server was lost.");
        stage.wait_reason(mark, LOST, "closed");
        stage.check_bystander();
    }
    stage.check_memory(MEMORY_MAX_KIB);
}

/// Without compression what nobody looks at passes as it comes. Whatever followed the half would be taken for the rest.
#[test]
fn a_player_who_has_half_a_packet_already_is_closed_without_a_word() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest_from(V1_20_1, "Victim", None);
    let whole = server.framed(&[0x7e; 1_000]);
    let mark = stage.proxy.mark();
    stage.counting("portcullis_server_losses_total", &[("reason", "closed")], || {
        server.peer.send(&whole[..500]);
        assert_eq!(client.peer.read_exact(500).unwrap(), whole[..500]);
        drop(server);
    });
    assert!(client.peer.is_closed_silently());
    stage.wait_reason(mark, LOST, "closed");
    stage.check_memory(MEMORY_MAX_KIB);
    stage.check_bystander();
}

#[test]
fn a_server_that_dies_in_a_login_is_named() {
    let mut stage = Stage::set();
    let labels = [("server", "rogue"), ("reason", "closed")];
    let mark = stage.proxy.mark();
    for bytes in [&[][..], &[0x20, 0x02, 0x00]] {
        let mut client = stage.knock(V1_20_4, "Victim");
        let mut server = stage.rogue.accept(V1_20_4);
        stage.counting("portcullis_boarding_failures_total", &labels, || {
            server.peer.send(bytes);
            drop(server);
        });
        client.wait(State::Login, Packet::Disconnect);
        stage.check_bystander();
    }
    stage.wait_reason(mark, FAILED, "closed");
    stage.check_memory(MEMORY_MAX_KIB);
}

#[test]
fn a_player_hears_of_a_server_that_dies_or_sends_him_away_in_the_configuration() {
    let mut stage = Stage::set();
    let mark = stage.proxy.mark();
    let (mut client, server) = stage.guest(V1_20_4, "Victim");
    stage.counting("portcullis_server_losses_total", &[("reason", "closed")], || {
        drop(server)
    });
    assert_eq!(told(&mut client), "The connection to the server was lost.");
    stage.wait_reason(mark, LOST, "closed");

    let (mut client, mut server) = stage.guest(V1_20_4, "Victim");
    stage.counting("portcullis_server_losses_total", &[("reason", "kicked")], || {
        server.send(
            State::Configuration,
            &Disconnect {
                reason: Text::plain("go away"),
            },
        );
        assert_eq!(told(&mut client), "go away");
    });
    stage.wait_reason(mark, LOST, "kicked");
    stage.check_memory(MEMORY_MAX_KIB);
    stage.check_bystander();
}

fn told(client: &mut Raw) -> String {
    let fields = client.wait(State::Configuration, Packet::Disconnect);
    let disconnect = Disconnect::read(&fields, Protocol(V1_20_4)).expect("a text");
    disconnect.reason.to_plain()
}
