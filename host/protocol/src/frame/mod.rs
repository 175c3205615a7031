//! Frames: a VarInt of at most three bytes, then so many bytes of body.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Packets#Packet_format>

mod batch;

use std::ops::RangeInclusive;

use crate::{
    Progress,
    cursor::{Cursor, Stop},
    error::WireError,
    varint,
};

pub use batch::{Frame, Frames, MAX_EMPTY_FRAMES, count_empty};

/// Longest spelling of a frame's length in bytes.
pub const MAX_LENGTH_BYTES: usize = 3;

/// Longest body that three bytes of length can declare.
pub const MAX_BODY: usize = (1 << 21) - 1;

/// Reads the length of the frame at the front, which must lie within `bounds`: the whole frame's bytes, its length field
/// included. The body need not have arrived; `Complete` took the length field only.
pub fn check(prefix: &[u8], bounds: RangeInclusive<usize>) -> Result<Progress<usize>, WireError> {
    let Progress::Complete(body, head) = varint::read_up_to::<MAX_LENGTH_BYTES>(prefix)? else {
        return Ok(Progress::Incomplete);
    };
    let length = body as usize;
    if length > *bounds.end() {
        return Err(WireError::Oversized {
            length,
            limit: *bounds.end(),
        });
    }
    if length < *bounds.start() {
        return Err(WireError::Undersized {
            length,
            least: *bounds.start(),
        });
    }
    Ok(Progress::Complete(head + length, head))
}

/// The body of the frame at the front, once it is whole. An empty frame is an error: it cannot hold a packet id.
pub fn split(prefix: &[u8], max_body: usize) -> Result<Progress<&[u8]>, WireError> {
    let Progress::Complete(frame, head) = check(prefix, 1..=max_body)? else {
        return Ok(Progress::Incomplete);
    };
    Ok(match prefix.get(head..frame) {
        Some(body) => Progress::Complete(body, frame),
        None => Progress::Incomplete,
    })
}

/// Appends a frame with the body that `fill` writes, which must not exceed [`MAX_BODY`].
pub fn write(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fill(&mut body);
    debug_assert!(
        body.len() <= MAX_BODY,
        "every packet written here is bounded far below a frame's limit"
    );
    varint::write(body.len() as i32, out);
    out.extend_from_slice(&body);
}

/// Appends an uncompressed frame around a packet that is there already.
pub fn write_packet(packet: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    let length = i32::try_from(packet.len()).ok().filter(|_| packet.len() <= MAX_BODY);
    let length = length.ok_or(WireError::Oversized {
        length: packet.len(),
        limit: MAX_BODY,
    })?;
    varint::write(length, out);
    out.extend_from_slice(packet);
    Ok(())
}

/// Reads a packet with `read` from as much of its frame as is there, so that a bad field is refused before the frame is
/// whole. `Complete` comes as soon as `read` has what it wants, and takes the whole frame, arrived or not.
pub(crate) fn read<'a, T>(
    prefix: &'a [u8],
    bounds: RangeInclusive<usize>,
    read: impl FnOnce(Cursor<'a>) -> Result<T, Stop>,
) -> Result<Progress<T>, WireError> {
    let Progress::Complete(frame, head) = check(prefix, bounds)? else {
        return Ok(Progress::Incomplete);
    };
    let there = prefix.get(head..).unwrap_or_default();
    let body = there.get(..frame - head).unwrap_or(there);
    match read(Cursor::new(body, frame - head - body.len())) {
        Ok(value) => Ok(Progress::Complete(value, frame)),
        Err(Stop::Incomplete) => Ok(Progress::Incomplete),
        Err(Stop::Bad(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_split(bytes: &[u8], expect: Result<Progress<&[u8]>, WireError>) {
        assert_eq!(split(bytes, 300), expect, "{bytes:02x?}");
    }

    #[test]
    fn a_frame_is_split_off_once_it_is_whole() {
        check_split(&[], Ok(Progress::Incomplete));
        check_split(&[0x02], Ok(Progress::Incomplete));
        check_split(&[0x02, 7], Ok(Progress::Incomplete));
        check_split(&[0x02, 7, 8], Ok(Progress::Complete(&[7, 8], 3)));
        check_split(&[0x02, 7, 8, 9], Ok(Progress::Complete(&[7, 8], 3)));
        check_split(&[0x82, 0x80, 0x00, 7, 8], Ok(Progress::Complete(&[7, 8], 5)));
    }

    #[test]
    fn a_length_is_refused_as_soon_as_it_is_there() {
        check_split(&[0x00], Err(WireError::Undersized { length: 0, least: 1 }));
        check_split(
            &[0xad, 0x02],
            Err(WireError::Oversized {
                length: 301,
                limit: 300,
            }),
        );
        check_split(&[0xff, 0xff, 0xff], Err(WireError::VarIntTooLong));
    }

    #[test]
    fn a_written_frame_is_split_off_again() {
        let mut out = Vec::new();
        write(&mut out, |body| body.extend_from_slice(&[5; 200]));
        assert_eq!(split(&out, 300), Ok(Progress::Complete(&[5; 200][..], 202)));

        let mut packet = Vec::new();
        write_packet(&[5; 200], &mut packet).unwrap();
        assert_eq!(packet, out);
    }

    #[test]
    fn a_packet_too_long_for_a_frame_is_not_written() {
        let mut out = Vec::new();
        let error = WireError::Oversized {
            length: MAX_BODY + 1,
            limit: MAX_BODY,
        };
        assert_eq!(write_packet(&vec![0; MAX_BODY + 1], &mut out), Err(error));
        assert!(out.is_empty());
    }
}
