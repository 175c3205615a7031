//! What the server list shows: answers per host, in every form a client may ask, and servers' own answers, kept and shared.

use std::{thread, time::Duration};

use serde_json::Value;

use crate::support::{
    backend::{Backend, Gate, Manner},
    ports,
    programs::Program,
    proxy::Proxy,
    toml::server,
    wait::{until, until_true},
    wire::{self, Peer, STATUS, V1_7_10, V1_8, V1_20_1},
};

/// How long the tests let a server think. Above what a busy machine needs to be scheduled, below what a person notices.
const TIMEOUT: Duration = Duration::from_millis(700);

/// What a busy two-core machine may add to anything.
const SLACK: Duration = Duration::from_millis(600);

/// A proxy whose message-of-the-day plugin has this configuration.
fn proxy_with(servers: &str, motd: &str) -> Proxy {
    Proxy::start(
        &["motd.wasm"],
        &format!("{servers}[plugins.motd.config]\n{motd}\n[chains]\nmain = [\"motd\"]\n"),
    )
}

/// Passes `live.example.com` through to the server `live`.
fn passthrough(backend_port: u16, ttl_ms: u32, failure_ttl_ms: u32) -> Proxy {
    let timeout_ms = TIMEOUT.as_millis();
    proxy_with(
        &server("live", backend_port),
        &format!(
            "entries = [{{ host = \"live.example.com\", passthrough = \"live\", ttl-ms = {ttl_ms}, \
             failure-ttl-ms = {failure_ttl_ms}, timeout-ms = {timeout_ms}, offline = {{ description = \"asleep\" }} }}]"
        ),
    )
}

fn live(proxy: &Proxy) -> Value {
    wire::status(proxy.port(), V1_20_1, "live.example.com").expect("a status answer")
}

fn live_text(proxy: &Proxy) -> String {
    wire::plain(&live(proxy)["description"])
}

#[test]
fn every_host_has_a_message_of_its_own() {
    let icon = ICON;
    let proxy = proxy_with(
        "",
        &format!(
            r##"
            default = {{ description = "<gray>nothing here" }}
            entries = [
                {{ host = "play.example.com", description = "<gradient:red:#0000ff>Play</gradient> <bold>now</bold>", online = 12, maximum = 345,
                  version-text = "Portcullis 1.8 - newest", sample = ["Ann", "Bob"], favicon = "{icon}" }},
                {{ host = "json.example.com", json = '{{ "text": "as ", "extra": [{{ "text": "JSON", "color": "gold" }}] }}' }},
                {{ host = "*.wild.example.com", description = "wild" }},
            ]
            "##
        ),
    );
    let port = proxy.port();
    let answer = wire::status(port, V1_20_1, "play.example.com").expect("an answer");
    assert_eq!(wire::plain(&answer["description"]), "Play now");
    assert_eq!(answer["players"]["online"], 12);
    assert_eq!(answer["players"]["max"], 345);
    assert_eq!(answer["players"]["sample"][1]["name"], "Bob");
    assert_eq!(answer["version"]["name"], "Portcullis 1.8 - newest");
    assert_eq!(answer["favicon"], format!("data:image/png;base64,{icon}"));
    for (host, expect) in [
        ("json.example.com", "as JSON"),
        ("a.b.wild.example.com", "wild"),
        ("x.example.net", "nothing here"),
    ] {
        assert_eq!(wire::status_text(port, host).expect("an answer"), expect, "{host}");
    }
}

#[test]
fn each_client_is_answered_with_its_own_version_number() {
    let proxy = proxy_with("", "default = { description = \"hello\" }");
    for protocol in [V1_7_10, V1_8, V1_20_1, 775, 0x4000_0001] {
        let answer = wire::status(proxy.port(), protocol, "play.example.com").expect("an answer");
        assert_eq!(answer["version"]["protocol"], protocol);
    }
}

#[test]
fn a_ping_without_a_request_before_it_is_answered() {
    let proxy = proxy_with("", "default = { description = \"hello\" }");
    let mut peer = Peer::connect(proxy.port());
    let ping = wire::frame(&[1, 1, 2, 3, 4, 5, 6, 7, 8]);
    peer.send(&[wire::handshake(V1_20_1, "play.example.com", STATUS), ping].concat());
    assert_eq!(peer.read_frame().expect("a pong"), [1, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn legacy_pings_of_all_three_forms_are_answered_in_theirs() {
    let proxy = proxy_with(
        "",
        "default = { description = \"<red>any</red> host\", online = 3, maximum = 40 }\n\
         entries = [{ host = \"old.example.com\", description = \"old host\", online = 1, maximum = 2 }]",
    );
    let port = proxy.port();
    assert_eq!(
        wire::legacy_ping(port, &[0xfe]).expect("a kick"),
        "any host\u{a7}3\u{a7}40"
    );
    let fields = |request: &[u8]| -> Vec<String> {
        let kick = wire::legacy_ping(port, request).unwrap_or_else(|error| panic!("{request:02x?}: {error}"));
        kick.split('\0').map(str::to_owned).collect()
    };
    let modern = fields(&[0xfe, 0x01]);
    assert_eq!((modern[0].as_str(), modern.len()), ("\u{a7}1", 6), "{modern:?}");
    assert_eq!(without_codes(&modern[3]), "any host");
    assert_eq!(modern[4..], ["3", "40"]);
    let named = fields(&wire::legacy_ping_1_6("old.example.com"));
    assert_eq!(
        (named[1].as_str(), &named[3..]),
        ("74", &["old host".to_owned(), "1".to_owned(), "2".to_owned()][..])
    );
    // Some tools leave the host out.
    assert_eq!(fields(&[0xfe, 0x01, 0xfa])[4..], ["3", "40"]);
    let mut piecewise = Peer::connect(port);
    wire::legacy_ping_1_6("old.example.com")
        .iter()
        .for_each(|byte| piecewise.send(&[*byte]));
    assert_eq!(piecewise.read_exact(1).expect("a kick"), [0xff]);
}

#[test]
fn mcstatus_reads_the_modern_and_the_legacy_answer() {
    let proxy = proxy_with(
        "",
        &format!(
            "default = {{ description = \"<green>Hello</green> mcstatus\", online = 5, maximum = 50, sample = [\"Ann\"], \
             favicon = \"data:image/png;base64,{ICON}\" }}"
        ),
    );
    let port = proxy.port().to_string();
    for form in ["java", "legacy"] {
        let status = Program::python("status.py", &["--port", &port, "--form", form]).wait("status", |_| true);
        assert_eq!(
            (&status["text"], &status["online"], &status["max"]),
            (&"Hello mcstatus".into(), &5.into(), &50.into()),
            "{form}"
        );
        if form == "java" {
            assert_eq!(status["sample"][0], "Ann");
            assert_eq!(status["icon"], format!("data:image/png;base64,{ICON}"));
        }
    }
}

#[test]
fn a_servers_own_answer_is_passed_through_and_kept() {
    let backend = Backend::start(Manner::Status("from the server".to_owned()));
    let proxy = passthrough(backend.port(), 60_000, 60_000);
    let answer = live(&proxy);
    assert_eq!(wire::plain(&answer["description"]), "from the server");
    assert_eq!(
        (&answer["players"]["online"], &answer["players"]["max"]),
        (&7.into(), &70.into())
    );
    assert_eq!(answer["version"]["name"], "backend 1.0");
    (0..20).for_each(|_| assert_eq!(live_text(&proxy), "from the server"));
    assert_eq!(backend.accepted(), 1, "asked again although the answer was fresh");
    // Another protocol number is another question: servers may answer by version.
    wire::status(proxy.port(), V1_8, "live.example.com").expect("an answer");
    assert_eq!(backend.accepted(), 2);
    let asked = wire::handshake(V1_8, "live.example.com", STATUS);
    assert_eq!(
        backend.last_received()[..asked.len() - 3],
        asked[..asked.len() - 3],
        "the client's host and version"
    );
}

#[test]
fn however_many_ask_at_once_the_server_is_asked_once() {
    const CLIENTS: usize = 20;
    let gate = Gate::default();
    let backend = Backend::start(Manner::StatusBehind("worth the wait".to_owned(), gate.clone()));
    let proxy = passthrough(backend.port(), 60_000, 60_000);
    let port = proxy.port();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| thread::spawn(move || wire::status_text(port, "live.example.com")))
        .collect();
    until_true("the server is asked", || !backend.last_received().is_empty());
    proxy.wait_metric("portcullis_pending_connections", &[], |open| open >= CLIENTS as f64);
    gate.open();
    for client in clients {
        assert_eq!(client.join().unwrap().expect("an answer"), "worth the wait");
    }
    assert_eq!(backend.accepted(), 1);
}

#[test]
fn a_dead_server_is_shown_as_configured_never_as_online_and_asked_rarely() {
    let backend = Backend::start(Manner::HangUp);
    let proxy = passthrough(backend.port(), 60_000, 60_000);
    for _ in 0..20 {
        let answer = live(&proxy);
        assert_eq!(wire::plain(&answer["description"]), "asleep");
        assert_eq!(answer["players"]["online"], 0);
    }
    assert_eq!(backend.accepted(), 1, "a failure was not kept");

    let proxy = passthrough(ports::free(), 60_000, 100);
    assert_eq!(live_text(&proxy), "asleep");
}

#[test]
fn without_a_text_for_it_an_unreachable_server_looks_unreachable() {
    let proxy = proxy_with(
        &server("live", ports::free()),
        "entries = [{ host = \"live.example.com\", passthrough = \"live\" }]",
    );
    let mut peer = Peer::connect(proxy.port());
    peer.send(&[wire::handshake(V1_20_1, "live.example.com", STATUS), wire::frame(&[0])].concat());
    assert!(peer.is_closed_silently());
}

#[test]
fn a_silent_server_delays_nobody_beyond_one_time_out() {
    let backend = Backend::start(Manner::Silent);
    let proxy = passthrough(backend.port(), 60_000, 60_000);
    let port = proxy.port();
    let clients: Vec<_> = (0..10)
        .map(|_| thread::spawn(move || wire::timed(|| wire::status_text(port, "live.example.com"))))
        .collect();
    for client in clients {
        let (text, took) = client.join().unwrap();
        assert_eq!(text.expect("an answer"), "asleep");
        assert!(took < TIMEOUT + SLACK, "it took {took:?}");
    }
    let (text, took) = wire::timed(|| live_text(&proxy));
    assert_eq!(text, "asleep");
    assert!(took < SLACK, "the failure is known, and yet it took {took:?}");
    assert_eq!(backend.accepted(), 1);
}

#[test]
fn silent_servers_of_a_group_together_delay_nobody_beyond_one_time_out() {
    let silent = [1, 2].map(|_| Backend::start(Manner::Silent));
    let alive = Backend::start(Manner::Status("third".to_owned()));
    let timeout_ms = TIMEOUT.as_millis();
    let group = |last: u16| {
        let members = [("one", silent[0].port()), ("two", silent[1].port()), ("three", last)];
        let servers: String = members
            .map(|(name, port)| format!("{}groups = [\"live\"]\n", server(name, port)))
            .concat();
        proxy_with(
            &servers,
            &format!(
                "entries = [{{ host = \"live.example.com\", passthrough = \"live\", timeout-ms = {timeout_ms}, offline = {{ description = \"asleep\" }} }}]"
            ),
        )
    };
    for (last, expect) in [(alive.port(), "third"), (silent[0].port(), "asleep")] {
        let proxy = group(last);
        let (text, took) = wire::timed(|| live_text(&proxy));
        assert_eq!(text, expect);
        assert!(took < TIMEOUT + SLACK, "it took {took:?}");
    }
}

#[test]
fn a_stale_answer_is_served_while_it_is_refreshed_and_forgotten_when_that_fails() {
    let backend = Backend::start(Manner::Status("first".to_owned()));
    let proxy = passthrough(backend.port(), 100, 60_000);
    assert_eq!(live_text(&proxy), "first");
    backend.behave(Manner::Status("second".to_owned()));
    until("the answer is refreshed", || {
        let (text, took) = wire::timed(|| live_text(&proxy));
        assert!(took < SLACK, "a refresh delayed a client by {took:?}");
        if text == "second" { Ok(()) } else { Err(text) }
    });
    backend.behave(Manner::Silent);
    until("the answer is forgotten", || {
        let (text, took) = wire::timed(|| live_text(&proxy));
        assert!(took < SLACK, "a refresh delayed a client by {took:?}");
        if text == "asleep" { Ok(()) } else { Err(text) }
    });
}

#[test]
fn a_server_that_died_is_not_shown_as_online_for_longer_than_its_answer_is_fresh() {
    let backend = Backend::start(Manner::Status("alive".to_owned()));
    let proxy = passthrough(backend.port(), 100, 100);
    assert_eq!(live_text(&proxy), "alive");
    let port = backend.port();
    drop(backend);
    until("the death is noticed", || {
        let text = live_text(&proxy);
        if text == "asleep" { Ok(()) } else { Err(text) }
    });
    let _again = Backend::start_at(Manner::Status("alive again".to_owned()), port);
    until("the return is noticed", || {
        let text = live_text(&proxy);
        if text == "alive again" { Ok(()) } else { Err(text) }
    });
}

#[test]
fn where_no_plugin_answers_the_host_says_so() {
    let proxy = Proxy::start(
        &["router.wasm"],
        "[plugins.router.config]\nunknown = \"drop\"\n[chains]\nmain = [\"router\"]\n",
    );
    let answer = wire::status(proxy.port(), V1_20_1, "play.example.com").expect("an answer");
    assert!(!wire::plain(&answer["description"]).is_empty());
}

/// A text without the codes for colours and styles that clients from 1.4 on know.
fn without_codes(text: &str) -> String {
    let mut pieces = text.split('\u{a7}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |shown, piece| shown + piece.get(1..).unwrap_or_default())
}

/// A PNG of 64 × 64 pixels.
const ICON: &str = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSuQmCC";
