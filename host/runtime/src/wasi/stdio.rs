//! A guest's standard output and error, cut into lines of the log.

use crate::bindings::portcullis::plugin::log::Level;
use crate::context::Context;

pub(super) const STDIN: u32 = 0;
pub(crate) const STDOUT: u32 = 1;
pub(super) const STDERR: u32 = 2;

/// What a guest may write in one call.
pub(super) const WRITE_BYTES: u64 = 4 << 10;

/// A line longer than this is written in pieces.
const LINE_BYTES: usize = 4 << 10;

/// The lines under way.
#[derive(Debug, Default)]
pub(crate) struct Stdio {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Context {
    pub(super) fn write_stdio(&mut self, stream: u32, bytes: &[u8]) {
        for byte in bytes {
            let line = if stream == STDOUT {
                &mut self.stdio.out
            } else {
                &mut self.stdio.err
            };
            if *byte != b'\n' {
                line.push(*byte);
                if line.len() < LINE_BYTES {
                    continue;
                }
            }
            self.flush_line(stream);
        }
    }

    /// Writes what is left of both streams: a guest that dies rarely ends its last line.
    pub(crate) fn flush_stdio(&mut self) {
        self.flush_line(STDOUT);
        self.flush_line(STDERR);
    }

    fn flush_line(&mut self, stream: u32) {
        let (line, level) = match stream {
            STDOUT => (&mut self.stdio.out, Level::Info),
            _ => (&mut self.stdio.err, Level::Warn),
        };
        let line = std::mem::take(line);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if !text.is_empty() {
            self.write_line(level, text, &[]);
        }
    }
}
