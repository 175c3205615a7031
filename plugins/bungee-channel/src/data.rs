//! Java's `DataInput` and `DataOutput`: texts of 16 bits and so many bytes, numbers with the highest byte first. Texts are in Java's own
//! UTF-8: a NUL has two bytes, and what lies beyond 16 bits, as emoji do, is two halves of three bytes each.
//! <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/io/DataInput.html#modified-utf-8>

use std::borrow::Cow;

/// Reads fields from the front of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Absent where it is cut short, or no text.
    pub(crate) fn text(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.bytes()?;
        str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .ok()
            .or_else(|| read_modified(bytes).map(Cow::Owned))
    }

    /// 16 bits and so many bytes.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (bytes, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        self.0 = rest;
        Some(bytes)
    }
}

/// Appends fields.
#[derive(Debug, Default)]
pub(crate) struct Output(Vec<u8>);

impl Output {
    /// The longest text; what is longer is cut.
    const MAX_TEXT_BYTES: usize = u16::MAX as usize;

    pub(crate) fn text(mut self, text: &str) -> Self {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 2]);
        let mut written = 0;
        for character in text.chars() {
            let mut encoded = [0; MAX_CHARACTER_BYTES];
            let encoded = encode_modified(character, &mut encoded);
            if written + encoded.len() > Self::MAX_TEXT_BYTES {
                break;
            }
            written += encoded.len();
            self.0.extend_from_slice(encoded);
        }
        if let Some(length) = self.0.get_mut(start..start + 2) {
            length.copy_from_slice(&(written as u16).to_be_bytes());
        }
        self
    }

    /// 16 bits and so many bytes: what came as such.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn int(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn short(mut self, number: u16) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Two halves of three bytes.
const MAX_CHARACTER_BYTES: usize = 6;

/// A text with Java's spellings in it.
fn read_modified(bytes: &[u8]) -> Option<String> {
    let mut units = Vec::new();
    let mut rest = bytes.iter().map(|byte| u16::from(*byte));
    let low = |byte: u16| (byte & 0xc0 == 0x80).then_some(byte & 0x3f);
    while let Some(first) = rest.next() {
        units.push(match first {
            0x01..0x80 => first,
            0xc0..0xe0 => (first & 0x1f) << 6 | low(rest.next()?)?,
            0xe0..0xf0 => (first & 0x0f) << 12 | low(rest.next()?)? << 6 | low(rest.next()?)?,
            _ => return None,
        });
    }
    String::from_utf16(&units).ok()
}

fn encode_modified(character: char, out: &mut [u8; MAX_CHARACTER_BYTES]) -> &[u8] {
    let mut units = [0; 2];
    let mut length = 0;
    for unit in character.encode_utf16(&mut units) {
        let low = |bits: u16| 0x80 | (bits & 0x3f) as u8;
        let bytes = match *unit {
            unit @ 0x01..0x80 => &[unit as u8][..],
            unit @ (0 | 0x80..0x800) => &[0xc0 | (unit >> 6) as u8, low(unit)],
            unit => &[0xe0 | (unit >> 12) as u8, low(unit >> 6), low(unit)],
        };
        for (place, byte) in out.iter_mut().skip(length).zip(bytes) {
            *place = *byte;
        }
        length += bytes.len();
    }
    out.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written_as_java_does() {
        for (text, java) in [
            ("plain", &b"plain"[..]),
            ("a\0b", &[b'a', 0xc0, 0x80, b'b']),
            ("§ä", "§ä".as_bytes()),
            ("€", "€".as_bytes()),
            ("😀", &[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
        ] {
            let written = Output::default().text(text).finish();
            assert_eq!(written[2..], *java, "{text}");
            assert_eq!(Input::new(&written).text().as_deref(), Some(text));
        }
        // As others write them.
        let plain = Output::default().bytes("😀".as_bytes()).finish();
        assert_eq!(Input::new(&plain).text().as_deref(), Some("😀"));
        // Half of one, a rest without a beginning, and a beginning without a rest.
        for broken in [&[0xed, 0xa0, 0xbd][..], &[0x80], &[0xe2, 0x82], &[0xc0, b'a'], &[0xff]] {
            let written = Output::default().bytes(broken).finish();
            assert_eq!(Input::new(&written).text(), None, "{broken:02x?}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_two_characters() {
        let written = Output::default().text(&"😀".repeat(11_000)).finish();
        assert_eq!(written.len(), 2 + 65_535 / 6 * 6);
        let text = Input::new(&written).text().expect("a text").into_owned();
        assert_eq!(text.chars().count(), 65_535 / 6);
    }
}
