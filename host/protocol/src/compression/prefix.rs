//! Inflates the first few bytes of a zlib stream and no more.
//!
//! An inflater made for whole streams spends microseconds on tables that pay off over kilobytes. For one or two symbols it is
//! quicker to read the code lengths and to decode bit by bit, as RFC 1951 describes codes (section 3.2.2) and Mark Adler's `puff`
//! shows. <https://www.rfc-editor.org/rfc/rfc1951>

use std::sync::LazyLock;

use super::CompressionError;

/// Symbols of the code for literals and lengths, as the fixed code counts them.
const LITERALS: usize = 288;
/// Symbols of the code for distances.
const DISTANCES: usize = 32;
/// The symbol that ends a block.
const END_OF_BLOCK: usize = 256;
/// Longest code in bits.
const MAX_BITS: usize = 15;
/// Longest code for code lengths in bits.
const MAX_LENGTH_BITS: u32 = 7;

/// The order in which lengths of the code for code lengths are written.
const LENGTH_ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// What length and distance symbols stand for: a base and how many bits are added to it.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const SHORT_DISTANCES: [(u16, u8); 5] = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 1)];

/// Inflates `stream` from its front until `done` says so of what is there, `out` is full, or the stream ends. Returns how many
/// bytes there are.
pub(super) fn inflate(stream: &[u8], out: &mut [u8], done: impl Fn(&[u8]) -> bool) -> Result<usize, CompressionError> {
    Prefix {
        bits: Bits::behind_header(stream).ok_or(CompressionError::Corrupt)?,
        out,
        length: 0,
    }
    .run(done)
    .ok_or(CompressionError::Corrupt)
}

struct Prefix<'a, 'o> {
    bits: Bits<'a>,
    out: &'o mut [u8],
    length: usize,
}

/// `None` stands for a broken stream throughout.
impl Prefix<'_, '_> {
    fn run(mut self, done: impl Fn(&[u8]) -> bool) -> Option<usize> {
        loop {
            let is_last = self.bits.take(1)? == 1;
            let is_done = match self.bits.take(2)? {
                0 => self.stored(&done)?,
                1 => self.coded(Codes::fixed(), &done)?,
                2 => {
                    let codes = Codes::read(&mut self.bits)?;
                    self.coded(&codes, &done)?
                }
                _ => return None,
            };
            if is_done || is_last {
                return Some(self.length);
            }
        }
    }

    /// A block that is not compressed.
    fn stored(&mut self, done: &impl Fn(&[u8]) -> bool) -> Option<bool> {
        self.bits.align();
        let length = self.bits.take(16)?;
        if self.bits.take(16)? != !length & 0xffff {
            return None;
        }
        for _ in 0..length {
            let byte = self.bits.take(8)? as u8;
            if self.push(byte, done)? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn coded(&mut self, codes: &Codes, done: &impl Fn(&[u8]) -> bool) -> Option<bool> {
        loop {
            let symbol = codes.literals.decode(&mut self.bits)?;
            if let Ok(byte) = u8::try_from(symbol) {
                if self.push(byte, done)? {
                    return Some(true);
                }
            } else if symbol == END_OF_BLOCK {
                return Some(false);
            } else if self.copy(symbol, codes, done)? {
                return Some(true);
            }
        }
    }

    /// Repeats bytes that are there already. Only the shortest distances can be meant: there are only a few bytes.
    fn copy(&mut self, symbol: usize, codes: &Codes, done: &impl Fn(&[u8]) -> bool) -> Option<bool> {
        let length = self.bits.value(LENGTHS.get(symbol - END_OF_BLOCK - 1)?)?;
        let distance = Code::new(codes.distances).decode(&mut self.bits)?;
        let distance = self.bits.value(SHORT_DISTANCES.get(distance)?)?;
        for _ in 0..length {
            let byte = *self.out.get(self.length.checked_sub(distance)?)?;
            if self.push(byte, done)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Appends a byte and says whether that is enough.
    fn push(&mut self, byte: u8, done: &impl Fn(&[u8]) -> bool) -> Option<bool> {
        *self.out.get_mut(self.length)? = byte;
        self.length += 1;
        Some(self.length == self.out.len() || done(self.out.get(..self.length)?))
    }
}

/// Both codes of a block.
struct Codes {
    literals: Code<LITERALS>,
    /// Only its lengths: few packets repeat a byte before their id is complete.
    distances: [u8; DISTANCES],
}

impl Codes {
    /// Section 3.2.6.
    fn fixed() -> &'static Self {
        static FIXED: LazyLock<Codes> = LazyLock::new(|| {
            let literals = std::array::from_fn(|symbol| match symbol {
                0..144 => 8,
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            });
            Codes {
                literals: Code::new(literals),
                distances: [5; DISTANCES],
            }
        });
        &FIXED
    }

    /// Section 3.2.7: the lengths of both codes follow each other, written in a third code.
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let lengths = LengthCode::read(bits)?.lengths(bits, literals + distances)?;
        let mut codes = ([0; LITERALS], [0; DISTANCES]);
        let (of_literals, of_distances) = lengths.get(..literals + distances)?.split_at_checked(literals)?;
        codes.0.get_mut(..literals)?.copy_from_slice(of_literals);
        codes.1.get_mut(..distances)?.copy_from_slice(of_distances);
        Some(Self {
            literals: Code::new(codes.0),
            distances: codes.1,
        })
    }
}

/// A canonical code by its lengths: no table of symbols, which would cost more than the few symbols that are wanted.
struct Code<const SYMBOLS: usize> {
    lengths: [u8; SYMBOLS],
    /// How many symbols have a code of so many bits; those without one are not counted.
    counts: [u16; MAX_BITS + 1],
}

impl<const SYMBOLS: usize> Code<SYMBOLS> {
    fn new(lengths: [u8; SYMBOLS]) -> Self {
        // Four counters for each length: one alone would wait for its own last value, symbol after symbol.
        let mut quarters = [[0_u16; MAX_BITS + 1]; 4];
        for symbols in lengths.chunks(4) {
            for (counts, length) in quarters.iter_mut().zip(symbols) {
                if let Some(count) = counts.get_mut(usize::from(*length)) {
                    *count += 1;
                }
            }
        }
        let mut counts = [0; MAX_BITS + 1];
        for quarter in quarters {
            counts.iter_mut().zip(quarter).for_each(|(sum, count)| *sum += count);
        }
        Self { lengths, counts }
    }

    /// Codes of one length are consecutive numbers in the order of their symbols, and longer ones follow shorter ones.
    fn decode(&self, bits: &mut Bits<'_>) -> Option<usize> {
        let (mut code, mut first) = (0, 0);
        for (length, count) in self.counts.iter().enumerate().skip(1) {
            code |= bits.take(1)?;
            let count = u32::from(*count);
            if code < first + count {
                return self.symbol(length as u8, (code - first) as usize);
            }
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }

    fn symbol(&self, length: u8, rank: usize) -> Option<usize> {
        let of_length = self.lengths.iter().enumerate().filter(|(_, its)| **its == length);
        of_length.map(|(symbol, _)| symbol).nth(rank)
    }
}

/// The code for code lengths: read some hundred times a block, so it has a table. An entry is a symbol and the bits of its code.
struct LengthCode([(u8, u8); 1 << MAX_LENGTH_BITS]);

impl LengthCode {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let mut lengths = [0; LENGTH_ORDER.len()];
        let written = bits.take(4)? as usize + 4;
        for symbol in LENGTH_ORDER.get(..written)? {
            *lengths.get_mut(usize::from(*symbol))? = bits.take(3)? as u8;
        }
        let mut table = [(0, 0); 1 << MAX_LENGTH_BITS];
        let mut code = 0_u32;
        for length in 1..=MAX_LENGTH_BITS {
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, its)| u32::from(**its) == length) {
                // Codes arrive with their first bit lowest.
                let start = code.reverse_bits() >> (u32::BITS - length);
                for at in (start as usize..table.len()).step_by(1 << length) {
                    *table.get_mut(at)? = (symbol as u8, length as u8);
                }
                code += 1;
            }
            code <<= 1;
        }
        Some(Self(table))
    }

    /// The next `count` lengths.
    fn lengths(&self, bits: &mut Bits<'_>, count: usize) -> Option<[u8; LITERALS + DISTANCES]> {
        let mut lengths = [0; LITERALS + DISTANCES];
        let mut at = 0;
        while at < count {
            let (symbol, length) = *self.0.get(bits.look(MAX_LENGTH_BITS) as usize)?;
            if length == 0 {
                return None;
            }
            bits.take(u32::from(length))?;
            let (value, times) = match symbol {
                16 => (*lengths.get(at.checked_sub(1)?)?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                // Most of them, so without filling a range.
                length => {
                    *lengths.get_mut(at)? = length;
                    at += 1;
                    continue;
                }
            };
            let times = times as usize;
            lengths.get_mut(at..at + times)?.fill(value);
            at += times;
        }
        (at == count).then_some(lengths)
    }
}

/// A stream's bits, lowest first.
struct Bits<'a> {
    rest: &'a [u8],
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    /// Behind the two bytes in front of a zlib stream, if they are right: deflate, no preset dictionary, a multiple of 31.
    /// <https://www.rfc-editor.org/rfc/rfc1950>
    fn behind_header(stream: &'a [u8]) -> Option<Self> {
        let (&[method, flags], rest) = stream.split_first_chunk()?;
        let is_good = method & 0x0f == 8 && flags & 0x20 == 0 && u16::from_be_bytes([method, flags]) % 31 == 0;
        is_good.then_some(Self {
            rest,
            held: 0,
            count: 0,
        })
    }

    /// The next bits, at most 16, without taking them; zeros behind the end.
    fn look(&mut self, count: u32) -> u32 {
        if self.count < count {
            self.refill();
        }
        self.held as u32 & ((1 << count) - 1)
    }

    /// Takes the next bits, at most 16.
    fn take(&mut self, count: u32) -> Option<u32> {
        let bits = self.look(count);
        self.count = self.count.checked_sub(count)?;
        self.held >>= count;
        Some(bits)
    }

    /// A base and what so many bits add to it.
    fn value(&mut self, (base, extra): &(u16, u8)) -> Option<usize> {
        Some(usize::from(*base) + self.take(u32::from(*extra))? as usize)
    }

    /// Drops what is left of a byte.
    fn align(&mut self) {
        self.held >>= self.count % 8;
        self.count -= self.count % 8;
    }

    /// Fills up to 56 bits or more. While eight bytes are left, they are added at once: those of them that do not fit are added
    /// again next time, onto themselves.
    fn refill(&mut self) {
        if let Some(word) = self.rest.first_chunk() {
            let bytes = (u64::BITS - 1 - self.count) / 8;
            self.held |= u64::from_le_bytes(*word) << self.count;
            self.count += 8 * bytes;
            self.rest = self.rest.get(bytes as usize..).unwrap_or_default();
            return;
        }
        while self.count <= u64::BITS - 8 {
            let Some((byte, rest)) = self.rest.split_first() else {
                return;
            };
            self.held |= u64::from(*byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};

    use super::*;

    fn deflated(data: &[u8], level: i32) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::new(level).unwrap());
        let mut out = vec![0; compressor.zlib_compress_bound(data.len())];
        let length = compressor.zlib_compress(data, &mut out).unwrap();
        out.truncate(length);
        out
    }

    fn first<const COUNT: usize>(stream: &[u8]) -> Result<Vec<u8>, CompressionError> {
        let mut out = [0; COUNT];
        let length = inflate(stream, &mut out, |_| false)?;
        Ok(out[..length].to_vec())
    }

    #[test]
    fn the_first_bytes_are_those_of_the_whole_whatever_the_block() {
        let noise = |seed: u32| (0..5_000_u32).map(move |at| ((at ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8);
        for seed in 0..50 {
            for shift in 0..8 {
                let data = noise(seed).map(|byte| byte >> shift).collect::<Vec<_>>();
                for level in [0, 1, 6, 12] {
                    for length in [1, 2, 5, 20, 100, 5_000] {
                        let data = &data[..length];
                        let expect = &data[..length.min(5)];
                        assert_eq!(
                            first::<5>(&deflated(data, level)).unwrap(),
                            expect,
                            "{seed} {shift} {level}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn repeated_bytes_are_found_in_what_is_there() {
        for data in [
            &[7; 300][..],
            &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2],
            &[1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4],
        ] {
            assert_eq!(first::<9>(&deflated(data, 9)).unwrap(), &data[..9]);
        }
    }

    #[test]
    fn it_stops_as_soon_as_it_may() {
        let stream = deflated(&[200, 1, 2, 3, 4, 5, 6, 7, 8, 9], 6);
        let mut out = [0; 5];
        assert_eq!(inflate(&stream, &mut out, |there| there.ends_with(&[1])), Ok(2));
        assert_eq!(out, [200, 1, 0, 0, 0]);
        // What is cut off behind is not missed.
        assert_eq!(inflate(&stream[..8], &mut out, |there| !there.is_empty()), Ok(1));
    }

    #[test]
    fn broken_streams_are_refused() {
        let good = deflated(&(0..=255).cycle().take(3_000).collect::<Vec<_>>(), 6);
        for end in 0..4 {
            assert_eq!(first::<5>(&good[..end]), Err(CompressionError::Corrupt), "{end}");
        }
        for stream in [
            // Not deflate; a preset dictionary; a wrong check.
            &[0x79, 0x9c, 1, 0][..],
            &[0x78, 0xbb, 1, 0],
            &[0x78, 0x9d, 1, 0],
            // A block of the type that does not exist.
            &[0x78, 0x9c, 0x07],
            // A stored block whose length is not confirmed.
            &[0x78, 0x9c, 0x01, 1, 0, 1, 0, 7],
            // A repetition before there is anything to repeat: fixed code, length symbol 257.
            &[0x78, 0x9c, 0x03, 0x02, 0x00],
        ] {
            assert_eq!(first::<5>(stream), Err(CompressionError::Corrupt), "{stream:02x?}");
        }
        assert_eq!(first::<5>(&[0x78, 0x9c, 0x03, 0x00]), Ok(Vec::new()), "an empty block");
    }
}
