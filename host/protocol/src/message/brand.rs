//! The brand: what clients and servers call their software.

use crate::{cursor::Cursor, put, version::Protocol};

/// Longest brand in characters that is read. Vanilla's has seven.
pub const MAX_BRAND_CHARS: usize = 256;

/// The brand in a message's data. 1.7 writes it without a length, and so do some clients of later versions.
pub fn read_brand(data: &[u8]) -> Option<&str> {
    let mut cursor = Cursor::whole(data);
    let counted = cursor.text(MAX_BRAND_CHARS).ok();
    match (counted, cursor.finish()) {
        (Some(brand), Ok(())) => Some(brand),
        _ => str::from_utf8(data).ok().filter(|brand| brand.len() <= MAX_BRAND_CHARS),
    }
}

/// Appends a brand as a message's data.
pub fn write_brand(brand: &str, protocol: Protocol, out: &mut Vec<u8>) {
    if protocol < Protocol::V1_8 {
        out.extend_from_slice(brand.as_bytes());
    } else {
        put::string(brand, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_come_back_with_and_without_a_length() {
        for protocol in [Protocol(5), Protocol(47), Protocol::NEWEST] {
            for brand in ["vanilla", "", "Päper", "fml,forge"] {
                let mut out = Vec::new();
                write_brand(brand, protocol, &mut out);
                assert_eq!(read_brand(&out), Some(brand), "{protocol}");
            }
        }
        assert_eq!(read_brand(b"vanilla"), Some("vanilla"));
        assert_eq!(read_brand(&[0xff, 0xfe]), None);
        assert_eq!(read_brand(&[b'x'; 257]), None);
    }
}
