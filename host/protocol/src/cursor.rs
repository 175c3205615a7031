//! Reads fields from the part of a frame that has arrived, telling "not yet" from "never".

use crate::{Progress, error::WireError, varint};

/// Why a field could not be read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The frame has room for the field, yet its bytes have not arrived.
    Incomplete,
    /// The field is wrong, whatever arrives.
    Bad(WireError),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        Self::Bad(error)
    }
}

/// For fields of a frame that is whole: what has not arrived never will.
impl From<Stop> for WireError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Incomplete => Self::Truncated,
            Stop::Bad(error) => error,
        }
    }
}

/// A position in a frame of known length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    there: &'a [u8],
    missing: usize,
}

impl<'a> Cursor<'a> {
    /// `there` has arrived; `missing` more bytes belong to the frame.
    pub(crate) fn new(there: &'a [u8], missing: usize) -> Self {
        Self { there, missing }
    }

    /// All of `bytes` is there, and nothing follows.
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        Self::new(bytes, 0)
    }

    /// What has arrived and was not read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.there
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let (taken, rest) = self.there.split_at_checked(count).ok_or_else(|| self.short_of(count))?;
        self.there = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let (taken, rest) = self.there.split_first_chunk().ok_or_else(|| self.short_of(N))?;
        self.there = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Stop> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Stop> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32, Stop> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Stop> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn var_int(&mut self) -> Result<i32, Stop> {
        match varint::read(self.there)? {
            Progress::Complete(value, length) => self.take(length).map(|_| value),
            Progress::Incomplete => Err(self.short_of(self.there.len() + 1)),
        }
    }

    /// A VarInt of bytes and so many bytes of UTF-8. A length above `limit` is refused before its bytes are waited for.
    pub(crate) fn string(&mut self, limit: usize) -> Result<&'a str, Stop> {
        let declared = self.var_int()?;
        let length = usize::try_from(declared).ok().filter(|length| *length <= limit);
        let length = length.ok_or(WireError::StringTooLong {
            length: declared.into(),
            limit,
        })?;
        let bytes = self.take(length)?;
        Ok(str::from_utf8(bytes).map_err(|_| WireError::NotUnicode)?)
    }

    /// The packet id, of which every packet read here has one byte. A longer spelling of the same number is refused, too: no
    /// client writes it, and garbage is told from a client by this byte.
    pub(crate) fn packet_id(&mut self, allowed: &[u8]) -> Result<u8, Stop> {
        let found = self.u8()?;
        if allowed.contains(&found) {
            Ok(found)
        } else {
            Err(WireError::BadPacket { found }.into())
        }
    }

    /// Every field has been read: the frame must be at its end.
    pub(crate) fn finish(self) -> Result<(), Stop> {
        match self.there.len() + self.missing {
            0 => Ok(()),
            left => Err(WireError::TrailingBytes(left).into()),
        }
    }

    fn short_of(&self, count: usize) -> Stop {
        if count <= self.there.len() + self.missing {
            Stop::Incomplete
        } else {
            WireError::Truncated.into()
        }
    }
}
