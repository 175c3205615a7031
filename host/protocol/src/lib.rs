//! Minecraft: Java Edition wire formats without I/O: bytes in, values out.
//!
//! Before a route is chosen, every parser takes the first bytes of a stream, as many as are there, and answers [`Progress::Incomplete`], a value with
//! the number of bytes it took, or a typed error. Nothing is kept between two calls, and a length or packet id that cannot be
//! right is an error as soon as its own bytes are there, so nobody has to hold what will be refused.
//!
//! Behind that, a stream is decrypted ([`cipher`]) and split into whole frames ([`frame::Frames`]); [`compression`] gives a packet's
//! id and, to who wants them, its bytes; [`connection`] says what the id means; and the modules of each state read and write
//! fields. All of them refuse lengths before they make room.
//!
//! Plugins use the formats of packets, without the features that a host needs: `host` for keys, ciphers, compression and
//! connections, `forwarding` for what servers are told of players.

pub mod chat;
#[cfg(feature = "host")]
pub mod cipher;
#[cfg(feature = "host")]
pub mod compression;
#[cfg(feature = "host")]
pub mod connection;
pub mod cookie;
pub mod error;
pub mod fields;
pub mod first;
#[cfg(feature = "forwarding")]
pub mod forwarding;
pub mod frame;
pub mod handshake;
pub mod host;
#[cfg(feature = "host")]
pub mod key;
pub mod legacy;
pub mod login;
pub mod message;
pub mod nbt;
pub mod packets;
pub mod play;
pub mod profile;
pub mod proxy_header;
pub mod status;
pub mod text;
pub mod varint;
pub mod version;

mod cursor;
mod put;

/// Bytes that a connection may send before a route is chosen, its PROXY header not counted: a handshake whose host field
/// carries forwarded data with a signed skin (about 2.5 KiB) and the head of a login start fit; floods do not pay.
pub const PRE_ROUTE_BYTES: usize = 4096;

/// How far a parser got with the bytes it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress<T> {
    /// Nothing is wrong so far, and more bytes are needed.
    Incomplete,
    /// The value, and how many bytes it took from the front.
    Complete(T, usize),
}

impl<T> Progress<T> {
    /// The same progress with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Progress<U> {
        match self {
            Self::Incomplete => Progress::Incomplete,
            Self::Complete(value, taken) => Progress::Complete(change(value), taken),
        }
    }
}
