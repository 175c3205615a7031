//! `log`: a plugin's lines among the host's, tagged and rate-limited. Standard output and error end here, too.

use std::sync::Mutex;
use std::time::Instant;

use crate::bindings::portcullis::plugin::log::{self, Level};
use crate::context::Context;

/// Long enough for a story, short enough for a terminal.
const MAX_MESSAGE_BYTES: usize = 8 << 10;
const MAX_FIELDS: usize = 16;
const MAX_FIELD_BYTES: usize = 1 << 10;

/// Lines per second that a plugin may write on average, and at once.
const LINES_PER_SECOND: f64 = 50.0;
const BURST_LINES: f64 = 200.0;

impl log::Host for Context {
    fn enabled(&mut self, level: Level) -> bool {
        match level {
            Level::Trace => tracing::enabled!(target: "plugin", tracing::Level::TRACE),
            Level::Debug => tracing::enabled!(target: "plugin", tracing::Level::DEBUG),
            Level::Info => tracing::enabled!(target: "plugin", tracing::Level::INFO),
            Level::Warn => tracing::enabled!(target: "plugin", tracing::Level::WARN),
            Level::Error => tracing::enabled!(target: "plugin", tracing::Level::ERROR),
        }
    }

    fn log(&mut self, level: Level, message: String, fields: Vec<(String, String)>) {
        if log::Host::enabled(self, level) {
            self.write_line(level, &message, &fields);
        }
    }
}

impl Context {
    /// Writes one line, unless the plugin has written too many.
    pub(crate) fn write_line(&self, level: Level, message: &str, fields: &[(String, String)]) {
        let Some(cut) = self.plugin.throttle.admit() else {
            self.plugin.meters.log_lines_cut.inc();
            return;
        };
        if cut > 0 {
            tracing::warn!(target: "plugin", plugin = %self.plugin.name, lines = cut, "log lines were cut: too many a second");
        }
        let mut line = shorten(message, MAX_MESSAGE_BYTES).to_owned();
        for (key, value) in fields.iter().take(MAX_FIELDS) {
            line.push(' ');
            line.push_str(shorten(key, MAX_FIELD_BYTES));
            line.push('=');
            line.push_str(shorten(value, MAX_FIELD_BYTES));
        }
        let (plugin, hook) = (&*self.plugin.name, self.hook);
        let worker = self.worker.map(tracing::field::display);
        let session = self.session_id().map(tracing::field::display);
        // A level is part of a line's static description, so each needs a call site of its own.
        match level {
            Level::Trace => tracing::trace!(target: "plugin", plugin, hook, worker, session, "{line}"),
            Level::Debug => tracing::debug!(target: "plugin", plugin, hook, worker, session, "{line}"),
            Level::Info => tracing::info!(target: "plugin", plugin, hook, worker, session, "{line}"),
            Level::Warn => tracing::warn!(target: "plugin", plugin, hook, worker, session, "{line}"),
            Level::Error => tracing::error!(target: "plugin", plugin, hook, worker, session, "{line}"),
        }
    }
}

/// A token bucket for log lines that remembers how many it refused.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<ThrottleState>);

#[derive(Debug)]
struct ThrottleState {
    lines: f64,
    at: Instant,
    cut: u64,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(ThrottleState {
            lines: BURST_LINES,
            at: Instant::now(),
            cut: 0,
        }))
    }

    /// How many lines were cut before this one; none if this one is to be cut as well.
    fn admit(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = Instant::now();
        let earned = now.duration_since(state.at).as_secs_f64() * LINES_PER_SECOND;
        state.lines = (state.lines + earned).min(BURST_LINES);
        state.at = now;
        if state.lines < 1.0 {
            state.cut += 1;
            return None;
        }
        state.lines -= 1.0;
        Some(std::mem::take(&mut state.cut))
    }
}

/// At most `limit` bytes, cut between characters.
fn shorten(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_admitted_and_the_rest_is_counted() {
        let throttle = Throttle::new();
        let admitted = (0..10_000).filter(|_| throttle.admit().is_some()).count();
        assert!((200..300).contains(&admitted), "{admitted}");
        assert!(throttle.0.lock().unwrap().cut > 9_000);
    }

    #[test]
    fn a_line_is_cut_between_characters() {
        assert_eq!(shorten("aé", 2), "a");
        assert_eq!(shorten("ab", 8), "ab");
    }
}
