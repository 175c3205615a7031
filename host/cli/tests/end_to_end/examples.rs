//! The example plugins in Rust, each doing what it teaches for players of the real binary.

use std::fs;

use crate::support::{
    backend::{Backend, Manner},
    plugins::install,
    programs::Program,
    proxy::Proxy,
    toml::server,
    wait::until,
    wire::{self, Peer, V1_20_1},
};

const HOST: &str = "play.example.com";

/// Servers `lobby` and `other` that tell their names, behind a router to `lobby` that asks the example first.
struct Network {
    proxy: Proxy,
    lobby: Backend,
    _other: Backend,
}

impl Network {
    fn start(example: &str, config: &str) -> Self {
        let chain =
            format!("[plugins.{example}.config]\n{config}\n[chains]\nmain = [\"motd\", \"{example}\", \"router\"]\n");
        Self::of(&["motd.wasm", "router.wasm", &format!("{example}.wasm")], &chain)
    }

    fn of(components: &[&str], chain: &str) -> Self {
        let [lobby, other] = ["lobby", "other"].map(|name| Backend::start(Manner::Tell(name)));
        let rest = format!(
            "{}{}[plugins.motd.config]\ndefault = {{ description = \"open\" }}\n\
             [plugins.router.config]\ndefault = \"lobby\"\n{chain}",
            server("lobby", lobby.port()),
            server("other", other.port()),
        );
        Self {
            proxy: Proxy::start(components, &rest),
            lobby,
            _other: other,
        }
    }

    /// What a player of this name is told, by a server or by a plugin.
    fn told(&self, name: &str) -> String {
        self.try_told(name).unwrap()
    }

    fn try_told(&self, name: &str) -> Result<String, String> {
        wire::told(self.proxy.port(), V1_20_1, HOST, name).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn becomes(&self, name: &str, expect: &str) {
        until(&format!("{name} is told {expect:?}"), || {
            let told = self.try_told(name)?;
            if told == expect { Ok(()) } else { Err(told) }
        });
    }
}

#[test]
fn the_allow_list_lets_in_who_is_on_it() {
    let network = Network::start("allow-list", "names = [\"Ada\"]\ntext = \"Not today\"");
    assert_eq!(network.told("ADA"), "lobby");
    assert_eq!(network.told("Eve"), "Not today");
    network.proxy.edit("\"Ada\"", "\"Ada\", \"Eve\"");
    network.becomes("Eve", "lobby");
}

#[test]
fn maintenance_begins_when_its_file_is_there_and_ends_when_it_is_gone() {
    let chain = "[chains]\nmain = [\"motd\", \"router\"]\n";
    let network = Network::of(&["motd.wasm", "router.wasm"], chain);
    assert_eq!(network.told("Ada"), "lobby");
    let file = network.proxy.plugin("maintenance.wasm");
    install("maintenance.wasm", &file);
    network.becomes("Ada", "Maintenance. We are back soon.");
    let status = wire::status(network.proxy.port(), V1_20_1, HOST).unwrap();
    assert_eq!(status["version"]["name"], "Maintenance", "{status}");
    fs::remove_file(file).unwrap();
    network.becomes("Ada", "lobby");
    assert_eq!(wire::status_text(network.proxy.port(), HOST).unwrap(), "open");
}

#[test]
fn players_of_a_refused_country_are_told_so() {
    let tables = "refuse = [\"xx\"]\ntext = \"Not here\"\ncountries = { xx = [\"127.0.0.1/32\"] }";
    let network = Network::start("country", tables);
    assert_eq!(network.told("Ada"), "Not here");
    network.proxy.edit("127.0.0.1/32", "192.0.2.0/24");
    network.becomes("Ada", "lobby");
}

#[test]
fn either_group_of_an_experiment_goes_to_its_place() {
    let network = Network::start("ab-routing", "experiment = \"menu\"\nshare = 100\nb = \"other\"");
    assert_eq!(network.told("Ada"), "other");
    network.proxy.edit("share = 100", "share = 0");
    network.becomes("Ada", "lobby");
}

#[test]
fn the_join_queue_keeps_everybodys_place_when_it_is_swapped() {
    let network = Network::start("join-queue", "places = 1");
    network.lobby.behave(Manner::Echo);
    let mut first = Peer::join(network.proxy.port(), HOST, "First");
    // What it said to join comes back: it is on a server, and stays.
    first.read_exact(wire::login(V1_20_1, HOST, "First").len()).unwrap();
    let place = |number: u8, keep: u8| {
        format!(
            "All places are taken.\nYou are number {number} in the queue.\nCome again within {keep} seconds to keep your place."
        )
    };
    assert_eq!(network.told("Ada"), place(1, 90));
    assert_eq!(network.told("Bob"), place(2, 90));

    network.proxy.edit("places = 1", "places = 1\nkeep = \"60s\"");
    network.becomes("Bob", &place(2, 60));
    assert_eq!(network.told("Ada"), place(1, 60));

    drop(first);
    network.lobby.behave(Manner::Tell("lobby"));
    network.becomes("Ada", "lobby");
    network.becomes("Bob", "lobby");
}

/// The version of the real client and server.
const VERSION: &str = "1.20.1";

/// Behind each example stands a router; a `minecraft-protocol` client joins, is on the server, and talks.
#[test]
fn real_players_join_through_every_example() {
    let (lobby, ports) = Program::servers("lobby", &[VERSION]);
    let examples = [
        ("allow-list", "names = [\"Steve\"]"),
        ("maintenance", "staff = [\"127.0.0.0/8\"]"),
        ("country", "refuse = [\"xx\"]\ncountries = { xx = [\"192.0.2.0/24\"] }"),
        ("ab-routing", "experiment = \"menu\"\nshare = 100\nb = \"lobby\""),
        ("join-queue", "places = 500"),
        (
            "metrics-by-host",
            "hosts = [{ host = \"*.example.com\", name = \"example\" }]",
        ),
    ];
    for (number, (example, config)) in examples.into_iter().enumerate() {
        let rest = format!(
            "{}[plugins.router.config]\ndefault = \"lobby\"\n[plugins.{example}.config]\n{config}\n[chains]\nmain = [\"{example}\", \"router\"]\n",
            server("lobby", ports[0]),
        );
        let proxy = Proxy::start(&["router.wasm", &format!("{example}.wasm")], &rest);
        let mut player = Program::player(VERSION, proxy.port(), &[&format!("join:{HOST}")]);
        player.wait("joined", |_| true);
        let joined = lobby.wait_nth("joined", number + 1);
        assert_eq!(joined["name"], "Steve", "{example}");
        player.chat(&format!("hello through {example}"));
    }
}

#[test]
fn joins_are_counted_under_the_name_of_their_host() {
    let network = Network::start(
        "metrics-by-host",
        "hosts = [{ host = \"*.example.com\", name = \"example\" }]",
    );
    network.told("Ada");
    let example = [("host", "example")];
    let family = |name: &str| format!("plugin_metrics_by_host_{name}");
    (network.proxy).wait_metric(&family("left_total"), &example, |left| left == 1.0);
    assert_eq!(network.proxy.metric(&family("joined_total"), &example), 1.0);
}
