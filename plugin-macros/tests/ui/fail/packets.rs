//! What `#[derive(Packet)]` refuses.

use portcullis_sdk::packets::{Chat, Packet, VarInt, send_to_client};
use portcullis_sdk::Session;

#[derive(Packet)]
struct Unnamed {
    id: VarInt,
}

#[derive(Packet)]
#[packet(name = "chat")]
struct ForNobody {
    id: VarInt,
}

#[derive(Packet)]
#[packet(name = "chat", direction = "serverbuond")]
struct Mistyped {
    id: VarInt,
}

#[derive(Packet)]
#[packet(name = "chat", direction = "serverbound", sate = "play")]
struct Unknown {
    id: VarInt,
}

#[derive(Packet)]
#[packet(name = "chat", numbers = [(1, "1.8", "1.9")], direction = "serverbound")]
struct Both {
    id: VarInt,
}

#[derive(Packet)]
#[packet(numbers = [(1, "1.8")], direction = "serverbound")]
struct Endless {
    id: VarInt,
}

#[derive(Packet)]
#[packet(part, name = "chat")]
struct PartAndWhole {
    id: VarInt,
}

#[derive(Packet)]
#[packet(name = "chat", direction = "serverbound")]
struct Tuple(VarInt);

#[derive(Packet)]
#[packet(name = "chat", direction = "serverbound")]
enum Choice {
    One,
}

fn send(session: &Session) {
    let _ = send_to_client(session, &Chat::unsigned("hello"));
}

fn main() {}
