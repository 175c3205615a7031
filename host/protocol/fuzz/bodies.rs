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
    chat::{Acknowledgement, Line},
    cipher::{Decryptor, Encryptor, Secret},
    compression::{Deflater, Inflater, MAX_SERVERBOUND, Threshold, peek_id},
    connection::Connection,
    cookie::{CookieRequest, CookieResponse, StoreCookie},
    first::{First, sniff},
    forwarding::{legacy as legacy_forwarding, modern, realip::RealIp},
    frame::{self, Frames},
    handshake::{Handshake, Intent},
    host::HostField,
    legacy::{self, Ping},
    login::{
        Disconnect as LoginDisconnect, EncryptionRequest, EncryptionResponse, LoginStart, PluginRequest,
        PluginResponse, SetCompression, Start, Success, write_disconnect,
    },
    message::{ChannelList, PluginMessage, read_brand},
    packets::{Direction, Fields, Packet, State, split_id},
    play::{
        BossBar, Disconnect, JoinGame, KeepAlive, ListChange, PackResponse, Ping as PlayPing, PopPack, PushPack,
        SystemChat, TakeBar, TakeEntries, Title, Transfer,
    },
    proxy_header::{MAX_V1_BYTES, MAX_V2_BYTES, ProxyHeader},
    status::{Favicon, FaviconError, Query, ServerAnswer, StatusResponse},
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

/// The first byte is the version's place in the table, the rest a packet's fields.
pub fn login(bytes: &[u8]) {
    let Some((protocol, body)) = protocol_of(bytes) else {
        return;
    };
    again(body, protocol, |body| Start::read(body, protocol));
    again(body, protocol, |body| EncryptionRequest::read(body, protocol));
    again(body, protocol, |body| EncryptionResponse::read(body, protocol));
    again(body, protocol, |body| Success::read(body, protocol));
    again(body, protocol, LoginDisconnect::read);
    if let Ok(disconnect) = LoginDisconnect::read(body)
        && let Ok(text) = Text::json(disconnect.json)
    {
        write_disconnect(&text, protocol, &mut Vec::new());
    }
    again(body, protocol, PluginRequest::read);
    again(body, protocol, PluginResponse::read);
    again(body, protocol, SetCompression::read);
    again(body, protocol, CookieRequest::read);
    again(body, protocol, CookieResponse::read);
    again(body, protocol, StoreCookie::read);
}

/// As [`login`].
pub fn play(bytes: &[u8]) {
    let Some((protocol, body)) = protocol_of(bytes) else {
        return;
    };
    again(body, protocol, |body| KeepAlive::read(body, protocol));
    again(body, protocol, PlayPing::read);
    again(body, protocol, Transfer::read);
    again(body, protocol, PopPack::read);
    again(body, protocol, |body| PushPack::read(body, protocol));
    again(body, protocol, |body| PackResponse::read(body, protocol));
    again(body, protocol, Acknowledgement::read);
    for direction in [Direction::Clientbound, Direction::Serverbound] {
        again(body, protocol, |body| PluginMessage::read(body, direction, protocol));
    }
    for packet in [Packet::Chat, Packet::Command, Packet::SignedCommand] {
        again(body, protocol, |body| {
            Line::read(packet, body, protocol).map(|line| line.expect("a line's packet"))
        });
    }
    for packet in [Packet::PlayerInfo, Packet::PlayerInfoRemove] {
        let change = ListChange::read(packet, body, protocol).unwrap_or_default();
        assert!(change.added.len() + change.removed.len() <= body.len());
        if !change.added.is_empty() && !protocol.has_configuration() {
            let (taking, mut taken) = (TakeEntries(&change.added), Vec::new());
            taking.write(protocol, &mut taken);
            let again = ListChange::read(taking.packet(protocol), &taken, protocol).expect("own packets are good");
            assert_eq!(again.removed, change.added);
        }
    }
    if let Ok(BossBar::Added(bar) | BossBar::Changed(bar)) = BossBar::read(body) {
        let mut taken = Vec::new();
        TakeBar(bar).write(protocol, &mut taken);
        assert_eq!(BossBar::read(&taken), Ok(BossBar::Removed(bar)));
    }
    if let Ok(Some(join)) = JoinGame::read(body, protocol) {
        for is_forge in [false, true] {
            let switch = join.switch(is_forge);
            let altered = JoinGame::read(&switch.join, protocol).expect("as good as the original");
            assert_eq!(altered.map(|join| join.entity), Some(join.entity));
            let mut respawn = Vec::new();
            switch
                .respawns
                .iter()
                .for_each(|world| world.write(protocol, &mut respawn));
            assert!(respawn.len() <= 4 * body.len() + 64);
        }
    }
    if let Ok(disconnect) = Disconnect::read(body, protocol) {
        let mut packet = Vec::new();
        disconnect.write(protocol, &mut packet);
        let plain = disconnect.reason.to_plain();
        // Fractions may lose their last digit between NBT and JSON.
        if let Ok(read) = Disconnect::read(&packet, protocol)
            && !plain.contains(|character: char| character.is_ascii_digit())
        {
            assert_eq!(read.reason.to_plain(), plain);
        }
    }
    if let Ok(said) = SystemChat::read(body, protocol) {
        said.write(protocol, &mut Vec::new());
    }
    for packet in [
        Packet::Title,
        Packet::TitleText,
        Packet::TitleSubtitle,
        Packet::TitleTimes,
        Packet::TitleClear,
    ] {
        if let Ok(Some(title)) = Title::read(packet, body, protocol) {
            title.write(protocol, &mut Vec::new());
        }
    }
    assert!(ChannelList::of_data(body).all(|channel| !channel.is_empty() && channel.len() <= 256));
    assert!(read_brand(body).is_none_or(|brand| brand.chars().count() <= 256));
}

pub fn compression(bytes: &[u8]) {
    let mut inflater = Inflater::new();
    for threshold in [Threshold(0), Threshold(256)] {
        let peeked = peek_id(bytes, threshold, MAX_SERVERBOUND);
        // A good packet's id is found without the rest, whatever the rest is.
        if let Ok(packet) = inflater.inflate(bytes, threshold, MAX_SERVERBOUND) {
            let id = split_id(packet).map(|(id, _)| id);
            assert_eq!(peeked.ok(), id.ok());
        }
    }
    let Ok((id, _)) = split_id(bytes) else {
        return;
    };
    for level in [0, 1, 6] {
        let mut framed = Vec::new();
        let mut deflater = Deflater::new(level);
        deflater
            .write(bytes, Threshold(0), &mut framed)
            .expect("fuzzers' inputs fit a frame");
        let Ok(Progress::Complete(body, _)) = frame::split(&framed, frame::MAX_BODY) else {
            panic!("own frames are whole")
        };
        assert_eq!(peek_id(body, Threshold(0), MAX_SERVERBOUND), Ok(id));
        assert_eq!(inflater.inflate(body, Threshold(0), MAX_SERVERBOUND), Ok(bytes));
    }
}

pub fn forwarding(bytes: &[u8]) {
    let secret = modern::Secret::new("secret").expect("a secret");
    if let Ok(info) = modern::PlayerInfo::verify(bytes, &secret) {
        let again = [
            modern::Version::Default,
            modern::Version::WithKey,
            modern::Version::WithKeyV2,
            modern::Version::LazySession,
        ]
        .map(|version| info.answer(version, &secret));
        assert!(again.iter().any(|answer| answer[32..] == bytes[32..]));
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(properties) = legacy_forwarding::properties(&text) {
        assert!(properties.len() <= 64);
    }
    if let Some(real) = RealIp::of_host_field(&text) {
        assert!(text.starts_with(real.signed));
    }
}

/// How a stream is sent, by the bits of one byte.
#[derive(Clone, Copy)]
struct Manner(u8);

impl Manner {
    fn is_compressed(self) -> bool {
        self.0 & 1 != 0
    }

    fn threshold(self) -> Threshold {
        Threshold([0, 4, 64, 256][usize::from(self.0 >> 1 & 3)])
    }

    fn is_encrypted(self) -> bool {
        self.0 & 8 != 0
    }

    /// What is cut off each time: as the input's bytes say, in turn.
    fn cuts(self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        let cuts: Vec<usize> = bytes.iter().map(|byte| usize::from(*byte % 17) + 1).collect();
        let otherwise = usize::from(self.0 >> 4) + 1;
        let count = cuts.len();
        (0..).map(move |nth: usize| match count {
            0 => otherwise,
            count => cuts[nth % count],
        })
    }
}

/// The first byte is the version's place in the table, the second where both directions part, the third how they are sent: encrypted,
/// compressed from some length on. How often each is cut, and where, is read from the front of what follows: as many bytes as the
/// fourth says.
pub fn connection(bytes: &[u8]) {
    let Some((protocol, [middle, manner, cuts, rest @ ..])) = protocol_of(bytes) else {
        return;
    };
    let (cuts, streams) = rest.split_at(rest.len().min(usize::from(*cuts % 32)));
    let manner = Manner(*manner);
    let (clientbound, serverbound) = streams.split_at(streams.len() * usize::from(*middle) / 256);
    let both = [
        (Direction::Serverbound, serverbound),
        (Direction::Clientbound, clientbound),
    ];
    let mut connection = Connection::new(protocol, Intent::Login).expect("the table's own");
    // Turn by turn, so that starts and answers can meet.
    let mut packets = both.map(|(direction, stream)| {
        let sent = packets_of(stream, std::iter::repeat(stream.len().max(1)), Manner(0));
        let read = packets_of(stream, manner.cuts(cuts), manner);
        let whole = packets_of(stream, std::iter::repeat(stream.len().max(1)), manner);
        assert_eq!(read, whole, "cutting changes nothing");
        // Packed by this crate, good packets come out as they went in.
        let mut packed = Vec::new();
        for (_, packet) in &sent {
            match manner.is_compressed() {
                true => Deflater::new(1)
                    .write(packet, manner.threshold(), &mut packed)
                    .expect("fuzzers' inputs fit a frame"),
                false => frame::write_packet(packet, &mut packed).expect("fuzzers' inputs fit a frame"),
            }
        }
        if manner.is_encrypted() {
            Encryptor::new(&Secret::new(KEY)).encrypt(&mut packed);
        }
        assert_eq!(
            packets_of(&packed, manner.cuts(cuts), manner),
            sent,
            "packing changes nothing"
        );
        (direction, sent.into_iter().chain(read))
    });
    let mut is_over = false;
    while !std::mem::replace(&mut is_over, true) {
        for (direction, packets) in &mut packets {
            let Some((id, _)) = packets.next() else { continue };
            is_over = false;
            let before = [Direction::Clientbound, Direction::Serverbound].map(|direction| connection.state(direction));
            match connection.follow(*direction, id) {
                Ok(seen) => {
                    assert!(before.contains(&seen.state));
                    let known = connection
                        .table()
                        .and_then(|table| table.packet(seen.state, *direction, id));
                    assert_eq!(seen.packet, known);
                }
                Err(_) => assert!(before.contains(&connection.state(*direction))),
            }
            let in_login = |direction| connection.state(direction) == State::Login;
            assert!(in_login(Direction::Serverbound) || !in_login(Direction::Clientbound));
        }
    }
}

const KEY: [u8; 16] = *b"a key of 16 byte";

/// Longest frame of a fuzzer's stream, and more than its packets grow by when they cannot be compressed.
const MAX_FRAME: usize = 8 << 10;

/// The packets of a stream with their ids, read in parts of so many bytes, up to the first bad frame.
fn packets_of(stream: &[u8], parts: impl IntoIterator<Item = usize>, manner: Manner) -> Vec<(i32, Vec<u8>)> {
    let mut packets = Vec::new();
    let mut buffer = Vec::new();
    let mut inflater = Inflater::new();
    let mut decryptor = Decryptor::new(&Secret::new(KEY));
    let mut rest = stream;
    for part in parts {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(part.min(rest.len()));
        rest = later;
        let start = buffer.len();
        buffer.extend_from_slice(now);
        if manner.is_encrypted() {
            decryptor.decrypt(&mut buffer[start..]);
        }
        let mut frames = Frames::new(&buffer, MAX_FRAME);
        for frame in frames.by_ref() {
            let Ok(frame) = frame else { return packets };
            assert!(frame.bytes.ends_with(frame.body));
            let packet = match manner.is_compressed() {
                true => match inflater.inflate(frame.body, manner.threshold(), MAX_SERVERBOUND) {
                    Ok(packet) => packet,
                    Err(_) => return packets,
                },
                false => frame.body,
            };
            packets.extend(split_id(packet).map(|(id, _)| (id, packet.to_vec())));
        }
        let taken = frames.taken();
        buffer.drain(..taken);
    }
    packets
}

pub fn favicon(bytes: &[u8]) {
    if let Ok(icon) = Favicon::of_png(bytes) {
        // Its size is right: with another it is refused.
        let mut other = bytes.to_vec();
        other[19] ^= 1;
        assert!(matches!(Favicon::of_png(&other), Err(FaviconError::Size { .. })));
        assert!(icon.data_url().len() > bytes.len());
    }
}

fn protocol_of(bytes: &[u8]) -> Option<(Protocol, &[u8])> {
    let (version, rest) = bytes.split_first()?;
    let releases = Protocol::releases().count();
    Some((Protocol::releases().nth(usize::from(*version) % releases)?, rest))
}

/// What was read is written in as many bytes or fewer, since only VarInts and switches have longer spellings.
fn again<'a, T: Fields, E>(body: &'a [u8], protocol: Protocol, read: impl Fn(&'a [u8]) -> Result<T, E>) {
    if let Ok(fields) = read(body) {
        let mut written = Vec::new();
        fields.write(protocol, &mut written);
        // Text UUIDs of before 1.16 come with and without dashes: four bytes.
        assert!(written.len() <= body.len() + 4, "{written:02x?}");
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
