//! VarInt: 7 bits a byte, least significant first, the top bit set on every byte but the last.
//!
//! Overlong spellings (`80 00` for 0) are read as Minecraft reads them, and bits past the 32nd are dropped as it drops them;
//! what is refused is a continuation past the last allowed byte. Writing is always shortest.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Data_types#VarInt_and_VarLong>

use crate::{Progress, error::WireError};

/// Longest spelling in bytes: 32 bits at 7 a byte.
pub const MAX_BYTES: usize = 5;

const PAYLOAD: u8 = 0x7f;
const CONTINUES: u8 = 0x80;

/// Reads a VarInt from the front of `bytes`.
pub fn read(bytes: &[u8]) -> Result<Progress<i32>, WireError> {
    Ok(read_up_to::<MAX_BYTES>(bytes)?.map(u32::cast_signed))
}

/// Appends the shortest spelling of `value`.
pub fn write(value: i32, out: &mut Vec<u8>) {
    let mut left = value.cast_unsigned();
    while left > u32::from(PAYLOAD) {
        // The mask leaves 7 bits: nothing is lost.
        out.push((left & u32::from(PAYLOAD)) as u8 | CONTINUES);
        left >>= 7;
    }
    out.push(left as u8);
}

/// Reads a VarInt of at most `MAX` bytes, which must be 5 or fewer.
pub(crate) fn read_up_to<const MAX: usize>(bytes: &[u8]) -> Result<Progress<u32>, WireError> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(MAX).enumerate() {
        value |= u32::from(byte & PAYLOAD) << (7 * at);
        if byte & CONTINUES == 0 {
            return Ok(Progress::Complete(value, at + 1));
        }
    }
    if bytes.len() < MAX {
        Ok(Progress::Incomplete)
    } else {
        Err(WireError::VarIntTooLong)
    }
}

/// Appends the length of `text` in bytes, then its bytes.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    debug_assert!(
        i32::try_from(text.len()).is_ok(),
        "callers bound what they write far below 2 GiB"
    );
    write(text.len() as i32, out);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expect: Result<Progress<i32>, WireError>) {
        assert_eq!(read(bytes), expect, "{bytes:02x?}");
    }

    #[test]
    fn reads_the_examples_of_the_protocol_page() {
        for (bytes, value) in [
            (&[0x00][..], 0),
            (&[0x7f], 127),
            (&[0x80, 0x01], 128),
            (&[0xdd, 0xc7, 0x01], 25565),
            (&[0xff, 0xff, 0xff, 0xff, 0x07], i32::MAX),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f], -1),
            (&[0x80, 0x80, 0x80, 0x80, 0x08], i32::MIN),
        ] {
            check(bytes, Ok(Progress::Complete(value, bytes.len())));
            let mut written = Vec::new();
            write(value, &mut written);
            assert_eq!(written, bytes);
        }
    }

    #[test]
    fn reads_overlong_spellings_as_minecraft_does() {
        check(&[0x80, 0x00], Ok(Progress::Complete(0, 2)));
        check(&[0x80, 0x80, 0x80, 0x80, 0x00], Ok(Progress::Complete(0, 5)));
        check(&[0xff, 0xff, 0xff, 0xff, 0x7f], Ok(Progress::Complete(-1, 5)));
    }

    #[test]
    fn waits_for_the_last_byte_and_refuses_a_sixth() {
        check(&[], Ok(Progress::Incomplete));
        check(&[0xff; 4], Ok(Progress::Incomplete));
        check(&[0xff; 5], Err(WireError::VarIntTooLong));
    }

    #[test]
    fn leaves_what_follows_alone() {
        check(&[0x01, 0xff, 0xff], Ok(Progress::Complete(1, 1)));
    }
}
