//! Packets by name and by numbers, and groups of fields.
#![deny(warnings)]

use portcullis_sdk::packets::{Clientbound, Packet, Rest, Serverbound, Uuid, VarInt};

/// A packet of both directions, with every kind of field.
#[derive(Packet)]
#[packet(name = "plugin-message", direction = ["serverbound", "clientbound"], state = ["configuration", "play"])]
pub struct Everything {
    pub flag: bool,
    pub number: VarInt,
    #[packet(max = 16)]
    pub word: String,
    #[packet(since = "1.9", until = "1.12.2", max = 4)]
    pub list: Option<Vec<Pair>>,
    pub who: [Uuid; 2],
    pub rest: Rest,
}

/// A group of fields.
#[derive(Packet)]
#[packet(part)]
pub struct Pair {
    pub key: u8,
    pub value: f64,
}

/// A packet without fields.
#[derive(Packet)]
#[packet(numbers = [(0x3c, "1.21.6", "1.21.11"), (0x3f, "26.1", "26.2")], direction = "serverbound")]
pub struct Nothing;

fn goes_both_ways<P: Clientbound + Serverbound>() {}

fn main() {
    goes_both_ways::<Everything>();
}
