//! Packets of login and play against valence_protocol's, an independent codec for protocol 763: ids and fields alike.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

use std::borrow::Cow;

use portcullis_protocol::{
    Progress,
    chat::{Acknowledgement, Line},
    frame,
    login::{
        EncryptionRequest, EncryptionResponse, PluginRequest, PluginResponse, Proof, SetCompression, Start, Success,
    },
    message::PluginMessage,
    packets::{Direction, Fields, Packet, State, Table, split_id},
    play::{ActionBar, Disconnect, JoinGame, KeepAlive, Notice, PackResponse, PackResult, PushPack, Title},
    profile::{Profile, Property},
    text::Text,
    version::Protocol,
};
use uuid::Uuid;
use valence_protocol::{
    BlockPos, Encode, GameMode, GlobalPos, PROTOCOL_VERSION, Packet as Theirs, PacketDecoder, PacketEncoder, RawBytes,
    VarInt, ident,
    nbt::compound,
    packets::{login, play},
};

const PROTOCOL: Protocol = Protocol(PROTOCOL_VERSION);

/// Their packet as id and fields.
fn theirs(packet: &(impl Theirs + Encode)) -> Vec<u8> {
    let mut encoder = PacketEncoder::new();
    encoder.append_packet(packet).unwrap();
    let bytes = encoder.take().to_vec();
    let Ok(Progress::Complete(body, _)) = frame::split(&bytes, frame::MAX_BODY) else {
        panic!("a whole frame")
    };
    body.to_vec()
}

fn ours(state: State, direction: Direction, fields: &impl Fields) -> Vec<u8> {
    let mut out = Vec::new();
    Table::of(PROTOCOL)
        .unwrap()
        .write(state, direction, fields, &mut out)
        .unwrap();
    out
}

/// Both write the same packet.
#[track_caller]
fn check(state: State, direction: Direction, fields: &impl Fields, packet: &(impl Theirs + Encode)) -> Vec<u8> {
    let theirs = theirs(packet);
    assert_eq!(ours(state, direction, fields), theirs);
    let (_, body) = split_id(&theirs).unwrap();
    body.to_vec()
}

/// Our packet in their frame.
fn framed(fields: &impl Fields) -> valence_protocol::decode::PacketFrame {
    let mut framed = Vec::new();
    frame::write_packet(&ours(State::Play, Direction::Clientbound, fields), &mut framed).unwrap();
    let mut decoder = PacketDecoder::new();
    decoder.queue_slice(&framed);
    decoder.try_next_packet().unwrap().expect("a whole frame")
}

#[test]
fn logins_agree() {
    use Direction::{Clientbound, Serverbound};
    let uuid = Uuid::from_u128(7);
    for profile_id in [None, Some(uuid)] {
        let start = Start {
            name: "Notch",
            key: None,
            uuid: profile_id,
        };
        let hello = login::LoginHelloC2s {
            username: "Notch",
            profile_id,
        };
        let body = check(State::Login, Serverbound, &start, &hello);
        assert_eq!(Start::read(&body, PROTOCOL).unwrap(), start);
    }

    let request = EncryptionRequest {
        server_id: "",
        public_key: &[1; 162],
        token: &[2; 4],
        should_authenticate: true,
    };
    let hello = login::LoginHelloS2c {
        server_id: "",
        public_key: &[1; 162],
        verify_token: &[2; 4],
    };
    check(State::Login, Clientbound, &request, &hello);

    let response = EncryptionResponse {
        secret: &[1; 128],
        proof: Proof::Token(&[2; 128]),
    };
    let key = login::LoginKeyC2s {
        shared_secret: &[1; 128],
        verify_token: &[2; 128],
    };
    check(State::Login, Serverbound, &response, &key);

    let threshold = VarInt(256);
    check(
        State::Login,
        Clientbound,
        &SetCompression { threshold: 256 },
        &login::LoginCompressionS2c { threshold },
    );

    let property = |signature: Option<&str>| {
        (
            String::from("textures"),
            String::from("x"),
            signature.map(str::to_owned),
        )
    };
    let properties = [property(None), property(Some("y"))];
    let success = Success::new(Profile {
        uuid,
        name: "Notch".into(),
        properties: properties
            .iter()
            .cloned()
            .map(|(name, value, signature)| Property { name, value, signature })
            .collect(),
    });
    let their_properties =
        properties.map(|(name, value, signature)| valence_protocol::Property { name, value, signature });
    let their_success = login::LoginSuccessS2c {
        uuid,
        username: "Notch",
        properties: Cow::Borrowed(&their_properties),
    };
    let body = check(State::Login, Clientbound, &success, &their_success);
    assert_eq!(Success::read(&body, PROTOCOL), Ok(success));
}

#[test]
fn plugins_questions_agree() {
    let request = PluginRequest {
        id: 300,
        channel: "velocity:player_info",
        data: &[4],
    };
    let their_request = login::LoginQueryRequestS2c {
        message_id: VarInt(300),
        channel: ident!("velocity:player_info").into(),
        data: RawBytes(&[4]),
    };
    check(State::Login, Direction::Clientbound, &request, &their_request);
    for data in [None, Some(&[1, 2][..])] {
        let response = PluginResponse { id: 300, data };
        let their_response = login::LoginQueryResponseC2s {
            message_id: VarInt(300),
            data: data.map(RawBytes),
        };
        check(State::Login, Direction::Serverbound, &response, &their_response);
    }
    let message = PluginMessage {
        channel: "minecraft:brand",
        data: b"\x07vanilla",
    };
    let their_message = play::CustomPayloadS2c {
        channel: ident!("minecraft:brand").into(),
        data: RawBytes(message.data),
    };
    check(State::Play, Direction::Clientbound, &message, &their_message);
    let their_message = play::CustomPayloadC2s {
        channel: ident!("minecraft:brand").into(),
        data: RawBytes(message.data),
    };
    check(State::Play, Direction::Serverbound, &message, &their_message);
}

#[test]
fn small_packets_of_play_agree() {
    use Direction::{Clientbound, Serverbound};
    let alive = KeepAlive { id: 258 };
    check(State::Play, Clientbound, &alive, &play::KeepAliveS2c { id: 258 });
    check(State::Play, Serverbound, &alive, &play::KeepAliveC2s { id: 258 });
    let seen = play::MessageAcknowledgmentC2s {
        message_count: VarInt(20),
    };
    check(State::Play, Serverbound, &Acknowledgement { count: 20 }, &seen);
    let times = Title::Times {
        fade_in: 1,
        stay: 2,
        fade_out: 3,
    };
    let their_times = play::TitleFadeS2c {
        fade_in: 1,
        stay: 2,
        fade_out: 3,
    };
    check(State::Play, Clientbound, &times, &their_times);
    for (result, theirs) in [
        (PackResult::Loaded, play::ResourcePackStatusC2s::SuccessfullyLoaded),
        (PackResult::Accepted, play::ResourcePackStatusC2s::Accepted),
    ] {
        let response = PackResponse {
            id: Uuid::nil(),
            hash: "",
            result,
        };
        check(State::Play, Serverbound, &response, &theirs);
    }
    let pack = PushPack {
        id: Uuid::nil(),
        url: "https://example.com",
        hash: "",
        is_required: true,
        prompt: None,
    };
    let their_pack = play::ResourcePackSendS2c {
        url: "https://example.com",
        hash: "",
        forced: true,
        prompt_message: None,
    };
    check(State::Play, Clientbound, &pack, &their_pack);
}

#[test]
fn texts_are_read_by_them() {
    // JSON may be spelt in many ways: what matters is what they read from it.
    let text = || Text::markup("<red>no");
    let frame = framed(&Disconnect { reason: text() });
    let packet: play::DisconnectS2c<'_> = frame.decode().unwrap();
    assert_eq!(packet.reason.to_legacy_lossy(), "§cno");
    let frame = framed(&Notice { text: text() });
    let packet: play::GameMessageS2c<'_> = frame.decode().unwrap();
    assert_eq!(
        (packet.chat.to_legacy_lossy(), packet.overlay),
        ("§cno".to_owned(), false)
    );
    let frame = framed(&ActionBar { text: text() });
    let packet: play::OverlayMessageS2c<'_> = frame.decode().unwrap();
    assert_eq!(packet.action_bar_text.to_legacy_lossy(), "§cno");
    let frame = framed(&Title::Text(text()));
    let packet: play::TitleS2c<'_> = frame.decode().unwrap();
    assert_eq!(packet.title_text.to_legacy_lossy(), "§cno");
}

#[test]
fn chat_and_commands_agree() {
    for signature in [None, Some(&[7; 256])] {
        let chat = theirs(&play::ChatMessageC2s {
            message: "hello",
            timestamp: 1,
            salt: 2,
            signature,
            message_count: VarInt(300),
            acknowledgement: [1, 2, 3],
        });
        let signatures = signature.map(|signature| play::command_execution_c2s::CommandArgumentSignature {
            argument_name: "message",
            signature,
        });
        let command = theirs(&play::CommandExecutionC2s {
            command: "hello",
            timestamp: 1,
            salt: 2,
            argument_signatures: Vec::from_iter(signatures),
            message_count: VarInt(300),
            acknowledgement: [1, 2, 3],
        });
        for (packet, bytes) in [(Packet::Chat, chat), (Packet::SignedCommand, command)] {
            let (_, body) = split_id(&bytes).unwrap();
            let line = Line::read(packet, body, PROTOCOL).unwrap().unwrap();
            assert_eq!(
                (line.text(), line.is_signed(), line.count()),
                ("hello", signature.is_some(), Some(300))
            );
            assert_eq!(ours(State::Play, Direction::Serverbound, &line), bytes);
        }
    }
}

#[test]
fn respawns_follow_from_their_join_games() {
    let death = || {
        Some(GlobalPos {
            dimension_name: ident!("the_nether").into(),
            position: BlockPos::new(1, -2, 3),
        })
    };
    let join = theirs(&play::GameJoinS2c {
        entity_id: 7,
        is_hardcore: true,
        game_mode: GameMode::Creative,
        previous_game_mode: -1,
        dimension_names: vec![ident!("overworld").into(), ident!("the_nether").into()],
        registry_codec: Cow::Owned(compound! { "a" => compound! { "b" => vec![1, 2, 3] } }),
        dimension_type_name: ident!("overworld").into(),
        dimension_name: ident!("example:world").into(),
        hashed_seed: 77,
        max_players: VarInt(300),
        view_distance: VarInt(10),
        simulation_distance: VarInt(9),
        reduced_debug_info: false,
        enable_respawn_screen: true,
        is_debug: false,
        is_flat: true,
        last_death_location: death(),
        portal_cooldown: VarInt(5),
    });
    let (id, body) = split_id(&join).unwrap();
    let table = Table::of(PROTOCOL).unwrap();
    assert_eq!(
        table.packet(State::Play, Direction::Clientbound, id),
        Some(Packet::JoinGame)
    );
    let game = JoinGame::read(body, PROTOCOL).unwrap().expect("an old version");
    assert_eq!(game.entity, 7);
    let respawn = play::PlayerRespawnS2c {
        dimension_type_name: ident!("overworld").into(),
        dimension_name: ident!("example:world").into(),
        hashed_seed: 77,
        game_mode: GameMode::Creative,
        previous_game_mode: -1,
        is_debug: false,
        is_flat: true,
        copy_metadata: false,
        last_death_location: death(),
        portal_cooldown: VarInt(5),
    };
    check(State::Play, Direction::Clientbound, &game.world, &respawn);
}
