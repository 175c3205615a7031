//! What can be wrong with bytes, whatever packet they were meant to be.

use thiserror::Error;

/// Bytes that no client or server of any version sends in this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// A frame declares a body above the limit of its state: mostly random bytes read as a length, or an attack on buffers.
    #[error("a frame of {length} bytes, where at most {limit} are allowed")]
    Oversized {
        /// Declared bytes of the body.
        length: usize,
        /// The state's limit in bytes.
        limit: usize,
    },
    /// A frame declares a body too short for any packet of its state: random bytes, or a client of another protocol.
    #[error("a frame of {length} bytes, where at least {least} are needed")]
    Undersized {
        /// Declared bytes of the body.
        length: usize,
        /// Bytes of the state's shortest packet.
        least: usize,
    },
    /// A VarInt goes on past its last allowed byte: random bytes.
    #[error("a VarInt longer than its field allows")]
    VarIntTooLong,
    /// A packet of another kind than the state allows: another protocol, or a client out of step.
    #[error("packet 0x{found:02x} is not allowed here")]
    BadPacket {
        /// First byte of the packet id.
        found: u8,
    },
    /// A field runs past the end of its frame: a broken or hostile sender.
    #[error("a field runs past the end of its frame")]
    Truncated,
    /// A frame goes on after its packet's last field: a broken sender, or a version that nobody knows yet.
    #[error("{0} bytes follow the packet's last field")]
    TrailingBytes(usize),
    /// A string declares a negative length or one above the field's limit: random bytes or an attack.
    #[error("a string of {length} bytes, where at most {limit} are allowed")]
    StringTooLong {
        /// Declared bytes, as the signed number on the wire.
        length: i64,
        /// The field's limit in bytes.
        limit: usize,
    },
    /// An array or list declares a negative length or one above the field's limit: random bytes or an attack.
    #[error("a list of {length}, where at most {limit} are allowed")]
    ListTooLong {
        /// Declared elements, as the signed number on the wire.
        length: i64,
        /// The field's limit in elements.
        limit: usize,
    },
    /// More empty frames in a row than any sender has a reason for: an attack on frame counters.
    #[error("more than {limit} empty frames in a row")]
    EmptyFrames {
        /// Empty frames in a row that are passed over.
        limit: usize,
    },
    /// A field has a value that the packet gives no meaning to: a broken sender, or a version that nobody knows yet.
    #[error("{0} has a value without a meaning")]
    BadValue(&'static str),
    /// NBT nested deeper than any packet needs: an attack on the reader's stack.
    #[error("NBT nested more than {limit} deep")]
    NbtTooDeep {
        /// Levels that are read.
        limit: usize,
    },
    /// NBT with a tag that does not exist, or a length below zero: a broken sender or random bytes.
    #[error("NBT with a tag or length that does not exist")]
    BadNbt,
    /// A string is not UTF-8 (UTF-16 for legacy clients): a broken sender or random bytes.
    #[error("a string that is not valid Unicode")]
    NotUnicode,
}

impl WireError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Oversized { .. } => "oversized",
            Self::Undersized { .. } => "undersized",
            Self::VarIntTooLong => "bad-varint",
            Self::BadPacket { .. } => "bad-packet",
            Self::Truncated => "truncated",
            Self::TrailingBytes(_) => "trailing-bytes",
            Self::StringTooLong { .. } => "string-too-long",
            Self::ListTooLong { .. } => "list-too-long",
            Self::EmptyFrames { .. } => "empty-frames",
            Self::BadValue(_) => "bad-value",
            Self::NbtTooDeep { .. } => "nbt-too-deep",
            Self::BadNbt => "bad-nbt",
            Self::NotUnicode => "not-unicode",
        }
    }
}
