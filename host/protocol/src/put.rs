//! Appends fields: the other half of [`Cursor`](crate::cursor::Cursor). Callers bound what they write.

use uuid::Uuid;

pub(crate) use crate::varint::{write as var_int, write_string as string};

pub(crate) fn bool(value: bool, out: &mut Vec<u8>) {
    out.push(value.into());
}

pub(crate) fn uuid(value: Uuid, out: &mut Vec<u8>) {
    out.extend_from_slice(value.as_bytes());
}

/// A VarInt that counts what follows.
pub(crate) fn count(length: usize, out: &mut Vec<u8>) {
    debug_assert!(
        i32::try_from(length).is_ok(),
        "callers bound what they write far below 2 GiB"
    );
    var_int(length as i32, out);
}

/// A VarInt and so many bytes.
pub(crate) fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    count(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// 16 bits and so many bytes: how 1.7 counts.
pub(crate) fn short_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    debug_assert!(
        i16::try_from(bytes.len()).is_ok(),
        "callers bound what they write to 32,767 bytes"
    );
    out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Whether a value follows, and the value.
pub(crate) fn option<T>(value: Option<T>, out: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    bool(value.is_some(), out);
    if let Some(value) = value {
        write(value, out);
    }
}

/// A count and so many values.
pub(crate) fn list<T>(values: &[T], out: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    count(values.len(), out);
    values.iter().for_each(|value| write(value, out));
}
