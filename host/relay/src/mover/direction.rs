//! One direction of a session: takes from one socket, gives to the other, and holds only what could not be given yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::pace::Pace;
use super::pipes::Pipe;
use super::{COPY_BYTES, Kit};

/// Moves in a row before other sessions get their turn: with full pipes 16 MiB, a few milliseconds.
const MOVES_PER_TURN: usize = 16;

/// A splice that moves less than this costs more than the copy would; the next move is one.
const LEAST_SPLICE_BYTES: usize = 16 << 10;

/// Why a direction moves nothing any more.
#[derive(Debug)]
pub(super) enum Done {
    /// The source ended its stream; everything was given on, and so was the end.
    Ended,
    /// The source broke: nothing can be given back to it either.
    SourceBroke(io::Error),
    /// The sink takes nothing any more; it may still have something to say.
    SinkBroke(io::Error),
}

/// The state of one direction: while nothing flows, a few flags.
#[derive(Debug)]
pub(super) struct Direction {
    held: Held,
    may_splice: bool,
    source_ended: bool,
    done: bool,
    /// A stream is spliced; otherwise the scratch buffer serves.
    pace: Pace,
}

/// Bytes taken and not yet given.
#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    /// What the sink would not take of the scratch buffer's bytes, and how much of that it has taken since.
    Bytes(Box<[u8]>, usize),
    Piped(Pipe),
}

impl Direction {
    pub(super) fn new(may_splice: bool) -> Self {
        Self {
            held: Held::Nothing,
            may_splice,
            source_ended: false,
            done: false,
            pace: Pace::default(),
        }
    }

    /// Whether [`Self::poll`] has told its end and is not to be called again.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the source has ended its stream.
    pub(super) fn is_source_ended(&self) -> bool {
        self.source_ended
    }

    /// Moves what can be moved now; `moved` hears of every byte given to the sink. `finished`: the sink has ended its own
    /// stream, so that its socket is closed as soon as this one has ended, and need not be told before.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        finished: bool,
        moved: impl Fn(u64),
    ) -> Poll<Done> {
        let done = ready!(self.poll_moves(cx, kit, source, sink, finished, moved));
        self.done = true;
        self.let_go(kit);
        Poll::Ready(done)
    }

    /// Gives back what is held: the pipe to its pool, bytes to nobody.
    pub(super) fn let_go(&mut self, kit: &Kit) {
        if let Held::Piped(pipe) = std::mem::take(&mut self.held) {
            kit.pipes.take_back(pipe);
        }
    }

    fn poll_moves(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        finished: bool,
        moved: impl Fn(u64),
    ) -> Poll<Done> {
        for _ in 0..MOVES_PER_TURN {
            if let Err(error) = ready!(self.poll_give(cx, kit, sink, &moved)) {
                return Poll::Ready(Done::SinkBroke(error));
            }
            if self.source_ended {
                if !finished {
                    // Fails only where the sink is gone, which ends this direction as well.
                    let _ = ready!(Pin::new(sink).poll_shutdown(cx));
                }
                return Poll::Ready(Done::Ended);
            }
            match ready!(self.poll_take(cx, kit, source, sink, &moved)) {
                Ok(0) => self.source_ended = true,
                Ok(_) => {}
                Err(error) => return Poll::Ready(Done::SourceBroke(error)),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Gives away what is held; ready when nothing is.
    fn poll_give(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        sink: &mut TcpStream,
        moved: &impl Fn(u64),
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.held {
                Held::Nothing => return Poll::Ready(Ok(())),
                Held::Bytes(bytes, given) => match bytes.get(*given..) {
                    Some(rest) if !rest.is_empty() => {
                        let count = ready!(Pin::new(&mut *sink).poll_write(cx, rest))?;
                        *given += count;
                        moved(count as u64);
                    }
                    _ => self.held = Held::Nothing,
                },
                Held::Piped(pipe) if pipe.held() == 0 => self.let_go(kit),
                Held::Piped(pipe) => {
                    ready!(sink.poll_write_ready(cx))?;
                    if let Some(count) = unless_blocked(sink.try_io(Interest::WRITABLE, || pipe.drain(&*sink)))? {
                        moved(count as u64);
                    }
                }
            }
        }
    }

    fn poll_take(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        moved: &impl Fn(u64),
    ) -> Poll<io::Result<usize>> {
        if self.pace.is_stream() {
            ready!(self.pace.poll_pause(cx));
            if let Some(pipe) = kit.pipes.lend() {
                return self.poll_splice(cx, kit, pipe, source);
            }
        }
        self.poll_copy(cx, kit, source, sink, moved)
    }

    /// Takes through the scratch buffer and gives at once: two system calls, and nothing kept when the sink takes it all.
    fn poll_copy(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        moved: &impl Fn(u64),
    ) -> Poll<io::Result<usize>> {
        let mut scratch = kit.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(scratch.get_mut(..COPY_BYTES).unwrap_or_default());
        ready!(Pin::new(source).poll_read(cx, &mut buffer))?;
        let taken = buffer.filled();
        // A sink that is gone says so again when what it did not take is given.
        let given = if taken.is_empty() {
            0
        } else {
            sink.try_write(taken).unwrap_or(0)
        };
        moved(given as u64);
        match taken.get(given..) {
            Some(rest) if !rest.is_empty() => self.held = Held::Bytes(rest.into(), 0),
            _ => {}
        }
        let worth_splicing = self.may_splice && kit.can_splice.get() && taken.len() == COPY_BYTES;
        self.pace.moved(taken.len(), worth_splicing);
        Poll::Ready(Ok(taken.len()))
    }

    /// Takes into a pipe, which is given back when there is nothing to take.
    fn poll_splice(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        mut pipe: Pipe,
        source: &mut TcpStream,
    ) -> Poll<io::Result<usize>> {
        let taken = loop {
            match source.poll_read_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => break Err(error),
                Poll::Pending => {
                    kit.pipes.take_back(pipe);
                    self.pace.gap(cx);
                    return Poll::Pending;
                }
            }
            match unless_blocked(source.try_io(Interest::READABLE, || pipe.fill(&*source))) {
                Ok(None) => {}
                Ok(Some(count)) => break Ok(count),
                Err(error) => break Err(error),
            }
        };
        match taken {
            Ok(count) => {
                self.held = Held::Piped(pipe);
                self.pace.moved(count, count >= LEAST_SPLICE_BYTES);
                Poll::Ready(Ok(count))
            }
            // Not every kernel can splice every socket (gVisor's cannot); nothing was taken, so copying goes on from here.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                kit.pipes.take_back(pipe);
                kit.can_splice.set(false);
                self.pace.stop();
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Err(error) => {
                kit.pipes.take_back(pipe);
                Poll::Ready(Err(error))
            }
        }
    }
}

/// `None` where the socket is not ready after all; tokio has noted it and will wake the task.
fn unless_blocked(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
