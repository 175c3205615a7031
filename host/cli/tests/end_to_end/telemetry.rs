//! What the binary tells of itself: numbers as Prometheus text, and the log in either format.

use std::time::Duration;

use serde_json::Value;

use crate::support::{
    backend::Backend,
    load::joined,
    metrics::Reading,
    programs::Program,
    proxy::{Proxy, Setting},
    toml::{all_to, server},
    wire::{self, Peer, V1_20_1},
};

#[allow(dead_code, reason = "the test of the exporter alone needs more of it")]
#[path = "../../../telemetry/tests/collector/mod.rs"]
mod collector;

use collector::{Collector, Received, free_port};

/// Where operators look a number up.
const PAGE: &str = include_str!("../../../../docs/operator/telemetry.md");

const FAMILIES: [&str; 17] = [
    "portcullis_bytes_total",
    "portcullis_connections_total",
    "portcullis_dial_seconds",
    "portcullis_dials_total",
    "portcullis_pending_connections",
    "portcullis_plugin_call_seconds",
    "portcullis_plugin_calls_total",
    "portcullis_plugin_generation",
    "portcullis_plugin_memory_bytes",
    "portcullis_plugin_reloads_total",
    "portcullis_plugin_state",
    "portcullis_plugin_verdicts_total",
    "portcullis_refusals_total",
    "portcullis_session_ends_total",
    "portcullis_sessions",
    "portcullis_sessions_total",
    "portcullis_status_answers_total",
];

fn settled(proxy: &Proxy) -> Reading {
    proxy.wait_metric("portcullis_session_ends_total", &[], |ended| ended == 1.0);
    proxy.metrics()
}

#[test]
fn what_happened_is_in_the_numbers_by_listener_server_and_reason() {
    const LENGTH: usize = 3_000;
    let backend = Backend::echo();
    let proxy = Proxy::start(
        &["router.wasm", "motd.wasm"],
        &format!(
            "{}[chains]\nmain = [\"motd\", \"router\"]\n",
            server("echo", backend.port())
                + "[plugins.router.config]\ndefault = \"echo\"\n[plugins.motd.config]\ndefault = { description = \"hello\" }\n"
        ),
    );
    let listener = format!("127.0.0.1:{}", proxy.port());
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    session.echo(&[7; LENGTH]).expect("the server echoes");
    assert_eq!(
        proxy.metric("portcullis_sessions", &[("server", "echo"), ("listener", &listener)]),
        1.0
    );
    let _ = wire::status(proxy.port(), V1_20_1, "play.example.com").expect("an answer");
    let mut stranger = Peer::connect(proxy.port());
    stranger.send(b"GET / HTTP/1.1\r\n\r\n");
    assert!(stranger.is_closed_silently());
    drop(session);

    let reading = settled(&proxy);
    let missing: Vec<_> = FAMILIES.iter().filter(|family| !reading.has(family)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in\n{}", reading.text);
    for family in reading.families().filter(|family| family.starts_with("portcullis_")) {
        assert!(PAGE.contains(&format!("`{family}`")), "{family} is not documented");
    }
    let sum = |family: &str, labels: &[(&str, &str)]| reading.sum(family, labels);
    let link = [("listener", listener.as_str()), ("server", "echo")];
    assert_eq!(sum("portcullis_sessions", &link), 0.0);
    assert_eq!(sum("portcullis_sessions_total", &link), 1.0);
    assert_eq!(sum("portcullis_session_ends_total", &[("end", "client-left")]), 1.0);
    assert!(sum("portcullis_connections_total", &[("listener", &listener)]) >= 3.0);
    assert_eq!(
        sum("portcullis_dials_total", &[("server", "echo"), ("result", "ok")]),
        1.0
    );
    let login = wire::login(V1_20_1, "play.example.com", "Steve").len();
    for (direction, least) in [("up", LENGTH), ("down", LENGTH + login)] {
        let moved = sum(
            "portcullis_bytes_total",
            &[("server", "echo"), ("direction", direction)],
        );
        assert!(
            moved >= least as f64 && moved <= (LENGTH + login) as f64,
            "{direction}: {moved}"
        );
    }
    assert!(sum("portcullis_refusals_total", &[("listener", &listener)]) >= 1.0);
    for (plugin, hook, verdict) in [("router", "route", "to"), ("motd", "status", "answer")] {
        assert_eq!(
            sum("portcullis_plugin_calls_total", &[("plugin", plugin), ("hook", hook)]),
            1.0,
            "{plugin}"
        );
        let labels = [("plugin", plugin), ("hook", hook), ("verdict", verdict)];
        assert_eq!(sum("portcullis_plugin_verdicts_total", &labels), 1.0, "{plugin}");
    }
}

#[test]
fn with_json_every_log_line_is_an_object_with_level_and_message() {
    let backend = Backend::echo();
    let setting = Setting::new(
        &["router.wasm"],
        &[server("echo", backend.port()), all_to("echo")].concat(),
    );
    setting.edit("log = \"info\"", "log = \"debug\"\nlog-format = \"json\"");
    let proxy = setting.start();
    joined(proxy.port(), "play.example.com", "Steve");
    settled(&proxy);
    for line in proxy.log().lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value["level"].is_string(), "{line}");
    }
}

#[test]
fn a_players_whole_life_is_quiet_at_level_info() {
    let (_survival, ports) = Program::servers("survival", &["1.20.4"]);
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("survival", ports[0]), all_to("survival")].concat(),
    );
    let mark = proxy.mark();
    let mut player = Program::player("1.20.4", proxy.port(), &["join:play.example.com"]);
    player.wait("joined", |_| true);
    player.chat("hello");
    drop(player);
    settled(&proxy);
    assert_eq!(proxy.log_after(mark), [""; 0], "connections are for level debug");
}

#[test]
fn a_collector_gets_a_span_for_each_connection_and_the_numbers_from_when_it_is_configured() {
    const PATIENCE: Duration = Duration::from_secs(40);
    let backend = Backend::echo();
    let setting = Setting::new(
        &["router.wasm"],
        &[server("echo", backend.port()), all_to("echo")].concat(),
    );
    let proxy = setting.start();
    let address = free_port();
    let collector = Collector::start(address);
    // A quiet log does not empty the traces.
    proxy.edit(
        "log = \"info\"",
        &format!("log = \"error\"\notlp = \"http://{address}\""),
    );
    proxy.ctl(&["reload"]);
    let mut session = joined(proxy.port(), "play.example.com", "Steve");
    session.echo(b"hello").expect("the server echoes");
    let peer = format!("127.0.0.1:{}", session.own_port());
    drop(session);
    let span = collector.wait_for_span("session", PATIENCE);
    let attribute = |key: &str| span.attributes.iter().find(|attribute| attribute.key == key).cloned();
    assert!(attribute("id").is_some(), "{span:?}");
    assert!(format!("{:?}", attribute("peer")).contains(&peer), "{span:?}");
    assert!(span.events.iter().any(|event| event.name == "joined"), "{span:?}");
    let told = collector.wait(PATIENCE, |received| {
        matches!(received, Received::Metrics(numbers) if numbers.find("portcullis_connections_total").is_some())
    });
    let Received::Metrics(numbers) = told else {
        unreachable!("asked for numbers")
    };
    assert_eq!(numbers.resource("service.name"), Some("portcullis"));
}
