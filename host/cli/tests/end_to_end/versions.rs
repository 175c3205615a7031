//! Players and servers of the versions that people use, from 1.7.10 to the newest that minecraft-protocol knows, and a bot
//! that plays like a person in a world.

use crate::support::{programs::Program, proxy::Proxy, toml::server};

macro_rules! plays {
    ($($name:ident: $version:literal,)*) => {
        $(
            #[test]
            fn $name() {
                plays($version);
            }
        )*
    };
}

plays! {
    a_1_7_10_player_pings_joins_and_chats: "1.7.10",
    a_1_8_9_player_pings_joins_and_chats: "1.8.9",
    a_1_12_2_player_pings_joins_and_chats: "1.12.2",
    a_1_16_5_player_pings_joins_and_chats: "1.16.5",
    a_1_18_2_player_pings_joins_and_chats: "1.18.2",
    a_1_19_4_player_pings_joins_and_chats: "1.19.4",
    a_1_20_1_player_pings_joins_and_chats: "1.20.1",
    a_1_20_4_player_pings_joins_and_chats: "1.20.4",
    a_1_20_6_player_pings_joins_and_chats: "1.20.6",
    a_1_21_1_player_pings_joins_and_chats: "1.21.1",
    a_player_of_the_newest_version_pings_joins_and_chats: "26.1",
}

/// What the server list shows, a refusal in words and a game with chat both ways, each for a host name of its own.
fn plays(version: &str) {
    let (mut survival, ports) = Program::servers("survival", &[version]);
    let proxy = Proxy::start(
        &["router.wasm", "motd.wasm"],
        &format!(
            r#"{survival}
            [plugins.motd.config]
            entries = [
                {{ host = "play.example.com", description = "<gold>Portcullis</gold> welcomes you" }},
                {{ host = "live.example.com", passthrough = "survival" }},
            ]
            [plugins.router.config]
            routes = [{{ host = "play.example.com", to = "survival" }}]
            unknown = "disconnect"
            unknown-text = "<red>There is no such place</red>"
            [chains]
            main = ["motd", "router"]
            "#,
            survival = server("survival", ports[0]),
        ),
    );
    let steps = [
        "ping:play.example.com",
        "ping:live.example.com",
        "join:nowhere.example.com",
        "join:play.example.com",
    ];
    let mut player = Program::player(version, proxy.port(), &steps);

    let own = player.wait("status", |event| event["asked"] == "play.example.com");
    assert_eq!(own["text"], "Portcullis welcomes you");
    let live = player.wait("status", |event| event["asked"] == "live.example.com");
    assert_eq!(live["text"], format!("survival speaks {version}"));
    assert_eq!(
        own["answer"]["version"]["protocol"], live["answer"]["version"]["protocol"],
        "the client's own version"
    );

    let refused = player.wait("disconnected", |_| true);
    assert_eq!(
        (&refused["text"], &refused["state"]),
        (&"There is no such place".into(), &"login".into())
    );

    player.wait("joined", |event| event["asked"] == "play.example.com");
    let joined = survival.wait("joined", |_| true);
    assert_eq!(
        (&joined["name"], &joined["asked"]),
        (&"Steve".into(), &"play.example.com".into())
    );
    player.chat("hello from the player");
    assert_eq!(survival.wait("chat", |_| true)["text"], "hello from the player");
    // Longer than the compression threshold of these servers.
    player.chat(&"x".repeat(250));
    survival.order("tell", "the server speaks unasked");
    player.wait("heard", |event| event["text"] == "the server speaks unasked");

    survival.order("kick", "good night");
    let end = player.wait("disconnected", |event| event["asked"] == "play.example.com");
    assert_eq!((&end["text"], &end["state"]), (&"good night".into(), &"play".into()));
}

#[test]
fn a_bot_walks_through_a_world_of_1_20_4() {
    walks("1.20.4");
}

#[test]
fn a_bot_walks_through_a_world_of_1_12_2() {
    walks("1.12.2");
}

/// Chunks are what moves the most bytes here, and walking what moves the most packets.
fn walks(version: &str) {
    const BLOCKS: &str = "4";
    let world = Program::node("world.js", &["--version", version]);
    let port = world.port_of(|_| true);
    let proxy = Proxy::start(
        &["router.wasm"],
        &format!("{}{}", server("world", port), crate::support::toml::all_to("world")),
    );
    let mut walker = Program::walker(version, proxy.port());
    walker.wait("joined", |_| true);
    walker.order("walk", BLOCKS);
    let walked = walker.wait("walked", |_| true)["blocks"].as_f64().unwrap();
    assert!(walker.wait("chunks", |_| true)["count"].as_u64().unwrap() >= 25);
    walker.order("say", "hello from a walker");
    world.wait("chat", |event| {
        event["name"] == "Walker" && event["text"] == "hello from a walker"
    });
    walker.wait("heard", |event| {
        event["text"].as_str().unwrap().contains("hello from a walker")
    });
    let seen = world.events("moved");
    let (first, last) = (seen.first().unwrap(), seen.last().unwrap());
    let distance = |axis: &str| last[axis].as_f64().unwrap() - first[axis].as_f64().unwrap();
    let seen_walked = distance("x").hypot(distance("z"));
    assert!(
        (walked - seen_walked).abs() < 1.0,
        "the bot walked {walked} blocks, the server saw {seen_walked}"
    );
}
