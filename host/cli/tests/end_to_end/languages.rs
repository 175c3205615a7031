//! Plugins built from the published contract alone, each with its language's own tools: a real player joins through them, a
//! new configuration moves the next one, and what they say of a wrong one is shown.

use crate::support::{
    backend::{Backend, Manner},
    programs::Program,
    proxy::{Setting, said},
    toml::server,
    wait::until,
    wire::{self, V1_8, V1_20_4},
};

/// The real client's version and its protocol number.
const VERSION: &str = "1.20.4";
const PROTOCOL: i32 = V1_20_4;

const HOST: &str = "play.example.com";

struct Guest {
    plugin: &'static str,
    /// Sends everybody to `right`.
    config: &'static str,
    /// What it logs when it has read that.
    says: Option<&'static str>,
    /// An edit after which it sends everybody to `wrong`.
    edit: (&'static str, &'static str),
    /// A configuration that fits its schema and that it refuses, and what of its own words is shown.
    refuses: Option<(&'static str, &'static str)>,
}

#[test]
fn a_plugin_in_rust_without_an_sdk_routes_players() {
    serves(&Guest {
        plugin: "first-route",
        config: "since = 765\nolder = \"wrong\"\nnewer = \"right\"",
        says: None,
        edit: ("since = 765", "since = 766"),
        refuses: None,
    });
}

#[test]
fn a_plugin_in_javascript_routes_players() {
    serves(&Guest {
        plugin: "by-hour",
        config: "default = \"wrong\"\nhours = [{ from = \"00:00\", until = \"24:00\", to = \"right\" }]",
        says: Some("hours read"),
        edit: ("to = \"right\"", "to = \"wrong\""),
        refuses: Some((
            "default = \"wrong\"\nhours = [{ from = \"10:00\", until = \"10:00\", to = \"right\" }]",
            "hours[0] covers no minute",
        )),
    });
}

#[test]
fn a_plugin_in_python_routes_players() {
    serves(&Guest {
        plugin: "by-network",
        config: "default = \"wrong\"\nplaces = { wrong = [\"127.0.0.0/8\", \"::/0\"], right = [\"127.0.0.1/32\"] }",
        says: Some("networks read"),
        edit: ("127.0.0.1/32", "127.0.0.2/32"),
        refuses: Some((
            "default = \"wrong\"\nplaces = { right = [\"127.0.0.1/99\"] }",
            "'127.0.0.1/99' does not appear to be an IPv4 or IPv6 network",
        )),
    });
}

#[test]
fn a_plugin_in_c_routes_players() {
    serves(&Guest {
        plugin: "version-gate",
        config: "oldest = 765\nto = \"right\"\ntext = \"<red>Please come with 1.20.4\"",
        says: Some("versions read"),
        edit: ("to = \"right\"", "to = \"wrong\""),
        refuses: Some((
            "oldest = 765\nnewest = 47\nto = \"right\"\ntext = \"No\"",
            "oldest is above newest",
        )),
    });
}

#[test]
fn a_plugin_in_c_tells_players_of_other_versions_what_to_install() {
    let config = "oldest = 765\nto = \"right\"\ntext = \"<red>Please come with <b>1.20.4</b>\"";
    let proxy = setting("version-gate", config, [1, 1]).start();
    for protocol in [V1_8, PROTOCOL - 1] {
        let told = wire::refused_text(proxy.port(), protocol, HOST).expect("a text");
        assert_eq!(told, "Please come with 1.20.4", "protocol {protocol}");
    }
}

fn serves(guest: &Guest) {
    let (right, ports) = Program::servers("right", &[VERSION]);
    let wrong = Backend::start(Manner::Tell("wrong"));
    let ports = [ports[0], wrong.port()];
    let setting_for = |config| setting(guest.plugin, config, ports);

    let setting = setting_for(guest.config);
    // Interpreters take longer to compile than a start is waited for. What is compiled is kept.
    let checked = setting.run(&["check"]);
    assert!(checked.status.success(), "{}", said(&checked));
    let proxy = setting.start();
    if let Some(line) = guest.says {
        proxy.wait_log_after(0, line);
    }

    let mut player = Program::player(VERSION, proxy.port(), &[&format!("join:{HOST}")]);
    player.wait("joined", |_| true);
    assert_eq!(right.wait("joined", |_| true)["name"], "Steve");
    player.chat("hello from the player");
    assert_eq!(wrong.accepted(), 0);

    proxy.edit(guest.edit.0, guest.edit.1);
    until("the new configuration is in force", || {
        let told = wire::refused_text(proxy.port(), PROTOCOL, HOST).map_err(|error| error.to_string())?;
        if told == "wrong" { Ok(()) } else { Err(told) }
    });
    player.chat("still here");

    if let Some((config, words)) = guest.refuses {
        let refused = said(&setting_for(config).run(&["check"]));
        assert!(refused.contains(words), "{words:?} is not in\n{refused}");
    }
}

/// A chain of this one plugin, with the limits that it has when nobody says anything, and servers `right` and `wrong`.
fn setting(plugin: &str, config: &str, ports: [u16; 2]) -> Setting {
    let [right, wrong] = ports;
    Setting::new(
        &[&format!("{plugin}.wasm")],
        &format!(
            "{}{}[plugins.{plugin}.config]\n{config}\n[chains]\nmain = [\"{plugin}\"]\n",
            server("right", right),
            server("wrong", wrong),
        ),
    )
}
