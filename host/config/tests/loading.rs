//! From files to a configuration.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use portcullis_config::{
    Limits, LogFormat, OnFailure, Provider, ProxyAcceptance, ProxyEmission, ServersDir, Sources, TomlFile, load, parse,
};
use serde_json::json;

/// Every key with a value that is not its default.
const EVERYTHING: &str = r#"
[host]
workers = 3
plugin-dir = "wasm"
state-dir = "/var/lib/portcullis"
control = "run/ctl.sock"
servers-dir = "more"
drain-seconds = 5
trusted-keys = ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]
dns = ["9.9.9.9", "127.0.0.1:5353", "::1"]

[telemetry]
log = "warn,portcullis_relay=debug"
log-format = "json"
metrics = "127.0.0.1:9100"
otlp = "http://127.0.0.1:4317"

[[listener]]
bind = "127.0.0.1:25565"
chain = "public"
auto-chain = false
proxy-protocol = "require"
trusted-proxies = ["10.1.2.3/8", "192.0.2.1", "2001:db8::/32"]
max-connections = 1
max-pending = 2
handshake-timeout-ms = 3
idle-timeout-s = 4
max-tarpits = 0

[[server]]
name = "Lobby-1"
address = "lobby.internal:25566"
groups = ["lobby", "all"]
weight = 7
labels = { zone = "eu" }
forwarding = "velocity"
proxy-protocol = "v2"
connect-timeout-ms = 9

[plugins.router]
file = "sub/r.wasm"
grants = ["sql", "http:https://example.com"]
on-failure = "open"
limits = { memory-mib = 1, hot-call-ms = 3, slow-call-ms = 4, state-keys = 5, state-mib = 6 }
sha256 = "00ff000000000000000000000000000000000000000000000000000000000001"

[plugins.router.config]
default = "lobby"
ratio = 0.5
since = 1979-05-27T07:32:00Z
routes = [{ host = "a", to = "b" }]

[chains]
public = ["router"]
"#;

#[test]
fn every_key_reaches_its_place_and_paths_are_relative_to_the_file() {
    let config = parse(Path::new("/etc/portcullis/portcullis.toml"), EVERYTHING).unwrap();

    let host = &config.host;
    assert_eq!(host.workers.get(), 3);
    assert_eq!(host.plugin_dir, Path::new("/etc/portcullis/wasm"));
    assert_eq!(host.state_dir, Path::new("/var/lib/portcullis"));
    assert_eq!(host.control, Path::new("/etc/portcullis/run/ctl.sock"));
    assert_eq!(host.servers_dir, Path::new("/etc/portcullis/more"));
    assert_eq!((host.drain, host.trusted_keys.len()), (Duration::from_secs(5), 1));
    assert_eq!(
        host.dns.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["9.9.9.9:53", "127.0.0.1:5353", "[::1]:53"]
    );

    let telemetry = &config.telemetry;
    assert_eq!(
        (telemetry.log.as_str(), telemetry.log_format),
        ("warn,portcullis_relay=debug", LogFormat::Json)
    );
    assert_eq!(telemetry.metrics.unwrap().to_string(), "127.0.0.1:9100");
    assert_eq!(telemetry.otlp.as_deref(), Some("http://127.0.0.1:4317"));

    let listener = &config.listeners[0];
    assert_eq!(
        (
            listener.bind.to_string().as_str(),
            &*listener.chain,
            listener.auto_chain
        ),
        ("127.0.0.1:25565", "public", false)
    );
    assert_eq!(listener.proxy_protocol, ProxyAcceptance::Require);
    let proxies: Vec<String> = listener.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]);
    assert_eq!(
        (listener.max_connections, listener.max_pending, listener.tarpit_max),
        (1, 2, 0)
    );
    assert_eq!(
        (listener.handshake_timeout, listener.idle_timeout),
        (Duration::from_millis(3), Duration::from_secs(4))
    );

    let server = &config.servers[0];
    assert_eq!(
        (&*server.name, server.address.to_string().as_str()),
        ("Lobby-1", "lobby.internal:25566")
    );
    assert_eq!(
        server.groups.iter().map(|group| &**group).collect::<Vec<_>>(),
        ["lobby", "all"]
    );
    assert_eq!(
        (
            server.weight,
            server.labels["zone"].as_str(),
            server.forwarding.as_deref()
        ),
        (7, "eu", Some("velocity"))
    );
    assert_eq!(
        (server.proxy_protocol, server.connect_timeout),
        (ProxyEmission::V2, Duration::from_millis(9))
    );

    let plugin = &config.plugins["router"];
    assert_eq!(
        (&*plugin.name, plugin.file.as_path()),
        ("router", Path::new("/etc/portcullis/wasm/sub/r.wasm"))
    );
    assert_eq!(
        plugin.grants.iter().map(|grant| grant.as_str()).collect::<Vec<_>>(),
        ["http:https://example.com", "sql"]
    );
    assert_eq!(plugin.on_failure, Some(OnFailure::Open));
    assert_eq!(
        (
            plugin.limits.memory_mib,
            plugin.limits.state_keys,
            plugin.limits.state_mib
        ),
        (1, 5, 6)
    );
    assert_eq!(
        (plugin.limits.hot_call, plugin.limits.slow_call),
        (Duration::from_millis(3), Duration::from_millis(4))
    );
    assert_eq!(plugin.sha256.map(|hash| (hash[1], hash[31])), Some((0xff, 1)));
    let since = "1979-05-27T07:32:00Z";
    assert_eq!(
        plugin.config,
        json!({ "default": "lobby", "ratio": 0.5, "since": since, "routes": [{ "host": "a", "to": "b" }] })
    );
    assert_eq!(
        config.chains["public"].iter().map(|link| &**link).collect::<Vec<_>>(),
        ["router"]
    );
}

#[test]
fn an_empty_file_is_a_configuration_with_the_documented_defaults() {
    let config = parse(Path::new("portcullis.toml"), "").unwrap();
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    assert_eq!(
        (config.host.workers, config.host.drain),
        (cores, Duration::from_secs(30))
    );
    assert_eq!(config.host.plugin_dir, Path::new("plugins"));
    assert_eq!(config.host.state_dir, Path::new("state"));
    assert_eq!(config.host.control, Path::new("state/control.sock"));
    assert_eq!(config.host.servers_dir, Path::new("servers.d"));
    assert!(config.host.trusted_keys.is_empty() && config.host.dns.is_empty());
    assert_eq!(
        (config.telemetry.log.as_str(), config.telemetry.log_format),
        ("info", LogFormat::Pretty)
    );
    assert_eq!((config.telemetry.metrics, config.telemetry.otlp), (None, None));
    assert!(
        config.listeners.is_empty()
            && config.servers.is_empty()
            && config.plugins.is_empty()
            && config.chains.is_empty()
    );
}

#[test]
fn tables_with_only_what_they_must_have_get_the_documented_defaults() {
    let toml = "[[listener]]\nbind = '0.0.0.0:25565'\n[[server]]\nname = 'a'\naddress = 'a:1'\n[plugins.p]\n[chains]\nmain = ['p']\n";
    let config = parse(Path::new("portcullis.toml"), toml).unwrap();
    let listener = &config.listeners[0];
    assert_eq!(
        (&*listener.chain, listener.auto_chain, listener.proxy_protocol),
        ("main", true, ProxyAcceptance::Off)
    );
    assert_eq!(
        (listener.max_connections, listener.max_pending, listener.tarpit_max),
        (10_000, 2_000, 256)
    );
    assert_eq!(
        (listener.handshake_timeout, listener.idle_timeout),
        (Duration::from_secs(5), Duration::from_secs(120))
    );
    let server = &config.servers[0];
    assert_eq!(
        (server.weight, server.forwarding.as_deref(), server.proxy_protocol),
        (1, None, ProxyEmission::Off)
    );
    assert_eq!(server.connect_timeout, Duration::from_secs(3));
    assert!(server.groups.is_empty() && server.labels.is_empty());
    let plugin = &config.plugins["p"];
    assert_eq!(
        (plugin.file.as_path(), plugin.on_failure, plugin.sha256),
        (Path::new("plugins/p.wasm"), None, None)
    );
    assert_eq!((&plugin.config, plugin.grants.len()), (&json!({}), 0));
    let limits = Limits {
        memory_mib: 32,
        hot_call: Duration::from_millis(2),
        slow_call: Duration::from_secs(5),
        slow_instances: 8,
        state_keys: 10_000,
        state_mib: 16,
    };
    assert_eq!((plugin.limits, Limits::default()), (limits, limits));
}

/// A folder with a `portcullis.toml` and other files, by their names.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let main = folder.path().join("portcullis.toml");
    (folder, main)
}

/// What is said, without the folder's name.
fn said(folder: &Path, path: &Path) -> Vec<String> {
    let prefix = format!("{}/", folder.display());
    load(path)
        .unwrap_err()
        .iter()
        .map(|problem| problem.to_string().replace(&prefix, ""))
        .collect()
}

#[test]
fn a_chain_may_name_a_plugin_that_has_a_file_and_no_table() {
    let (folder, path) = folder(&[
        ("portcullis.toml", "[chains]\nmain = ['motd']\n"),
        ("plugins/motd.wasm", ""),
    ]);
    let config = load(&path).unwrap();
    assert_eq!(config.plugins["motd"].file, folder.path().join("plugins/motd.wasm"));
    fs::rename(
        folder.path().join("plugins/motd.wasm"),
        folder.path().join("plugins/motd2.wasm"),
    )
    .unwrap();
    let expected = "portcullis.toml:2:9: plugin `motd` is unknown: there is neither [plugins.motd] nor the file plugins/motd.wasm; did you mean `motd2`? Otherwise add one of the two";
    assert_eq!(said(folder.path(), &path), [expected]);
}

#[test]
fn servers_of_the_folder_follow_those_of_the_file_in_the_order_of_their_files() {
    let (_folder, path) = folder(&[
        ("portcullis.toml", "[[server]]\nname = 'z'\naddress = 'z:1'\n"),
        (
            "servers.d/20-b.toml",
            "[[server]]\nname = 'b'\naddress = 'b:1'\n[[server]]\nname = 'c'\naddress = 'c:1'\n",
        ),
        (
            "servers.d/10-a.toml",
            "[[server]]\nname = 'a'\naddress = 'a:1'\ngroups = ['g']\n",
        ),
        ("servers.d/.20-b.toml.swp.toml", "half a li"),
        ("servers.d/README.md", "not a server"),
        ("servers.d/empty.toml", ""),
    ]);
    let config = load(&path).unwrap();
    assert_eq!(
        config
            .servers
            .iter()
            .map(|server| server.name.to_string())
            .collect::<Vec<_>>(),
        ["z", "a", "b", "c"]
    );
}

#[test]
fn problems_of_all_files_and_between_them_are_reported_together() {
    let (folder, path) = folder(&[
        (
            "portcullis.toml",
            "[host]\nwokers = 1\n[[server]]\nname = 'a'\naddress = 'a:1'\ngroups = ['b']\n",
        ),
        (
            "servers.d/1.toml",
            "[[server]]\nname = 'a'\naddress = 'a:2'\n[host]\nworkers = 1\n",
        ),
        ("servers.d/2.toml", "[[server]\n"),
        (
            "servers.d/3.toml",
            "[[server]]\nname = 'b'\naddress = 'b'\n[[server]]\nname = 'b'\naddress = 'b:1'\n",
        ),
    ]);
    let expected = [
        "portcullis.toml:2:1: unknown key `wokers` in [host]; did you mean `workers`?",
        "portcullis.toml:6:10: group `b` has the name of the server at servers.d/3.toml:5:8; rename one of them",
        "servers.d/1.toml:2:8: server `a` is defined twice, first at portcullis.toml:4:8; give each server its own name",
        "servers.d/1.toml:4:2: unknown key `host` at the top level; known keys: `server`",
        "servers.d/2.toml:1:10: not valid TOML: unclosed array table, expected `]`",
        "servers.d/3.toml:3:11: `address` in [[server]]: `b` has no port; write it as `host:port`, for example `b:25565`",
    ];
    assert_eq!(said(folder.path(), &path), expected);
}

#[test]
fn a_folder_of_servers_need_not_exist_but_must_be_one() {
    let (folder, path) = folder(&[("portcullis.toml", "")]);
    assert!(load(&path).is_ok());
    fs::write(folder.path().join("servers.d"), "").unwrap();
    assert_eq!(
        said(folder.path(), &path),
        [format!(
            "{}: cannot be read: Not a directory (os error 20)",
            "servers.d"
        )]
    );
}

#[test]
fn a_value_in_a_plugins_configuration_is_found_by_its_pointer() {
    let text = "[plugins.router]\n[plugins.router.config]\ndefault = 'x'\nroutes = [\n  { host = 'a' },\n  { host = 'b', to = 'c' },\n]\n'a/b~c' = 1\n[plugins.bare]\n";
    let (_folder, path) = folder(&[("portcullis.toml", text)]);
    let sources = Sources::new(&path);
    assert_eq!(sources.locate("router", ""), None);
    sources.load().unwrap();
    let at = |plugin: &str, pointer: &str| {
        sources.locate(plugin, pointer).map(|location| {
            assert_eq!(location.file, path);
            (location.line, location.column)
        })
    };
    assert_eq!(at("router", ""), Some((2, 1)));
    assert_eq!(at("router", "/default"), Some((3, 11)));
    assert_eq!(at("router", "/routes/1/to"), Some((6, 22)));
    assert_eq!(at("router", "/routes/0/to"), Some((5, 3)));
    assert_eq!(at("router", "/nothing/here"), Some((2, 1)));
    assert_eq!(at("router", "/a~1b~0c"), Some((8, 11)));
    assert_eq!(at("bare", "/routes"), Some((9, 1)));
    assert_eq!(at("nobody", ""), None);
}

#[test]
fn the_file_and_the_folder_of_servers_are_watched() {
    let (folder, path) = folder(&[("portcullis.toml", "[host]\nservers-dir = 'more'\n")]);
    let sources = Sources::new(&path);
    let watched = sources.watched(&sources.load().unwrap());
    assert_eq!(watched, [path.clone(), folder.path().join("more")]);
    assert_eq!(
        (TomlFile::new(&path).watched(), TomlFile::new(&path).name()),
        (vec![path], "file")
    );
    let servers = ServersDir::new(&folder.path().join("more"));
    assert_eq!(
        (servers.watched(), servers.name()),
        (vec![folder.path().join("more")], "servers-dir")
    );
}

#[test]
fn what_a_plugin_is_told_does_not_show_in_debug_output() {
    let toml = "[plugins.p.config]\napi-token = 'hunter2'\nnested = { password = 'swordfish' }\n";
    let config = parse(Path::new("portcullis.toml"), toml).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("api-token") && shown.contains("nested"), "{shown}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("swordfish") && !shown.contains("password"),
        "{shown}"
    );
}

#[test]
fn the_configuration_that_shows_every_default_is_the_default() {
    let shown = r#"
[host]
workers = 0
plugin-dir = "plugins"
state-dir = "state"
control = "state/control.sock"
servers-dir = "servers.d"
drain-seconds = 30
trusted-keys = []
dns = []

[telemetry]
log = "info"
log-format = "pretty"

[[listener]]
bind = "0.0.0.0:25565"
chain = "main"
auto-chain = true
proxy-protocol = "off"
trusted-proxies = []
max-connections = 10_000
max-pending = 2_000
handshake-timeout-ms = 5_000
idle-timeout-s = 120
max-tarpits = 256

[[server]]
name = "lobby-1"
address = "127.0.0.1:25566"
groups = []
weight = 1
labels = {}
proxy-protocol = "off"
connect-timeout-ms = 3_000

[plugins.router]
file = "router.wasm"
grants = []
limits = { memory-mib = 32, hot-call-ms = 2, slow-call-ms = 5_000, state-keys = 10_000, state-mib = 16 }
config = {}

[chains]
main = ["router"]
"#;
    let bare = "[[listener]]\nbind = '0.0.0.0:25565'\n[[server]]\nname = 'lobby-1'\naddress = '127.0.0.1:25566'\n[plugins.router]\n[chains]\nmain = ['router']\n";
    let path = Path::new("portcullis.toml");
    assert_eq!(parse(path, shown).unwrap(), parse(path, bare).unwrap());
}
