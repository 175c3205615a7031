//! From base64 or a data URL to a picture that clients show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis_sdk::prelude::*;

/// Largest picture that the host takes, in bytes.
const MAX_BYTES: usize = 24 * 1024;

/// Width and height that clients want, in pixels.
const SIDE: u32 = 64;

const DATA_URL: &str = "data:image/png;base64,";
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture that clients show.
#[derive(Config, Debug)]
#[config(try_from = "String")]
pub(crate) struct Favicon(Vec<u8>);

impl Favicon {
    pub(crate) fn png(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for Favicon {
    type Error = String;

    /// Blanks and line breaks in the text are skipped, as tools break long lines.
    fn try_from(text: String) -> Result<Self, String> {
        let base64 = text.trim().strip_prefix(DATA_URL).unwrap_or(&text);
        let base64: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let png = STANDARD.decode(base64).map_err(|_| "is no base64 text".to_owned())?;
        if png.len() > MAX_BYTES {
            return Err(format!("has {} bytes; at most {MAX_BYTES} are allowed", png.len()));
        }
        match dimensions(&png) {
            None => Err("is no PNG".to_owned()),
            Some((SIDE, SIDE)) => Ok(Self(png)),
            Some((width, height)) => Err(format!("has {width} × {height} pixels; clients want {SIDE} × {SIDE}")),
        }
    }
}

/// Width and height. The first chunk is the header: length, name, width, height (PNG specification, 5.6 and 11.2.1).
fn dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let header = png.strip_prefix(SIGNATURE)?.get(4..)?.strip_prefix(b"IHDR")?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}
