//! Colours where a person reads, and a sign of life while something takes long.

use std::io::{IsTerminal, Write as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Work that is over by then needs no word.
const SILENCE: Duration = Duration::from_secs(1);

/// Whether a stream is painted: only on a terminal, and not where `NO_COLOR` is set to anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    pub(crate) fn stdout() -> Self {
        Self(std::io::stdout().is_terminal() && colours_wanted())
    }

    pub(crate) fn stderr() -> Self {
        Self(std::io::stderr().is_terminal() && colours_wanted())
    }

    /// Green: all is well.
    pub(crate) fn good(self, text: &str) -> String {
        self.with("32;1", text)
    }

    /// Red: something must be done.
    pub(crate) fn bad(self, text: &str) -> String {
        self.with("31;1", text)
    }

    /// Faint: beside the point.
    pub(crate) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self.0 {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// Does the work; past a second, standard error says what is going on, on a terminal with the seconds so far.
pub(crate) fn during<R>(what: &str, work: impl FnOnce() -> R) -> R {
    let (done, waits) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let started = Instant::now();
            let live = std::io::stderr().is_terminal();
            let mut told = false;
            while waits.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
                let seconds = started.elapsed().as_secs();
                match (live, told) {
                    (true, _) => eprint!("\r{what} … {seconds} s"),
                    (false, false) => eprintln!("{what} …"),
                    (false, true) => {}
                }
                // A closed terminal is no reason to stop working.
                let _ = std::io::stderr().flush();
                told = true;
            }
            if live && told {
                eprintln!();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// See <https://no-color.org>.
fn colours_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is_where_nothing_is_painted() {
        assert_eq!(Paint(false).bad("error"), "error");
        assert_eq!(Paint(true).bad("error"), "\x1b[31;1merror\x1b[0m");
    }

    #[test]
    fn work_gives_its_result_whether_it_is_quick_or_not() {
        assert_eq!(during("counting", || 7), 7);
    }
}
