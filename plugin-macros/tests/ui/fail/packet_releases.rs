//! Releases that there are not.

use portcullis_sdk::packets::{Packet, VarInt};

#[derive(Packet)]
#[packet(numbers = [(1, "1.8", "1.8.99")], direction = "serverbound")]
struct Numbered {
    #[packet(since = "1.9.9")]
    id: VarInt,
}

fn main() {
    let _ = Numbered { id: VarInt(1) };
}
