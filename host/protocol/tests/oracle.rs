//! Our packets against valence_protocol's, an independent codec for protocol 763.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

use std::borrow::Cow;

use portcullis_protocol::{
    Progress,
    handshake::{Handshake, Intent},
    login::{LoginStart, write_disconnect},
    status::{Query, SamplePlayer, ServerAnswer, StatusResponse, write_pong, write_question},
    text::Text,
    version::Protocol,
};
use valence_protocol::{
    Encode, MINECRAFT_VERSION, PROTOCOL_VERSION, Packet, PacketDecoder, PacketEncoder, VarInt,
    packets::{
        handshaking::{HandshakeC2s, handshake_c2s::HandshakeNextState},
        login::{LoginDisconnectS2c, LoginHelloC2s},
        status::{QueryPingC2s, QueryPongS2c, QueryRequestC2s, QueryResponseS2c},
    },
    uuid::Uuid,
};

fn theirs(packet: &(impl Packet + Encode)) -> Vec<u8> {
    let mut encoder = PacketEncoder::new();
    encoder.append_packet(packet).unwrap();
    encoder.take().to_vec()
}

/// Their reading of the one frame in `bytes`.
fn read_by_them(bytes: &[u8]) -> valence_protocol::decode::PacketFrame {
    let mut decoder = PacketDecoder::new();
    decoder.queue_slice(bytes);
    let frame = decoder.try_next_packet().unwrap().expect("a whole frame");
    assert!(decoder.try_next_packet().unwrap().is_none(), "one frame");
    frame
}

#[test]
fn the_oracle_speaks_the_version_that_its_name_says() {
    assert_eq!(Protocol(PROTOCOL_VERSION).name(), Some(MINECRAFT_VERSION));
}

#[test]
fn handshakes_agree() {
    for (host, next_state, intent) in [
        ("play.example.com", HandshakeNextState::Login, Intent::Login),
        ("A\0FML3\0", HandshakeNextState::Status, Intent::Status),
    ] {
        let packet = HandshakeC2s {
            protocol_version: VarInt(PROTOCOL_VERSION),
            server_address: host,
            server_port: 25566,
            next_state,
        };
        let bytes = theirs(&packet);
        let Ok(Progress::Complete(handshake, taken)) = Handshake::parse(&bytes) else {
            panic!("whole and good")
        };
        assert_eq!(taken, bytes.len());
        assert_eq!(
            (handshake.protocol.0, handshake.port, handshake.intent),
            (PROTOCOL_VERSION, 25566, intent)
        );
        assert_eq!(handshake.host.raw(), host);

        let mut again = Vec::new();
        handshake.write(&mut again);
        assert_eq!(again, bytes);

        again.clear();
        handshake.write_renamed("other", &mut again).unwrap();
        let frame = read_by_them(&again);
        let renamed: HandshakeC2s<'_> = frame.decode().unwrap();
        assert!(renamed.server_address.starts_with("other"));
        assert_eq!(renamed.next_state, next_state);
    }
}

#[test]
fn login_starts_agree() {
    for profile_id in [None, Some(Uuid::from_u128(7))] {
        let bytes = theirs(&LoginHelloC2s {
            username: "Notch",
            profile_id,
        });
        assert_eq!(
            LoginStart::parse(&bytes),
            Ok(Progress::Complete(LoginStart { name: "Notch" }, bytes.len()))
        );
    }
}

#[test]
fn disconnects_agree() {
    let mut bytes = Vec::new();
    write_disconnect(
        &Text::markup("<red>no <b>entry</b>"),
        Protocol(PROTOCOL_VERSION),
        &mut bytes,
    );
    let frame = read_by_them(&bytes);
    let packet: LoginDisconnectS2c<'_> = frame.decode().unwrap();
    let reason: Cow<'_, valence_protocol::text::Text> = packet.reason;
    // Theirs repeats the colour with each part.
    assert_eq!(reason.to_legacy_lossy(), "§cno §c§lentry");
}

#[test]
fn status_questions_and_answers_agree() {
    assert_eq!(
        Query::parse(&theirs(&QueryRequestC2s)),
        Ok(Progress::Complete(Query::Status, 2))
    );
    assert_eq!(
        Query::parse(&theirs(&QueryPingC2s { payload: 258 })),
        Ok(Progress::Complete(Query::Ping(258), 10))
    );

    let mut pong = Vec::new();
    write_pong(258, &mut pong);
    assert_eq!(pong, theirs(&QueryPongS2c { payload: 258 }));

    let mut question = Vec::new();
    write_question(Protocol(PROTOCOL_VERSION), "a", 1, &mut question).unwrap();
    let handshake = HandshakeC2s {
        protocol_version: VarInt(PROTOCOL_VERSION),
        server_address: "a",
        server_port: 1,
        next_state: HandshakeNextState::Status,
    };
    assert_eq!(question, [theirs(&handshake), theirs(&QueryRequestC2s)].concat());

    let response = StatusResponse {
        version_name: "x".into(),
        protocol: Protocol(PROTOCOL_VERSION),
        description: Text::plain("hello"),
        online: 1,
        maximum: 2,
        sample: vec![SamplePlayer {
            name: "a".into(),
            id: Uuid::nil().to_string(),
        }],
        favicon: None,
    };
    let mut answer = Vec::new();
    response.write(Protocol(PROTOCOL_VERSION), &mut answer).unwrap();
    let frame = read_by_them(&answer);
    let packet: QueryResponseS2c<'_> = frame.decode().unwrap();
    assert_eq!(StatusResponse::of_json(packet.json).unwrap().online, 1);

    let bytes = theirs(&packet);
    assert_eq!(bytes, answer);
    assert_eq!(
        ServerAnswer::parse(&bytes).unwrap(),
        Progress::Complete(ServerAnswer { json: packet.json }, bytes.len())
    );
}
