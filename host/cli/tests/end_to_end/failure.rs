//! Plugins that misbehave on purpose: what becomes of the player at hand, of everybody else, and of the plugin.

use std::time::{Duration, Instant};

use crate::support::{
    backend::{Backend, Manner},
    load::Load,
    plugins::{put, rebuilt},
    ports,
    proxy::{Proxy, Setting},
    toml::{listener, server},
    wait::until,
    wire::{self, Peer, V1_20_1},
};

/// What a player is told who joins there, by the server or by the proxy; `Err` when closed without a word.
fn told(port: u16) -> Result<String, String> {
    wire::refused_text(port, V1_20_1, "play.example.com").map_err(|error| error.to_string())
}

/// One misbehaving component in two chains of different policy, and a third chain that it is no part of.
struct Trouble {
    proxy: Proxy,
    closed: u16,
    open: u16,
    calm: u16,
    _backends: [Backend; 2],
}

impl Trouble {
    /// `limits` are those of the misbehaving plugins, `config` their configuration, both as the inside of an inline table.
    fn new(component: &str, limits: &str, config: &str) -> Self {
        let (closed, open, calm) = (ports::free(), ports::free(), ports::free());
        let (tells, echoes) = (Backend::start(Manner::Tell("reached")), Backend::echo());
        let troubled = |policy: &str| {
            format!(
                "[plugins.{policy}]\nfile = \"{component}\"\non-failure = \"{policy}\"\nlimits = {{ {limits} }}\nconfig = {{ {config} }}\n"
            )
        };
        let rest = [
            listener(closed, "closed", ""),
            listener(open, "open", ""),
            listener(calm, "calm", ""),
            server("tells", tells.port()),
            server("echoes", echoes.port()),
            troubled("closed"),
            troubled("open"),
            "[plugins.motd.config]\ndefault = { description = \"calm\" }\n\
             [plugins.router.config]\ndefault = \"tells\"\nroutes = [{ host = \"echo.example.com\", to = \"echoes\" }]\n\
             [chains]\nmain = []\nclosed = [\"closed\", \"motd\", \"router\"]\nopen = [\"open\", \"motd\", \"router\"]\n\
             calm = [\"motd\", \"router\"]\n"
                .to_owned(),
        ];
        let proxy = Proxy::start(&[component, "router.wasm", "motd.wasm"], &rest.concat());
        Self {
            proxy,
            closed,
            open,
            calm,
            _backends: [tells, echoes],
        }
    }

    fn failures(&self, plugin: &str, reason: &str) -> f64 {
        self.proxy.metric(
            "portcullis_plugin_traps_total",
            &[("plugin", plugin), ("reason", reason)],
        )
    }
}

/// The component fails in `route` or `handshake` for this reason: with `closed` the player is refused in words, with `open` it
/// goes on, and neither sessions and pings on another chain nor the plugins behind it notice.
fn check_player(component: &str, limits: &str, config: &str, reason: &str) {
    let trouble = Trouble::new(component, limits, config);
    let sessions = Load::echo(trouble.calm, "echo.example.com", 10);
    let pings = Load::pings(trouble.calm, "play.example.com");
    for _ in 0..3 {
        assert_eq!(told(trouble.open).as_deref(), Ok("reached"), "open");
        // The first time it fails, then it is away: the player is told so all the same.
        let closed = told(trouble.closed).expect("the player is told something");
        assert!(
            closed != "reached" && closed.contains(' '),
            "closed, and yet: {closed:?}"
        );
        sessions.wait_rounds(1);
    }
    assert_eq!(told(trouble.calm).as_deref(), Ok("reached"));
    for plugin in ["closed", "open"] {
        assert!(
            trouble.failures(plugin, reason) >= 1.0,
            "no failure of {plugin} for {reason}:\n{}",
            trouble.proxy.log()
        );
    }
    for plugin in ["router", "motd"] {
        assert_eq!(
            trouble
                .proxy
                .metric("portcullis_plugin_traps_total", &[("plugin", plugin)]),
            0.0,
            "{plugin} failed too"
        );
    }
    sessions.wait_rounds(2);
    pings.finish();
    sessions.finish();
}

#[test]
fn a_plugin_that_never_returns_is_stopped() {
    check_player("loops.wasm", "", "at = \"route\"", "timeout");
}

#[test]
fn a_plugin_that_traps_is_contained() {
    check_player("traps.wasm", "", "at = \"handshake\"", "trap");
}

#[test]
fn a_plugin_that_panics_is_contained_and_its_functions_are_named_in_one_line() {
    let trouble = Trouble::new("traps.wasm", "", "at = \"route\", how = \"panic\"");
    let mark = trouble.proxy.mark();
    assert!(
        Peer::join(trouble.closed, "play.example.com", "Steve")
            .read_frame()
            .is_ok()
    );
    let line = trouble.proxy.wait_log_after(mark, "plugin failed");
    assert!(line.contains("panic_on_purpose"), "{line}");
}

#[test]
fn a_plugin_that_recurses_without_end_is_contained() {
    check_player(
        "traps.wasm",
        "hot-call-ms = 200",
        "at = \"route\", how = \"stack-overflow\"",
        "stack",
    );
}

#[test]
fn a_plugin_that_allocates_without_end_is_contained() {
    check_player(
        "allocates.wasm",
        "memory-mib = 8, hot-call-ms = 500",
        "at = \"route\"",
        "memory",
    );
}

#[test]
fn memory_that_a_plugin_has_taken_is_told_without_any_change() {
    let trouble = Trouble::new("allocates.wasm", "hot-call-ms = 1000", "at = \"route\", mib = 4");
    let labels = [("plugin", "closed")];
    let before = trouble.proxy.metric("portcullis_plugin_memory_bytes", &labels);
    let _ = Peer::join(trouble.closed, "play.example.com", "Steve").read_frame();
    let grown = f64::from(4 << 20);
    trouble
        .proxy
        .wait_metric("portcullis_plugin_memory_bytes", &labels, |bytes| {
            bytes >= before + grown
        });
}

#[test]
fn a_plugin_that_names_a_server_that_does_not_exist_is_refused() {
    check_player("garbage.wasm", "", "what = \"to-unknown-server\"", "bad-return");
}

#[test]
fn a_plugin_that_names_nobody_is_refused() {
    check_player("garbage.wasm", "", "what = \"to-nothing\"", "bad-return");
}

#[test]
fn a_plugin_that_returns_a_host_of_300_characters_is_refused() {
    check_player("garbage.wasm", "", "what = \"rewrite-long\"", "bad-return");
}

#[test]
fn a_plugin_that_returns_a_million_servers_is_refused() {
    check_player(
        "garbage.wasm",
        "memory-mib = 128, hot-call-ms = 1000",
        "what = \"to-huge\"",
        "transfer",
    );
}

#[test]
fn a_plugin_that_returns_a_text_outside_its_memory_is_refused() {
    let trouble = Trouble::new("garbage.wasm", "", "what = \"beyond-memory\"");
    assert_ne!(told(trouble.closed).as_deref(), Ok("reached"));
    assert_eq!(told(trouble.open).as_deref(), Ok("reached"));
}

#[test]
fn a_failure_in_accept_is_told_once_the_players_version_is_known_or_goes_on() {
    let trouble = Trouble::new("loops.wasm", "", "at = \"accept\"");
    let closed = told(trouble.closed).expect("the player is told something");
    assert!(
        closed != "reached" && closed.contains(' '),
        "closed, and yet: {closed:?}"
    );
    assert_eq!(told(trouble.open).as_deref(), Ok("reached"));
}

#[test]
fn a_failure_in_status_is_shown_as_the_hosts_own_answer_or_the_next_link_answers() {
    let trouble = Trouble::new("traps.wasm", "", "at = \"status\"");
    let closed = wire::status_text(trouble.closed, "play.example.com");
    assert!(closed.as_ref().map_or(true, |text| text != "calm"), "{closed:?}");
    assert_eq!(
        wire::status_text(trouble.open, "play.example.com").expect("an answer"),
        "calm"
    );
}

#[test]
fn a_failure_while_observing_never_hurts_the_player() {
    let trouble = Trouble::new("traps.wasm", "", "at = \"joined\"");
    for port in [trouble.closed, trouble.open] {
        assert_eq!(told(port).as_deref(), Ok("reached"));
    }
    trouble
        .proxy
        .wait_metric("portcullis_plugin_traps_total", &[], |traps| traps >= 2.0);
}

#[test]
fn a_plugin_that_floods_the_log_is_cut_short_and_counted() {
    const LINES: usize = 2_000;
    /// Bursts of 200, 50 lines a second, and what else is to be said; two plugins.
    const MOST: usize = 700;
    let trouble = Trouble::new(
        "floods-log.wasm",
        "hot-call-ms = 1000",
        &format!("at = \"route\", lines = {LINES}"),
    );
    let mark = trouble.proxy.mark();
    for port in [trouble.closed, trouble.open, trouble.calm] {
        assert_eq!(told(port).as_deref(), Ok("reached"));
    }
    trouble.proxy.wait_metric(
        "portcullis_plugin_log_lines_cut_total",
        &[("plugin", "closed")],
        |cut| cut >= LINES as f64,
    );
    let lines = trouble.proxy.log_after(mark).len();
    assert!(lines <= MOST, "{lines} lines");
}

#[test]
fn a_swap_whose_state_is_refused_is_given_up_and_one_whose_state_cannot_be_saved_harms_nobody() {
    let backend = Backend::echo();
    let config = format!(
        "{}[plugins.lies]\nfile = \"lies-about-state.wasm\"\nlimits = {{ slow-call-ms = 300 }}\nconfig = {{ save = \"small\" }}\n\
         [plugins.router.config]\ndefault = \"echo\"\n[chains]\nmain = [\"lies\", \"router\"]\n",
        server("echo", backend.port())
    );
    let proxy = Proxy::start(&["lies-about-state.wasm", "router.wasm"], &config);
    let sessions = Load::echo(proxy.port(), "play.example.com", 10);
    let generation = || proxy.metric("portcullis_plugin_generation", &[("plugin", "lies")]);
    let reload = |from: &str, to: &str| {
        proxy.edit(from, to);
        proxy.ctl_raw(&["reload"])
    };
    assert!(
        !reload("save = \"small\"", "load = \"err\"").status.success(),
        "a refused state is no success"
    );
    assert_eq!(generation(), 1.0);
    assert!(
        !reload("load = \"err\"", "load = \"trap\"").status.success(),
        "a trap is no success"
    );
    assert_eq!(generation(), 1.0);
    let mut before = "load = \"trap\"";
    for lie in [
        "save = \"huge\"",
        "save = \"trap\"",
        "save = \"loop\"",
        "save = \"small\"",
    ] {
        reload(before, lie);
        before = lie;
        assert_eq!(wire_join(&proxy), "joined", "{lie}");
        sessions.wait_rounds(1);
    }
    assert!(reload(before, "load = \"ok\"").status.success(), "{}", proxy.log());
    sessions.finish();
}

/// Whether a player gets to the server that echoes.
fn wire_join(proxy: &Proxy) -> &'static str {
    let mut peer = Peer::join(proxy.port(), "play.example.com", "Alex");
    let login = wire::login(V1_20_1, "play.example.com", "Alex");
    if peer.read_exact(login.len()).is_ok_and(|replayed| replayed == login) {
        "joined"
    } else {
        "refused"
    }
}

/// A proxy with so many workers whose only chain is a failing-closed plugin before the router.
fn with_workers(workers: u8, config: &str) -> (Proxy, Backend) {
    let backend = Backend::start(Manner::Tell("reached"));
    let rest = format!(
        "{}[plugins.trouble]\nfile = \"traps.wasm\"\nconfig = {{ {config} }}\n[plugins.router.config]\ndefault = \"tells\"\n\
         [chains]\nmain = [\"trouble\", \"router\"]\n",
        server("tells", backend.port())
    );
    let setting = Setting::new(&["traps.wasm", "router.wasm"], &rest);
    setting.edit("workers = 2", &format!("workers = {workers}"));
    (setting.start(), backend)
}

fn is_in_state(proxy: &Proxy, state: &str) -> bool {
    proxy.metric("portcullis_plugin_state", &[("plugin", "trouble"), ("state", state)]) == 1.0
}

#[test]
fn a_failed_plugin_comes_back_after_a_second() {
    /// The shortest wait, less what a clock may differ.
    const BACK_OFF: Duration = Duration::from_millis(950);
    let (proxy, _backend) = with_workers(1, "at = \"route\", after = 1");
    assert_eq!(told(proxy.port()).as_deref(), Ok("reached"));
    let failed = Instant::now();
    assert_ne!(told(proxy.port()).as_deref(), Ok("reached"));
    assert_ne!(
        told(proxy.port()).as_deref(),
        Ok("reached"),
        "while it is away, the plugin refuses, too"
    );
    until("the plugin backs off", || {
        if is_in_state(&proxy, "backing-off") {
            Ok(())
        } else {
            Err(proxy.metrics().text)
        }
    });
    until("the plugin is back", || {
        if is_in_state(&proxy, "running") {
            Ok(())
        } else {
            Err("not yet")
        }
    });
    assert!(
        failed.elapsed() >= BACK_OFF,
        "it came back after {:?}",
        failed.elapsed()
    );
    assert_eq!(told(proxy.port()).as_deref(), Ok("reached"));
    assert_eq!(
        proxy.metric("portcullis_plugin_traps_total", &[("plugin", "trouble")]),
        1.0
    );
}

/// Fails five instances at once, one for each of the first five workers that are asked.
fn quarantined() -> (Proxy, Backend) {
    let (proxy, backend) = with_workers(8, "at = \"route\"");
    until("five workers' instances fail", || {
        assert_ne!(told(proxy.port()).as_deref(), Ok("reached"));
        if is_in_state(&proxy, "quarantined") {
            Ok(())
        } else {
            Err("not yet quarantined")
        }
    });
    (proxy, backend)
}

#[test]
fn five_failures_within_a_minute_quarantine_a_plugin_until_its_configuration_changes() {
    let (proxy, _backend) = quarantined();
    let shown = proxy.ctl(&["plugins"]);
    let trouble = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|plugin| plugin["name"] == "trouble")
        .unwrap();
    assert_eq!(trouble["state"], "quarantined", "{trouble}");
    assert!(
        trouble["error"]
            .as_str()
            .is_some_and(|error| error.contains("unreachable")),
        "{trouble}"
    );
    let calls = || {
        proxy.metric(
            "portcullis_plugin_calls_total",
            &[("plugin", "trouble"), ("hook", "route")],
        )
    };
    let before = calls();
    (0..10).for_each(|_| assert_ne!(told(proxy.port()).as_deref(), Ok("reached")));
    assert_eq!(calls(), before, "a quarantined plugin is asked nothing");
    proxy.edit("at = \"route\"", "at = \"left\"");
    until("the plugin is back", || {
        let now = told(proxy.port());
        if now.as_deref() == Ok("reached") {
            Ok(())
        } else {
            Err(format!("{now:?}"))
        }
    });
}

#[test]
fn a_new_file_lifts_a_quarantine() {
    let (proxy, _backend) = quarantined();
    put(&proxy.plugin("traps.wasm"), &rebuilt("traps.wasm", 1));
    until("the plugin is tried again", || {
        if is_in_state(&proxy, "quarantined") {
            Err("not yet")
        } else {
            Ok(())
        }
    });
}

#[test]
fn an_operator_lifts_a_quarantine() {
    for command in [&["reload"][..], &["swap", "trouble"]] {
        let (proxy, _backend) = quarantined();
        proxy.ctl(command);
        assert!(!is_in_state(&proxy, "quarantined"), "{command:?}");
    }
}
