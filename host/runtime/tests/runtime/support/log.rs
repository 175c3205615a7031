//! The log of this process, kept for tests to look at.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, Once};

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins to keep log lines.
pub(crate) fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
            .with_writer(|| Capture)
            .init();
    });
}

/// The lines so far with this in them, for example `plugin="name"`.
pub(crate) fn lines_with(part: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&written()).into_owned();
    text.lines()
        .filter(|line| line.contains(part))
        .map(str::to_owned)
        .collect()
}

struct Capture;

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        written().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A test that failed meanwhile does not hurt the others.
fn written() -> MutexGuard<'static, Vec<u8>> {
    WRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
