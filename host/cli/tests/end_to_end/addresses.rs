//! Where players come from, as plugins tell it: from proxy to proxy in the host field (`realip`), and to servers with more
//! fields of the PROXY header (`proxy-protocol`).

use std::net::Ipv4Addr;

use portcullis_protocol::{Progress, handshake::Handshake};

use crate::support::{
    backend::Backend,
    proxy::{Proxy, Setting},
    raw::{Raw, RawServer},
    toml::server,
    wire::{Peer, V1_20_4, frame, proxy_v2},
};

/// A pair of keys, made with OpenSSL for tests alone.
const PRIVATE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKQ0sO+30+aV0tn+76iJ+Eh0jdka99H6ytaFpMXvnBX6hRANCAAQelEvO/rcGBb0bMEwI9oLrAwzrEL3YxHAoXym8Gs8g11rfsn3SxE2jKpErId2mdV3HqWuwkTyhPkaF/7J60l3S";
const PUBLIC_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHpRLzv63BgW9GzBMCPaC6wMM6xC92MRwKF8pvBrPINda37J90sRNoyqRKyHdpnVdx6lrsJE8oT5Ghf+yetJd0g==";

/// Of the PROXY header, version 2: what comes before the addresses, and the addresses of IPv4.
const HEAD_BYTES: usize = 16;
const ADDRESS_BYTES: usize = 12;

/// A proxy that lets in only whom the proxy in front has signed, before a server that echoes.
fn behind(backend: &Backend) -> Proxy {
    let told = server("echo", backend.port()) + "proxy-protocol = \"v2\"\n";
    let rest = format!(
        r#"
        [plugins.realip]
        limits = {{ hot-call-ms = 1000 }}
        [plugins.realip.config]
        public-key = "{PUBLIC_KEY}"
        required = true
        [plugins.proxy-protocol.config]
        fields = [{{ kind = 224, value = "eu" }}]
        [plugins.router.config]
        default = "echo"
        [chains]
        main = ["realip", "proxy-protocol", "router"]
        "#
    );
    Proxy::start(
        &["realip.wasm", "proxy-protocol.wasm", "router.wasm"],
        &[told, rest].concat(),
    )
}

#[test]
fn an_address_is_signed_by_one_proxy_believed_by_the_next_and_reaches_the_server() {
    let backend = Backend::echo();
    let back = behind(&backend);
    let front = Proxy::start(
        &["realip.wasm", "router.wasm"],
        &format!(
            r#"{server}
            forwarding = "realip"
            [plugins.realip]
            limits = {{ hot-call-ms = 1000 }}
            [plugins.realip.config]
            private-key = "{PRIVATE_KEY}"
            [plugins.router.config]
            default = "back"
            [chains]
            main = ["realip", "router"]
            "#,
            server = server("back", back.port()),
        ),
    );
    let mut player = Peer::join(front.port(), "play.example.com", "Steve");

    let header = player
        .read_exact(HEAD_BYTES + ADDRESS_BYTES)
        .expect("the server echoes");
    let expected = proxy_v2(Ipv4Addr::LOCALHOST, player.own_port(), Ipv4Addr::LOCALHOST, back.port());
    // All but the length, which is longer by the fields.
    assert_eq!(header[..HEAD_BYTES - 2], expected[..HEAD_BYTES - 2]);
    assert_eq!(header[HEAD_BYTES..], expected[HEAD_BYTES..]);
    let length = usize::from(u16::from_be_bytes([header[HEAD_BYTES - 2], header[HEAD_BYTES - 1]]));
    let fields = player.read_exact(length - ADDRESS_BYTES).expect("as long as it says");
    let session = back.ctl(&["sessions"])[0]["id"].to_string();
    let field = |kind: u8, value: &str| [&[kind, 0, u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    let expected = [field(0x02, "play.example.com"), field(0x05, &session), field(224, "eu")].concat();
    assert_eq!(fields, expected);

    let handshake = player.read_frame().expect("the handshake follows");
    let signed = format!("play.example.com///127.0.0.1:{}///", player.own_port());
    assert!(String::from_utf8_lossy(&handshake).contains(&signed));
    let peer = back.ctl(&["sessions"])[0]["peer"].to_string();
    assert!(peer.contains(&player.own_port().to_string()), "{peer}");
}

#[test]
fn whoever_comes_past_the_proxy_in_front_or_forges_its_signature_is_not_let_in() {
    let backend = Backend::echo();
    let back = behind(&backend);
    let forged = "play.example.com///192.0.2.9:5///1767225600///c2lnbmF0dXJl";
    for host in [
        "play.example.com",
        "play.example.com///192.0.2.9:5///1767225600",
        forged,
    ] {
        let mut stranger = Peer::join(back.port(), host, "Steve");
        assert!(stranger.is_closed_silently(), "{host}");
    }
    assert_eq!(backend.accepted(), 0);
}

/// Anybody can say in his host field that he is somebody else, in the words in which proxies tell servers.
#[test]
fn what_a_client_says_of_its_own_identity_reaches_no_server() {
    let uuid = "069a79f444e94726a5befca90e38aaf5";
    let claimed = format!("play.example.com\x00192.0.2.1\0{uuid}\0[]");
    for (chain, trusts, expect) in [
        ("\"router\"", "", "play.example.com"),
        ("\"auth-offline\", \"router\"", "", "play.example.com"),
        ("\"router\"", "trusted-proxies = [\"127.0.0.0/8\"]", &claimed),
    ] {
        let rogue = RawServer::start();
        let setting = Setting::new(
            &["auth-offline.wasm", "router.wasm"],
            &format!(
                "{}[plugins.router.config]\ndefault = \"rogue\"\n[chains]\nmain = [{chain}]\n",
                server("rogue", rogue.port())
            ),
        );
        setting.edit(
            "chain = \"main\"",
            &format!("chain = \"main\"\nauto-chain = false\n{trusts}"),
        );
        let proxy = setting.start();
        let _client = Raw::join(proxy.port(), V1_20_4, &claimed, "Mallory");
        let server = rogue.accept(V1_20_4);
        let greeting = frame(&server.greeting);
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&greeting) else {
            panic!("no handshake, but {greeting:?}");
        };
        assert_eq!(handshake.host.raw(), expect, "{chain} {trusts}");
    }
}
