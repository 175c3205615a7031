//! What plugins do to what is on its way between two real sockets: each verdict, as both ends see it.

use portcullis_protocol::{
    cookie::{CookieRequest, CookieResponse, StoreCookie},
    login::Success,
    message::PluginMessage,
    packets::{Packet, State},
    play::{Disconnect, PackResponse, PackResult, PushPack, SystemChat, Title, Transfer},
    profile::Profile,
    text::Text,
    version::Protocol,
};

use crate::support::{
    proxy::Proxy,
    raw::{Raw, RawServer},
    wire::{V1_20_1, V1_20_4, V1_21_1, string},
};

use super::stage::MARK;

/// Players of this version meet every hook.
const NEW: i32 = V1_21_1;

/// How often each function of the fixture was called.
const CALLS: &str = "plugin_scripted_calls_total";

/// A player in a world, both ends of whose session a test plays, behind a plugin that does as it is told.
struct Scene {
    proxy: Proxy,
    other: RawServer,
    client: Raw,
    server: Raw,
}

impl Scene {
    fn set(protocol: i32, plugin: &str, config: &str) -> Self {
        let (proxy, lobby, other) = network(plugin, config);
        let mut client = Raw::join(proxy.port(), protocol, "play.example.com", "Steve");
        let mut server = lobby.accept(protocol);
        server.let_in("Steve", None);
        client.enter();
        if Protocol(protocol).has_configuration() {
            server.wait(State::Login, Packet::LoginAcknowledged);
        }
        client.enter_play(&mut server);
        Self {
            proxy,
            other,
            client,
            server,
        }
    }

    /// The player is moved to the other server, which lets him in.
    fn arrive(&mut self, protocol: i32) -> Raw {
        let mut other = self.other.accept(protocol);
        other.let_in("Steve", None);
        other
    }

    fn calls(&self, function: &str) -> f64 {
        self.proxy.metric(CALLS, &[("function", function)])
    }
}

/// A proxy with this plugin, and two servers: `lobby`, to which everybody comes, and `other`.
fn network(plugin: &str, config: &str) -> (Proxy, RawServer, RawServer) {
    let (lobby, other) = (RawServer::start(), RawServer::start());
    let proxy = Proxy::start(
        &["auth-offline.wasm", &format!("{plugin}.wasm"), "router.wasm"],
        &format!(
            r#"
            [[server]]
            name = "lobby-1"
            address = "127.0.0.1:{}"
            groups = ["lobby"]
            [[server]]
            name = "other"
            address = "127.0.0.1:{}"
            [plugins.{plugin}]
            grants = ["packets", "control"]
            limits = {{ hot-call-ms = 100 }}
            [plugins.{plugin}.config]
            {config}
            [plugins.router.config]
            default = "lobby-1"
            [chains]
            main = ["auth-offline", "{plugin}", "router"]
            "#,
            lobby.port(),
            other.port(),
        ),
    );
    (proxy, lobby, other)
}

#[test]
fn commands_are_swallowed_or_replaced_in_every_form_that_they_have() {
    // To 1.18.2 a command is chat, then it is a packet of its own; since 1.20.5 there are two of them.
    for (protocol, packet, behind) in [
        (47, Packet::Chat, &[][..]),
        // Time, salt, no signatures, nothing seen.
        (V1_20_1, Packet::SignedCommand, &[0; 8 + 8 + 1 + 1 + 3]),
        (NEW, Packet::Command, &[]),
    ] {
        let slash = if packet == Packet::Chat { "/" } else { "" };
        let command = |words: &str| [&string(&format!("{slash}{words}"))[..], behind].concat();
        let mut scene = Scene::set(protocol, "scripted", "on-command = 'swallow'");
        scene.client.say(State::Play, packet, &command("secret word"));
        scene.client.send(State::Play, &MARK);
        assert_eq!(
            scene.server.next(State::Play).0,
            Packet::PluginMessage,
            "{protocol}: a command that was swallowed"
        );

        let mut scene = Scene::set(protocol, "scripted", "on-command = { replace = 'changed' }");
        scene.client.say(State::Play, packet, &command("secret word"));
        assert_eq!(
            scene.server.next(State::Play),
            (packet, command("changed")),
            "{protocol}"
        );
    }
}

#[test]
fn a_servers_transfer_goes_elsewhere_or_nowhere() {
    let transfer = Transfer {
        host: "evil.example.com",
        port: 1,
    };
    let mut scene = Scene::set(NEW, "scripted", "on-transfer = 'deny'");
    scene.server.send(State::Play, &transfer);
    scene.server.send(State::Play, &MARK);
    assert_eq!(scene.client.next(State::Play).0, Packet::PluginMessage);

    let to = "on-transfer = { to = { host = 'good.example.com', port = 25566 } }";
    let mut scene = Scene::set(NEW, "scripted", to);
    scene.server.send(State::Play, &transfer);
    let (packet, fields) = scene.client.next(State::Play);
    assert_eq!(packet, Packet::Transfer);
    let expect = Transfer {
        host: "good.example.com",
        port: 25_566,
    };
    assert_eq!(Transfer::read(&fields), Ok(expect));
}

#[test]
fn cookies_are_kept_back_and_replaced_on_all_their_ways() {
    let (request, key) = (CookieRequest { key: "test:who" }, "test:who");
    let (store, answer) = (
        StoreCookie { key, data: &[1, 2, 3] },
        CookieResponse {
            key,
            data: Some(&[4, 5]),
        },
    );
    let mut scene = Scene::set(
        NEW,
        "scripted",
        "on-request = 'drop'\non-store = 'drop'\non-response = 'drop'",
    );
    scene.server.send(State::Play, &request);
    scene.server.send(State::Play, &store);
    scene.server.send(State::Play, &MARK);
    assert_eq!(scene.client.next(State::Play).0, Packet::PluginMessage);
    scene.client.send(State::Play, &answer);
    scene.client.send(State::Play, &MARK);
    assert_eq!(scene.server.next(State::Play).0, Packet::PluginMessage);

    let mut scene = Scene::set(
        NEW,
        "scripted",
        "on-store = { replace = [9] }\non-response = { replace = [8, 8] }",
    );
    scene.server.send(State::Play, &request);
    assert_eq!(scene.client.next(State::Play).0, Packet::CookieRequest);
    scene.server.send(State::Play, &store);
    let (_, fields) = scene.client.next(State::Play);
    assert_eq!(StoreCookie::read(&fields), Ok(StoreCookie { key, data: &[9] }));
    scene.client.send(State::Play, &answer);
    let (_, fields) = scene.server.next(State::Play);
    let expect = CookieResponse {
        key,
        data: Some(&[8, 8]),
    };
    assert_eq!(CookieResponse::read(&fields), Ok(expect));
}

#[test]
fn a_pack_that_a_plugin_denies_is_declined_in_the_clients_name() {
    for protocol in [V1_20_1, V1_20_4, NEW] {
        let mut scene = Scene::set(protocol, "scripted", "on-offer = 'deny'");
        let id = Profile::offline("Anything with an id").uuid;
        let push = PushPack {
            id,
            url: "https://example.com/pack.zip",
            hash: "",
            is_required: true,
            prompt: None,
        };
        scene.server.send(State::Play, &push);
        scene.server.send(State::Play, &MARK);
        assert_eq!(
            scene.client.next(State::Play).0,
            Packet::PluginMessage,
            "{protocol}: the offer arrived"
        );
        let (packet, fields) = scene.server.next(State::Play);
        assert_eq!(packet, Packet::ResourcePackResponse);
        let answer = PackResponse::read(&fields, Protocol(protocol)).expect("an answer");
        assert_eq!(answer.result, PackResult::Declined);
        if Protocol(protocol).has_many_resource_packs() {
            assert_eq!(answer.id, id);
        }
    }
}

#[test]
fn packets_are_replaced_and_players_sent_away_for_them() {
    let wanted = "subscriptions = [{ direction = 'serverbound', state = 'play', packet = { name = 'plugin-message' }, payload = 'whole' }]";
    for protocol in [47, V1_20_1, NEW] {
        let changed = [string("a:b"), b"changed".to_vec()].concat();
        let replace = format!("{wanted}\non-packet = {{ replace = {changed:?} }}");
        let mut scene = Scene::set(protocol, "scripted", &replace);
        scene.client.send(State::Play, &MARK);
        assert_eq!(
            scene.server.next(State::Play),
            (Packet::PluginMessage, changed),
            "{protocol}"
        );

        let disconnect = format!("{wanted}\non-packet = {{ disconnect = {{ plain = 'not that' }} }}");
        let mut scene = Scene::set(protocol, "scripted", &disconnect);
        scene.client.send(State::Play, &MARK);
        assert_eq!(told(&mut scene.client, protocol), "not that");
        assert!(scene.server.peer.is_closed_silently(), "{protocol}");
        let labels = [("reason", "plugin-disconnect")];
        scene
            .proxy
            .wait_metric("portcullis_refusals_total", &labels, |count| count == 1.0);
    }
}

#[test]
fn messages_are_replaced_both_ways() {
    for protocol in [47, V1_20_1, NEW] {
        // Plugins know it by its newer name in every version.
        let channel = if protocol < 393 {
            "BungeeCord"
        } else {
            "bungeecord:main"
        };
        let config = "channels = ['bungeecord:main']\non-message = { replace = [1, 2] }";
        let mut scene = Scene::set(protocol, "scripted", config);
        let sent = PluginMessage {
            channel,
            data: b"original",
        };
        let changed = [string(channel), vec![1, 2]].concat();
        scene.client.send(State::Play, &sent);
        assert_eq!(scene.server.next(State::Play), (Packet::PluginMessage, changed.clone()));
        scene.server.send(State::Play, &sent);
        assert_eq!(scene.client.next(State::Play), (Packet::PluginMessage, changed));
        assert_eq!(scene.calls("on-message"), 2.0);
    }
}

#[test]
fn a_player_whom_his_server_kicks_is_told_what_a_plugin_says_or_moved_where_it_says() {
    for protocol in [V1_20_4, NEW] {
        let config = "on-kicked = { disconnect = { plain = 'come back soon' } }";
        let mut scene = Scene::set(protocol, "scripted", config);
        scene.server.send(State::Play, &farewell());
        assert_eq!(told(&mut scene.client, protocol), "come back soon");

        let mut scene = Scene::set(
            protocol,
            "scripted",
            "on-kicked = { redirect = [{ server = 'other' }] }",
        );
        scene.server.send(State::Play, &farewell());
        let mut other = scene.arrive(protocol);
        scene.client.wait(State::Play, Packet::StartConfiguration);
        scene.client.say(State::Play, Packet::ConfigurationAcknowledged, &[]);
        other.wait(State::Login, Packet::LoginAcknowledged);
        scene.client.enter_play(&mut other);
        other.send(State::Play, &MARK);
        scene.client.wait(State::Play, Packet::PluginMessage);
        assert_eq!(
            ["on-connected", "on-kicked", "on-disconnected"].map(|function| scene.calls(function)),
            [2.0, 1.0, 1.0],
            "{protocol}"
        );
        drop(scene.client);
        scene
            .proxy
            .wait_metric(CALLS, &[("function", "on-disconnected")], |calls| calls == 2.0);
    }
}

#[test]
fn a_player_whom_a_plugin_holds_stays_without_a_server() {
    let mut scene = Scene::set(NEW, "scripted", "on-kicked = 'hold'");
    scene.server.send(State::Play, &farewell());
    assert!(scene.server.peer.read_to_end().is_ok());
    // Nobody else asks for proofs of life now.
    let asked = scene.client.wait(State::Play, Packet::KeepAlive);
    scene.client.say(State::Play, Packet::KeepAlive, &asked);
    assert_eq!(scene.proxy.metric("portcullis_session_ends_total", &[]), 0.0);
    assert_eq!(
        ["on-connected", "on-kicked", "on-disconnected"].map(|function| scene.calls(function)),
        [1.0, 1.0, 1.0]
    );
}

#[test]
fn server_and_client_know_a_player_by_the_profile_that_a_plugin_gave_him() {
    let nick =
        "on-profile = { replace = { uuid = '11111111-2222-3333-4444-555555555555', name = 'Nick', properties = [] } }";
    for protocol in [47, 759, V1_20_1, NEW] {
        let (proxy, lobby, _other) = network("logs-in", nick);
        let mut client = Raw::join(proxy.port(), protocol, "play.example.com", "Steve");
        let (mut server, start) = lobby.accept_with_start(protocol);
        assert_eq!(start[1..6], string("Nick")[..], "{protocol}");
        server.let_in("Nick", None);
        let (packet, fields) = client.next(State::Login);
        assert_eq!(packet, Packet::LoginSuccess);
        let success = Success::read(&fields, Protocol(protocol)).expect("a success");
        assert_eq!(
            (&*success.profile.name, &*success.profile.uuid.to_string()),
            ("Nick", "11111111-2222-3333-4444-555555555555"),
            "{protocol}"
        );
    }
}

#[test]
fn orders_of_a_plugin_arrive_in_every_form_that_they_have() {
    for protocol in [47, V1_20_1, NEW] {
        let mut scene = Scene::set(protocol, "orders", "");
        let version = Protocol(protocol);
        let order = |scene: &mut Scene, name: &str| {
            let (packet, fields) = match protocol {
                47 => (Packet::Chat, string(&format!("/{name}"))),
                V1_20_1 => (
                    Packet::SignedCommand,
                    [string(name), vec![0; 8 + 8 + 1 + 1 + 3]].concat(),
                ),
                _ => (Packet::Command, string(name)),
            };
            scene.client.say(State::Play, packet, &fields);
        };
        order(&mut scene, "say");
        let (_, fields) = scene.client.next(State::Play);
        let said = SystemChat::read(&fields, version).expect("a line");
        assert_eq!((said.text.to_plain(), said.above_hotbar), ("hello".into(), false));

        order(&mut scene, "action-bar");
        let (packet, fields) = scene.client.next(State::Play);
        if packet == Packet::ActionBar {
            assert!(contains(&fields, b"hello"), "{protocol}");
        } else {
            let bar = SystemChat::read(&fields, version).expect("a line");
            assert_eq!((bar.text.to_plain(), bar.above_hotbar), ("hello".into(), true));
        }

        order(&mut scene, "title");
        let shown = loop {
            let (packet, fields) = scene.client.next(State::Play);
            match Title::read(packet, &fields, version) {
                Ok(Some(Title::Text(text))) => break text,
                Ok(Some(_)) => {}
                other => panic!("{protocol}: {packet} is {other:?}"),
            }
        };
        assert_eq!(shown.to_plain(), "hello");

        order(&mut scene, "message");
        let fields = scene.client.wait(State::Play, Packet::PluginMessage);
        assert_eq!(fields, [string("example:news"), b"hello".to_vec()].concat());

        if version.has_transfer() {
            order(&mut scene, "transfer");
            let (packet, fields) = scene.client.next(State::Play);
            assert_eq!(packet, Packet::Transfer);
            let expect = Transfer {
                host: "other.example.com",
                port: 25_565,
            };
            assert_eq!(Transfer::read(&fields), Ok(expect));
        }
        order(&mut scene, "disconnect");
        assert_eq!(told(&mut scene.client, protocol), "hello");
    }
}

fn farewell() -> Disconnect {
    Disconnect {
        reason: Text::plain("restarting"),
    }
}

fn told(client: &mut Raw, protocol: i32) -> String {
    let fields = client.wait(State::Play, Packet::Disconnect);
    let disconnect = Disconnect::read(&fields, Protocol(protocol)).expect("a text");
    disconnect.reason.to_plain()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
