use tokio::io::AsyncWriteExt;

use super::*;
use crate::connection::farewell::tests::reason;
use crate::connection::peek::tests::connection;

/// A handshake for 1.20.1 with an intent, asking for `Play.Example.com.` at port 25565.
fn handshake(intent: u8) -> Vec<u8> {
    let body = [b"\x00\xfb\x05\x11Play.Example.com.\x63\xdd", &[intent][..]].concat();
    [&[body.len() as u8], &*body].concat()
}

const LOGIN_START: &[u8] = b"\x17\x00\x05Steve\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// What `bytes` turn out to be when they arrive in pieces of `size`; the client stays, or is gone behind them.
async fn opening(bytes: &[u8], size: usize, stays: bool) -> Result<Opening, Reason> {
    let (mut client, stream) = connection().await;
    let send = async {
        for piece in bytes.chunks(size.max(1)) {
            client.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        if !stays {
            client.shutdown().await.unwrap();
        }
    };
    let (opening, ()) = tokio::join!(
        async { first(&stream, &Kit::new()).await.map_err(|turned| reason(&turned)) },
        send
    );
    opening
}

#[tokio::test]
async fn a_handshake_is_read_however_it_is_cut_and_stays_in_the_queue() {
    let mut bytes = handshake(2);
    let length = bytes.len();
    bytes.extend_from_slice(LOGIN_START);
    for size in [1, 7, bytes.len()] {
        let Ok(Opening::Handshake(facts, taken, _)) = opening(&bytes, size, true).await else {
            panic!("a handshake")
        };
        assert_eq!(
            (taken, facts.protocol, &*facts.host, facts.port),
            (length, 763, "play.example.com", 25565)
        );
        assert_eq!(
            (facts.raw_host(), facts.intent),
            ("Play.Example.com.", registry::Intent::Login)
        );
    }
}

#[tokio::test]
async fn garbage_is_named_and_needs_no_more_than_its_first_bytes() {
    for (bytes, label) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], "http"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "tls"),
        (b"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n", "proxy-header"),
        (b"\xff\xff\xff\xff\xff", "oversized"),
        (b"\x10\x07", "bad-packet"),
    ] {
        let found = opening(bytes, bytes.len(), true).await;
        assert_eq!(found.map_err(|reason| reason.label()), Err(label));
    }
}

#[tokio::test]
async fn who_leaves_early_is_told_from_who_says_too_little() {
    let whole = handshake(1);
    for said in [0, 1, whole.len() - 1] {
        assert_eq!(opening(&whole[..said], 1, false).await, Err(Reason::ClosedEarly));
    }
}

#[tokio::test]
async fn legacy_pings_are_told_apart_by_what_follows_them() {
    assert_eq!(opening(b"\xfe", 1, true).await, Ok(Opening::Ping(Ping::Bare)));
    assert_eq!(opening(b"\xfe", 1, false).await, Ok(Opening::Ping(Ping::Bare)));
    assert_eq!(opening(b"\xfe\x01", 1, true).await, Ok(Opening::Ping(Ping::Versioned)));
    assert_eq!(opening(b"\xfe\x01", 2, false).await, Ok(Opening::Ping(Ping::Versioned)));
    let newest = b"\xfe\x01\xfa\0\x0b\0M\0C\0|\0P\0i\0n\0g\0H\0o\0s\0t\0\x09\x4e\0\x01\0x\0\0\x63\xdd";
    let ping = Ping::WithHost {
        protocol: 78,
        host: "x".into(),
        port: 25565,
    };
    assert_eq!(opening(newest, 1, true).await, Ok(Opening::Ping(ping)));
    assert_eq!(opening(b"\x02\x4e\0\x05", 4, true).await, Ok(Opening::LegacyLogin));
    // A handshake whose length spells like a ping.
    let trap = [b"\xfe\x01\x00\xfb\x05\xf6\x01", &[b'a'; 246][..], b"\x63\xdd\x01"].concat();
    assert!(matches!(
        opening(&trap, 1, true).await,
        Ok(Opening::Handshake(_, 256, None))
    ));
}

#[tokio::test]
async fn a_login_is_understood_as_soon_as_its_name_is_there() {
    let bytes = [&*handshake(2), &LOGIN_START[..8]].concat();
    let Ok(Opening::Handshake(_, length, name)) = opening(&bytes, bytes.len(), true).await else {
        panic!("a handshake")
    };
    assert_eq!(name.as_deref(), Some("Steve"));
    let (mut client, stream) = connection().await;
    let kit = Kit::new();
    let send = async {
        for byte in bytes {
            client.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let (name, ()) = tokio::join!(claimed_name(&stream, &kit, length), send);
    assert_eq!(&*name.unwrap(), "Steve");
}

#[tokio::test]
async fn a_login_that_nobody_can_have_meant_is_turned_away() {
    async fn check(login: &[u8], expected: &str) {
        let (mut client, stream) = connection().await;
        let handshake = handshake(2);
        client.write_all(&[&*handshake, login].concat()).await.unwrap();
        client.shutdown().await.unwrap();
        let turned = claimed_name(&stream, &Kit::new(), handshake.len()).await.unwrap_err();
        assert_eq!(reason(&turned).label(), expected);
    }
    check(b"\x17\x00\x00", "name-empty").await;
    check(b"\x17\x00\x05St\xc3\xa9ve", "name-character").await;
    check(b"\x17\x00\x11", "string-too-long").await;
    check(b"\x17\x05", "bad-packet").await;
    check(b"\xff\xff\x7f", "oversized").await;
    check(b"", "closed-early").await;
}
