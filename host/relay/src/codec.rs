//! Packing and unpacking packets: one for each worker, because its tables are large.

use portcullis_protocol::compression::{Deflater, Inflater, Threshold};
use portcullis_protocol::error::WireError;
use portcullis_protocol::frame;

/// zlib's own default, which vanilla servers use.
const LEVEL: i32 = 6;

/// A worker's inflater and deflater.
#[derive(Default)]
pub(crate) struct Codec {
    pub(crate) inflater: Inflater,
    /// Made when it is first needed: most workers never deflate anything.
    deflater: Option<Deflater>,
}

impl Codec {
    /// Appends the packet as a frame, for a peer that compresses from this length on, or never.
    pub(crate) fn write(
        &mut self,
        packet: &[u8],
        threshold: Option<Threshold>,
        out: &mut Vec<u8>,
    ) -> Result<(), WireError> {
        match threshold {
            Some(threshold) => self
                .deflater
                .get_or_insert_with(|| Deflater::new(LEVEL))
                .write(packet, threshold, out),
            None => frame::write_packet(packet, out),
        }
    }
}
