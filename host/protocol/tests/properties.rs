//! What holds for any input, and for good input cut anywhere.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

use portcullis_protocol::{
    Progress,
    cipher::{Decryptor, Encryptor, Secret},
    compression::{Deflater, Inflater, MAX_SERVERBOUND, Threshold, peek_id},
    first::{First, sniff},
    frame,
    handshake::{Handshake, Intent},
    host::HostField,
    login::LoginStart,
    packets::{Table, split_id},
    proxy_header::ProxyHeader,
    status::{Query, ServerAnswer, write_pong, write_question},
    text::Text,
    varint,
    version::Protocol,
};
use proptest::prelude::*;

/// A good input cut anywhere is unfinished, and whole whatever follows.
fn check_splits<'a, T: PartialEq + std::fmt::Debug, E: std::fmt::Debug>(
    whole_and_more: &'a [u8],
    length: usize,
    parse: impl Fn(&'a [u8]) -> Result<Progress<T>, E>,
) {
    for end in 0..=whole_and_more.len() {
        match parse(&whole_and_more[..end]) {
            Ok(Progress::Incomplete) => assert!(end < length, "{end} of {length} bytes"),
            Ok(Progress::Complete(_, taken)) => assert_eq!((end.max(length), taken), (end, length)),
            Err(error) => panic!("{error:?} at {end} of {length} bytes"),
        }
    }
}

fn handshake_bytes(protocol: i32, host: &str, port: u16, intent: i32) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write(&mut out, |body| {
        body.push(0);
        varint::write(protocol, body);
        varint::write(host.len() as i32, body);
        body.extend_from_slice(host.as_bytes());
        body.extend_from_slice(&port.to_be_bytes());
        varint::write(intent, body);
    });
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn varints_survive_the_wire(value: i32) {
        let mut bytes = Vec::new();
        varint::write(value, &mut bytes);
        let length = bytes.len();
        prop_assert_eq!(varint::read(&bytes), Ok(Progress::Complete(value, length)));
        bytes.push(0xff);
        check_splits(&bytes, length, varint::read);
    }

    #[test]
    fn handshakes_survive_the_wire_and_any_split(
        protocol: i32,
        host in "[a-z0-9.-]{0,200}",
        behind in prop::sample::select(vec!["", "\0FML\0", "\0FML2\0", "///1.2.3.4:5///1///s", "\0FORGE1"]),
        port: u16,
        intent in 1..=3i32,
        more in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = handshake_bytes(protocol, &format!("{host}{behind}"), port, intent);
        let length = bytes.len();
        bytes.extend(more);
        check_splits(&bytes, length, Handshake::parse);
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&bytes) else { panic!("whole and good") };
        prop_assert_eq!(handshake.protocol, Protocol(protocol));
        prop_assert_eq!(handshake.host.name(), host.strip_suffix('.').unwrap_or(&host));
        prop_assert_eq!((handshake.port, handshake.intent as i32), (port, intent));
        let mut again = Vec::new();
        handshake.write(&mut again);
        prop_assert_eq!(&again, &bytes[..length]);
        prop_assert_eq!(sniff(&bytes, false), First::Modern);
    }

    #[test]
    fn legacy_pings_survive_any_split(host in "\\PC{0,100}", port: u16, protocol: u8) {
        let host_bytes: Vec<_> = host.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut bytes = b"\xfe\x01\xfa\x00\x0b\x00M\x00C\x00|\x00P\x00i\x00n\x00g\x00H\x00o\x00s\x00t".to_vec();
        bytes.extend((7 + host_bytes.len() as u16).to_be_bytes());
        bytes.push(protocol);
        bytes.extend((host_bytes.len() as u16 / 2).to_be_bytes());
        bytes.extend(host_bytes);
        bytes.extend(i32::from(port).to_be_bytes());
        check_splits(&bytes, bytes.len(), portcullis_protocol::legacy::Ping::parse_with_host);
    }

    #[test]
    fn proxy_headers_survive_the_wire_and_any_split(source: std::net::SocketAddr, destination: std::net::SocketAddr) {
        let plain = |address: std::net::SocketAddr| std::net::SocketAddr::new(address.ip().to_canonical(), address.port());
        let header = ProxyHeader::Proxied { source: plain(source), destination: plain(destination) };
        for write in [ProxyHeader::write_v1, ProxyHeader::write_v2] {
            let mut bytes = Vec::new();
            write(&header, &mut bytes);
            let length = bytes.len();
            bytes.extend([0xff; 3]);
            check_splits(&bytes, length, ProxyHeader::parse);
            prop_assert_eq!(ProxyHeader::parse(&bytes), Ok(Progress::Complete(header, length)));
        }
    }

    #[test]
    fn frames_come_whole_however_a_stream_is_cut(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..8),
        part in 1..200usize,
    ) {
        let mut stream = Vec::new();
        for packet in &packets {
            frame::write_packet(packet, &mut stream).expect("far below the limit");
        }
        let (mut buffer, mut bodies) = (Vec::new(), Vec::new());
        for part in stream.chunks(part) {
            buffer.extend_from_slice(part);
            let mut frames = frame::Frames::new(&buffer, 300);
            bodies.extend(frames.by_ref().map(|frame| frame.expect("a good frame").body.to_vec()));
            let taken = frames.taken();
            buffer.drain(..taken);
        }
        prop_assert_eq!(bodies, packets);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn packets_survive_compression_and_show_their_id(
        id in 0..=300i32,
        fields in prop::collection::vec(0..20u8, 0..2_000),
        threshold in prop::sample::select(vec![0, 64, 256, u32::MAX]),
        level in 0..=12i32,
    ) {
        let mut packet = Vec::new();
        varint::write(id, &mut packet);
        packet.extend(fields);
        let mut framed = Vec::new();
        Deflater::new(level).write(&packet, Threshold(threshold), &mut framed).expect("far below the limit");
        let Ok(Progress::Complete(body, taken)) = frame::split(&framed, frame::MAX_BODY) else { panic!("whole and good") };
        prop_assert_eq!(taken, framed.len());
        prop_assert_eq!(peek_id(body, Threshold(threshold), MAX_SERVERBOUND), Ok(id));
        let mut inflater = Inflater::new();
        prop_assert_eq!(inflater.inflate(body, Threshold(threshold), MAX_SERVERBOUND), Ok(&packet[..]));
    }

    #[test]
    fn a_stream_is_decrypted_whatever_its_parts(
        secret: [u8; 16],
        plain in prop::collection::vec(any::<u8>(), 0..500),
        parts in (1..100usize, 1..100usize),
    ) {
        let secret = Secret::new(secret);
        let (mut encryptor, mut decryptor) = (Encryptor::new(&secret), Decryptor::new(&secret));
        let mut bytes = plain.clone();
        bytes.chunks_mut(parts.0).for_each(|part| encryptor.encrypt(part));
        bytes.chunks_mut(parts.1).for_each(|part| decryptor.decrypt(part));
        prop_assert_eq!(bytes, plain);
    }

    #[test]
    fn only_releases_have_a_table(number: i32) {
        let protocol = Protocol(number);
        prop_assert_eq!(Table::of(protocol).is_ok(), protocol.is_known());
    }

    #[test]
    fn no_parser_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = varint::read(&bytes);
        let _ = frame::split(&bytes, 200);
        let _ = sniff(&bytes, true);
        let _ = Handshake::parse(&bytes);
        let _ = LoginStart::parse(&bytes);
        let _ = Query::parse(&bytes);
        let _ = ServerAnswer::parse(&bytes);
        let _ = ProxyHeader::parse(&bytes);
        let _ = split_id(&bytes);
        let _ = Text::nbt(&bytes);
    }

    #[test]
    fn any_markup_becomes_some_text(markup in "(<|>|/|:|!|\\\\|red|bold|gradient|#ff0000|reset|a|§|\\PC){0,60}") {
        let text = Text::markup(&markup);
        for protocol in [Protocol(47), Protocol::NEWEST] {
            let read = Text::json(&text.to_json(protocol)).expect("a component");
            prop_assert_eq!(read.to_plain(), text.to_plain());
            let read = Text::nbt(&text.to_nbt(protocol)).expect("a component");
            prop_assert_eq!(read.to_plain(), text.to_plain());
        }
    }

    #[test]
    fn a_clean_host_name_is_lower_case_and_bounded(raw in "\\PC{0,300}") {
        if let Ok(host) = HostField::parse(&raw) {
            prop_assert!(host.name().chars().count() <= 255);
            let name = host.name();
            prop_assert_eq!(name.to_lowercase(), name);
            prop_assert!(!name.contains("///"));
        }
    }
}

#[test]
fn two_bytes_settle_what_most_garbage_is() {
    // Every pair of first bytes: either a client's, or refused now, or a length that needs a third byte.
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            let prefix = [first, second];
            let goes_on = first & 0x80 != 0;
            match sniff(&prefix, false) {
                First::Incomplete => assert!(goes_on, "{prefix:02x?}"),
                First::Modern => assert_eq!(second, 0, "{prefix:02x?}"),
                First::LegacyLogin => assert_eq!(first, 2),
                First::LegacyPing(_) => panic!("too early: {prefix:02x?}"),
                First::Garbage(_) => assert!(second != 0 || !(6..0x80).contains(&first), "{prefix:02x?}"),
            }
        }
    }
}

#[test]
fn questions_and_pongs_survive_any_split() {
    let mut bytes = Vec::new();
    write_pong(i64::MIN, &mut bytes);
    check_splits(&bytes, bytes.len(), Query::parse);

    let mut bytes = Vec::new();
    write_question(Protocol::NEWEST, "play.example.com", 25565, &mut bytes).unwrap();
    check_splits(&bytes, bytes.len() - 2, Handshake::parse);
    let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&bytes) else {
        panic!("whole and good")
    };
    assert_eq!(handshake.intent, Intent::Status);
}

#[test]
fn a_login_start_needs_no_more_than_its_name() {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, |body| {
        body.extend_from_slice(b"\0\x05Notch");
        body.extend_from_slice(&[7; 16]);
    });
    for end in 0..bytes.len() {
        let expect = if end < 8 {
            Progress::Incomplete
        } else {
            Progress::Complete(LoginStart { name: "Notch" }, bytes.len())
        };
        assert_eq!(LoginStart::parse(&bytes[..end]), Ok(expect));
    }
}
