//! Plugins replaced under running sessions: by a new component, by an edit, by files that must not be loaded.

use std::{fs, path::Path};

use crate::support::{
    backend::{Backend, Manner},
    load::Load,
    plugins::{built, install, put, rebuilt},
    ports,
    programs::Program,
    proxy::{Proxy, Setting},
    toml::{all_to, listener, server},
    wait::until,
    wire::{self, V1_20_1},
};

/// Waits until the plugin's generation is beyond this one.
fn wait_generation_after(proxy: &Proxy, plugin: &str, before: f64) -> f64 {
    proxy.wait_metric("portcullis_plugin_generation", &[("plugin", plugin)], |now| {
        now > before
    });
    generation(proxy, plugin)
}

fn generation(proxy: &Proxy, plugin: &str) -> f64 {
    proxy.metric("portcullis_plugin_generation", &[("plugin", plugin)])
}

fn told(proxy: &Proxy, host: &str) -> String {
    wire::refused_text(proxy.port(), V1_20_1, host).expect("a disconnect packet")
}

#[test]
fn a_chatting_player_notices_nothing_of_a_new_component_or_a_new_route() {
    let (survival, ports) = Program::servers("survival", &["1.20.4"]);
    let other = Backend::start(Manner::Tell("other"));
    let config = [
        server("survival", ports[0]),
        server("other", other.port()),
        all_to("survival"),
    ]
    .concat();
    let proxy = Proxy::start(&["router.wasm"], &config);
    let mut player = Program::player("1.20.4", proxy.port(), &["join:play.example.com"]);
    player.wait("joined", |_| true);
    player.chat("before");

    let first = generation(&proxy, "router");
    put(&proxy.plugin("router.wasm"), &rebuilt("router.wasm", 1));
    let second = wait_generation_after(&proxy, "router", first);
    player.chat("after a new component");

    proxy.edit("default = \"survival\"", "default = \"other\"");
    wait_generation_after(&proxy, "router", second);
    assert_eq!(
        told(&proxy, "play.example.com"),
        "other",
        "the next player follows the new route"
    );
    player.chat("after a new route");
    assert_eq!(survival.events("joined").len(), 1, "the player never left");
    assert_eq!(survival.events("left").len(), 0);
}

#[test]
fn two_hundred_echoing_sessions_lose_no_byte_while_the_router_is_replaced_twenty_times() {
    const SESSIONS: usize = 200;
    const REPLACEMENTS: u8 = 20;
    let (echo, left, right) = (
        Backend::echo(),
        Backend::start(Manner::Tell("left")),
        Backend::start(Manner::Tell("right")),
    );
    let config = format!(
        "{}{}{}[plugins.motd.config]\n{MOTD}\n[plugins.router.config]\nroutes = [\n\
         {{ host = \"echo.example.com\", to = \"echo\" }},\n{{ host = \"side.example.com\", to = \"left\" }},\n]\n\
         [chains]\nmain = [\"motd\", \"router\"]\n",
        server("echo", echo.port()),
        server("left", left.port()),
        server("right", right.port()),
    );
    let proxy = Proxy::start(&["router.wasm", "motd.wasm"], &config);
    let sessions = Load::echo(proxy.port(), "echo.example.com", SESSIONS);
    let pings = Load::pings(proxy.port(), "echo.example.com");
    let joins = Load::joins(proxy.port(), "side.example.com", &["left", "right"]);
    for number in 0..REPLACEMENTS {
        let before = generation(&proxy, "router");
        let (from, to) = if number % 2 == 0 {
            ("left", "right")
        } else {
            ("right", "left")
        };
        if number % 4 < 2 {
            proxy.edit(&format!("to = \"{from}\""), &format!("to = \"{to}\""));
            wait_generation_after(&proxy, "router", before);
            assert_eq!(
                told(&proxy, "side.example.com"),
                to,
                "a new connection follows the new version"
            );
        } else {
            put(&proxy.plugin("router.wasm"), &rebuilt("router.wasm", number));
            wait_generation_after(&proxy, "router", before);
        }
        sessions.wait_rounds(1);
    }
    let bad_files: [(&str, Vec<u8>); 5] = [
        ("truncated", truncated("router.wasm")),
        ("traps in init", fs::read(built("init-traps.wasm")).unwrap()),
        ("a missing import", fs::read(built("imports-unknown.wasm")).unwrap()),
        ("a wrong version", fs::read(built("wrong-version.wasm")).unwrap()),
        ("no component", b"not a component".to_vec()),
    ];
    for (kind, content) in bad_files {
        let (before, refused) = (generation(&proxy, "router"), failed_reloads(&proxy));
        put(&proxy.plugin("router.wasm"), &content);
        until(kind, || {
            if failed_reloads(&proxy) > refused {
                Ok(())
            } else {
                Err("no failed reload was counted")
            }
        });
        assert_eq!(
            generation(&proxy, "router"),
            before,
            "{kind}: the old generation goes on"
        );
        sessions.wait_rounds(1);
    }
    sessions.wait_rounds(2);
    assert_eq!(echo.closed(), 0, "a session was closed");
    pings.finish();
    joins.finish();
    sessions.finish();
}

#[test]
fn under_load_another_program_takes_over_with_what_every_worker_had_counted() {
    const PINGS: usize = 40;
    let echo = Backend::echo();
    let counted = ports::free();
    let config = [
        listener(counted, "counted", ""),
        server("echo", echo.port()),
        "[plugins.count]\nfile = \"counts-v1.wasm\"\n".into(),
        all_to("echo"),
        "counted = [\"count\"]\n".into(),
    ]
    .concat();
    let proxy = Proxy::start(&["router.wasm", "counts-v1.wasm"], &config);
    let sessions = Load::echo(proxy.port(), "echo.example.com", 50);
    let answer = || wire::status_text(counted, "play.example.com").expect("an answer");
    let count = |answer: &str| -> usize {
        let number = answer.split([' ', ',']).nth(1).and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("no count: {answer}"))
    };
    // The kernel spreads them over both workers, each of which counts for itself.
    let before: Vec<usize> = (0..PINGS).map(|_| count(&answer())).collect();
    assert!(before.iter().max() < Some(&PINGS), "one worker has had all of them");
    let generation = generation(&proxy, "count");
    install("counts-v2.wasm", &proxy.plugin("counts-v1.wasm"));
    wait_generation_after(&proxy, "count", generation);
    sessions.wait_rounds(1);
    let after: Vec<String> = (0..PINGS).map(|_| answer()).collect();
    assert!(
        after.iter().all(|answer| answer.ends_with("second version")),
        "{after:?}"
    );
    // Both went on from where they were.
    let mut highest: Vec<usize> = after.iter().map(|answer| count(answer)).collect();
    highest.sort_unstable();
    highest.dedup();
    assert!(highest.first() > Some(&1), "a worker has begun anew: {highest:?}");
    assert_eq!(echo.closed(), 0, "a session was closed");
    sessions.finish();
}

/// Answers every host.
const MOTD: &str = "default = { description = \"hello\" }";

fn failed_reloads(proxy: &Proxy) -> f64 {
    let reading = proxy.metrics();
    let all = reading.sum("portcullis_plugin_reloads_total", &[("plugin", "router")]);
    all - reading.sum(
        "portcullis_plugin_reloads_total",
        &[("plugin", "router"), ("result", "ok")],
    )
}

fn truncated(file: &str) -> Vec<u8> {
    let whole = fs::read(built(file)).expect("a built component can be read");
    whole[..whole.len() / 2].to_vec()
}

#[test]
fn a_file_that_is_still_being_written_is_not_loaded() {
    let proxy = Proxy::start(&["router.wasm"], &[server("gone", 1), all_to("gone")].concat());
    let before = generation(&proxy, "router");
    let whole = rebuilt("router.wasm", 1);
    let target = proxy.plugin("router.wasm");
    let mut file = fs::File::create(&target).expect("the folder can be written");
    for part in whole.chunks(whole.len() / 40) {
        std::io::Write::write_all(&mut file, part).expect("it can be written");
        // Slower than the watcher looks, as over a slow network.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(file);
    let after = wait_generation_after(&proxy, "router", before);
    assert_eq!(after, before + 1.0, "loaded once, when it was whole");
}

#[test]
fn a_broken_file_is_reported_once_and_shown_and_a_mended_one_is_swapped_in() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let before = generation(&proxy, "router");
    let mark = proxy.mark();
    put(&proxy.plugin("router.wasm"), b"not a component");
    proxy.wait_log_after(mark, "router");
    let shown = until("ctl shows the error", || {
        let plugins = proxy.ctl(&["plugins"]).to_string();
        if plugins.contains("not WebAssembly") {
            Ok(plugins)
        } else {
            Err(plugins)
        }
    });
    assert!(shown.contains("router"), "{shown}");
    assert_eq!(told(&proxy, "play.example.com"), "running");
    // The same broken file again, as a copy that is retried: nothing new to say.
    put(&proxy.plugin("router.wasm"), b"not a component");
    let mended = rebuilt("router.wasm", 2);
    put(&proxy.plugin("router.wasm"), &mended);
    wait_generation_after(&proxy, "router", before);
    let errors = proxy
        .log_after(mark)
        .into_iter()
        .filter(|line| line.contains("ERROR"))
        .count();
    assert_eq!(errors, 1, "{}", proxy.log_after(mark).join("\n"));
    let shown = proxy.ctl(&["plugins"]).to_string();
    assert!(!shown.contains("not WebAssembly"), "the error is still shown: {shown}");
}

#[test]
fn a_file_that_a_chain_names_cannot_be_deleted_away() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let mark = proxy.mark();
    fs::remove_file(proxy.plugin("router.wasm")).expect("it is there");
    let error = proxy.wait_log_after(mark, "ERROR");
    assert!(error.contains("router"), "{error}");
    assert_eq!(told(&proxy, "play.example.com"), "running");
    install("router.wasm", &proxy.plugin("router.wasm"));
    until("the plugin is whole again", || {
        let plugins = proxy.ctl(&["plugins"]);
        let text = plugins.to_string();
        if text.contains("cannot read") {
            Err(text)
        } else {
            Ok(())
        }
    });
    assert_eq!(told(&proxy, "play.example.com"), "running");
}

#[test]
fn a_dropped_in_plugin_joins_the_chain_and_leaves_with_its_file() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let unanswered = wire::status_text(proxy.port(), "play.example.com").expect("the host answers for itself");
    let mark = proxy.mark();
    install("counts-v1.wasm", &proxy.plugin("counts-v1.wasm"));
    until("the dropped-in plugin answers", || {
        let now = wire::status_text(proxy.port(), "play.example.com").map_err(|error| error.to_string())?;
        if now.starts_with("count ") { Ok(()) } else { Err(now) }
    });
    proxy.wait_log_after(mark, "counts-v1");
    assert_eq!(told(&proxy, "play.example.com"), "running");
    let plugins = proxy.ctl(&["plugins"]);
    let dropped_in = plugins
        .as_array()
        .unwrap()
        .iter()
        .find(|plugin| plugin["name"] == "counts-v1")
        .unwrap();
    assert_eq!(dropped_in["chains"], serde_json::json!(["main"]), "{dropped_in}");
    fs::remove_file(proxy.plugin("counts-v1.wasm")).expect("it is there");
    until("the plugin is gone with its file", || {
        let now = wire::status_text(proxy.port(), "play.example.com").map_err(|error| error.to_string())?;
        if now == unanswered { Ok(()) } else { Err(now) }
    });
    assert!(!proxy.ctl(&["plugins"]).to_string().contains("counts-v1"));
    assert_eq!(told(&proxy, "play.example.com"), "running");
}

#[test]
fn a_broken_dropped_in_file_harms_nobody_and_works_once_mended() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let mark = proxy.mark();
    put(&proxy.plugin("extra.wasm"), &truncated("counts-v1.wasm"));
    let error = proxy.wait_log_after(mark, "extra");
    assert!(error.contains("ERROR"), "{error}");
    assert_eq!(told(&proxy, "play.example.com"), "running");
    assert!(
        proxy.ctl(&["plugins"]).to_string().contains("extra"),
        "a plugin that did not load is listed"
    );
    install("counts-v1.wasm", &proxy.plugin("extra.wasm"));
    until("the mended plugin answers", || {
        let now = wire::status_text(proxy.port(), "play.example.com").map_err(|error| error.to_string())?;
        if now.starts_with("count ") { Ok(()) } else { Err(now) }
    });
}

#[test]
fn a_listener_may_keep_dropped_in_plugins_out() {
    let setting = Setting::new(&["router.wasm"], &[server("gone", 1), all_to("gone")].concat());
    setting.edit("chain = \"main\"", "chain = \"main\"\nauto-chain = false");
    let proxy = setting.start();
    let unanswered = wire::status_text(proxy.port(), "play.example.com").expect("the host answers for itself");
    install("counts-v1.wasm", &proxy.plugin("counts-v1.wasm"));
    until("the plugin is loaded", || {
        let plugins = proxy.ctl(&["plugins"]).to_string();
        if plugins.contains("counts-v1") {
            Ok(())
        } else {
            Err(plugins)
        }
    });
    assert_eq!(
        wire::status_text(proxy.port(), "play.example.com").expect("an answer"),
        unanswered
    );
}

#[test]
fn what_the_old_version_counted_the_new_one_goes_on_from() {
    let setting = Setting::new(
        &[],
        "[plugins.counts]\nfile = \"counts.wasm\"\n[chains]\nmain = [\"counts\"]\n",
    );
    setting.edit("workers = 2", "workers = 1");
    install("counts-v1.wasm", &setting.plugin("counts.wasm"));
    let proxy = setting.start();
    let counted = || wire::status_text(proxy.port(), "play.example.com").expect("an answer");
    assert_eq!(
        (counted(), counted(), counted()),
        ("count 1".into(), "count 2".into(), "count 3".into())
    );
    let before = generation(&proxy, "counts");
    install("counts-v2.wasm", &proxy.plugin("counts.wasm"));
    wait_generation_after(&proxy, "counts", before);
    assert_eq!(counted(), "count 4, second version");
}

#[test]
fn a_new_version_that_refuses_its_configuration_or_its_state_leaves_the_old_one_running() {
    let setting = Setting::new(
        &[],
        "[plugins.counts]\nfile = \"counts.wasm\"\n[chains]\nmain = [\"counts\"]\n",
    );
    setting.edit("workers = 2", "workers = 1");
    install("counts-v2.wasm", &setting.plugin("counts.wasm"));
    let proxy = setting.start();
    let counted = || wire::status_text(proxy.port(), "play.example.com").expect("an answer");
    assert_eq!(counted(), "count 1, second version");
    // The old version cannot read what the new one saves.
    for (file, reason) in [
        ("init-fails.wasm", "refused on purpose"),
        ("counts-v1.wasm", "no count of version 1"),
    ] {
        let mark = proxy.mark();
        install(file, &proxy.plugin("counts.wasm"));
        proxy.wait_log_after(mark, reason);
        let plugins = proxy.ctl(&["plugins"]).to_string();
        assert!(plugins.contains(reason), "{reason} is not in {plugins}");
    }
    assert_eq!(
        (counted(), generation(&proxy, "counts")),
        ("count 2, second version".into(), 1.0)
    );
}

#[test]
fn the_watcher_survives_folders_that_vanish_and_come_back() {
    let backend = Backend::start(Manner::Tell("running"));
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("running", backend.port()), all_to("running")].concat(),
    );
    let before = generation(&proxy, "router");
    let folder: &Path = &proxy.path("plugins");
    fs::rename(folder, proxy.path("elsewhere")).expect("it is there");
    assert_eq!(told(&proxy, "play.example.com"), "running");
    fs::create_dir(folder).expect("it was moved away");
    fs::write(folder.join("router.wasm"), rebuilt("router.wasm", 3)).expect("it can be written");
    wait_generation_after(&proxy, "router", before);
    assert_eq!(told(&proxy, "play.example.com"), "running");
}
