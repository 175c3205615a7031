//! The configuration as an operator lives with it: edits while it runs, mistakes, and `portcullis check`.

use std::{fs, net::TcpListener, path::Path};

use crate::support::{
    backend::{Backend, Manner},
    ports,
    proxy::{Proxy, Setting, said, wait_closed, wait_open},
    toml::{all_to, listener, server},
    wait::until,
    wire::{self, Peer, V1_20_1},
};

/// The number of the line that starts with this key.
fn line_of(config: &Path, key: &str) -> usize {
    let text = fs::read_to_string(config).expect("the configuration was written");
    text.lines()
        .position(|line| line.starts_with(key))
        .expect("the key is there")
        + 1
}

/// What a player who joins now is told, whoever tells it.
fn reached(port: u16, host: &str) -> Result<String, String> {
    wire::refused_text(port, V1_20_1, host).map_err(|error| error.to_string())
}

/// Waits until a player who joins is told this.
fn wait_reached(port: u16, host: &str, expect: &str) {
    until(&format!("{host} reaches {expect}"), || {
        let now = reached(port, host)?;
        if now == expect { Ok(()) } else { Err(now) }
    });
}

#[test]
fn a_typing_error_keeps_the_running_configuration_and_says_where_it_is() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let mark = proxy.mark();
    proxy.edit("chain = \"main\"", "chian = \"main\"");
    let line = line_of(&proxy.config(), "chian");
    let error = proxy.wait_log_after(mark, "chian");
    assert!(
        error.contains(&format!("portcullis.toml:{line}:")),
        "no file and line in {error}"
    );
    assert!(error.contains("`chain`"), "the nearest key is not in {error}");
    assert_eq!(reached(proxy.port(), "play.example.com").as_deref(), Ok("running"));
    let told = said(&proxy.ctl_raw(&["reload"]));
    assert!(told.contains("chian"), "a reload by hand says nothing of it: {told}");
    proxy.edit("chian", "chain");
    proxy.ctl(&["reload"]);
    assert_eq!(reached(proxy.port(), "play.example.com").as_deref(), Ok("running"));
}

#[test]
fn a_configuration_that_a_plugin_refuses_keeps_the_running_one() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let mark = proxy.mark();
    proxy.edit("default = \"running\"", "defualt = \"running\"");
    let error = proxy.wait_log_after(mark, "defualt");
    let line = line_of(&proxy.config(), "defualt");
    assert!(
        error.contains(&format!("portcullis.toml:{line}:")),
        "no file and line {line} in {error}"
    );
    assert!(error.contains("plugins.router"), "the plugin is not named in {error}");
    assert!(error.contains("`default`"), "the nearest key is not in {error}");
    assert_eq!(reached(proxy.port(), "play.example.com").as_deref(), Ok("running"));
    assert!(
        proxy.metric(
            "portcullis_plugin_reloads_total",
            &[("plugin", "router"), ("result", "configuration")]
        ) >= 1.0
    );
}

#[test]
fn listeners_open_and_close_as_the_file_says_and_sessions_outlive_theirs() {
    let backend = Backend::echo();
    let (first, second) = (ports::free(), ports::free());
    let rest = [server("echo", backend.port()), all_to("echo")].concat();
    let proxy = Proxy::start(&["router.wasm"], &[listener(first, "main", ""), rest.clone()].concat());
    let mut session = Peer::join(first, "play.example.com", "Steve");
    let login = wire::login(V1_20_1, "play.example.com", "Steve").len();
    session.read_exact(login).expect("the replayed login");
    proxy.write(&[listener(second, "main", ""), rest].concat());
    wait_open(second);
    wait_closed(first);
    session.echo(b"still here").expect("the session outlives its listener");
    let mut late = Peer::join(second, "play.example.com", "Alex");
    late.read_exact(login - 1).expect("the new listener works");
}

#[test]
fn a_listener_follows_its_chain_and_settings_without_being_closed() {
    let (left, right) = (
        Backend::start(Manner::Tell("left")),
        Backend::start(Manner::Tell("right")),
    );
    let port = ports::free();
    let config = |chain: &str| {
        format!(
            "{}{}{}[plugins.to-left]\nfile = \"router.wasm\"\nconfig = {{ default = \"left\" }}\n\
             [plugins.to-right]\nfile = \"router.wasm\"\nconfig = {{ default = \"right\" }}\n\
             [chains]\nmain = []\nleft = [\"to-left\"]\nright = [\"to-right\"]\n",
            listener(port, chain, ""),
            server("left", left.port()),
            server("right", right.port()),
        )
    };
    let proxy = Proxy::start(&["router.wasm"], &config("left"));
    assert_eq!(reached(port, "play.example.com").as_deref(), Ok("left"));
    proxy.write(&config("right"));
    wait_reached(port, "play.example.com", "right");
}

#[test]
fn servers_come_and_go_with_the_file_and_with_the_folder_beside_it() {
    let (one, two) = (Backend::start(Manner::Tell("one")), Backend::start(Manner::Tell("two")));
    let routes = "[plugins.router.config]\nroutes = [{ host = \"*.example.com\", to = \"$1\" }]\n[chains]\nmain = [\"router\"]\n";
    let proxy = Proxy::start(&["router.wasm"], &[&server("one", one.port()), routes].concat());
    assert_eq!(reached(proxy.port(), "one.example.com").as_deref(), Ok("one"));
    let nowhere = reached(proxy.port(), "two.example.com").expect("a text");
    assert_ne!(nowhere, "two");

    proxy.write(&[&server("two", two.port()), routes].concat());
    wait_reached(proxy.port(), "two.example.com", "two");
    wait_reached(proxy.port(), "one.example.com", &nowhere);

    let folder = proxy.path("servers.d");
    fs::create_dir(&folder).expect("the folder is not there yet");
    fs::write(folder.join("one.toml"), server("one", one.port())).expect("it can be written");
    wait_reached(proxy.port(), "one.example.com", "one");

    let mark = proxy.mark();
    fs::write(folder.join("bad.toml"), "[[server]]\nnmae = \"three\"\n").expect("it can be written");
    let error = proxy.wait_log_after(mark, "nmae");
    assert!(error.contains("bad.toml:2:") && error.contains("`name`"), "{error}");
    assert_eq!(reached(proxy.port(), "one.example.com").as_deref(), Ok("one"));

    fs::remove_file(folder.join("bad.toml")).expect("it is there");
    fs::remove_file(folder.join("one.toml")).expect("it is there");
    wait_reached(proxy.port(), "one.example.com", &nowhere);
}

#[test]
fn a_port_in_use_is_named_and_changes_nothing() {
    let backend = Backend::start(Manner::Tell("running"));
    let rest = [server("running", backend.port()), all_to("running")].concat();
    let proxy = Proxy::start(&["router.wasm"], &rest);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("a bound socket").port();
    let opened = ports::free();
    let mark = proxy.mark();
    proxy.write(&[listener(opened, "main", ""), listener(port, "main", ""), rest].concat());
    let error = proxy.wait_log_after(mark, &format!("127.0.0.1:{port}"));
    assert!(error.contains("in use"), "{error}");
    wait_closed(opened);
    assert_eq!(reached(proxy.port(), "play.example.com").as_deref(), Ok("running"));
}

#[test]
fn a_port_in_use_at_the_start_ends_the_program_with_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("a bound socket").port();
    let rest = [
        listener(port, "main", ""),
        server("gone", ports::free()),
        all_to("gone"),
    ]
    .concat();
    let output = Setting::new(&["router.wasm"], &rest).run(&["run"]);
    assert!(!output.status.success());
    let text = said(&output);
    assert!(
        text.contains(&format!("127.0.0.1:{port}")) && text.contains("in use"),
        "{text}"
    );
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn check_accepts_a_good_file_without_a_word_of_complaint() {
    let output = Setting::new(&["router.wasm"], &[server("one", 25566), all_to("one")].concat()).run(&["check"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn check_prints_every_problem_and_fails() {
    let setting = Setting::new(&["router.wasm"], "");
    let problems = "[[server]]\nname = \"one\"\nadress = \"127.0.0.1:1\"\n\
                    [[listener]]\nbind = \"nowhere\"\nchain = \"mian\"\nmax-connections = -1\n\
                    [plugins.router]\ngrants = [\"everything\"]\n\
                    [chains]\nmain = [\"ruoter\"]\n";
    setting.write(problems);
    let output = setting.run(&["check"]);
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    for part in [
        "`adress`",
        "`address`",
        "`bind`",
        "`mian`",
        "max-connections",
        "everything",
        "`ruoter`",
        "`router`",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let line = line_of(&setting.config(), "adress");
    assert!(text.contains(&format!("portcullis.toml:{line}:")), "{text}");
}

#[test]
fn check_loads_the_plugins_too() {
    let setting = Setting::new(
        &["router.wasm"],
        "[plugins.router.config]\nroutes = [{ host = \"a b\", to = \"x\" }]\n[chains]\nmain = [\"router\"]\n",
    );
    let output = setting.run(&["check"]);
    assert!(
        !output.status.success() && said(&output).contains("blank"),
        "{}",
        said(&output)
    );

    let setting = Setting::new(&[], "[chains]\nmain = [\"router\"]\n");
    fs::write(setting.plugin("router.wasm"), b"not a component").expect("it can be written");
    let output = setting.run(&["check"]);
    assert!(
        !output.status.success() && said(&output).contains("plugin `router`: it is not WebAssembly"),
        "{}",
        said(&output)
    );
}

#[test]
fn check_prints_the_problems_of_all_plugins_whether_a_chain_names_them_or_not() {
    let setting = Setting::new(
        &["router.wasm"],
        "[plugins.router.config]\ndefautl = \"x\"\n[chains]\nmain = [\"router\"]\n",
    );
    fs::write(setting.plugin("dropped-in.wasm"), b"not a component").expect("it can be written");
    let output = setting.run(&["check"]);
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    for part in ["defautl", "plugin `dropped-in`: it is not WebAssembly", "2 problems"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn check_points_at_the_lines_that_a_plugins_schema_refuses() {
    let setting = Setting::new(
        &["router.wasm"],
        "[plugins.router.config]\nroutes = [\n  { host = \"a.example\", to = \"x\", pirority = 1 },\n  { to = \"x\" },\n]\n\
         default = 7\n[chains]\nmain = [\"router\"]\n",
    );
    let output = setting.run(&["check"]);
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    let line = line_of(&setting.config(), "  { host = \"a.example\"");
    for (line, refused) in [
        (
            line,
            "routes[0].pirority: unknown key `pirority`; did you mean `priority`?",
        ),
        (line + 1, "routes[1].host: is missing"),
        (line + 3, "default: must be a text or a list, and is a whole number"),
    ] {
        let place = format!("portcullis.toml:{line}:");
        let told = |found: &str| found.contains(&place) && found.ends_with(refused);
        assert!(text.lines().any(told), "{place} {refused}\n{text}");
    }
}

#[test]
fn a_missing_configuration_is_named() {
    let setting = Setting::new(&[], "");
    fs::remove_file(setting.config()).expect("it is there");
    for command in ["run", "check"] {
        let output = setting.run(&[command]);
        assert!(
            !output.status.success() && said(&output).contains("portcullis.toml"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn with_an_empty_chain_connections_are_closed_and_counted() {
    let proxy = Proxy::start(&[], "[chains]\nmain = []\n");
    assert!(Peer::join(proxy.port(), "play.example.com", "Steve").is_closed_silently());
    proxy.wait_metric("portcullis_refusals_total", &[("reason", "empty-chain")], |count| {
        count >= 1.0
    });
}
