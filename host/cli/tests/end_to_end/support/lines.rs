//! The output of a child process as a growing list of lines that several threads can wait on.

use std::{
    io::{BufRead as _, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Instant,
};

use super::wait::PATIENCE;

#[derive(Clone, Default)]
pub(crate) struct Lines {
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    open_streams: usize,
}

impl Lines {
    /// Starts to collect what `stream` says; may be called for several streams.
    pub(crate) fn collect(&self, stream: impl Read + Send + 'static) {
        self.state().open_streams += 1;
        let own = self.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
                own.push(String::from_utf8_lossy(&line).trim_end().to_owned());
                line.clear();
            }
            own.state().open_streams -= 1;
            own.shared.1.notify_all();
        });
    }

    /// How many lines there are: a mark for [`Lines::since`] and [`Lines::wait_after`].
    pub(crate) fn mark(&self) -> usize {
        self.state().lines.len()
    }

    /// What came after the mark.
    pub(crate) fn since(&self, mark: usize) -> Vec<String> {
        self.state().lines.get(mark..).unwrap_or_default().to_vec()
    }

    /// Everything in one text, for messages.
    pub(crate) fn text(&self) -> String {
        self.state().lines.join("\n")
    }

    /// The first line after `mark` that `accept` makes something of. `Err` when the process ended or the time is over.
    pub(crate) fn wait_after<T>(
        &self,
        mark: usize,
        mut accept: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, &'static str> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = mark;
        let mut state = self.state();
        loop {
            while let Some(line) = state.lines.get(seen) {
                seen += 1;
                if let Some(found) = accept(line) {
                    return Ok(found);
                }
            }
            if state.open_streams == 0 {
                return Err("its output ended");
            }
            let left = deadline.checked_duration_since(Instant::now()).ok_or("time is over")?;
            state = self
                .shared
                .1
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn push(&self, line: String) {
        self.state().lines.push(line);
        self.shared.1.notify_all();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
