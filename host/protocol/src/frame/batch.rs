//! All whole frames of a buffer, each with its own bytes, so that what nobody wants is passed on as it came.

use super::check;
use crate::{Progress, error::WireError};

/// Empty frames in a row that are passed over, as every client and server passes over them. They hold no packet.
pub const MAX_EMPTY_FRAMES: usize = 16;

/// How many empty frames there are at the front, each of one byte; an error if they are too many.
pub fn count_empty(bytes: &[u8]) -> Result<usize, WireError> {
    let empty = bytes
        .iter()
        .take(MAX_EMPTY_FRAMES + 1)
        .take_while(|byte| **byte == 0)
        .count();
    if empty > MAX_EMPTY_FRAMES {
        return Err(WireError::EmptyFrames {
            limit: MAX_EMPTY_FRAMES,
        });
    }
    Ok(empty)
}

/// A whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// All its bytes, the length included. Empty frames before it are left out.
    pub bytes: &'a [u8],
    /// What follows the length.
    pub body: &'a [u8],
}

/// Iterates over the whole frames at the front of a buffer. After an error nothing more comes.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    buffer: &'a [u8],
    taken: usize,
    max_body: usize,
    failed: bool,
}

impl<'a> Frames<'a> {
    /// The frames of `buffer`, whose bodies may have up to `max_body` bytes.
    pub fn new(buffer: &'a [u8], max_body: usize) -> Self {
        Self {
            buffer,
            taken: 0,
            max_body,
            failed: false,
        }
    }

    /// Bytes from the front of the buffer that the frames so far took. What follows waits for more.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Bytes that the frame at the front needs in all, once its length has arrived: what a reader should have room for.
    pub fn needed(&self) -> Option<usize> {
        match check(self.rest(), 1..=self.max_body) {
            Ok(Progress::Complete(frame, _)) => Some(frame),
            _ => None,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    fn split(&mut self) -> Result<Option<Frame<'a>>, WireError> {
        let rest = self.rest();
        let empty = count_empty(rest)?;
        let rest = rest.get(empty..).unwrap_or_default();
        let Progress::Complete(frame, head) = check(rest, 1..=self.max_body)? else {
            return Ok(None);
        };
        let Some(bytes) = rest.get(..frame) else {
            return Ok(None);
        };
        self.taken += empty + frame;
        Ok(bytes.get(head..).map(|body| Frame { bytes, body }))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.split();
        self.failed = next.is_err();
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(buffer: &[u8], bodies: &[&[u8]], taken: usize, error: Option<WireError>) {
        let mut frames = Frames::new(buffer, 300);
        for body in bodies {
            let frame = frames.next().expect("a frame").expect("a good frame");
            assert_eq!(frame.body, *body);
            assert!(frame.bytes.ends_with(body) && frame.bytes.len() > body.len());
        }
        assert_eq!(frames.next().and_then(Result::err), error);
        assert_eq!(frames.next(), None);
        assert_eq!(frames.taken(), taken);
    }

    #[test]
    fn whole_frames_come_one_by_one_and_the_rest_waits() {
        check(&[], &[], 0, None);
        check(&[1], &[], 0, None);
        check(&[1, 7], &[&[7]], 2, None);
        check(&[1, 7, 2, 8, 9], &[&[7], &[8, 9]], 5, None);
        check(&[1, 7, 2, 8], &[&[7]], 2, None);
        check(&[0x81, 0x80, 0x00, 7], &[&[7]], 4, None);
    }

    #[test]
    fn empty_frames_are_passed_over_up_to_a_limit() {
        check(&[0, 0, 1, 7, 0, 1, 8], &[&[7], &[8]], 7, None);
        check(&[1, 7, 0, 0], &[&[7]], 2, None);
        check(&[&[0; 16][..], &[1, 7]].concat(), &[&[7]], 18, None);
        let error = WireError::EmptyFrames { limit: 16 };
        check(&[&[1, 7][..], &[0; 17]].concat(), &[&[7]], 2, Some(error));
    }

    #[test]
    fn a_bad_length_ends_it_after_the_good_frames() {
        let oversized = WireError::Oversized {
            length: 301,
            limit: 300,
        };
        check(&[1, 7, 0xad, 0x02], &[&[7]], 2, Some(oversized));
        check(&[1, 7, 0xff, 0xff, 0xff], &[&[7]], 2, Some(WireError::VarIntTooLong));
        let zero = WireError::Undersized { length: 0, least: 1 };
        check(&[0x80, 0x00, 1, 7], &[], 0, Some(zero));
    }

    #[test]
    fn a_reader_learns_how_much_room_the_next_frame_needs() {
        let mut frames = Frames::new(&[1, 7, 0xac, 0x02, 0], 300);
        assert_eq!(frames.needed(), Some(2));
        assert!(frames.next().is_some());
        assert_eq!(frames.needed(), Some(302));
        assert_eq!(Frames::new(&[0x80], 300).needed(), None);
    }
}
