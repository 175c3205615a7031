//! Host fields in, addresses out, and the other way round. Keys and signatures were made with OpenSSL, for these tests alone.

use std::time::SystemTime;

use portcullis_sdk::testing::{Host, Running};

use super::*;

/// What was signed, at the moment at which the mock host begins.
const SIGNED: &str = "a.example///192.0.2.9:5///1767225600";

const PRIVATE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKQ0sO+30+aV0tn+76iJ+Eh0jdka99H6ytaFpMXvnBX6hRANCAAQelEvO/rcGBb0bMEwI9oLrAwzrEL3YxHAoXym8Gs8g11rfsn3SxE2jKpErId2mdV3HqWuwkTyhPkaF/7J60l3S";

/// A public key and its signature of [`SIGNED`], on each curve.
const KEYS: [(&str, &str); 3] = [
    (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHpRLzv63BgW9GzBMCPaC6wMM6xC92MRwKF8pvBrPINda37J90sRNoyqRKyHdpnVdx6lrsJE8oT5Ghf+yetJd0g==",
        "MEQCIEP6ETHYXCSHv/lqaGxmOWqFUaNpByl75g6/cGN7Z9mjAiAgoADRbEdNanG/cEgZF0J7h8Dxh/F6ZpmgCvvdf24Cug==",
    ),
    (
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEHb7VHyJfqozy979Qgu4obq/IKIAqhgSLRcu61PTyztlAflKTsMXxM2Zcudp21Y06qAT3mrEe9jpMn+zcJOIIkjUHst0yLcLHkc5No9f+q79xhVApjImlA7MFu8+RFNk1",
        "MGYCMQDYPaTust/MGBgHsWtxcROcfjxU3Z4NTVuAKfNOTmZuijLP5ozxeUKSLxLwNm2owQgCMQCllbTvQauNg9ZclQNuuKsE9eeYNz5sgZBu2gmlHiVEjsVgG/Xcp+08dSQgErMnUwk=",
    ),
    (
        "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQA2ACKv/eSODF/Uj9ANALtSdGLPxTTXulCt5Feid2pMXjL0cIloHC+w/qSpXV2qpX/BvvZ0q178m88uuPknUiNe0sBjATXpmKDZ3Q2R7kg9s+M/B9REL/ia78AX3aXwCNrIqd4qp7X5vueJtke7wasQHsa98mYdSCxD+l7VgmKnIR/hY0=",
        "MIGIAkIBaZjUQpht3pWIjc3Ob5TdwmTN7nGEyhMs1Rrxs/akUnQ53fb57mRKwVC6bsnu1Vv2+KEfA5cJLMmxOegNB7KjneQCQgD2RDHDtbS710nXBmyiv1NfcTjKH+gXl/+2sqSF13uAN6YRcikMbricznoxAYY2Bps3QxVTrUEfV+/J8EKPxP/AEA==",
    ),
];

fn arrives(plugin: &mut Running<Realip>, raw: &str) -> HandshakeVerdict {
    let session = Session::build().peer("10.0.0.7:4000").host("a.example").raw_host(raw);
    plugin.handshake(&session.at_handshake())
}

fn moved() -> HandshakeVerdict {
    HandshakeVerdict::RewritePeer("192.0.2.9:5".parse().unwrap())
}

#[test]
fn a_signed_field_says_where_the_player_comes_from_whatever_the_curve() {
    for (key, signature) in KEYS {
        let mut plugin = Host::new().start::<Realip>(&format!("public-key = '{key}'"));
        assert_eq!(arrives(&mut plugin, &format!("{SIGNED}///{signature}")), moved());
        assert_eq!(
            arrives(&mut plugin, &format!("{SIGNED}///{signature}\0FML2\0")),
            moved()
        );
    }
}

#[test]
fn forgeries_and_old_fields_say_nothing() {
    let [(key, signature), (_, other), _] = KEYS;
    let host = Host::new();
    let mut plugin = host.start::<Realip>(&format!("public-key = '{key}'"));
    let mut check = |raw: &str, worth: &str| {
        let before = host.metric_with("fields_total", [("worth", worth)]);
        assert_eq!(arrives(&mut plugin, raw), HandshakeVerdict::Next, "{raw}");
        assert_eq!(
            host.metric_with("fields_total", [("worth", worth)]),
            before + 1.0,
            "{raw}"
        );
    };
    check("a.example", "absent");
    check(SIGNED, "unsigned");
    check(&format!("{SIGNED}///{other}"), "unsigned");
    check(&format!("{SIGNED}///nonsense"), "unsigned");
    check(&format!("{SIGNED}///"), "unsigned");
    check(&format!("b{SIGNED}///{signature}"), "unsigned");
    let signed = format!("{SIGNED}///{signature}");
    host.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_631));
    check(&signed, "stale");
    host.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_569));
    check(&signed, "stale");
    host.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_630));
    assert_eq!(arrives(&mut plugin, &signed), moved());
}

#[test]
fn networks_that_are_trusted_need_no_signature() {
    let host = Host::new();
    let check = |config: &str, expect: HandshakeVerdict| {
        assert_eq!(arrives(&mut host.start(config), SIGNED), expect, "{config}");
    };
    check("", HandshakeVerdict::Next);
    check("trusted = ['10.0.0.0/8']", moved());
    check("trusted = ['192.0.2.0/24']", HandshakeVerdict::Next);
    check("trusted = ['192.0.2.0/24']\nrequired = true", HandshakeVerdict::Drop);
    let mut plugin = host.start::<Realip>("trusted = ['10.0.0.0/8']\nrequired = true");
    assert_eq!(arrives(&mut plugin, "a.example"), HandshakeVerdict::Drop);
}

#[test]
fn servers_that_ask_for_it_are_told_where_players_come_from() {
    let mut plugin = Host::new().start::<Realip>("");
    let session = Session::build()
        .host("a.example")
        .peer("192.0.2.9:5")
        .marker(Marker::Fml)
        .at_route();
    let mut check = |forwarding: Option<&str>, expect: ForwardVerdict| {
        let server = Destination {
            forwarding: forwarding.map(str::to_owned),
            ..Destination::new("lobby")
        };
        assert_eq!(plugin.introduce(&session, &server), expect, "{forwarding:?}");
    };
    check(Some("realip"), ForwardVerdict::host(format!("{SIGNED}\0FML\0")));
    check(None, ForwardVerdict::Next);
    check(Some("velocity"), ForwardVerdict::Next);
}

#[test]
fn what_is_written_with_a_private_key_is_read_with_its_public_key() {
    let [(key, _), ..] = KEYS;
    let mut plugin = Host::new().start::<Realip>(&format!("public-key = '{key}'\nprivate-key = '{PRIVATE_KEY}'"));
    let session = Session::build().host("a.example").peer("192.0.2.9:5").at_route();
    let server = Destination {
        forwarding: Some(WAY.into()),
        ..Destination::new("lobby")
    };
    let ForwardVerdict::Introduce(introduction) = plugin.introduce(&session, &server) else {
        panic!("the server is told nothing");
    };
    assert_eq!(arrives(&mut plugin, &introduction.host.unwrap()), moved());
}

#[test]
fn keys_that_are_none_are_refused_and_the_private_one_is_shown_nowhere() {
    let host = Host::new();
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<Realip>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check("public-key = '?'", "public-key: is not base64");
    check(
        "public-key = 'AAAA'",
        "public-key: is no public key (X.509, DER) on P-256, P-384 or P-521",
    );
    check(
        "private-key = 'AAAA'",
        "private-key: is no private key (PKCS #8, DER) on P-256, P-384 or P-521",
    );
    let plugin = host.start::<Realip>(&format!("private-key = '{PRIVATE_KEY}'"));
    let shown = format!("{:?} {:?}", plugin.settings, plugin.private_key);
    assert!(!shown.contains(&PRIVATE_KEY[..16]), "{shown}");
}
