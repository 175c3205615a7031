//! NBT as far as a proxy needs it: skipping what it passes on, and text components. <https://minecraft.wiki/w/NBT_format>

mod text;

pub use text::{MAX_TEXT_NBT_BYTES, read_text, write_text};

use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
};

/// Levels of lists and compounds that are read, as clients read them.
pub const MAX_DEPTH: usize = 512;

pub(crate) const END: u8 = 0;
pub(crate) const BYTE: u8 = 1;
pub(crate) const SHORT: u8 = 2;
pub(crate) const INT: u8 = 3;
pub(crate) const LONG: u8 = 4;
pub(crate) const FLOAT: u8 = 5;
pub(crate) const DOUBLE: u8 = 6;
pub(crate) const BYTE_ARRAY: u8 = 7;
pub(crate) const STRING: u8 = 8;
pub(crate) const LIST: u8 = 9;
pub(crate) const COMPOUND: u8 = 10;
pub(crate) const INT_ARRAY: u8 = 11;
pub(crate) const LONG_ARRAY: u8 = 12;

/// Moves past one value with its tag and, unless `nameless`, the name of its root.
pub(crate) fn skip(cursor: &mut Cursor<'_>, nameless: bool) -> Result<(), Stop> {
    let tag = cursor.u8()?;
    if tag != END && !nameless {
        skip_string(cursor)?;
    }
    skip_value(cursor, tag, 0)
}

/// A length of 32 bits.
pub(crate) fn length(cursor: &mut Cursor<'_>) -> Result<usize, Stop> {
    let length = cursor.i32()?;
    Ok(usize::try_from(length).map_err(|_| WireError::BadNbt)?)
}

/// One level deeper, if that is allowed.
pub(crate) fn deeper(depth: usize, limit: usize) -> Result<usize, Stop> {
    if depth < limit {
        Ok(depth + 1)
    } else {
        Err(WireError::NbtTooDeep { limit }.into())
    }
}

fn skip_value(cursor: &mut Cursor<'_>, tag: u8, depth: usize) -> Result<(), Stop> {
    if let Some(bytes) = fixed_size(tag) {
        return cursor.take(bytes).map(drop);
    }
    match tag {
        BYTE_ARRAY => skip_array(cursor, 1),
        INT_ARRAY => skip_array(cursor, 4),
        LONG_ARRAY => skip_array(cursor, 8),
        STRING => skip_string(cursor),
        LIST => {
            let depth = deeper(depth, MAX_DEPTH)?;
            let element = cursor.u8()?;
            let count = length(cursor)?;
            if let Some(bytes) = fixed_size(element) {
                return take_many(cursor, count, bytes);
            }
            (0..count).try_for_each(|_| skip_value(cursor, element, depth))
        }
        COMPOUND => {
            let depth = deeper(depth, MAX_DEPTH)?;
            loop {
                let tag = cursor.u8()?;
                if tag == END {
                    return Ok(());
                }
                skip_string(cursor)?;
                skip_value(cursor, tag, depth)?;
            }
        }
        _ => Err(WireError::BadNbt.into()),
    }
}

/// Bytes of a value whose tag fixes them.
fn fixed_size(tag: u8) -> Option<usize> {
    Some(match tag {
        END => 0,
        BYTE => 1,
        SHORT => 2,
        INT | FLOAT => 4,
        LONG | DOUBLE => 8,
        _ => return None,
    })
}

fn skip_array(cursor: &mut Cursor<'_>, bytes: usize) -> Result<(), Stop> {
    let count = length(cursor)?;
    take_many(cursor, count, bytes)
}

fn take_many(cursor: &mut Cursor<'_>, count: usize, bytes: usize) -> Result<(), Stop> {
    cursor.take(count.saturating_mul(bytes)).map(drop)
}

fn skip_string(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = cursor.u16()?;
    cursor.take(usize::from(length)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], nameless: bool, expect: Result<usize, WireError>) {
        let mut cursor = Cursor::whole(bytes);
        let left = skip(&mut cursor, nameless).map(|()| cursor.rest().len());
        assert_eq!(left.map_err(WireError::from), expect, "{bytes:02x?}");
    }

    #[test]
    fn every_tag_is_skipped_and_what_follows_is_left() {
        check(&[END, 9], false, Ok(1));
        check(&[BYTE, 0, 1, b'n', 5, 9, 9], false, Ok(2));
        check(&[BYTE, 5, 9], true, Ok(1));
        check(&[SHORT, 0, 1], true, Ok(0));
        check(&[DOUBLE, 0, 0, 0, 0, 0, 0, 0, 0], true, Ok(0));
        check(&[STRING, 0, 2, b'a', b'b', 9], true, Ok(1));
        check(&[INT_ARRAY, 0, 0, 0, 1, 1, 2, 3, 4], true, Ok(0));
        check(&[LIST, SHORT, 0, 0, 0, 2, 1, 2, 3, 4, 9], true, Ok(1));
        check(&[LIST, END, 0, 0, 0, 0], true, Ok(0));
        check(&[LIST, STRING, 0, 0, 0, 1, 0, 1, b'a'], true, Ok(0));
        check(
            &[COMPOUND, BYTE, 0, 1, b'a', 7, COMPOUND, 0, 0, END, END, 9],
            true,
            Ok(1),
        );
    }

    #[test]
    fn nonsense_is_refused() {
        check(&[13], true, Err(WireError::BadNbt));
        check(&[LIST, BYTE, 0xff, 0xff, 0xff, 0xff], true, Err(WireError::BadNbt));
        check(
            &[LONG_ARRAY, 0x7f, 0xff, 0xff, 0xff, 1],
            true,
            Err(WireError::Truncated),
        );
        check(&[LIST, END, 0x7f, 0xff, 0xff, 0xff], true, Ok(0));
        check(&[COMPOUND, BYTE, 0, 1, b'a'], true, Err(WireError::Truncated));
        check(&[COMPOUND], true, Err(WireError::Truncated));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| {
            let mut bytes = vec![LIST];
            bytes.extend([LIST, 0, 0, 0, 1].repeat(depth - 1));
            bytes.extend([END, 0, 0, 0, 0]);
            bytes
        };
        check(&nested(MAX_DEPTH), true, Ok(0));
        check(
            &nested(MAX_DEPTH + 1),
            true,
            Err(WireError::NbtTooDeep { limit: MAX_DEPTH }),
        );
    }
}
