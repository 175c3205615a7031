//! `portcullis ctl`, signals and completions: what an operator does by hand.

use serde_json::Value;

use crate::support::{
    backend::{Backend, Manner},
    load::joined,
    ports,
    proxy::{Proxy, Setting, said, wait_closed},
    toml::{all_to, listener, server},
    wait::{until, until_true},
    wire::{self, Peer, V1_20_1},
};

fn proxy_before(backend: &Backend) -> Proxy {
    Proxy::start(
        &["router.wasm"],
        &[server("echo", backend.port()), all_to("echo")].concat(),
    )
}

/// The entry of a list whose field has this value.
fn entry<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let entries = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    entries
        .iter()
        .find(|entry| entry[field] == value)
        .unwrap_or_else(|| panic!("no entry with {field} = {value} in {list}"))
}

#[test]
fn plugins_sessions_and_servers_are_listed_for_people_and_for_programs() {
    let backend = Backend::echo();
    let proxy = proxy_before(&backend);
    let session = joined(proxy.port(), "play.example.com", "Steve");

    let plugins = proxy.ctl(&["plugins"]);
    let router = entry(&plugins, "name", "router");
    assert_eq!(router["state"], "running", "{router}");
    assert_eq!(router["generation"], 1, "{router}");
    assert_eq!(router["chains"], serde_json::json!(["main"]), "{router}");

    let sessions = proxy.ctl(&["sessions"]);
    let steve = entry(&sessions, "name", "Steve");
    assert_eq!(steve["server"], "echo", "{steve}");
    assert_eq!(steve["host"], "play.example.com", "{steve}");
    assert_eq!(steve["peer"], format!("127.0.0.1:{}", session.own_port()), "{steve}");

    let servers = proxy.ctl(&["servers"]);
    let echo = entry(&servers, "name", "echo");
    assert_eq!(
        (&echo["health"], &echo["sessions"]),
        (&"up".into(), &1.into()),
        "{echo}"
    );

    for (command, words) in [
        ("plugins", ["router", "running"]),
        ("sessions", ["Steve", "echo"]),
        ("servers", ["echo", "up"]),
    ] {
        let table = said(&proxy.ctl_raw(&[command]));
        assert!(
            !table.trim_start().starts_with(['[', '{']),
            "{command} is JSON where a table is expected:\n{table}"
        );
        for word in words {
            assert!(table.contains(word), "{word} is not in\n{table}");
        }
    }
    drop(session);
    until_true("the session is gone from the list", || {
        proxy.ctl(&["sessions"]).as_array().is_some_and(Vec::is_empty)
    });
}

#[test]
fn a_drained_server_keeps_its_sessions_and_gets_no_new_ones() {
    let (one, two) = (Backend::echo(), Backend::start(Manner::Tell("two")));
    let config = format!(
        "{}groups = [\"pool\"]\n{}groups = [\"pool\"]\n{}",
        server("one", one.port()),
        server("two", two.port()),
        all_to("pool")
    );
    let proxy = Proxy::start(&["router.wasm"], &config);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.ctl(&["drain", "one"]);
    assert_eq!(entry(&proxy.ctl(&["servers"]), "name", "one")["health"], "draining");
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "play.example.com").expect("a text"),
        "two"
    );
    session.echo(b"still here").expect("the session stays");
    assert_eq!(one.accepted(), 1);
    proxy.ctl(&["drain", "one", "--undo"]);
    assert_eq!(entry(&proxy.ctl(&["servers"]), "name", "one")["health"], "up");
}

#[test]
fn a_reload_that_is_refused_leaves_servers_as_they_were() {
    let backend = Backend::echo();
    let proxy = proxy_before(&backend);
    let session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.ctl(&["drain", "echo"]);
    let before = entry(&proxy.ctl(&["servers"]), "name", "echo").clone();
    // Without the server, and with a plugin that does not load.
    proxy.write(&format!(
        "{}{}",
        server("other", backend.port()),
        "[plugins.router.config]\ndefautl = \"other\"\n[chains]\nmain = [\"router\"]\n"
    ));
    assert!(!proxy.ctl_raw(&["reload"]).status.success());
    assert_eq!(*entry(&proxy.ctl(&["servers"]), "name", "echo"), before);
    assert_eq!(
        (&before["health"], &before["sessions"]),
        (&"draining".into(), &1.into())
    );
    drop(session);
}

#[test]
fn swap_replaces_a_plugin_at_once_and_unknown_names_are_refused() {
    let backend = Backend::echo();
    let proxy = proxy_before(&backend);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.ctl(&["swap", "router"]);
    assert_eq!(entry(&proxy.ctl(&["plugins"]), "name", "router")["generation"], 2);
    session.echo(b"still here").expect("the session stays");
    for (command, name) in [("swap", "ruoter"), ("drain", "ehco")] {
        let output = proxy.ctl_raw(&[command, name]);
        assert!(!output.status.success());
        assert!(said(&output).contains(name), "{}", said(&output));
    }
}

#[test]
fn without_a_running_proxy_ctl_says_so() {
    let output = Setting::new(&[], "[chains]\nmain = []\n").run(&["ctl", "plugins"]);
    assert!(!output.status.success());
    let text = said(&output);
    assert!(text.contains("control.sock") && !text.contains("panicked"), "{text}");
}

#[test]
fn the_control_socket_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let proxy = proxy_before(&Backend::echo());
    let mode = std::fs::metadata(proxy.path("control.sock"))
        .expect("the socket is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn sighup_and_ctl_reload_apply_the_file() {
    let backend = Backend::start(Manner::Tell("reached"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("one", backend.port()), all_to("one")].concat(),
    );
    // The watcher may be first: all that counts is that it is applied.
    proxy.edit(
        "default = \"one\"",
        "routes = [{ host = \"play.example.com\", disconnect = \"closed\" }]",
    );
    proxy.signal("HUP");
    until("the edit is applied", || {
        let now = wire::refused_text(proxy.port(), V1_20_1, "play.example.com").map_err(|error| error.to_string())?;
        if now == "closed" { Ok(()) } else { Err(now) }
    });
    proxy.edit("disconnect = \"closed\"", "to = \"one\"");
    proxy.ctl(&["reload"]);
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "play.example.com").expect("a text"),
        "reached"
    );
}

#[test]
fn sigterm_drains_and_the_program_ends_well_when_the_last_session_does() {
    let backend = Backend::echo();
    let mut proxy = proxy_before(&backend);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.signal("TERM");
    wait_closed(proxy.port());
    session.echo(b"still here").expect("the session goes on");
    assert!(proxy.is_running());
    drop(session);
    assert!(proxy.wait_exit().success());
}

#[test]
fn a_drain_ends_what_is_left_after_drain_seconds() {
    let backend = Backend::echo();
    let setting = Setting::new(
        &["router.wasm"],
        &[server("echo", backend.port()), all_to("echo")].concat(),
    );
    setting.edit("workers = 2", "workers = 2\ndrain-seconds = 1");
    let mut proxy = setting.start();
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.signal("TERM");
    assert_eq!(session.read_to_end().expect("the session is ended"), b"");
    assert!(proxy.wait_exit().success());
}

#[test]
fn a_second_sigterm_ends_the_program_at_once() {
    let backend = Backend::echo();
    let mut proxy = proxy_before(&backend);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.signal("TERM");
    wait_closed(proxy.port());
    let (_, took) = wire::timed(|| {
        proxy.signal("TERM");
        proxy.wait_exit()
    });
    assert!(took.as_secs() < 5, "it took {took:?}");
    session.read_to_end().expect("the session is ended");
}

#[test]
fn sigint_ends_the_program_under_load_without_a_panic() {
    let backend = Backend::echo();
    let mut proxy = proxy_before(&backend);
    let _sessions: Vec<Peer> = (0..20)
        .map(|index| joined(proxy.port(), "play.example.com", &format!("P{index}")))
        .collect();
    proxy.signal("INT");
    wait_closed(proxy.port());
    proxy.signal("INT");
    proxy.wait_exit();
    assert!(!proxy.log().contains("panicked"), "{}", proxy.log());
}

#[test]
fn ctl_shutdown_and_ctl_drain_end_the_program() {
    let backend = Backend::echo();
    let mut proxy = proxy_before(&backend);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.ctl(&["shutdown"]);
    assert!(proxy.wait_exit().success());
    session.read_to_end().expect("the session is ended");

    let mut proxy = proxy_before(&backend);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    proxy.ctl(&["drain"]);
    wait_closed(proxy.port());
    // Asked twice, it is no more urgent.
    proxy.ctl(&["drain"]);
    session.echo(b"still here").expect("the session goes on");
    drop(session);
    assert!(proxy.wait_exit().success());
}

#[test]
fn a_socket_left_behind_by_a_killed_proxy_does_not_hinder_the_next() {
    let backend = Backend::echo();
    let mut proxy = proxy_before(&backend);
    assert!(proxy.path("control.sock").exists());
    proxy.restart();
    joined(proxy.port(), "play.example.com", "Steve");
    assert!(proxy.ctl(&["plugins"]).is_array());
}

#[test]
fn completions_are_given_for_the_common_shells() {
    let setting = Setting::new(&[], "");
    for shell in ["bash", "zsh", "fish"] {
        let output = setting.run(&["completions", shell]);
        assert!(output.status.success(), "{shell}: {}", said(&output));
        assert!(said(&output).contains("portcullis"), "{shell}");
    }
}

#[test]
fn an_idle_session_is_ended_and_a_busy_one_is_not() {
    let backend = Backend::echo();
    let port = ports::free();
    let config = [
        listener(port, "main", "idle-timeout-s = 1"),
        server("echo", backend.port()),
        all_to("echo"),
    ]
    .concat();
    let proxy = Proxy::start(&["router.wasm"], &config);
    let mut idle = joined(port, "play.example.com", "Idle");
    let mut busy = joined(port, "play.example.com", "Busy");
    // Busy until the other is gone: its end is the only clock here.
    until_true("the idle session ends", || {
        busy.echo(b"busy").expect("a busy session stays");
        proxy.metric("portcullis_sessions", &[]) == 1.0
    });
    assert_eq!(idle.read_to_end().expect("the idle session is ended"), b"");
    busy.echo(b"and goes on").expect("a busy session stays");
}
