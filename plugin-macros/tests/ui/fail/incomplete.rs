//! Hooks that lack what the host must know to call them.

use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "transform")]
struct Mine;

#[hooks]
impl Messages for Mine {
    fn message(&mut self, _session: &Session, _message: &Message) -> MessageVerdict {
        MessageVerdict::Drop
    }
}

#[hooks]
impl Packets for Mine {
    fn packet(&mut self, _session: &Session, _packet: &RawPacket) -> PacketVerdict {
        PacketVerdict::Drop
    }
}

#[hooks]
impl Commands for Mine {}

fn main() {}
