//! What comes close together, cut in two, or while a player is between two states: nothing is stranded, and nobody is held up.

use portcullis_protocol::{
    frame::MAX_EMPTY_FRAMES,
    message::PluginMessage,
    packets::{Bare, Packet, State},
    play::Disconnect,
    text::Text,
};

use crate::support::{
    programs::Program,
    raw::{Raw, RawServer},
    wire::{V1_20_1, V1_20_4, varint},
};

use super::{
    Forwarding, Login, player, proxy,
    stage::{MARK, Stage, TO_OTHER},
};

#[test]
fn what_a_server_says_in_one_breath_with_letting_the_player_in_arrives() {
    let stage = Stage::set();
    let mut client = stage.knock(V1_20_1, "Hasty");
    let mut server = stage.rogue.accept(V1_20_1);
    let success = server.success("Hasty");
    let said = [success, server.written(State::Play, &MARK)].concat();
    server.peer.send(&said);
    client.enter();
    let heard = client.wait(State::Play, Packet::PluginMessage);
    assert!(heard.ends_with(MARK.data), "{heard:?}");
}

#[test]
fn a_server_s_last_words_are_heard_although_it_left_with_them() {
    let stage = Stage::set();
    let mut client = stage.knock(V1_20_1, "Hasty");
    let mut server = stage.rogue.accept(V1_20_1);
    let farewell = Disconnect {
        reason: Text::plain("full"),
    };
    let said = [server.success("Hasty"), server.written(State::Play, &farewell)].concat();
    server.peer.send(&said);
    drop(server);
    client.enter();
    let heard = client.wait(State::Play, Packet::Disconnect);
    assert!(String::from_utf8_lossy(&heard).contains("full"), "{heard:?}");
    let lost = [("reason", "kicked")];
    stage
        .proxy
        .wait_metric("portcullis_server_losses_total", &lost, |count| count == 1.0);
}

#[test]
fn empty_frames_are_counted_however_they_are_cut_and_reach_nobody() {
    let stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_1, "Sparse");
    for _ in 0..3 {
        client.peer.send(&[0; 5]);
        client.send(State::Play, &MARK);
    }
    for _ in 0..3 {
        // The first frame that is read has the message.
        let (_, fields) = server.receive().expect("a message");
        assert!(fields.ends_with(MARK.data), "{fields:?}");
    }
    stage.counting("portcullis_violations_total", &[("reason", "empty-frames")], || {
        for _ in 0..=MAX_EMPTY_FRAMES {
            client.peer.send(&[0]);
        }
        assert!(client.peer.is_closed_silently());
    });
}

#[test]
fn whoever_is_sent_away_need_not_finish_a_frame_first() {
    let mut stage = Stage::set();
    let (mut client, _server) = stage.guest_from(V1_20_1, "Dawdler", None);
    let (_other_client, mut other_server) = stage.guest(V1_20_4, "Other");
    // The start of a packet that nobody looks at.
    client.peer.send(&[&varint(1_000)[..], &[0x7e, 1, 2, 3]].concat());
    let mut kick = Vec::new();
    for word in ["KickPlayer", "Dawdler", "enough"] {
        kick.extend(u16::try_from(word.len()).unwrap().to_be_bytes());
        kick.extend(word.as_bytes());
    }
    let order = PluginMessage {
        channel: "bungeecord:main",
        data: &kick,
    };
    other_server.send(State::Configuration, &order);
    let heard = client.wait(State::Play, Packet::Disconnect);
    assert!(String::from_utf8_lossy(&heard).contains("enough"), "{heard:?}");
    stage.check_bystander();
}

#[test]
fn servers_that_let_in_and_lose_pass_nobody_round_for_ever() {
    let (one, two) = (RawServer::start(), RawServer::start());
    let servers = [("lobby", one.port()), ("two", two.port())];
    let proxy = proxy(
        &servers,
        &Login::Offline,
        Forwarding::None,
        "fallback = [\"lobby\", \"two\"]",
    );
    let mut client = Raw::join(proxy.port(), V1_20_4, "play.example.com", "Ball");
    let lose = |server: &RawServer| {
        let mut server = server.accept(V1_20_4);
        server.let_in("Ball", Some(256));
        server
    };
    let mut first = lose(&one);
    client.enter();
    first.wait(State::Login, Packet::LoginAcknowledged);
    drop(first);
    for nth in 0..8 {
        let mut next = lose(if nth % 2 == 0 { &two } else { &one });
        next.wait(State::Login, Packet::LoginAcknowledged);
    }
    let heard = client.wait(State::Configuration, Packet::Disconnect);
    assert!(String::from_utf8_lossy(&heard).contains("lost"), "{heard:?}");
}

#[test]
fn a_login_under_way_is_sent_away_like_a_session() {
    let lobby = RawServer::start();
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let proxy = proxy(&[("lobby", lobby.port())], &login, Forwarding::None, "");
    let mark = proxy.mark();
    proxy.edit("session-server =", "duplicate = \"kick-old\"\nsession-server =");
    proxy.wait_log_after(mark, "configuration was reloaded");
    let old = player("1.20.4", &proxy, &login);
    let mut old_server = lobby.accept(V1_20_4);
    let _new = player("1.20.4", &proxy, &login);
    let _new_server = lobby.accept(V1_20_4);
    // Both are on their way in. The old one arrives, and goes.
    old_server.let_in("Steve", Some(256));
    let end = old.wait("disconnected", |_| true);
    assert_eq!(end["text"], "You joined from elsewhere.");
}

#[test]
fn a_server_is_not_in_configuration_before_the_client_can_hear_it() {
    let mut stage = Stage::set();
    let (mut client, mut server) = stage.guest(V1_20_4, "Slow");
    // In configuration: the server may move the player, whose client has gone half-way into a world.
    client.send(State::Configuration, &MARK);
    server.send(State::Configuration, &Bare(Packet::FinishConfiguration));
    client.wait(State::Configuration, Packet::FinishConfiguration);
    client.send(State::Configuration, &Bare(Packet::FinishConfiguration));
    server.wait(State::Configuration, Packet::FinishConfiguration);
    server.send(State::Play, &TO_OTHER);
    let mut other = stage.other.accept(V1_20_4);
    other.let_in("Slow", Some(256));
    client.wait(State::Play, Packet::StartConfiguration);
    assert!(other.is_silent(), "the server was told that the client is ready");
    client.send(State::Play, &Bare(Packet::ConfigurationAcknowledged));
    other.wait(State::Login, Packet::LoginAcknowledged);
    stage.check_bystander();
}
