//! Where players end up: patterns, failover, refusals in words, the forms in which clients name a host, and PROXY headers.

use std::{
    net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream},
    time::Duration,
};

use socket2::{Domain, Socket, Type};

use crate::support::{
    backend::{Backend, Manner},
    load::joined,
    ports,
    proxy::{Proxy, Setting},
    toml::{all_to, listener, server},
    wire::{self, Peer, V1_7_10, V1_8, V1_20_1, V1_20_4},
};

/// A proxy whose servers tell their names, with these routes.
fn routes(names: &[&'static str], router: &str) -> (Proxy, Vec<Backend>) {
    let backends: Vec<_> = names.iter().map(|name| Backend::start(Manner::Tell(name))).collect();
    let servers: String = names
        .iter()
        .zip(&backends)
        .map(|(name, backend)| server(name, backend.port()))
        .collect();
    let config = format!("{servers}[plugins.router.config]\n{router}\n[chains]\nmain = [\"router\"]\n");
    (Proxy::start(&["router.wasm"], &config), backends)
}

#[test]
fn the_most_specific_pattern_wins_whatever_its_place_in_the_file() {
    let (proxy, _backends) = routes(
        &["any", "wild", "deeper", "exact", "one", "regex", "eu-lobby", "us-lobby"],
        r#"
        default = "any"
        routes = [
            { host = "*.example.com", to = "wild" },
            { host = "play.example.com", to = "exact" },
            { host = "*.eu.example.com", to = "deeper" },
            { host = "mini?.example.com", to = "one" },
            { host = "(eu|us)-[0-9]+\\.example\\.net", regex = true, to = "$1-lobby" },
            { host = "*.lobby.example.org", to = "$1-lobby" },
        ]"#,
    );
    let check = |host: &str, expect: &str| {
        let reached = wire::refused_text(proxy.port(), V1_20_1, host);
        assert_eq!(
            reached.unwrap_or_else(|error| panic!("{host}: {error}")),
            expect,
            "{host}"
        );
    };
    check("play.example.com", "exact");
    check("PLAY.Example.COM", "exact");
    check("other.example.com", "wild");
    check("a.b.example.com", "wild");
    check("a.eu.example.com", "deeper");
    check("mini1.example.com", "one");
    check("mini12.example.com", "wild");
    check("eu-17.example.net", "eu-lobby");
    check("us-1.example.net", "us-lobby");
    check("asia-1.example.net", "any");
    check("eu.lobby.example.org", "eu-lobby");
    check("nobody-knows.lobby.example.org", "any");
    check("example.com", "any");
    check("", "any");
}

#[test]
fn an_unknown_host_is_told_so_in_words_or_dropped_or_sent_to_the_default() {
    let route = r#"routes = [{ host = "known.example.com", to = "known" }]"#;
    let (proxy, backends) = routes(
        &["known"],
        &format!("{route}\nunknown = \"disconnect\"\nunknown-text = \"<red>Wrong <b>door</b>\""),
    );
    for protocol in [V1_7_10, V1_8, V1_20_1, V1_20_4] {
        let text = wire::refused_text(proxy.port(), protocol, "unknown.example.com");
        assert_eq!(text.expect("a disconnect packet"), "Wrong door", "protocol {protocol}");
    }
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "known.example.com").expect("the server speaks"),
        "known"
    );
    assert_eq!(backends[0].accepted(), 1);

    let (proxy, backends) = routes(&["known"], &format!("{route}\nunknown = \"drop\""));
    assert!(Peer::join(proxy.port(), "unknown.example.com", "Steve").is_closed_silently());
    assert_eq!(backends[0].accepted(), 0);
}

#[test]
fn a_route_may_refuse_in_words_of_its_own() {
    let (proxy, _backends) = routes(
        &["known"],
        r#"routes = [{ host = "closed.example.com", disconnect = "Back on Monday" }]"#,
    );
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "closed.example.com").expect("a packet"),
        "Back on Monday"
    );
}

#[test]
fn a_player_goes_to_the_next_server_when_the_first_does_not_answer() {
    let second = Backend::start(Manner::Tell("second"));
    let third = Backend::start(Manner::Tell("third"));
    let config = [
        server("first", ports::free()),
        server("second", second.port()),
        format!("{}groups = [\"pool\"]\n", server("gone", ports::free())),
        format!("{}groups = [\"pool\"]\n", server("third", third.port())),
        r#"
        [plugins.router.config]
        routes = [
            { host = "list.example.com", to = ["first", "second"] },
            { host = "group.example.com", to = "pool" },
        ]
        [chains]
        main = ["router"]
        "#
        .to_owned(),
    ];
    let proxy = Proxy::start(&["router.wasm"], &config.concat());
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "list.example.com").expect("failover"),
        "second"
    );
    assert_eq!(
        wire::refused_text(proxy.port(), V1_20_1, "group.example.com").expect("failover"),
        "third"
    );
    assert!(proxy.metric("portcullis_dials_total", &[("server", "first")]) >= 1.0);
}

#[test]
fn a_player_is_told_in_words_when_no_server_answers() {
    let config = [server("gone", ports::free()), all_to("gone")].concat();
    let proxy = Proxy::start(&["router.wasm"], &config);
    for protocol in [V1_7_10, V1_8, V1_20_1, V1_20_4] {
        let text = wire::refused_text(proxy.port(), protocol, "play.example.com").expect("a disconnect packet");
        assert!(text.len() > 10 && text.contains(' '), "{text:?} is no sentence");
    }
}

#[test]
fn a_server_that_accepts_no_connection_in_time_is_passed_over() {
    // The kernel accepts for a listener whose program does not: with a full backlog it no longer answers.
    let full = FullBacklog::new();
    let second = Backend::start(Manner::Tell("second"));
    let config = format!(
        "{}connect-timeout-ms = 300\n{}[plugins.router.config]\ndefault = [\"stuck\", \"second\"]\n[chains]\nmain = [\"router\"]\n",
        server("stuck", full.port()),
        server("second", second.port()),
    );
    let proxy = Proxy::start(&["router.wasm"], &config);
    let (text, took) = wire::timed(|| wire::refused_text(proxy.port(), V1_20_1, "play.example.com"));
    assert_eq!(text.expect("the second server"), "second");
    assert!(took.as_millis() >= 300, "not even waited for: {took:?}");
}

#[test]
fn hosts_in_every_form_find_their_route_and_are_passed_on_as_they_came() {
    let server_ = Backend::echo();
    let config = [
        server("play", server_.port()),
        "[plugins.router.config]\nroutes = [{ host = \"play.example.com\", to = \"play\" }]\n[chains]\nmain = [\"router\"]\n"
            .to_owned(),
    ];
    let setting = Setting::new(&["router.wasm"], &config.concat());
    // From anybody else, what is said of an identity would not be passed on.
    setting.edit(
        "chain = \"main\"",
        "chain = \"main\"\ntrusted-proxies = [\"127.0.0.0/8\"]",
    );
    let proxy = setting.start();
    let uuid = "069a79f444e94726a5befca90e38aaf5";
    let forms = [
        "play.example.com".to_owned(),
        "Play.Example.Com".to_owned(),
        "play.example.com.".to_owned(),
        "play.example.com\0FML\0".to_owned(),
        "play.example.com\0FML2\0".to_owned(),
        "play.example.com\0FML3\0".to_owned(),
        "play.example.com\0FORGE2".to_owned(),
        "play.example.com.\0FML2\0".to_owned(),
        "play.example.com///203.0.113.9:54321///1700000000".to_owned(),
        format!(
            "play.example.com///203.0.113.9:54321///1700000000///{}\0FML2\0",
            "c2lnbmF0dXJl".repeat(7)
        ),
        format!("play.example.com\0203.0.113.9\0{uuid}"),
        format!(
            "play.example.com\0203.0.113.9\0{uuid}\0[{{\"name\":\"textures\",\"value\":\"{}\"}}]",
            "eyJ0".repeat(200)
        ),
    ];
    for form in forms {
        let login = wire::login(V1_20_1, &form, "Steve");
        let mut peer = Peer::connect(proxy.port());
        peer.send(&login);
        let replayed = peer
            .read_exact(login.len())
            .unwrap_or_else(|error| panic!("{form:?}: {error}\n{}", proxy.log()));
        assert_eq!(replayed, login, "{form:?}");
        peer.echo(b"and whatever else follows").expect("the bytes go on");
    }
}

#[test]
fn bytes_move_the_same_way_in_either_mode() {
    let backend = Backend::echo();
    let router = r#"
        [plugins.router.config]
        routes = [
            { host = "copy.example.com", to = "echo", mode = "copy" },
            { host = "splice.example.com", to = "echo", mode = "splice" },
        ]
        [chains]
        main = ["router"]
        "#;
    let proxy = Proxy::start(&["router.wasm"], &[&server("echo", backend.port()), router].concat());
    for host in ["copy.example.com", "splice.example.com"] {
        let mut peer = Peer::join(proxy.port(), host, "Steve");
        peer.read_exact(wire::login(V1_20_1, host, "Steve").len())
            .expect("the replayed login");
        for length in [1, 100, 5_000, 200_000] {
            let bytes: Vec<u8> = (0..length)
                .map(|n: usize| n.wrapping_mul(31).to_le_bytes()[0])
                .collect();
            peer.echo(&bytes)
                .unwrap_or_else(|error| panic!("{length} bytes to {host}: {error}"));
        }
        peer.finish();
        assert_eq!(peer.read_to_end().expect("the server closes in turn"), b"", "{host}");
    }
}

#[test]
fn a_host_that_a_plugin_rewrites_is_routed_and_sent_on_with_its_marker() {
    let backend = Backend::echo();
    let rest = format!(
        "{}[plugins.fixed]\nconfig = {{ handshake = {{ rewrite-host = \"inner.example.net\" }} }}\n\
         [plugins.router.config]\nroutes = [{{ host = \"inner.example.net\", to = \"echo\" }}]\n\
         [chains]\nmain = [\"fixed\", \"router\"]\n",
        server("echo", backend.port())
    );
    let proxy = Proxy::start(&["fixed.wasm", "router.wasm"], &rest);
    for (asked, sent) in [
        ("outer.example.com", "inner.example.net"),
        (
            "a.much.longer.name.than.the.other.example.com\0FML2\0",
            "inner.example.net\0FML2\0",
        ),
    ] {
        let mut peer = Peer::connect(proxy.port());
        peer.send(&wire::login(V1_20_1, asked, "Steve"));
        let expected = wire::login(V1_20_1, sent, "Steve");
        let replayed = peer
            .read_exact(expected.len())
            .unwrap_or_else(|error| panic!("{asked:?}: {error}"));
        assert_eq!(replayed, expected, "{asked:?}");
        peer.echo(b"and whatever else follows").expect("the bytes go on");
    }
}

#[test]
fn a_plugin_may_turn_away_at_the_handshake_and_keep_strangers_waiting() {
    const WAIT: Duration = Duration::from_millis(1500);
    let (turned, waiting) = (ports::free(), ports::free());
    let rest = format!(
        "{}{}[plugins.turns]\nfile = \"fixed.wasm\"\nconfig = {{ handshake = {{ disconnect = {{ markup = \"<red>Not today\" }} }} }}\n\
         [plugins.keeps]\nfile = \"fixed.wasm\"\nconfig = {{ accept = {{ tarpit-ms = {} }} }}\n\
         [chains]\nmain = []\nturn = [\"turns\"]\nwait = [\"keeps\"]\n",
        listener(turned, "turn", ""),
        listener(waiting, "wait", "max-tarpits = 1"),
        WAIT.as_millis(),
    );
    let proxy = Proxy::start(&["fixed.wasm"], &rest);
    assert_eq!(
        wire::refused_text(turned, V1_20_1, "play.example.com").expect("a text"),
        "Not today"
    );
    assert_eq!(
        wire::status_text(turned, "play.example.com").expect("a text"),
        "Not today"
    );

    let mut kept = Peer::join(waiting, "play.example.com", "Steve");
    proxy.wait_metric("portcullis_tarpits", &[], |tarpits| tarpits == 1.0);
    let (silent, at_once) = wire::timed(|| Peer::join(waiting, "play.example.com", "Alex").is_closed_silently());
    assert!(silent && at_once < WAIT, "one more than may wait took {at_once:?}");
    assert!(kept.is_closed_silently());
}

#[test]
fn a_stranger_who_claims_a_players_name_does_not_touch_the_players_session() {
    let backend = Backend::echo();
    let proxy = Proxy::start(
        &["router.wasm"],
        &[server("echo", backend.port()), all_to("echo")].concat(),
    );
    let mut player = joined(proxy.port(), "play.example.com", "Steve");
    let mut stranger = joined(proxy.port(), "play.example.com", "Steve");
    player.echo(b"still me").expect("the player stays");
    assert_eq!(proxy.ctl(&["sessions"]).as_array().map(Vec::len), Some(2));
    drop(stranger.echo(b"also here"));
    drop(stranger);
    proxy.wait_metric("portcullis_sessions", &[], |sessions| sessions == 1.0);
    player.echo(b"still me").expect("the player stays");
}

#[test]
fn a_server_is_told_the_players_address_by_a_proxy_header_when_it_asks_for_one() {
    let backend = Backend::echo();
    let server_v1 = server("v1", backend.port()) + "proxy-protocol = \"v1\"\n";
    let server_v2 = server("v2", backend.port()) + "proxy-protocol = \"v2\"\n";
    let router = r#"
        [plugins.router.config]
        routes = [{ host = "v1.example.com", to = "v1" }, { host = "v2.example.com", to = "v2" }]
        [chains]
        main = ["router"]
        "#;
    let proxy = Proxy::start(&["router.wasm"], &[&server_v1, &server_v2, router].concat());

    let mut peer = Peer::join(proxy.port(), "v1.example.com", "Steve");
    let header = format!(
        "PROXY TCP4 127.0.0.1 127.0.0.1 {} {}\r\n",
        peer.own_port(),
        proxy.port()
    );
    let expected = [header.as_bytes(), &wire::login(V1_20_1, "v1.example.com", "Steve")].concat();
    assert_eq!(peer.read_exact(expected.len()).expect("the server echoes"), expected);

    let mut peer = Peer::join(proxy.port(), "v2.example.com", "Steve");
    let header = wire::proxy_v2(Ipv4Addr::LOCALHOST, peer.own_port(), Ipv4Addr::LOCALHOST, proxy.port());
    let expected = [header, wire::login(V1_20_1, "v2.example.com", "Steve")].concat();
    assert_eq!(peer.read_exact(expected.len()).expect("the server echoes"), expected);
}

const V1_HEADER: &[u8] = b"PROXY TCP4 203.0.113.7 198.51.100.1 54321 25565\r\n";

/// A proxy with one listener of these settings, before a server that is told addresses by a header of version 1.
fn behind_a_load_balancer(settings: &str) -> (Proxy, u16, Backend) {
    let backend = Backend::echo();
    let port = ports::free();
    let told = server("told", backend.port()) + "proxy-protocol = \"v1\"\n";
    let proxy = Proxy::start(
        &["router.wasm"],
        &[listener(port, "main", settings), told, all_to("told")].concat(),
    );
    (proxy, port, backend)
}

#[test]
fn a_proxy_header_from_a_trusted_peer_says_who_the_player_is() {
    let (proxy, port, _backend) =
        behind_a_load_balancer("proxy-protocol = \"accept\"\ntrusted-proxies = [\"127.0.0.0/8\"]");
    let v2 = wire::proxy_v2(
        Ipv4Addr::new(203, 0, 113, 7),
        54321,
        Ipv4Addr::new(198, 51, 100, 1),
        25565,
    );
    let v6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 54321 25565\r\n";
    let cases: [(&[u8], &str); 3] = [
        (V1_HEADER, "PROXY TCP4 203.0.113.7 "),
        (&v2, "PROXY TCP4 203.0.113.7 "),
        (v6, "PROXY TCP6 2001:db8::7 "),
    ];
    for (header, expect) in cases {
        let mut peer = Peer::connect(port);
        peer.send(header);
        peer.send(&wire::login(V1_20_1, "play.example.com", "Steve"));
        let told = peer.read_exact(expect.len()).expect("the server echoes");
        assert_eq!(String::from_utf8_lossy(&told), expect);
        let sessions = proxy.ctl(&["sessions"]).to_string();
        let address = expect.split(' ').nth(2).unwrap();
        assert!(sessions.contains(address), "{address} is not in {sessions}");
    }
}

#[test]
fn with_accept_a_peer_without_a_header_and_a_local_one_keep_their_own_address() {
    let (_proxy, port, _backend) =
        behind_a_load_balancer("proxy-protocol = \"accept\"\ntrusted-proxies = [\"127.0.0.0/8\"]");
    let local = [&b"\r\n\r\n\0\r\nQUIT\n"[..], &[0x20, 0, 0, 0]].concat();
    for header in [&b""[..], &local, b"PROXY UNKNOWN\r\n"] {
        let mut peer = Peer::connect(port);
        peer.send(&[header, &wire::login(V1_20_1, "play.example.com", "Steve")].concat());
        let expect = b"PROXY TCP4 127.0.0.1 ";
        assert_eq!(peer.read_exact(expect.len()).expect("the server echoes"), expect);
    }
}

#[test]
fn a_proxy_header_from_a_stranger_or_a_missing_one_where_it_is_required_ends_the_connection() {
    let login = wire::login(V1_20_1, "play.example.com", "Steve");
    let (_proxy, port, backend) =
        behind_a_load_balancer("proxy-protocol = \"accept\"\ntrusted-proxies = [\"192.0.2.0/24\"]");
    let mut peer = Peer::connect(port);
    let _ = peer.try_send(&[V1_HEADER, &login].concat());
    peer.read_to_end().expect("the connection is closed");
    assert_eq!(
        backend.accepted(),
        0,
        "a stranger's header was believed, or its bytes passed on"
    );

    let (_proxy, port, backend) =
        behind_a_load_balancer("proxy-protocol = \"require\"\ntrusted-proxies = [\"127.0.0.0/8\"]");
    let mut peer = Peer::connect(port);
    let _ = peer.try_send(&login);
    peer.read_to_end().expect("the connection is closed");
    assert_eq!(backend.accepted(), 0, "a player came in without the header");
    let mut peer = Peer::connect(port);
    V1_HEADER.iter().for_each(|byte| peer.send(&[*byte]));
    peer.send(&login);
    peer.read_exact(1)
        .expect("with the header, a byte at a time, it comes in");
}

/// A listening socket whose queue is full: further connections get no answer at all.
struct FullBacklog {
    listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl FullBacklog {
    fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any_port = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        socket.bind(&any_port.into()).expect("a free port");
        socket.listen(0).expect("a listening socket");
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().expect("a bound socket");
        // A queue of 0 takes one connection; what comes after it is left without an answer.
        let wait = Duration::from_millis(50);
        let waiting = std::iter::from_fn(|| TcpStream::connect_timeout(&address, wait).ok())
            .take(16)
            .collect();
        Self {
            listener,
            _waiting: waiting,
        }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().expect("a bound socket").port()
    }
}
