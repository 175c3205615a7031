//! The picture beside a server's entry.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use thiserror::Error;

/// Pixels on each side: clients show no other size.
const SIDE: u32 = 64;

const DATA_URL: &str = "data:image/png;base64,";

/// Why bytes are no favicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FaviconError {
    /// Not a PNG picture: another format, or a broken file.
    #[error("a favicon that is not a PNG picture")]
    NotPng,
    /// A PNG picture that clients refuse for its size.
    #[error("a favicon of {width} x {height} pixels, where clients want {SIDE} x {SIDE}")]
    Size {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl FaviconError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotPng => "favicon-not-png",
            Self::Size { .. } => "favicon-size",
        }
    }
}

/// A picture as a data URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Favicon(Box<str>);

impl Favicon {
    /// A PNG picture of 64 × 64 pixels; only its head is looked at.
    pub fn of_png(png: &[u8]) -> Result<Self, FaviconError> {
        // Signature, then the header chunk: its length (always 13), its name, width, height.
        const HEAD: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
        let size = png.strip_prefix(HEAD).and_then(|rest| rest.first_chunk::<8>());
        let &[a, b, c, d, e, f, g, h] = size.ok_or(FaviconError::NotPng)?;
        match [[a, b, c, d], [e, f, g, h]].map(u32::from_be_bytes) {
            [SIDE, SIDE] => Ok(Self([DATA_URL, &BASE64_STANDARD.encode(png)].concat().into())),
            [width, height] => Err(FaviconError::Size { width, height }),
        }
    }

    /// A server's own, as it wrote it.
    pub(super) fn of_data_url(url: &str) -> Option<Self> {
        url.starts_with(DATA_URL).then(|| Self(url.into()))
    }

    /// The data URL.
    pub fn data_url(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
        [&head[..], &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat()
    }

    #[test]
    fn a_picture_of_the_right_size_becomes_a_data_url() {
        let favicon = Favicon::of_png(&png(64, 64)).unwrap();
        let encoded = favicon.data_url().strip_prefix("data:image/png;base64,").unwrap();
        assert_eq!(BASE64_STANDARD.decode(encoded).unwrap(), png(64, 64));
        assert_eq!(Favicon::of_data_url(favicon.data_url()), Some(favicon));
    }

    #[test]
    fn other_pictures_are_refused() {
        assert_eq!(
            Favicon::of_png(&png(64, 32)),
            Err(FaviconError::Size { width: 64, height: 32 })
        );
        assert_eq!(Favicon::of_png(b"GIF89a"), Err(FaviconError::NotPng));
        assert_eq!(Favicon::of_png(&png(64, 64)[..20]), Err(FaviconError::NotPng));
        assert_eq!(Favicon::of_data_url("https://example.com/icon.png"), None);
    }
}
