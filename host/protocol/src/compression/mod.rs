//! Compressed bodies: a VarInt with the packet's length and a zlib stream, or 0 and the packet as it is.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Packets#With_compression>
//!
//! A proxy mostly wants a packet's id and nothing else: [`peek_id`] inflates only the bytes that hold it. Where both sides
//! compress from the same length on, the frame's own bytes are then passed on, and nothing is inflated or deflated whole.

mod prefix;

use libdeflater::{CompressionLvl, Compressor, Decompressor};
use thiserror::Error;

use crate::{Progress, error::WireError, frame, varint};

/// Longest packet to a client, inflated: eight times what a frame holds, as vanilla clients read.
pub const MAX_CLIENTBOUND: usize = 8 << 20;

/// Longest packet to a server, inflated: what a frame holds uncompressed. Clients send far less.
pub const MAX_SERVERBOUND: usize = 2 << 20;

/// Deflate makes at most 258 bytes of two bits: a stream cannot become longer than this many times itself.
/// <https://zlib.net/zlib_tech.html>
const MAX_RATIO: usize = 1032;

/// Bytes of a zlib stream besides its data: two in front and a checksum of four.
const ZLIB_OVERHEAD: usize = 6;

/// Longest spelling of a packet id.
const MAX_ID_BYTES: usize = varint::MAX_BYTES;

/// Why a body cannot be unpacked, or must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CompressionError {
    /// The length in front, or the id, cannot be read: random bytes, or a side that does not compress.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The packet is longer than its side may send: an attack on memory, or a server with enormous packets.
    #[error("a packet of {claimed} bytes when inflated, where at most {limit} are allowed")]
    TooLong {
        /// Length in bytes that the sender claims.
        claimed: usize,
        /// The direction's limit in bytes.
        limit: usize,
    },
    /// Compressed, although shorter than agreed: a sender out of step with the threshold.
    #[error("a packet of {claimed} bytes is compressed below the threshold of {threshold}")]
    BelowThreshold {
        /// Length in bytes that the sender claims.
        claimed: usize,
        /// The agreed length in bytes.
        threshold: u32,
    },
    /// Not compressed, although as long as agreed: a sender out of step with the threshold.
    #[error("a packet of {length} bytes is not compressed at a threshold of {threshold}")]
    NotCompressed {
        /// Length of the packet in bytes.
        length: usize,
        /// The agreed length in bytes.
        threshold: u32,
    },
    /// The stream is too short for the length that it claims: a decompression bomb that was not even built.
    #[error("{compressed} compressed bytes cannot become {claimed}")]
    Bomb {
        /// Length in bytes that the sender claims.
        claimed: usize,
        /// Bytes of the stream.
        compressed: usize,
    },
    /// No zlib stream: random bytes, or a broken sender.
    #[error("a broken zlib stream")]
    Corrupt,
    /// The stream holds another length than the one in front of it: a broken or hostile sender.
    #[error("a zlib stream of another length than the {claimed} bytes claimed")]
    WrongLength {
        /// Length in bytes that the sender claims.
        claimed: usize,
    },
}

impl CompressionError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.label(),
            Self::TooLong { .. } => "inflated-too-long",
            Self::BelowThreshold { .. } => "compressed-below-threshold",
            Self::NotCompressed { .. } => "not-compressed",
            Self::Bomb { .. } => "decompression-bomb",
            Self::Corrupt => "bad-zlib",
            Self::WrongLength { .. } => "inflated-other-length",
        }
    }
}

/// The length in bytes from which packets are compressed. Two sides with the same one can exchange frames as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(pub u32);

impl Threshold {
    /// From a set-compression packet; a negative number switches compression off.
    pub fn of_wire(threshold: i32) -> Option<Self> {
        u32::try_from(threshold).ok().map(Self)
    }
}

/// A body with its length field read and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed<'a> {
    /// The packet, not compressed.
    Plain(&'a [u8]),
    /// A zlib stream.
    Zlib {
        /// The packet's length in bytes, within the limit and possible for the stream.
        length: usize,
        /// The stream.
        stream: &'a [u8],
    },
}

impl<'a> Packed<'a> {
    /// Reads the front of a frame's body. Packets may have up to `limit` bytes.
    pub fn of_body(body: &'a [u8], threshold: Threshold, limit: usize) -> Result<Self, CompressionError> {
        let Progress::Complete(claimed, head) = varint::read(body)? else {
            return Err(WireError::Truncated.into());
        };
        let rest = body.get(head..).unwrap_or_default();
        let Threshold(least) = threshold;
        if claimed == 0 {
            let length = rest.len();
            return if length < least as usize {
                Ok(Self::Plain(rest))
            } else {
                Err(CompressionError::NotCompressed {
                    length,
                    threshold: least,
                })
            };
        }
        // A negative length is no smaller a lie than an enormous one.
        let length = usize::try_from(claimed).unwrap_or(usize::MAX);
        if length > limit {
            return Err(CompressionError::TooLong { claimed: length, limit });
        }
        if length < least as usize {
            return Err(CompressionError::BelowThreshold {
                claimed: length,
                threshold: least,
            });
        }
        if length > rest.len().saturating_sub(ZLIB_OVERHEAD).saturating_mul(MAX_RATIO) {
            return Err(CompressionError::Bomb {
                claimed: length,
                compressed: rest.len(),
            });
        }
        Ok(Self::Zlib { length, stream: rest })
    }

    /// The packet's id. Of a stream only the first bytes are inflated: whether the rest is good is its receiver's to find out.
    pub fn id(&self) -> Result<i32, CompressionError> {
        let mut inflated = [0; MAX_ID_BYTES];
        let start = match self {
            Self::Plain(packet) => packet,
            Self::Zlib { length, stream } => {
                let wanted = inflated.get_mut(..(*length).min(MAX_ID_BYTES)).unwrap_or_default();
                let got = prefix::inflate(stream, wanted, ends_var_int)?;
                inflated.get(..got).unwrap_or_default()
            }
        };
        match varint::read(start)? {
            Progress::Complete(id, _) => Ok(id),
            Progress::Incomplete => Err(WireError::Truncated.into()),
        }
    }
}

/// The id of the packet in a frame's body, compressed or not.
pub fn peek_id(body: &[u8], threshold: Threshold, limit: usize) -> Result<i32, CompressionError> {
    Packed::of_body(body, threshold, limit)?.id()
}

/// Inflates packets into a buffer of its own, which grows to the longest packet it has seen. One per thread is enough.
pub struct Inflater {
    zlib: Decompressor,
    buffer: Vec<u8>,
}

impl Inflater {
    /// An inflater without a buffer yet.
    pub fn new() -> Self {
        Self {
            zlib: Decompressor::new(),
            buffer: Vec::new(),
        }
    }

    /// The packet in a frame's body: borrowed from the body if it is not compressed, otherwise from the inflater's buffer.
    /// Nothing is allocated before the length was checked.
    pub fn inflate<'b>(
        &'b mut self,
        body: &'b [u8],
        threshold: Threshold,
        limit: usize,
    ) -> Result<&'b [u8], CompressionError> {
        let (claimed, stream) = match Packed::of_body(body, threshold, limit)? {
            Packed::Plain(packet) => return Ok(packet),
            Packed::Zlib { length, stream } => (length, stream),
        };
        if self.buffer.len() < claimed {
            self.buffer.resize(claimed, 0);
        }
        let room = self.buffer.get_mut(..claimed).unwrap_or_default();
        match self.zlib.zlib_decompress(stream, room) {
            Ok(length) if length == claimed => Ok(room),
            Ok(_) | Err(libdeflater::DecompressionError::InsufficientSpace) => {
                Err(CompressionError::WrongLength { claimed })
            }
            Err(libdeflater::DecompressionError::BadData) => Err(CompressionError::Corrupt),
        }
    }

    /// Gives back memory above `keep` bytes, after an unusually long packet.
    pub fn shrink(&mut self, keep: usize) {
        self.buffer.truncate(keep);
        self.buffer.shrink_to(keep);
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes packets as compressed frames. Holds tables of a few hundred KiB: one per thread, not one per connection.
pub struct Deflater {
    zlib: Compressor,
}

impl Deflater {
    /// Levels that libdeflate knows: 0 stores, 12 is slowest. Vanilla servers use zlib's 6.
    pub const LEVELS: std::ops::RangeInclusive<i32> = 0..=12;

    /// A deflater of this level; one outside [`Self::LEVELS`] is taken for the nearest.
    pub fn new(level: i32) -> Self {
        let level = level.clamp(*Self::LEVELS.start(), *Self::LEVELS.end());
        let level = CompressionLvl::new(level).unwrap_or_default();
        Self {
            zlib: Compressor::new(level),
        }
    }

    /// Appends `packet` as a frame, compressed if it is as long as `threshold`.
    pub fn write(&mut self, packet: &[u8], threshold: Threshold, out: &mut Vec<u8>) -> Result<(), WireError> {
        let Threshold(least) = threshold;
        if packet.len() < least as usize {
            return write_plain(packet, out);
        }
        let too_long = |length, limit| WireError::Oversized { length, limit };
        let claimed = i32::try_from(packet.len())
            .ok()
            .filter(|_| packet.len() <= MAX_CLIENTBOUND);
        let claimed = claimed.ok_or(too_long(packet.len(), MAX_CLIENTBOUND))?;

        // The frame's length is known only afterwards: three bytes are kept for it, and it is spelt with as many.
        let frame = out.len();
        out.extend_from_slice(&[0; frame::MAX_LENGTH_BYTES]);
        varint::write(claimed, out);
        let stream = out.len();
        out.resize(stream + self.zlib.zlib_compress_bound(packet.len()), 0);
        let room = out.get_mut(stream..).unwrap_or_default();
        let written = self.zlib.zlib_compress(packet, room).unwrap_or(usize::MAX);
        let body = (stream - frame - frame::MAX_LENGTH_BYTES).saturating_add(written);
        if body > frame::MAX_BODY {
            out.truncate(frame);
            return Err(too_long(body, frame::MAX_BODY));
        }
        out.truncate(stream + written);
        if let Some(length) = out.get_mut(frame..frame + frame::MAX_LENGTH_BYTES) {
            length.copy_from_slice(&three_bytes(body));
        }
        Ok(())
    }
}

/// Whether these bytes hold a whole VarInt.
fn ends_var_int(bytes: &[u8]) -> bool {
    bytes.last().is_some_and(|byte| byte & 0x80 == 0)
}

fn write_plain(packet: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    let body = packet.len() + 1;
    if body > frame::MAX_BODY {
        return Err(WireError::Oversized {
            length: body,
            limit: frame::MAX_BODY,
        });
    }
    varint::write(body as i32, out);
    out.push(0);
    out.extend_from_slice(packet);
    Ok(())
}

/// `length`, which fits 21 bits, as a VarInt of exactly three bytes.
fn three_bytes(length: usize) -> [u8; frame::MAX_LENGTH_BYTES] {
    [length as u8 | 0x80, (length >> 7) as u8 | 0x80, (length >> 14) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_64: Threshold = Threshold(64);

    fn frame_of(packet: &[u8], threshold: Threshold) -> Vec<u8> {
        let mut out = vec![9, 9];
        Deflater::new(6).write(packet, threshold, &mut out).unwrap();
        out.split_off(2)
    }

    fn body_of(packet: &[u8], threshold: Threshold) -> Vec<u8> {
        let frame = frame_of(packet, threshold);
        let Ok(Progress::Complete(body, taken)) = frame::split(&frame, frame::MAX_BODY) else {
            panic!("a whole frame")
        };
        assert_eq!(taken, frame.len());
        body.to_vec()
    }

    #[track_caller]
    fn check(body: &[u8], limit: usize, expect: Result<&[u8], CompressionError>) {
        assert_eq!(Inflater::new().inflate(body, AT_64, limit), expect, "{body:02x?}");
    }

    #[test]
    fn packets_come_back_as_they_were() {
        let mut inflater = Inflater::new();
        for length in [1, 63, 64, 65, 1_000, 100_000] {
            let packet = (0..length as u32)
                .map(|at| (at.wrapping_mul(at) >> 5) as u8)
                .collect::<Vec<_>>();
            for threshold in [Threshold(0), AT_64, Threshold(u32::MAX)] {
                let body = body_of(&packet, threshold);
                assert_eq!(inflater.inflate(&body, threshold, MAX_SERVERBOUND), Ok(&packet[..]));
                let (id, _) = crate::packets::split_id(&packet).unwrap();
                assert_eq!(peek_id(&body, threshold, MAX_SERVERBOUND), Ok(id), "{length}");
            }
        }
        inflater.shrink(1_000);
        assert!(inflater.buffer.capacity() <= 1_000);
    }

    #[test]
    fn the_threshold_is_kept_by_both_sides() {
        assert_eq!(body_of(&[7; 63], AT_64)[0], 0);
        assert_eq!(body_of(&[7; 64], AT_64)[0], 64);
        let error = CompressionError::NotCompressed {
            length: 64,
            threshold: 64,
        };
        check(&[&[0][..], &[7; 64]].concat(), 100, Err(error));
        let error = CompressionError::BelowThreshold {
            claimed: 63,
            threshold: 64,
        };
        check(&body_of(&[7; 63], Threshold(0)), 100, Err(error));
        assert_eq!(Threshold::of_wire(-1), None);
        assert_eq!(Threshold::of_wire(256), Some(Threshold(256)));
    }

    #[test]
    fn claims_are_refused_before_anything_is_allocated() {
        let body = body_of(&[7; 300], AT_64);
        let error = CompressionError::TooLong {
            claimed: 300,
            limit: 299,
        };
        check(&body, 299, Err(error));
        let error = CompressionError::TooLong {
            claimed: usize::MAX,
            limit: 299,
        };
        check(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1], 299, Err(error));
        // Two MiB of twenty bytes: no stream is that dense.
        let bomb = [&[0x80, 0x80, 0x80, 0x01][..], &[0x78; 20]].concat();
        let error = CompressionError::Bomb {
            claimed: 2 << 20,
            compressed: 20,
        };
        check(&bomb, MAX_SERVERBOUND, Err(error));
        check(&[], 299, Err(WireError::Truncated.into()));
        check(&[0xff; 6], 299, Err(WireError::VarIntTooLong.into()));
    }

    #[test]
    fn a_stream_that_is_not_what_it_claims_is_refused() {
        let good = body_of(&[7; 300], AT_64);
        let claiming = |length: i32| {
            let mut body = Vec::new();
            varint::write(length, &mut body);
            body.extend_from_slice(&good[2..]);
            body
        };
        for claimed in [299, 301] {
            let error = CompressionError::WrongLength { claimed };
            check(&claiming(claimed as i32), 400, Err(error));
        }
        let mut broken = good.clone();
        let last = broken.len() - 1;
        broken[last] ^= 1;
        check(&broken, 400, Err(CompressionError::Corrupt));
        // The id is told all the same: its receiver will refuse the rest.
        assert_eq!(peek_id(&broken, AT_64, 400), Ok(7));
    }

    #[test]
    fn a_packet_that_fits_no_frame_is_not_written() {
        let mut deflater = Deflater::new(0);
        let mut out = vec![1];
        let packet = vec![0; frame::MAX_BODY];
        assert!(deflater.write(&packet, AT_64, &mut out).is_err());
        assert!(deflater.write(&packet, Threshold(u32::MAX), &mut out).is_err());
        assert!(deflater.write(&vec![0; MAX_CLIENTBOUND + 1], AT_64, &mut out).is_err());
        assert_eq!(out, [1]);
    }
}
