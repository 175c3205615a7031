//! Pipes for `splice(2)`: a small pool per worker, lent while data flows and taken back when drained.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

/// Asked of the kernel for each pipe; its usual limit for an unprivileged user. The more a pipe holds, the fewer moves.
const PIPE_BYTES: usize = 1 << 20;

/// A pipe smaller than this (the kernel shrinks pipes of a user who holds many) moves less per call than the copy does.
const WORTHWHILE_PIPE_BYTES: usize = 64 << 10;

/// Empty pipes kept for the next bulk stream. Most workers serve only a few bulk streams at any one moment.
const MAX_IDLE: usize = 16;

/// Pipes out at once per worker. 64 pipes of 1 MiB are the kernel's soft limit per user; streams beyond them are copied.
const MAX_LENT: usize = 64;

/// A pipe and how many bytes wait in it.
#[derive(Debug)]
pub(super) struct Pipe {
    out: OwnedFd,
    into: OwnedFd,
    held: usize,
}

impl Pipe {
    fn open() -> rustix::io::Result<Self> {
        let (out, into) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        // Refused where the user is over the kernel's soft limit: the pipe stays as it is.
        let size = match fcntl_setpipe_size(&into, PIPE_BYTES) {
            Ok(size) => size,
            Err(_) => rustix::pipe::fcntl_getpipe_size(&into)?,
        };
        if size < WORTHWHILE_PIPE_BYTES {
            return Err(rustix::io::Errno::NOBUFS);
        }
        Ok(Self { out, into, held: 0 })
    }

    /// Bytes waiting in the pipe.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Moves what `from` has into the pipe; 0 is the end of the stream.
    pub(super) fn fill(&mut self, from: impl AsFd) -> std::io::Result<usize> {
        let moved = splice(
            from,
            None,
            &self.into,
            None,
            PIPE_BYTES,
            SpliceFlags::NONBLOCK | SpliceFlags::MOVE,
        )?;
        self.held += moved;
        Ok(moved)
    }

    /// Moves what the pipe holds to `to`, as much as it takes.
    pub(super) fn drain(&mut self, to: impl AsFd) -> std::io::Result<usize> {
        let moved = splice(
            &self.out,
            None,
            to,
            None,
            self.held,
            SpliceFlags::NONBLOCK | SpliceFlags::MOVE,
        )?;
        self.held = self.held.saturating_sub(moved);
        Ok(moved)
    }
}

/// The worker's pipes.
#[derive(Debug, Default)]
pub(super) struct PipePool {
    idle: RefCell<Vec<Pipe>>,
    lent: Cell<usize>,
}

impl PipePool {
    /// A pipe, unless too many are lent or the system has none to give.
    pub(super) fn lend(&self) -> Option<Pipe> {
        if self.lent.get() >= MAX_LENT {
            return None;
        }
        let pipe = match self.idle.borrow_mut().pop() {
            Some(pipe) => pipe,
            None => Pipe::open().ok()?,
        };
        self.lent.set(self.lent.get() + 1);
        Some(pipe)
    }

    /// Takes a pipe back. One that still holds bytes is closed: they belong to a session that has ended.
    pub(super) fn take_back(&self, pipe: Pipe) {
        self.lent.set(self.lent.get().saturating_sub(1));
        let mut idle = self.idle.borrow_mut();
        if pipe.held == 0 && idle.len() < MAX_IDLE {
            idle.push(pipe);
        }
    }

    /// How many pipes are out.
    #[cfg(test)]
    pub(super) fn lent(&self) -> usize {
        self.lent.get()
    }

    /// Pretends that all pipes are out.
    #[cfg(test)]
    pub(super) fn exhaust(&self) {
        self.lent.set(MAX_LENT);
    }
}
