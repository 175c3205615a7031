//! Joining, talking, and moving to another server and back, twice, in every version that minecraft-protocol supports: in offline
//! mode and authenticated and encrypted, with every agreement about compression, and with every way of forwarding to servers that
//! refuse whoever comes in another way.

use serde_json::{Value, json};

use crate::support::{programs::Program, proxy::Setting};

use super::{Forwarding, Login, PATIENT, SECRET, backend, player_with, proxy};

/// What lobby and creative compress from: the same, something else, nothing.
const THRESHOLDS: [(&str, [i32; 2]); 3] = [("equal", [256, 256]), ("different", [256, 64]), ("off", [-1, -1])];

/// The beginning of all travellers' accounts.
const ACCOUNT: &str = "01234567-89ab-cdef-0123-456789abcd";

macro_rules! journeys {
    ($($name:ident: $version:literal,)*) => {
        const VERSIONS: &[&str] = &[$($version),*];

        mod through {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let turn = VERSIONS.iter().position(|version| *version == $version).unwrap();
                    travel($version, &cells($version, turn));
                }
            )*
        }
    };
}

journeys! {
    v1_7_10: "1.7.10",
    v1_8_8: "1.8.8",
    v1_9_4: "1.9.4",
    v1_10_2: "1.10.2",
    v1_11_2: "1.11.2",
    v1_12_2: "1.12.2",
    v1_13_2: "1.13.2",
    v1_14_4: "1.14.4",
    v1_15_2: "1.15.2",
    v1_16_5: "1.16.5",
    v1_17_1: "1.17.1",
    v1_18_2: "1.18.2",
    v1_19: "1.19",
    v1_19_2: "1.19.2",
    v1_19_3: "1.19.3",
    v1_19_4: "1.19.4",
    v1_20: "1.20",
    v1_20_1: "1.20.1",
    v1_20_2: "1.20.2",
    v1_20_4: "1.20.4",
    v1_20_6: "1.20.6",
    v1_21_1: "1.21.1",
    v1_21_3: "1.21.3",
    v1_21_4: "1.21.4",
    v1_21_5: "1.21.5",
    v1_21_6: "1.21.6",
    v1_21_8: "1.21.8",
    v1_21_9: "1.21.9",
    v1_21_11: "1.21.11",
    v26_1: "26.1",
}

/// One player's journey.
struct Cell {
    name: String,
    online: bool,
    forwarding: Forwarding,
    thresholds: [i32; 2],
}

impl Cell {
    fn new(online: bool, (name, thresholds): (&str, [i32; 2]), forwarding: Forwarding) -> Self {
        let mode = if online { "online" } else { "offline" };
        Self {
            name: format!("{mode}-{name}"),
            online,
            forwarding,
            thresholds,
        }
    }

    fn asked(&self) -> String {
        let mode = if self.online { "online" } else { "offline" };
        format!("{}.{mode}.example.com", self.name)
    }
}

/// Six journeys. Those online go through every way of forwarding that servers of the version know, and those offline through none
/// and two of them; which way meets which compression changes from version to version.
fn cells(version: &str, turn: usize) -> Vec<Cell> {
    let ways = Forwarding::all_for(version);
    let mut cells = Vec::new();
    for (at, thresholds) in THRESHOLDS.into_iter().enumerate() {
        let forwarding = ways.get((at + turn) % 3).copied().unwrap_or(Forwarding::None);
        cells.push(Cell::new(true, thresholds, forwarding));
        let unforwarded = at == turn % 3;
        let forwarding = if unforwarded {
            Forwarding::None
        } else {
            ways[(at + turn + 1) % ways.len()]
        };
        cells.push(Cell::new(false, thresholds, forwarding));
    }
    for way in &ways {
        assert!(cells.iter().any(|cell| cell.online && cell.forwarding == *way));
    }
    cells
}

#[test]
fn a_server_without_compression_and_one_with_it_are_both_understood() {
    for (version, thresholds) in [("1.20.4", [-1, 256]), ("1.12.2", [64, -1]), ("1.19.4", [0, 0])] {
        let cells = [false, true].map(|online| Cell::new(online, ("own", thresholds), Forwarding::None));
        travel(version, &cells);
    }
}

#[test]
fn velocitys_forwarding_carries_the_chat_keys_of_the_versions_that_name_them_in_the_login() {
    let sessions = Program::node("session.js", &["--deadline-s", "120"]);
    let login = Login::Online(&sessions);
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    for (version, way, signature, holder) in [
        ("1.18.2", "velocity 1", None, None),
        ("1.19", "velocity 2", Some("of 1.19"), None),
        ("1.19.2", "velocity 3", Some("of 1.19.1"), Some(uuid)),
        ("1.19.3", "velocity 4", None, None),
    ] {
        let (lobby, port) = backend("lobby", version, Forwarding::Velocity, "256");
        let proxy = proxy(&[("lobby", port)], &login, Forwarding::Velocity, "");
        let player = player_with(version, &proxy, &login, &["--keys"]);
        player.wait("joined", |_| true);
        let identity = &lobby.wait("joined", |_| true)["identity"];
        assert_eq!(identity["protocol"], way);
        assert_eq!(identity["holder"].as_str(), holder, "{version}");
        assert_eq!(identity["key"]["signature"].as_str(), signature, "{version}");
        if signature.is_some() {
            let key = player.wait("key", |_| true);
            assert_eq!(
                (&identity["key"]["expires"], &identity["key"]["der"]),
                (&key["expires"], &key["der"])
            );
        }
    }
}

/// All journeys of a version at once, through one proxy whose chain has every way of logging in and of forwarding.
fn travel(version: &str, cells: &[Cell]) {
    let sessions = Program::node("session.js", &["--deadline-s", "180"]);
    let session_server = format!("http://127.0.0.1:{}", sessions.port_of(|_| true));
    let described: Vec<Value> = cells
        .iter()
        .map(|cell| {
            json!({
                "name": cell.name,
                "asked": cell.asked(),
                "online": cell.online,
                "forwarding": cell.forwarding.key(),
                "thresholds": cell.thresholds,
            })
        })
        .collect();
    let mut world = Program::node(
        "journey.js",
        &[
            "--version",
            version,
            "--cells",
            &Value::from(described).to_string(),
            "--secret",
            SECRET,
            "--session-server",
            &session_server,
            "--deadline-s",
            "180",
        ],
    );
    let known = &world.wait("knows", |_| true)["versions"];
    // It calls 1.7.10 by the name of its first.
    let known: Vec<&str> = known.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(known.first(), Some(&"1.7"));
    assert_eq!(known[1..], VERSIONS[1..]);

    let proxy = mixed(&world, cells, &session_server).start();
    world.order("travel", &proxy.port().to_string());
    for cell in cells {
        check_arrival(version, cell, &world);
    }
    world.wait("done", |_| true);
    for cell in cells {
        check_forgeries(cell, &world);
    }
    assert_eq!(proxy.metric("portcullis_violations_total", &[]), 0.0);
    assert_eq!(proxy.metric("portcullis_undecoded_packets_total", &[]), 0.0);
}

/// A proxy for these journeys, to which each server says how it is forwarded to.
fn mixed(world: &Program, cells: &[Cell], session_server: &str) -> Setting {
    let (mut servers, mut routes, mut answers) = (String::new(), Vec::new(), Vec::new());
    for cell in cells {
        for kind in ["lobby", "creative"] {
            let name = format!("{kind}-{}", cell.name);
            let port = world.port_of(|event| event["server"] == name.as_str());
            let forwarding = cell.forwarding.key().unwrap_or("none");
            servers += &format!(
                "[[server]]\nname = \"{name}\"\naddress = \"127.0.0.1:{port}\"\nforwarding = \"{forwarding}\"\n"
            );
        }
        let (host, lobby) = (cell.asked(), format!("lobby-{}", cell.name));
        routes.push(format!("{{ host = \"{host}\", to = \"{lobby}\" }}"));
        answers.push(format!("{{ host = \"{host}\", passthrough = \"{lobby}\" }}"));
    }
    let chain = [
        "motd",
        "auth-mojang",
        "auth-offline",
        "router",
        "bungee-channel",
        "bungee-forwarding",
        "bungeeguard",
        "velocity-forwarding",
    ];
    let forwarding: String = Forwarding::ALL.iter().map(|way| way.config()).collect();
    let configuration = format!(
        r#"{servers}
        {forwarding}
        [plugins.auth-mojang]
        grants = ["http:{session_server}"]
        [plugins.auth-mojang.config]
        session-server = "{session_server}/session/minecraft/hasJoined"
        hosts = ["*.online.example.com"]
        timeout = "20s"
        {PATIENT}
        [plugins.router.config]
        routes = [{routes}]
        [plugins.motd.config]
        entries = [{answers}]
        [chains]
        main = {chain:?}
        "#,
        routes = routes.join(", "),
        answers = answers.join(", "),
    );
    let components = chain.map(|plugin| format!("{plugin}.wasm"));
    let components = components.each_ref().map(String::as_str);
    Setting::new(&components, &configuration)
}

/// What a journey has shown to the player, and to the lobby.
fn check_arrival(version: &str, cell: &Cell, world: &Program) {
    let cell_name = cell.name.as_str();
    let arrived = world.wait("arrived", |event| event["cell"] == cell_name);
    let (entered, joined, ended) = (&arrived["entered"], &arrived["joined"], &arrived["ended"]);
    assert_eq!(arrived["status"], format!("lobby-{cell_name} speaks {version}"));
    assert_eq!(
        (&ended["text"], &ended["state"]),
        (&"good night".into(), &"play".into()),
        "{cell_name}"
    );
    assert_eq!(entered["encrypted"], cell.online, "{cell_name}");
    assert_eq!(joined["name"], entered["name"], "{cell_name}");
    assert_eq!(joined["asked"], cell.asked());
    // 1.7 cannot compress. All others are asked to as their first server wants it, or not at all.
    let first = (cell.thresholds[0] >= 0 && version != "1.7.10").then_some(cell.thresholds[0]);
    assert_eq!(entered["threshold"], json!(first), "{cell_name}");
    let account = entered["uuid"].as_str().unwrap();
    assert_eq!(account.starts_with(ACCOUNT), cell.online, "{cell_name}: {account}");
    let identity = &joined["identity"];
    if cell.forwarding == Forwarding::None {
        assert_eq!(identity, &Value::Null, "{cell_name}");
        return;
    }
    assert_eq!(joined["uuid"], account, "{cell_name}: {identity}");
    assert_eq!(identity["ip"], "127.0.0.1", "{cell_name}");
    let way = identity["protocol"].as_str().unwrap();
    assert_eq!(way.split(' ').next(), cell.forwarding.key(), "{cell_name}");
    let textures = &identity["properties"][0]["name"];
    assert_eq!(textures == "textures", cell.online, "{cell_name}: {identity}");
}

/// What has become of those who came another way.
fn check_forgeries(cell: &Cell, world: &Program) {
    let mut forgeries = world.events("forged");
    forgeries.retain(|forged| forged["cell"] == cell.name.as_str());
    let tried: Vec<&str> = forgeries.iter().filter_map(|forged| forged["way"].as_str()).collect();
    let through = if cell.online { None } else { Some("through the proxy") };
    let expected: Vec<&str> = cell.forwarding.forgeries().iter().copied().chain(through).collect();
    if cell.forwarding == Forwarding::None {
        assert!(tried.is_empty());
        return;
    }
    assert_eq!(tried, expected, "{}", cell.name);
    for forged in forgeries {
        if forged["way"] == "through the proxy" {
            // He is let in as what he is, or not at all.
            let identity = &forged["identity"];
            assert!(identity.is_null() || identity["ip"] == "127.0.0.1", "{forged}");
            assert_ne!(identity["uuid"], "00000000-0000-0000-0000-000000000000", "{forged}");
        } else {
            assert_eq!(forged["joined"], 0, "{forged}");
            assert!(forged["refused"].is_string(), "{forged}");
        }
    }
}
