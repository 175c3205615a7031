//! Packets with fields, in every version: read as they were written, and as clients and servers write them.

use portcullis_sdk::packets::{
    Brand, Chat, Command, CookieRequest, CookieResponse, Direction, Disconnect, KeepAlive, Known, Numbered, Packet,
    PacketError, PacketState, Payload, Place, PluginMessage, Protocol, Rest, Settings, StoreCookie, Subscriptions,
    SystemChat, TabComplete, Title, Transfer, Uuid, VarInt, Which,
};
use portcullis_sdk::prelude::*;
use portcullis_sdk::testing::Host;

/// The place of a packet in play that has this name in this version.
fn place<P: Packet>(packet: &P, protocol: Protocol, direction: Direction) -> Option<Place> {
    let known = packet.known_as(protocol, direction)?;
    let mut places = P::PLACES.iter().filter(|place| place.direction == direction);
    places.rfind(|place| place.packet == known).copied()
}

#[track_caller]
fn comes_back<P: Packet + PartialEq + std::fmt::Debug>(packet: &P, direction: Direction, protocol: Protocol) {
    let place = place(packet, protocol, direction).expect("it goes there");
    let mut fields = Vec::new();
    packet.write(protocol, &mut fields);
    let read = P::read(&fields, &place, protocol).expect("own fields can be read");
    let mut again = Vec::new();
    read.expect("own fields are the packet's").write(protocol, &mut again);
    assert_eq!(again, fields, "{packet:?} in {protocol}");
    fields.push(0);
    let longer = P::read(&fields, &place, protocol);
    assert!(
        !matches!(longer, Ok(Some(read)) if read == *packet),
        "{packet:?} in {protocol}"
    );
}

#[test]
fn packets_come_back_in_every_version_that_has_them() {
    use Direction::{Clientbound, Serverbound};
    for protocol in Protocol::releases() {
        comes_back(&KeepAlive { id: 77 }, Serverbound, protocol);
        comes_back(&KeepAlive { id: -77 }, Clientbound, protocol);
        comes_back(&Disconnect::new("<red>Bye"), Clientbound, protocol);
        comes_back(&SystemChat::new("<red>Hello"), Clientbound, protocol);
        comes_back(&Chat::unsigned("hello"), Serverbound, protocol);
        comes_back(&Command::unsigned("help 2"), Serverbound, protocol);
        comes_back(
            &Settings {
                locale: "de_at".into(),
                view_distance: 12,
                ..Settings::default()
            },
            Serverbound,
            protocol,
        );
        comes_back(
            &TabComplete {
                text: "/tel".into(),
                ..TabComplete::default()
            },
            Serverbound,
            protocol,
        );
        if protocol.has_titles() {
            comes_back(&Title::Text("a".into()), Clientbound, protocol);
            comes_back(
                &Title::Times {
                    fade_in: 1,
                    stay: 2,
                    fade_out: 3,
                },
                Clientbound,
                protocol,
            );
        }
        if protocol.has_transfer() {
            comes_back(
                &Transfer {
                    host: "example.net".into(),
                    port: 65_535,
                },
                Clientbound,
                protocol,
            );
        }
        if protocol.has_cookies() {
            let (key, data) = (|| "a:b".to_owned(), vec![1, 2, 3]);
            comes_back(&CookieRequest { key: key() }, Clientbound, protocol);
            comes_back(
                &StoreCookie {
                    key: key(),
                    data: data.clone(),
                },
                Clientbound,
                protocol,
            );
            comes_back(
                &CookieResponse {
                    key: key(),
                    data: Some(data),
                },
                Serverbound,
                protocol,
            );
            comes_back(&CookieResponse { key: key(), data: None }, Serverbound, protocol);
        }
    }
}

#[test]
fn messages_and_brands_come_back_in_every_version() {
    for protocol in Protocol::releases() {
        for direction in [Direction::Serverbound, Direction::Clientbound] {
            let message = PluginMessage::new("example:hello", *b"hi");
            let at = place(&message, protocol, direction).unwrap();
            let mut fields = Vec::new();
            message.write(protocol, &mut fields);
            assert_eq!(
                PluginMessage::read(&fields, &at, protocol).unwrap(),
                Some(message),
                "{protocol}"
            );
            assert_eq!(Brand::read(&fields, &at, protocol).unwrap(), None, "{protocol}");
            fields.clear();
            Brand("vanilla".into()).write(protocol, &mut fields);
            assert_eq!(
                Brand::read(&fields, &at, protocol).unwrap(),
                Some(Brand("vanilla".into())),
                "{protocol}"
            );
        }
    }
}

/// Written by other implementations, or by hand from their descriptions of the packets.
#[test]
fn fields_stand_where_clients_put_them() {
    #[track_caller]
    fn check<P: Packet + PartialEq + std::fmt::Debug>(release: &str, fields: &[u8], expect: &P) {
        let protocol = Protocol::of_release(release).unwrap();
        let place = P::PLACES.last().unwrap();
        assert_eq!(
            P::read(fields, place, protocol).unwrap().as_ref(),
            Some(expect),
            "{release}"
        );
    }
    let settings = |skin_parts, main_hand| Settings {
        locale: "en_us".into(),
        view_distance: 8,
        chat_colours: true,
        skin_parts,
        main_hand,
        ..Settings::default()
    };
    let right = VarInt(1);
    check(
        "1.7.10",
        b"\x05en_us\x08\0\x01\x02\x01",
        &Settings {
            difficulty: 2,
            shows_cape: true,
            ..settings(0, VarInt(0))
        },
    );
    check("1.8.9", b"\x05en_us\x08\0\x01\x7f", &settings(127, VarInt(0)));
    check("1.16.5", b"\x05en_us\x08\0\x01\x7f\x01", &settings(127, right));
    check(
        "1.17.1",
        b"\x05en_us\x08\0\x01\x7f\x01\x01",
        &Settings {
            filters_text: true,
            ..settings(127, right)
        },
    );
    check(
        "1.20.1",
        b"\x05en_us\x08\0\x01\x7f\x01\0\x01",
        &Settings {
            may_be_listed: true,
            ..settings(127, right)
        },
    );
    let newest = Settings {
        may_be_listed: true,
        particles: VarInt(2),
        ..settings(127, right)
    };
    check("1.21.4", b"\x05en_us\x08\0\x01\x7f\x01\0\x01\x02", &newest);

    let asked = |id| TabComplete {
        id: VarInt(id),
        text: "/t".into(),
        ..TabComplete::default()
    };
    check("1.7.10", b"\x02/t", &asked(0));
    check(
        "1.8.9",
        b"\x02/t\x01\0\0\0\0\0\0\0\x05",
        &TabComplete {
            looked_at: Some(5),
            ..asked(0)
        },
    );
    check(
        "1.12.2",
        b"\x02/t\x01\0",
        &TabComplete {
            is_command: true,
            ..asked(0)
        },
    );
    check("1.13", b"\x07\x02/t", &asked(7));
    check("26.2", b"\x07\x02/t", &asked(7));
}

#[test]
fn commands_are_told_from_chat_in_every_version() {
    for protocol in Protocol::releases() {
        let (mut said, mut ordered) = (Vec::new(), Vec::new());
        Chat::unsigned("hello").write(protocol, &mut said);
        let command = Command::unsigned("hello");
        command.write(protocol, &mut ordered);
        let chat = Chat::PLACES.first().unwrap();
        assert_eq!(
            Command::read(&said, Command::PLACES.last().unwrap(), protocol).unwrap(),
            None,
            "{protocol}"
        );
        let place = place(&command, protocol, Direction::Serverbound).unwrap();
        let read = Command::read(&ordered, &place, protocol).unwrap().unwrap();
        assert_eq!(read.text(), "hello", "{protocol}");
        if place.packet == chat.packet {
            assert_eq!(Chat::read(&ordered, chat, protocol).unwrap(), None, "{protocol}");
        }
    }
}

#[test]
fn signed_lines_keep_their_bytes_and_their_words() {
    let protocol = Protocol::of_release("1.21.4").unwrap();
    let place = Chat::PLACES.first().unwrap();
    let fields = [&b"\x05hello"[..], &[9; 16], &[1], &[7; 256], &[3, 1, 2, 3]].concat();
    let chat = Chat::read(&fields, place, protocol).unwrap().unwrap();
    assert!(chat.is_signed());
    let mut written = Vec::new();
    chat.write(protocol, &mut written);
    assert_eq!(written, fields);
    assert!(chat.with_text("bye").is_err());
}

#[test]
fn an_unsigned_line_with_other_words_keeps_what_came_along() {
    let protocol = Protocol::of_release("1.21.4").unwrap();
    let place = Chat::PLACES.first().unwrap();
    let fields = [&b"\x05hello"[..], &[9; 16], &[0], &[3, 1, 2, 3]].concat();
    let chat = Chat::read(&fields, place, protocol)
        .unwrap()
        .unwrap()
        .with_text("bye")
        .unwrap();
    let mut written = Vec::new();
    chat.write(protocol, &mut written);
    assert_eq!(written, [&b"\x03bye"[..], &fields[6..]].concat());
}

/// Everything that a field can be.
#[derive(portcullis_sdk::packets::Packet, Clone, Debug, Default, PartialEq)]
#[packet(numbers = [(0x21, "1.8", "1.8.9"), (0x22, "1.9", "1.20.1")], direction = "clientbound", state = "play")]
struct Odd {
    flag: bool,
    small: i8,
    large: u64,
    half: f32,
    count: VarInt,
    #[packet(max = 4)]
    word: String,
    #[packet(since = "1.9")]
    later: Option<u16>,
    #[packet(until = "1.8.9")]
    #[packet(max = 2)]
    early: Vec<Pair>,
    whose: Uuid,
    corners: [i16; 3],
    #[packet(since = "1.9", until = "1.12.2")]
    between: u8,
    #[packet(max = 3)]
    rest: Rest,
}

#[derive(portcullis_sdk::packets::Packet, Clone, Debug, Default, PartialEq)]
#[packet(part)]
struct Pair {
    key: String,
    value: VarInt,
}

#[test]
fn derived_packets_have_their_fields_in_order_and_only_in_their_versions() {
    let place = Odd::PLACES.first().unwrap();
    let odd = Odd {
        flag: true,
        small: -1,
        large: 2,
        half: 1.0,
        count: VarInt(300),
        word: "four".into(),
        later: Some(7),
        early: vec![Pair {
            key: "k".into(),
            value: VarInt(1),
        }],
        whose: Uuid::from_bytes([5; 16]),
        corners: [1, 2, 3],
        between: 9,
        rest: Rest(vec![1, 2]),
    };
    let common = [&b"\x01\xff\0\0\0\0\0\0\0\x02\x3f\x80\0\0\xac\x02\x04four"[..]].concat();
    let behind = [&[5; 16][..], &[0, 1, 0, 2, 0, 3]].concat();
    let check = |release: &str, expect: Vec<u8>, seen: Odd| {
        let protocol = Protocol::of_release(release).unwrap();
        let mut fields = Vec::new();
        odd.write(protocol, &mut fields);
        assert_eq!(fields, expect, "{release}");
        assert_eq!(Odd::read(&fields, place, protocol).unwrap(), Some(seen), "{release}");
    };
    let early = Odd {
        later: None,
        between: 0,
        ..odd.clone()
    };
    check("1.8", [&common[..], b"\x01\x01k\x01", &behind, &[1, 2]].concat(), early);
    let middle = Odd {
        early: Vec::new(),
        ..odd.clone()
    };
    check(
        "1.12.2",
        [&common[..], b"\x01\0\x07", &behind, &[9, 1, 2]].concat(),
        middle.clone(),
    );
    check(
        "1.13",
        [&common[..], b"\x01\0\x07", &behind, &[1, 2]].concat(),
        Odd { between: 0, ..middle },
    );
}

#[test]
fn fields_that_are_too_long_or_missing_are_refused() {
    let place = Odd::PLACES.first().unwrap();
    let protocol = Protocol::of_release("1.13").unwrap();
    let refused = |odd: &Odd| {
        let mut fields = Vec::new();
        odd.write(protocol, &mut fields);
        matches!(Odd::read(&fields, place, protocol), Err(PacketError::Fields(_)))
    };
    assert!(!refused(&Odd::default()));
    assert!(refused(&Odd {
        word: "fives".into(),
        ..Odd::default()
    }));
    assert!(refused(&Odd {
        rest: Rest(vec![0; 4]),
        ..Odd::default()
    }));
    assert!(matches!(
        Odd::read(&[1, 2], place, protocol),
        Err(PacketError::Fields(_))
    ));
}

/// Answers what is half typed, and swings back.
#[derive(Plugin)]
#[plugin(stage = "transform")]
struct Swing;

#[hooks]
impl Packets for Swing {
    fn subscriptions(&self) -> Subscriptions {
        Subscriptions::new()
            .whole::<Odd>()
            .head::<Chat>(8)
            .whole::<Command>()
            .fact::<Chat>()
    }

    fn packet(&mut self, session: &Session, packet: &RawPacket) -> Result<PacketVerdict> {
        if let Some(odd) = packet.read::<Odd>(session) {
            packets::send_to_client(
                session,
                &Odd {
                    flag: !odd.flag,
                    ..odd.clone()
                },
            )?;
            return Ok(PacketVerdict::replace(session, &Odd { small: 5, ..odd }));
        }
        Ok(match (packet.read::<Chat>(session), packet.read::<Command>(session)) {
            (Some(_), None) => PacketVerdict::Next,
            (None, Some(_)) => PacketVerdict::Drop,
            _ => PacketVerdict::disconnect("both or neither"),
        })
    }
}

#[test]
fn a_packet_is_asked_for_once_and_as_much_as_is_needed() {
    let wanted = Swing.subscriptions();
    let shown: Vec<_> = wanted.iter().map(|one| (one.packet.clone(), one.payload)).collect();
    let named = |name: &str| Which::Name(name.into());
    assert_eq!(shown.len(), 4);
    assert_eq!(
        shown[1..],
        [
            (named("chat"), Payload::Whole),
            (named("command"), Payload::Whole),
            (named("signed-command"), Payload::Whole)
        ]
    );
    assert!(wanted.iter().all(|one| one.state == PacketState::Play));
}

#[test]
fn a_plugin_reads_replaces_and_sends_packets_of_its_own_types() {
    let host = Host::new();
    let mut plugin = host.start::<Swing>("");
    let session = Session::build().protocol(47).in_play();
    assert_eq!(
        plugin.client_sends(&session, &Chat::unsigned("hello")),
        PacketVerdict::Next
    );
    assert_eq!(
        plugin.client_sends(&session, &Command::unsigned("help")),
        PacketVerdict::Drop
    );
    let odd = Odd::default();
    let verdict = plugin.server_sends(&session, &odd);
    assert_eq!(verdict, PacketVerdict::replace(&session, &Odd { small: 5, ..odd }));
    assert_eq!((host.sent()[0].id(), host.sent()[0].fields()[0]), (Some(0x21), 1));
    assert_eq!(
        Odd::PLACES[0].packet,
        Known::Numbers(&[
            Numbered {
                id: 0x21,
                since: 47,
                until: 47
            },
            Numbered {
                id: 0x22,
                since: 107,
                until: 763
            },
        ])
    );
}
