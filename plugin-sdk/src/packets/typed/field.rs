//! Fields of derived packets.

use portcullis_protocol::error::WireError;
use portcullis_protocol::fields::{self, Reader, Uuid};
use portcullis_protocol::version::Protocol;

use super::PacketError;

/// Most characters of a text that says nothing else: what Minecraft takes anywhere.
const MAX_CHARACTERS: usize = 32_767;

/// Most elements of a list that says nothing else: more than any packet has.
const MAX_ELEMENTS: usize = 65_536;

/// Most bytes of what is left that says nothing else: the longest packet.
const MAX_BYTES: usize = 1 << 21;

/// Room made for a list before its elements are there: what is longer grows as they come.
const ELEMENTS_AT_ONCE: usize = 64;

/// A field of a packet. Implement it for what versions spell in ways of their own.
///
/// ```
/// use portcullis_sdk::packets::{Field, FieldReader, Protocol, VarInt, WireError};
///
/// /// A byte, and a VarInt since 1.9.
/// struct Mode(i32);
///
/// impl Field for Mode {
///     fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
///         Ok(Self(match reader.protocol() < Protocol::V1_9 {
///             true => i8::read(reader, max)?.into(),
///             false => VarInt::read(reader, max)?.0,
///         }))
///     }
///
///     fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
///         match protocol < Protocol::V1_9 {
///             true => (self.0 as i8).write(protocol, out),
///             false => VarInt(self.0).write(protocol, out),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no field of a packet",
    note = "derive Packet with `#[packet(part)]` for your own groups of fields, or implement Field"
)]
pub trait Field: Sized {
    /// Reads the field; at most `max` characters, elements or bytes of it, if that is said.
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError>;

    /// Appends it as this version spells it.
    fn write(&self, protocol: Protocol, out: &mut Vec<u8>);
}

/// Fields whose length `#[packet(max = …)]` can bound.
///
/// ```
/// use portcullis_sdk::packets::Bounded;
///
/// fn bounded<F: Bounded>() {}
/// bounded::<Option<String>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`max` does not fit `{Self}`",
    label = "this number",
    note = "it fits `String`, `Vec` and `Rest`, and options of those"
)]
pub trait Bounded {}

/// Compiles only if there is something to bound.
#[doc(hidden)]
pub const fn takes_max<T: Bounded>() {}

/// The fields of a packet that were not read yet.
///
/// ```
/// use portcullis_sdk::packets::{Field, FieldReader, WireError};
///
/// fn two(reader: &mut FieldReader<'_>) -> Result<(u8, bool), WireError> {
///     Ok((u8::read(reader, None)?, bool::read(reader, None)?))
/// }
/// ```
#[derive(Debug)]
pub struct FieldReader<'a> {
    reader: Reader<'a>,
    protocol: Protocol,
}

impl FieldReader<'_> {
    /// The version whose spelling it is.
    ///
    /// ```
    /// use portcullis_sdk::packets::{Field, FieldReader, Protocol, WireError};
    ///
    /// /// A number that had one byte before 1.9.
    /// struct Slot(u16);
    ///
    /// impl Field for Slot {
    ///     fn read(reader: &mut FieldReader<'_>, most: Option<usize>) -> Result<Self, WireError> {
    ///         match reader.protocol() < Protocol(107) {
    ///             true => u8::read(reader, most).map(|slot| Self(slot.into())),
    ///             false => u16::read(reader, most).map(Self),
    ///         }
    ///     }
    ///
    ///     fn write(&self, _: Protocol, out: &mut Vec<u8>) {
    ///         out.extend(self.0.to_be_bytes());
    ///     }
    /// }
    /// ```
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }
}

/// A whole number in one to five bytes, as Minecraft writes most of them.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::VarInt(300).0, 300);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarInt(pub i32);

/// All that is left of a packet: its last field.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::Rest(vec![1, 2]).0.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest(pub Vec<u8>);

macro_rules! numbers {
    ($($number:ident)+) => {$(
        impl Field for $number {
            fn read(reader: &mut FieldReader<'_>, _: Option<usize>) -> Result<Self, WireError> {
                Ok(Self::from_be_bytes(reader.reader.array()?))
            }

            fn write(&self, _: Protocol, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }
    )+};
}

numbers! { u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 }

/// Anything but 0 is true.
impl Field for bool {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        Ok(u8::read(reader, max)? != 0)
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Field for VarInt {
    fn read(reader: &mut FieldReader<'_>, _: Option<usize>) -> Result<Self, WireError> {
        Ok(Self(reader.reader.var_int()?))
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        fields::write_var_int(self.0, out);
    }
}

impl Field for String {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        Ok(reader.reader.text(max.unwrap_or(MAX_CHARACTERS))?.to_owned())
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        fields::write_text(self, out);
    }
}

impl Field for Uuid {
    fn read(reader: &mut FieldReader<'_>, _: Option<usize>) -> Result<Self, WireError> {
        Ok(Self::from_bytes(reader.reader.array()?))
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Field for Rest {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        Ok(Self(reader.reader.remaining(max.unwrap_or(MAX_BYTES))?.to_vec()))
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

/// Whether there is one, and the value.
impl<T: Field> Field for Option<T> {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        match bool::read(reader, None)? {
            true => T::read(reader, max).map(Some),
            false => Ok(None),
        }
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        self.is_some().write(protocol, out);
        self.iter().for_each(|value| value.write(protocol, out));
    }
}

/// How many there are, and the values.
impl<T: Field> Field for Vec<T> {
    fn read(reader: &mut FieldReader<'_>, max: Option<usize>) -> Result<Self, WireError> {
        let count = reader.reader.count(max.unwrap_or(MAX_ELEMENTS))?;
        let mut values = Self::with_capacity(count.min(ELEMENTS_AT_ONCE));
        for _ in 0..count {
            values.push(T::read(reader, None)?);
        }
        Ok(values)
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        fields::write_count(self.len(), out);
        self.iter().for_each(|value| value.write(protocol, out));
    }
}

/// The values one after the other.
impl<T: Field, const N: usize> Field for [T; N] {
    fn read(reader: &mut FieldReader<'_>, _: Option<usize>) -> Result<Self, WireError> {
        let values = (0..N).map(|_| T::read(reader, None)).collect::<Result<Vec<T>, _>>()?;
        // As many as were asked for.
        values.try_into().map_err(|_| WireError::Truncated)
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        self.iter().for_each(|value| value.write(protocol, out));
    }
}

impl Bounded for String {}
impl Bounded for Rest {}
impl<T> Bounded for Vec<T> {}
impl<T: Bounded> Bounded for Option<T> {}

/// All fields of a packet, with nothing behind them.
pub fn read_fields<T: Field>(fields: &[u8], protocol: Protocol) -> Result<Option<T>, PacketError> {
    let mut reader = FieldReader {
        reader: Reader::new(fields),
        protocol,
    };
    let value = T::read(&mut reader, None)?;
    reader.reader.finish()?;
    Ok(Some(value))
}

/// The protocol number of a release, where a constant is made of it.
pub const fn release(name: &str) -> Option<i32> {
    match Protocol::of_release(name) {
        Some(protocol) => Some(protocol.0),
        None => None,
    }
}
