//! Fields of packets that this crate has no type for: for plugins, which read and write packets of their own choice.

pub use uuid::Uuid;

use crate::{cursor::Cursor, error::WireError, put};

/// Reads the fields of a whole packet, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(Cursor<'a>);

impl<'a> Reader<'a> {
    /// Of what follows a packet's id.
    pub fn new(fields: &'a [u8]) -> Self {
        Self(Cursor::whole(fields))
    }

    /// So many bytes, as numbers have them: the highest first.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        Ok(self.0.array()?)
    }

    /// A VarInt.
    pub fn var_int(&mut self) -> Result<i32, WireError> {
        Ok(self.0.var_int()?)
    }

    /// A text of at most so many characters, counted as Minecraft does: in UTF-16 units.
    pub fn text(&mut self, most: usize) -> Result<&'a str, WireError> {
        Ok(self.0.text(most)?)
    }

    /// How many elements follow: refused above `most`, before anything is kept for them.
    pub fn count(&mut self, most: usize) -> Result<usize, WireError> {
        Ok(self.0.count(most)?)
    }

    /// All that is left, at most so many bytes.
    pub fn remaining(&mut self, most: usize) -> Result<&'a [u8], WireError> {
        Ok(self.0.remaining(most)?)
    }

    /// Nothing may be left.
    pub fn finish(self) -> Result<(), WireError> {
        Ok(self.0.finish()?)
    }
}

/// Appends a VarInt.
pub fn write_var_int(value: i32, out: &mut Vec<u8>) {
    put::var_int(value, out);
}

/// Appends a text.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    put::string(text, out);
}

/// Appends how many elements follow.
pub fn write_count(count: usize, out: &mut Vec<u8>) {
    put::count(count, out);
}
