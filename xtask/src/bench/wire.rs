//! The few frames of the Minecraft protocol that the load generator sends and the backend reads.

use portcullis_protocol::compression::{Deflater, Threshold};

/// 1.20 and 1.20.1: the last version whose login start carries an optional UUID.
const PROTOCOL: i32 = 763;
const INTENT_STATUS: u8 = 1;
const INTENT_LOGIN: u8 = 2;

/// The host that every client asks for and that the proxy under test routes.
pub(super) const HOST: &str = "bench.example.com";

/// What the backend answers to a login: Set Compression (0x03) with a threshold of 256, the usual first word of a server.
pub(super) const LOGIN_ANSWER: &[u8] = &[0x03, 0x03, 0x80, 0x02];

/// Players of these names are let into a world, where they get a stream of frames, compressed or not.
pub(super) const PLAIN: &str = "plain";
pub(super) const PACKED: &str = "packed";
/// A player of this name is let in and gets nothing.
pub(super) const JOINER: &str = "joiner";

/// What `PACKED` frames are compressed with: the threshold of [`LOGIN_ANSWER`] and zlib's default level, as vanilla servers use both.
pub(super) const THRESHOLD: Threshold = Threshold(256);
pub(super) const LEVEL: i32 = 6;

/// A chunk's id in this version: a packet that nobody subscribes to.
const CHUNK: u8 = 0x24;
/// Bytes of a chunk packet, and of one before it is compressed to a third or so.
const CHUNK_BYTES: usize = 8 * 1024;
const UNPACKED_CHUNK_BYTES: usize = 24 * 1024;

/// What the backend answers to players whom it lets in: set compression but for [`PLAIN`], then the login success.
pub(super) fn let_in(name: &str) -> Vec<u8> {
    let success = [&[0x02], &[0x42; 16][..], &string(name), &[0]].concat();
    if name == PLAIN {
        return frame(&success);
    }
    // Behind set compression, a length of 0 says that a packet is not compressed.
    [LOGIN_ANSWER, &frame(&[&[0], &*success].concat())].concat()
}

/// A frame for a player called [`PLAIN`].
pub(super) fn plain_frame() -> Vec<u8> {
    frame(&[&[CHUNK], &*vec![0x5a; CHUNK_BYTES]].concat())
}

/// A frame for a player called [`PACKED`]: as compressible as chunks, runs of a few values with noise between.
pub(super) fn packed_frame() -> anyhow::Result<Vec<u8>> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut packet = vec![CHUNK];
    while packet.len() < UNPACKED_CHUNK_BYTES {
        let value = if next() % 4 == 0 {
            next() as u8
        } else {
            (next() % 12) as u8
        };
        packet.extend((0..=next() % 6).map(|_| value));
    }
    let mut framed = Vec::new();
    Deflater::new(LEVEL).write(&packet, THRESHOLD, &mut framed)?;
    Ok(framed)
}

/// What the backend answers to a status request.
pub(super) fn status_answer() -> Vec<u8> {
    let json = r#"{"version":{"name":"1.20.1","protocol":763},"players":{"max":20,"online":0},"description":{"text":"bench"}}"#;
    frame(&[&[0x00], &*string(json)].concat())
}

/// Handshake and login start in one write, as clients send them. The player's name tells the backend what to do next.
pub(super) fn login(name: &str) -> Vec<u8> {
    let start = [&[0x00], &*string(name), &[0x01], &[0x42; 16]].concat();
    [handshake(INTENT_LOGIN), frame(&start)].concat()
}

/// Handshake and status request in one write.
pub(super) fn status_request() -> Vec<u8> {
    [handshake(INTENT_STATUS), frame(&[0x00])].concat()
}

/// What a client's first bytes amount to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hello<'a> {
    Incomplete,
    Login { name: &'a str },
    Status,
    Garbage,
}

/// Reads as much of a handshake and what follows it as the backend must know.
pub(super) fn hello(bytes: &[u8]) -> Hello<'_> {
    let Some((handshake, rest)) = split_frame(bytes) else {
        return Hello::Incomplete;
    };
    let Some((second, _)) = split_frame(rest) else {
        return Hello::Incomplete;
    };
    match handshake.last() {
        Some(&INTENT_STATUS) => Hello::Status,
        Some(&INTENT_LOGIN) => login_name(second).map_or(Hello::Garbage, |name| Hello::Login { name }),
        _ => Hello::Garbage,
    }
}

fn login_name(start: &[u8]) -> Option<&str> {
    let (length, rest) = read_varint(start.strip_prefix(&[0x00])?)?;
    std::str::from_utf8(rest.get(..length)?).ok()
}

/// The payload of the first frame and what comes after it; `None` until the frame is whole.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = read_varint(bytes)?;
    rest.split_at_checked(length)
}

fn handshake(intent: u8) -> Vec<u8> {
    let port = 25565_u16.to_be_bytes();
    frame(&[&[0x00], &*varint(PROTOCOL as usize), &string(HOST), &port, &[intent]].concat())
}

/// A payload behind its length.
fn frame(payload: &[u8]) -> Vec<u8> {
    [&varint(payload.len()), payload].concat()
}

fn string(text: &str) -> Vec<u8> {
    [&varint(text.len()), text.as_bytes()].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Up to three bytes: longer lengths are of no frame sent here.
fn read_varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().take(3).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backend_reads_what_the_client_sends() {
        assert_eq!(hello(&login("echo")), Hello::Login { name: "echo" });
        assert_eq!(hello(&status_request()), Hello::Status);
        assert_eq!(hello(b"GET / HTTP/1.1\r\n\r\n and more than seventy-one bytes of something else, to fill a frame, and a second......................................................."), Hello::Garbage);
    }

    #[test]
    fn a_hello_cut_anywhere_is_incomplete() {
        let whole = login("echo");
        (0..whole.len()).for_each(|cut| assert_eq!(hello(&whole[..cut]), Hello::Incomplete, "cut at {cut}"));
    }
}
