//! Bots that walk and talk in worlds with chunks, and are moved from one world to another.

use crate::support::programs::Program;

use super::{Forwarding, Login, proxy};

#[test]
fn a_bot_of_1_12_2_changes_worlds() {
    travels("1.12.2");
}

#[test]
fn a_bot_of_1_16_5_changes_worlds() {
    travels("1.16.5");
}

#[test]
fn a_bot_of_1_20_4_changes_worlds() {
    travels("1.20.4");
}

#[test]
fn a_bot_of_1_21_1_changes_worlds() {
    travels("1.21.1");
}

/// Walks and talks in one world, in another, and in the first one again.
fn travels(version: &str) {
    let (mut lobby, lobby_port) = world(version);
    let (mut creative, creative_port) = world(version);
    let servers = [("lobby", lobby_port), ("creative", creative_port)];
    let proxy = proxy(&servers, &Login::Offline, Forwarding::None, "");
    let mut bot = Program::walker(version, proxy.port());

    lives(&mut bot, &lobby, 1, 1);
    lobby.order("connect", "creative");
    lobby.wait("left", |_| true);
    lives(&mut bot, &creative, 2, 1);
    creative.order("connect", "lobby");
    creative.wait("left", |_| true);
    lives(&mut bot, &lobby, 3, 2);

    let numbers = proxy.metrics();
    for (server, sessions, visits) in [("lobby", 1.0, 2.0), ("creative", 0.0, 1.0)] {
        let labels = [("server", server)];
        assert_eq!(numbers.sum("portcullis_sessions", &labels), sessions, "{server}");
        assert_eq!(numbers.sum("portcullis_sessions_total", &labels), visits, "{server}");
    }
    assert_eq!(numbers.sum("portcullis_session_ends_total", &[]), 0.0);
}

/// The bot's nth world, which it is in for the nth time.
fn lives(bot: &mut Program, world: &Program, nth: usize, visit: usize) {
    bot.wait_nth("joined", nth);
    world.wait_nth("entered", visit);
    bot.order("walk", "3");
    let walked = bot.wait_nth("walked", nth)["blocks"].as_f64().unwrap();
    assert!((3.0..10.0).contains(&walked), "walked {walked} blocks");
    assert!(!world.events("moved").is_empty(), "the world saw no step");
    let words = format!("hello from world {nth}");
    bot.order("say", &words);
    world.wait("chat", |event| event["text"] == words.as_str());
    bot.wait("heard", |event| event["text"].as_str().unwrap().contains(&words));
}

fn world(version: &str) -> (Program, u16) {
    let world = Program::node("world.js", &["--version", version, "--deadline-s", "120"]);
    let port = world.port_of(|_| true);
    (world, port)
}
