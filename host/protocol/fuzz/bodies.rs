//! What each fuzz target checks: no panic on any input, and what must hold whatever the input is. A test of the crate replays
//! the committed corpus through the same functions.
#![allow(clippy::indexing_slicing, reason = "a panic is how a body reports")]
#![allow(
    dead_code,
    unreachable_pub,
    reason = "included as a module by each target, which uses one function, and by a test"
)]

use std::fmt::Debug;

use portcullis_protocol::{
    Progress,
    first::{First, sniff},
    frame,
    handshake::Handshake,
    host::HostField,
    legacy::{self, Ping},
    login::{LoginStart, write_disconnect},
    proxy_header::{MAX_V1_BYTES, MAX_V2_BYTES, ProxyHeader},
    status::{Query, ServerAnswer, StatusResponse},
    text::{MAX_TEXT_BYTES, Text},
    varint,
    version::Protocol,
};

/// Prefixes tried of one input: enough for every field's border in the first bytes, few enough for many inputs a second.
const PREFIXES: usize = 64;

pub fn framing(bytes: &[u8]) {
    if let Some(Progress::Complete(value, taken)) = stable(bytes, varint::read) {
        let mut again = Vec::new();
        varint::write(value, &mut again);
        assert!(again.len() <= taken, "written shortest");
        assert_eq!(varint::read(&again), Ok(Progress::Complete(value, again.len())));
    }
    if let Some(Progress::Complete(body, taken)) = stable(bytes, |prefix| frame::split(prefix, 4096)) {
        let mut again = Vec::new();
        frame::write(&mut again, |out| out.extend_from_slice(body));
        assert!(again.len() <= taken, "written shortest");
        assert_eq!(frame::split(&again, 4096), Ok(Progress::Complete(body, again.len())));
    }
    stable(bytes, Query::parse);
    stable(bytes, LoginStart::parse);
}

pub fn handshake(bytes: &[u8]) {
    let Some(Progress::Complete(handshake, _)) = stable(bytes, Handshake::parse) else {
        return;
    };
    assert!(matches!(sniff(bytes, false), First::Modern));
    assert_eq!(handshake.host.name(), handshake.host.name().to_lowercase());

    let mut again = Vec::new();
    handshake.write(&mut again);
    assert_eq!(
        Handshake::parse(&again),
        Ok(Progress::Complete(handshake.clone(), again.len()))
    );

    let renamed = handshake.host.renamed("other.example").expect("a good name");
    let renamed = HostField::parse(&renamed).expect("a good field");
    assert_eq!(renamed.name(), "other.example");
    assert_eq!(renamed.marker(), handshake.host.marker());
    assert_eq!(renamed.forwarded(), handshake.host.forwarded());
}

pub fn legacy_ping(bytes: &[u8]) {
    stable(bytes, Ping::parse_with_host);
    let ping = match sniff(bytes, true) {
        First::LegacyPing(ping) => ping,
        First::Garbage(_) | First::LegacyLogin | First::Modern => {
            assert_eq!(
                sniff(bytes, false),
                sniff(bytes, true),
                "silence matters to legacy pings only"
            );
            return;
        }
        First::Incomplete => return,
    };
    let text = String::from_utf8_lossy(bytes);
    let mut answer = Vec::new();
    ping.write_answer(&response(&text), &mut answer);
    check_kick(&answer);
    answer.clear();
    legacy::write_kick(&Text::markup(&text), &mut answer);
    check_kick(&answer);
}

pub fn proxy_header(bytes: &[u8]) {
    let Some(progress) = stable(bytes, ProxyHeader::parse) else {
        return;
    };
    let Progress::Complete(header, taken) = progress else {
        assert!(
            bytes.len() < MAX_V1_BYTES || (bytes[0] == b'\r' && bytes.len() < MAX_V2_BYTES),
            "waiting is bounded"
        );
        return;
    };
    assert!(taken <= MAX_V2_BYTES);
    assert!(!matches!(
        sniff(bytes, false),
        First::Modern | First::LegacyPing(_) | First::LegacyLogin
    ));
    for write in [ProxyHeader::write_v1, ProxyHeader::write_v2] {
        let mut again = Vec::new();
        write(&header, &mut again);
        assert_eq!(ProxyHeader::parse(&again), Ok(Progress::Complete(header, again.len())));
    }
}

pub fn text(bytes: &[u8]) {
    let input = String::from_utf8_lossy(bytes);
    for text in [
        Some(Text::plain(&input)),
        Some(Text::markup(&input)),
        Text::json(&input).ok(),
    ]
    .into_iter()
    .flatten()
    {
        let plain = text.to_plain();
        for protocol in [Protocol(4), Protocol::NEWEST] {
            let json = text.to_json(protocol);
            let read = Text::json(&json);
            assert!(
                read.map_or(json.len() > 32_767, |read| read.to_plain() == plain),
                "{json}"
            );
            let mut packet = Vec::new();
            write_disconnect(&text, protocol, &mut packet);
            assert!(packet.len() <= 3 * 32_767 + 7);
        }
        assert!(text.without_styles().to_plain().len() <= MAX_TEXT_BYTES);
        let mut packet = Vec::new();
        legacy::write_kick(&text, &mut packet);
        check_kick(&packet);
    }
}

pub fn status_response(bytes: &[u8]) {
    stable(bytes, |prefix| {
        ServerAnswer::parse(prefix).map_err(|error| error.label())
    });
    let input = String::from_utf8_lossy(bytes);
    let Ok(read) = StatusResponse::of_json(&input) else {
        return;
    };
    let mut answer = Vec::new();
    if read.write(Protocol(47), &mut answer).is_ok() {
        let Ok(Progress::Complete(again, taken)) = ServerAnswer::parse(&answer) else {
            panic!("own answers are read")
        };
        assert_eq!(taken, answer.len());
        let again = StatusResponse::of_json(again.json).expect("an object");
        // A description with numbers may be spelt another way.
        assert_eq!(
            StatusResponse {
                description: read.description.clone(),
                ..again
            },
            read
        );
    }
    for ping in [Ping::Bare, Ping::Versioned] {
        let mut answer = Vec::new();
        ping.write_answer(&read, &mut answer);
        check_kick(&answer);
    }
}

/// Parses ever longer prefixes: what is complete stays the same, what is refused stays refused. Returns the whole input's result,
/// unless refused.
fn stable<'a, T, E>(bytes: &'a [u8], parse: impl Fn(&'a [u8]) -> Result<Progress<T>, E>) -> Option<Progress<T>>
where
    T: Debug + PartialEq,
    E: Debug,
{
    let whole = parse(bytes);
    for end in 0..bytes.len().min(PREFIXES) {
        match (parse(&bytes[..end]), &whole) {
            (Ok(Progress::Incomplete), _) | (Err(_), Err(_)) => {}
            (Ok(Progress::Complete(value, taken)), Ok(Progress::Complete(whole, whole_taken))) => {
                assert_eq!((&value, taken), (whole, *whole_taken));
            }
            (early, whole) => panic!("{early:?} of {end} bytes, yet {whole:?} of all"),
        }
    }
    whole.ok()
}

fn response(text: &str) -> StatusResponse {
    StatusResponse {
        version_name: text.to_owned(),
        protocol: Protocol::NONE,
        description: Text::markup(text),
        online: u32::MAX,
        maximum: u32::MAX,
        sample: Vec::new(),
        favicon: None,
    }
}

/// A kick as clients read it: the marker, a count, so many UTF-16 units and nothing else.
fn check_kick(packet: &[u8]) {
    let (head, units) = packet.split_at(3);
    assert_eq!(head[0], legacy::KICK);
    assert_eq!(usize::from(u16::from_be_bytes([head[1], head[2]])) * 2, units.len());
    assert!(units.len() <= 2 * legacy::MAX_KICK_UNITS);
    let units: Vec<_> = units
        .chunks(2)
        .map(|unit| u16::from_be_bytes([unit[0], unit[1]]))
        .collect();
    String::from_utf16(&units).expect("whole characters");
}
