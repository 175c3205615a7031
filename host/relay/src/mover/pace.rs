//! Long streams are let accumulate between moves, so that each move is a large one and few wake anybody up.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// A stream that has flowed for so long without a small move is let accumulate. Far above what a server sends a joining player
/// at once, so that only transfers for their own sake are ever made to wait.
const STREAM_BYTES: usize = 4 << 20;

/// How long such a stream accumulates: the timer's shortest. At 1 GB/s, a pipe is full after as long.
const ACCUMULATE: Duration = Duration::from_millis(1);

/// One direction's stream; while nothing flows, two words.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Bytes since the stream was last none; 0 while it is none.
    flowed: usize,
    /// Running while the stream is let accumulate. Kept once it has run, until the next move has taken something.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// Whether bytes flow in large moves.
    pub(crate) fn is_stream(&self) -> bool {
        self.flowed > 0
    }

    /// Whether it has been a stream for long, and is let accumulate.
    pub(crate) fn is_long(&self) -> bool {
        self.flowed >= STREAM_BYTES
    }

    /// Ready when the next move may be made.
    pub(crate) fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.pause {
            Some(pause) if !pause.is_elapsed() => pause.as_mut().poll(cx),
            _ => Poll::Ready(()),
        }
    }

    /// A move has taken so many bytes, which is worth going on with or not.
    pub(crate) fn moved(&mut self, count: usize, is_large: bool) {
        self.pause = None;
        self.flowed = if is_large { self.flowed.saturating_add(count) } else { 0 };
    }

    /// The stream is none any more.
    pub(crate) fn stop(&mut self) {
        self.flowed = 0;
    }

    /// There is nothing more to take for now. A long stream is left alone for a moment; if it has nothing even after that, it is
    /// over. The task is woken when the moment has passed.
    pub(crate) fn gap(&mut self, cx: &mut Context<'_>) {
        if self.pause.take().is_some() {
            self.flowed = 0;
        } else if self.is_long() {
            let mut pause = Box::pin(sleep(ACCUMULATE));
            if pause.as_mut().poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
            self.pause = Some(pause);
        }
    }
}
