//! Reads fields from the part of a frame that has arrived, telling "not yet" from "never".

use uuid::Uuid;

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

    /// A string of at most so many UTF-16 units, which is how Minecraft counts characters. Three bytes hold any unit.
    pub(crate) fn text(&mut self, units: usize) -> Result<&'a str, Stop> {
        let text = self.string(units.saturating_mul(3))?;
        // Units never outnumber bytes.
        if text.len() > units && text.encode_utf16().count() > units {
            return Err(WireError::StringTooLong {
                length: i64::try_from(text.len()).unwrap_or(i64::MAX),
                limit: units,
            }
            .into());
        }
        Ok(text)
    }

    /// Anything but 0 is true.
    pub(crate) fn bool(&mut self) -> Result<bool, Stop> {
        Ok(self.u8()? != 0)
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, Stop> {
        self.array().map(Uuid::from_bytes)
    }

    /// How many elements follow: a VarInt, refused above `limit` before anything is kept for them.
    pub(crate) fn count(&mut self, limit: usize) -> Result<usize, Stop> {
        let declared = self.var_int()?;
        within(declared.into(), limit)
    }

    /// A VarInt and so many bytes.
    pub(crate) fn bytes(&mut self, limit: usize) -> Result<&'a [u8], Stop> {
        let length = self.count(limit)?;
        self.take(length)
    }

    /// 16 bits and so many bytes: how 1.7 counts.
    pub(crate) fn short_bytes(&mut self, limit: usize) -> Result<&'a [u8], Stop> {
        let declared = self.array().map(i16::from_be_bytes)?;
        let length = within(declared.into(), limit)?;
        self.take(length)
    }

    /// Whether a value follows, and the value.
    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<Option<T>, Stop> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    /// A count and so many values.
    pub(crate) fn list<T>(
        &mut self,
        limit: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<Vec<T>, Stop> {
        let count = self.count(limit)?;
        (0..count).map(|_| read(self)).collect()
    }

    /// All that is left, which must not be more than `limit` bytes.
    pub(crate) fn remaining(&mut self, limit: usize) -> Result<&'a [u8], Stop> {
        let left = self.there.len();
        within(i64::try_from(left).unwrap_or(i64::MAX), limit)?;
        self.take(left)
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

fn within(length: i64, limit: usize) -> Result<usize, Stop> {
    let checked = usize::try_from(length).ok().filter(|length| *length <= limit);
    checked.ok_or(WireError::ListTooLong { length, limit }.into())
}
