//! Streams of frames that arrive in pieces, however the network cuts them: every packet reaches the other end, as it was sent.

use std::thread;

use portcullis_protocol::packets::{Packet, State};

use crate::support::{
    raw::Raw,
    wire::{V1_20_1, string},
};

use super::stage::{Stage, THRESHOLD};

/// Chunk data, both ways: nobody looks at it, and its id is none that another packet of this version needs.
const NOBODYS: u8 = 0x7e;

/// Longest packets: beyond a worker's buffer, below what a client may send.
const LONG: usize = 700_000;

#[test]
fn however_a_stream_is_cut_it_arrives_as_it_was_sent() {
    let mut stage = Stage::set();
    for (round, threshold) in [None, Some(0), Some(THRESHOLD)].into_iter().enumerate() {
        // A byte or a few at a time, and long packets in pieces of any length.
        for (frames, longest, piece) in [(150, 600, 7), (60, LONG, 90_000)] {
            let mut chance = Chance(round as u64 * 2 + u64::from(piece > 100) + 1);
            let (client, server) = stage.guest_from(V1_20_1, "Cut", threshold);
            let up = stream(&client, &mut chance, frames, longest);
            let down = stream(&server, &mut chance, frames, longest);
            let (arrived_up, arrived_down) = exchange((client, &up), (server, &down), &mut chance, piece);
            assert!(
                arrived_up == up.packets,
                "to the server, from {threshold:?} on, pieces of {piece}"
            );
            assert!(
                arrived_down == down.packets,
                "to the client, from {threshold:?} on, pieces of {piece}"
            );
        }
    }
    stage.check_bystander();
    assert_eq!(stage.proxy.metric("portcullis_violations_total", &[]), 0.0);
}

/// What one end sends, and what of it arrives.
#[derive(Default)]
struct Stream {
    sent: Vec<u8>,
    packets: Vec<u8>,
}

/// Frames of packets that somebody looks at and of others, of any length.
fn stream(raw: &Raw, chance: &mut Chance, frames: usize, longest: usize) -> Stream {
    let mut stream = Stream::default();
    for _ in 0..frames {
        let length = match chance.below(8) {
            0 => chance.below(longest),
            1..=4 => chance.below(24),
            _ => chance.below(600.min(longest)),
        };
        // As compressible as it comes: one value, or any.
        let kinds = [1, 256][chance.below(2)];
        let data: Vec<u8> = (0..length).map(|_| chance.below(kinds) as u8).collect();
        let packet = match chance.below(3) {
            0 => raw.packet(State::Play, Packet::PluginMessage, &[string("a:b"), data].concat()),
            _ => [vec![NOBODYS], data].concat(),
        };
        let frame = raw.framed(&packet);
        stream.sent.extend(&frame);
        stream.packets.extend(frame);
        // They hold no packet, and go no further.
        stream.sent.extend(vec![0; chance.below(3)]);
    }
    stream
}

/// Both ends send in pieces while both read. What the server got, and what the client got.
fn exchange(client: (Raw, &Stream), server: (Raw, &Stream), chance: &mut Chance, piece: usize) -> (Vec<u8>, Vec<u8>) {
    let ends = [
        (client.0, &client.1.sent, server.1.packets.len()),
        (server.0, &server.1.sent, client.1.packets.len()),
    ];
    let [at_client, at_server] = thread::scope(|scope| {
        ends.map(|(end, bytes, expected)| {
            let (mut reads, mut chance) = (end, chance.fork());
            let mut writes = reads.peer.try_clone().expect("a second handle");
            scope.spawn(move || {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let (now, later) = rest.split_at((1 + chance.below(piece)).min(rest.len()));
                    writes.send(now);
                    rest = later;
                }
            });
            scope.spawn(move || reads.peer.read_exact(expected).expect("as much as was sent"))
        })
        .map(|arrived| arrived.join().expect("read to the end"))
    });
    (at_server, at_client)
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    fn fork(&mut self) -> Self {
        Self(self.0.rotate_left(17) | 1)
    }
}
