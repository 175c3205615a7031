//! Fields that no packet has.

use portcullis_sdk::packets::{Packet, VarInt};

#[derive(Packet)]
#[packet(name = "chat", direction = "serverbound")]
struct Wrong {
    #[packet(max = 3)]
    number: VarInt,
    size: usize,
}

fn main() {}
