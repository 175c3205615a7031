//! Both directions of a framed session: frames in, frames out. A frame that draws nobody's attention keeps its bytes.

use std::borrow::Cow;
use std::task::{Context, Poll, ready};

use portcullis_protocol::Progress;
use portcullis_protocol::compression::{Packed, Threshold};
use portcullis_protocol::connection::Connection;
use portcullis_protocol::error::WireError;
use portcullis_protocol::frame::{self, MAX_BODY, MAX_EMPTY_FRAMES};
use portcullis_protocol::login::SetCompression;
use portcullis_protocol::packets::{Direction, Packet, split_id};
use portcullis_protocol::varint;

use super::desk::{Desk, Fate};
use super::fault::Fault;
use super::happening::{Happening, Loss};
use super::memory::Memory;
use super::wire::{HIGH_WATER, Received, Wire};
use crate::mover::{COPY_BYTES, Kit, Pace};

/// Moved in a row before other sessions get their turn: received, or sent where that is more.
const BYTES_PER_TURN: usize = 1 << 20;

/// A read that takes less is no part of a stream that is worth waiting for.
const LARGE_READ: usize = 16 << 10;

/// Bytes of plugins' own packets that wait for the end of a frame, and what each counts for beside its own: most are short, and some
/// thousand are enough.
const MAX_WAITING_BYTES: usize = 4 << 20;
const WAITING_COST: usize = 1 << 10;

/// Bytes of a worker's assembly buffer that are kept from one batch to the next.
const KEPT_ASSEMBLY: usize = 256 << 10;

/// Client and server of a session, and what goes on between them.
pub(super) struct Pump {
    pub(super) client: Wire,
    pub(super) server: Wire,
    pub(super) memory: Memory,
    /// Bytes that still pass of a frame whose start has passed: to the server, and to the client.
    passing: [usize; 2],
    /// Empty frames in a row, of each.
    empty: [u8; 2],
    /// How the bytes of each direction flow.
    pace: [Pace; 2],
    /// Packets of plugins' own that wait for the end of such a frame.
    waiting: [Vec<Vec<u8>>; 2],
}

impl Pump {
    pub(super) fn new(client: Wire, server: Wire) -> Self {
        Self::resumed(client, server, Memory::default())
    }

    /// With what is remembered of the player's last server.
    pub(super) fn resumed(mut client: Wire, mut server: Wire, memory: Memory) -> Self {
        client.hand_over();
        server.hand_over();
        Self {
            client,
            server,
            memory,
            passing: [0; 2],
            empty: [0; 2],
            pace: <[Pace; 2]>::default(),
            waiting: [Vec::new(), Vec::new()],
        }
    }

    /// Whether frames of this direction begin where the next byte is: only then can a packet of another origin be put between.
    pub(super) fn is_between_frames(&self, direction: Direction) -> bool {
        self.passing
            .get(direction as usize)
            .is_some_and(|passing| *passing == 0)
    }

    /// Notes how a batch has ended, and sends packets of plugins' own wherever no frame is under way.
    fn settle(&mut self, direction: Direction, done: Processed, kit: &Kit) -> Result<(), Happening> {
        let other = direction.opposite();
        let Processed { passing, empty, back } = done;
        if let Some(of_direction) = self.passing.get_mut(direction as usize) {
            *of_direction = passing;
        }
        if let Some(of_direction) = self.empty.get_mut(direction as usize) {
            *of_direction = empty;
        }
        let is_answered = !back.is_empty();
        if let Some(waiting) = self.waiting.get_mut(other as usize) {
            waiting.extend(back);
        }
        for direction in [direction, other] {
            let sent = self.send_waiting(direction, kit);
            sent.map_err(|fault| Happening::of_source(fault, direction))?;
        }
        if !is_answered {
            return Ok(());
        }
        let source = match direction {
            Direction::Clientbound => &self.server,
            Direction::Serverbound => &self.client,
        };
        if !source.has_room() {
            return Err(Happening::of_source(Fault::Unread, direction));
        }
        let cost = |waiting: &Vec<Vec<u8>>| waiting.iter().map(|packet| packet.len() + WAITING_COST).sum();
        let waiting: usize = self.waiting.get(other as usize).map_or(0, cost);
        if waiting > MAX_WAITING_BYTES {
            // What they wait for is the rest of a frame, from the one who gets these packets' cause.
            return Err(Happening::of_source(Fault::Unfinished, other));
        }
        Ok(())
    }

    /// Sends packets of plugins' own that no frame brought, as soon as none is under way.
    pub(super) fn send_own(
        &mut self,
        to_client: Vec<Vec<u8>>,
        to_server: Vec<Vec<u8>>,
        kit: &Kit,
    ) -> Result<(), Fault> {
        for (direction, packets) in [(Direction::Clientbound, to_client), (Direction::Serverbound, to_server)] {
            if let Some(waiting) = self.waiting.get_mut(direction as usize) {
                waiting.extend(packets);
            }
            self.send_waiting(direction, kit)?;
        }
        Ok(())
    }

    /// Sends what waits in this direction, unless a frame is under way.
    fn send_waiting(&mut self, direction: Direction, kit: &Kit) -> Result<(), Fault> {
        if !self.is_between_frames(direction) {
            return Ok(());
        }
        let to = match direction {
            Direction::Clientbound => &mut self.client,
            Direction::Serverbound => &mut self.server,
        };
        let waiting = self.waiting.get_mut(direction as usize).map(std::mem::take);
        let waiting = waiting.unwrap_or_default();
        waiting.iter().try_for_each(|packet| to.send_untracked(kit, packet))
    }

    /// Moves packets until something happens that packets alone do not settle.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, desk: &mut Desk) -> Poll<Happening> {
        desk.look_for_news(self.client.table());
        for direction in [Direction::Serverbound, Direction::Clientbound] {
            if let Poll::Ready(happening) = self.poll_lane(direction, cx, desk) {
                return Poll::Ready(happening);
            }
        }
        // What the other direction has queued in the meantime.
        if let Poll::Ready(Err(fault)) = self.client.poll_flush(cx) {
            return Poll::Ready(Happening::of_client(fault));
        }
        if let Poll::Ready(Err(fault)) = self.server.poll_flush(cx) {
            return Poll::Ready(Happening::of_server(fault));
        }
        Poll::Pending
    }

    fn poll_lane(&mut self, direction: Direction, cx: &mut Context<'_>, desk: &mut Desk) -> Poll<Happening> {
        let kit = desk.kit();
        let mut left = BYTES_PER_TURN;
        while left > 0 {
            let (from, to) = match direction {
                Direction::Serverbound => (&mut self.client, &mut self.server),
                Direction::Clientbound => (&mut self.server, &mut self.client),
            };
            let of_source = |fault| Happening::of_source(fault, direction);
            match to.poll_flush(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(fault)) => return Poll::Ready(Happening::of_source(fault, direction.opposite())),
                Poll::Pending if to.backlog() >= HIGH_WATER => return Poll::Pending,
                Poll::Pending => {}
            }
            let [up, down] = &mut self.pace;
            let pace = match direction {
                Direction::Serverbound => up,
                Direction::Clientbound => down,
            };
            let scratch = &mut *kit.scratch.borrow_mut();
            let (received, new) = match ready!(poll_more(from, pace, cx, scratch)) {
                Ok(more) => more,
                Err(fault) => return Poll::Ready(of_source(fault)),
            };
            desk.account(direction, new);
            let (mut apart, mut is_apart) = (Vec::new(), false);
            let bytes = match received {
                Received::InScratch(length) => scratch.get_mut(..length).unwrap_or_default(),
                Received::Apart(bytes) => {
                    (apart, is_apart) = (bytes, true);
                    &mut *apart
                }
            };
            let mut batch = Batch {
                from,
                to,
                memory: &mut self.memory,
                passing: self.passing.get(direction as usize).copied().unwrap_or_default(),
                empty: self.empty.get(direction as usize).copied().unwrap_or_default(),
                direction,
                out: kit.assembly.take(),
                run: 0,
                is_full: false,
                back: Vec::new(),
            };
            let (used, outcome) = batch.process(bytes, desk, &kit);
            let is_full = batch.is_full;
            left = left.saturating_sub(used.max(batch.out.len()).max(LARGE_READ));
            let processed = batch.finish(bytes, used, &kit);
            // A long frame that is not whole yet stays where it is put together.
            let rest = if is_apart && used == 0 {
                apart
            } else {
                bytes.get(used..).unwrap_or_default().to_vec()
            };
            from.put_back(rest, is_full);
            if let Err(happening) = self.settle(direction, processed, &kit) {
                return Poll::Ready(happening);
            }
            match outcome {
                Ok(None) => {}
                Ok(Some(happening)) => return Poll::Ready(happening),
                Err(fault) => return Poll::Ready(of_source(fault)),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What was left of the last batch, or else a read; and how many bytes of it are new.
fn poll_more(
    from: &mut Wire,
    pace: &mut Pace,
    cx: &mut Context<'_>,
    scratch: &mut [u8],
) -> Poll<Result<(Received, usize), Fault>> {
    if let Some(rest) = from.take_unfinished() {
        return Poll::Ready(Ok((Received::Apart(rest), 0)));
    }
    ready!(pace.poll_pause(cx));
    // A peer that is slow may leave as much behind.
    let most = if pace.is_long() { scratch.len() } else { COPY_BYTES };
    let Poll::Ready(read) = from.poll_receive(cx, scratch.get_mut(..most).unwrap_or_default()) else {
        pace.gap(cx);
        return Poll::Pending;
    };
    let (received, new) = read?;
    if new == 0 {
        return Poll::Ready(Err(Fault::Closed));
    }
    pace.moved(new, new >= LARGE_READ);
    Poll::Ready(Ok((received, new)))
}

/// What one read has brought.
struct Batch<'a> {
    from: &'a mut Wire,
    to: &'a mut Wire,
    memory: &'a mut Memory,
    /// Bytes that still pass of a frame whose start has passed.
    passing: usize,
    /// Empty frames in a row, up to here.
    empty: u8,
    direction: Direction,
    /// Frames that go on, as far as they are not where they came.
    out: Vec<u8>,
    /// From here on, frames that go on are where they came.
    run: usize,
    /// Frames were left for when the receiver has taken these: inflated, a read can be a thousand times as long.
    is_full: bool,
    /// Packets of plugins' own for where the frames come from.
    back: Vec<Vec<u8>>,
}

/// How a batch has ended.
struct Processed {
    passing: usize,
    empty: u8,
    back: Vec<Vec<u8>>,
}

/// What can be said of the frame at the front.
enum Front {
    /// Too little of it is there to say what it is.
    Unknown,
    /// So long, with a body from here on.
    Frame { length: usize, head: usize },
}

impl Batch<'_> {
    /// Goes through the frames in `bytes`. Returns how many bytes were used, and what happened; frames before that go on.
    fn process(&mut self, bytes: &[u8], desk: &mut Desk, kit: &Kit) -> (usize, Result<Option<Happening>, Fault>) {
        let mut at = self.passing.min(bytes.len());
        self.passing -= at;
        loop {
            match self.step(bytes, at, desk, kit) {
                Ok(Step::Next(next)) => {
                    at = next;
                    self.is_full = self.out.len() >= HIGH_WATER && at < bytes.len();
                    if self.is_full {
                        return (at, Ok(None));
                    }
                }
                Ok(Step::Wait) => return (at, Ok(None)),
                Ok(Step::All) => return (bytes.len(), Ok(None)),
                Ok(Step::Stop(next, happening)) => return (next, Ok(Some(happening))),
                Err(fault) => return (at, Err(fault)),
            }
        }
    }

    /// Sends what goes on.
    fn finish(mut self, bytes: &mut [u8], used: usize, kit: &Kit) -> Processed {
        let run = bytes.get_mut(self.run.min(used)..used).unwrap_or_default();
        if self.out.is_empty() {
            if !run.is_empty() {
                self.to.queue(run);
            }
        } else {
            self.out.extend_from_slice(run);
            self.to.queue(&mut self.out);
            self.out.clear();
        }
        self.out.shrink_to(KEPT_ASSEMBLY);
        kit.assembly.replace(self.out);
        Processed {
            passing: self.passing,
            empty: self.empty,
            back: self.back,
        }
    }

    fn step(&mut self, bytes: &[u8], at: usize, desk: &mut Desk, kit: &Kit) -> Result<Step, Fault> {
        let there = bytes.get(at..).unwrap_or_default();
        let empty = frame::count_empty(there)?;
        if empty > 0 {
            let limit = MAX_EMPTY_FRAMES;
            let in_a_row = usize::from(self.empty) + empty;
            self.empty = u8::try_from(in_a_row).unwrap_or(u8::MAX);
            if in_a_row > limit {
                return Err(WireError::EmptyFrames { limit }.into());
            }
            // They hold no packet: nobody misses them.
            self.pass_run(bytes, at);
            self.run = at + empty;
            return Ok(Step::Next(at + empty));
        }
        let Front::Frame { length, head } = front(there)? else {
            return Ok(Step::Wait);
        };
        // Not before: at the end of a read nothing is there, and what follows may be as empty as what was.
        self.empty = 0;
        let body = there.get(head..).unwrap_or_default();
        let is_whole = there.len() >= length;
        let body = if is_whole {
            there.get(head..length).unwrap_or_default()
        } else {
            body
        };
        let (from, to) = (self.from.threshold(), self.to.threshold());
        let state = self.from.connection.state(self.direction);
        let id = match from {
            Some(threshold) if is_whole => Packed::of_body(body, threshold, self.from.limit())?.id()?,
            Some(_) => return Ok(Step::Wait),
            None => match varint::read(body).map_err(Fault::from)? {
                Progress::Complete(id, _) => id,
                Progress::Incomplete if is_whole => return Err(WireError::Truncated.into()),
                Progress::Incomplete => return Ok(Step::Wait),
            },
        };
        let as_it_is = passes_as_it_is(body, from, to);
        if !desk.attention().is_drawn_by(state, self.direction, id) {
            return if as_it_is && is_whole {
                Ok(Step::Next(at + length))
            } else if as_it_is && from.is_none() {
                self.passing = length - there.len();
                Ok(Step::All)
            } else if is_whole {
                self.convert(bytes, at, at + length, body, kit)
            } else {
                Ok(Step::Wait)
            };
        }
        if !is_whole {
            return Ok(Step::Wait);
        }
        self.attend(bytes, at, at + length, body, desk, kit)
    }

    /// Somebody looks at this frame.
    fn attend(
        &mut self,
        bytes: &[u8],
        at: usize,
        end: usize,
        body: &[u8],
        desk: &mut Desk,
        kit: &Kit,
    ) -> Result<Step, Fault> {
        let packet = unpack(self.from, body, kit)?;
        let (id, fields) = split_id(&packet)?;
        let seen = self.from.connection.follow(self.direction, id)?;
        let fate = desk.look(self.memory, self.from.table(), self.direction, seen, id, fields);
        let own = desk.take_own(self.direction);
        if !own.ahead.is_empty() {
            self.pass_run(bytes, at);
            for packet in &own.ahead {
                self.write(packet, kit)?;
            }
        }
        self.back.extend(own.back);
        match fate {
            Fate::Pass => {
                self.to.connection.follow(self.direction, id)?;
                desk.note_phases(self.client());
                if !passes_as_it_is(body, self.from.threshold(), self.to.threshold()) {
                    self.pass_run(bytes, at);
                    self.write(&packet, kit)?;
                    self.run = end;
                }
                if seen.packet == Some(Packet::SetCompression) {
                    let set = SetCompression::read(fields)?;
                    self.from.connection.set_compression(set);
                    self.to.connection.set_compression(set);
                }
            }
            Fate::Rewrite(fields) => {
                self.to.connection.follow(self.direction, id)?;
                desk.note_phases(self.client());
                self.pass_run(bytes, at);
                let mut packet = Vec::with_capacity(fields.len() + varint::MAX_BYTES);
                varint::write(id, &mut packet);
                packet.extend_from_slice(&fields);
                self.write(&packet, kit)?;
                self.run = end;
            }
            Fate::Drop => {
                self.pass_run(bytes, at);
                self.run = end;
            }
            Fate::Stop(happening) => {
                self.pass_run(bytes, at);
                self.run = end;
                return Ok(Step::Stop(end, happening));
            }
            Fate::Lost(text) => {
                self.pass_run(bytes, at);
                self.run = end;
                let loss = Loss::kicked(text, packet.into_owned());
                return Ok(Step::Stop(end, Happening::Lost(loss)));
            }
        }
        Ok(Step::Next(end))
    }

    /// Nobody looks at this frame, yet the peers do not compress alike.
    fn convert(&mut self, bytes: &[u8], at: usize, end: usize, body: &[u8], kit: &Kit) -> Result<Step, Fault> {
        let packet = unpack(self.from, body, kit)?;
        self.pass_run(bytes, at);
        self.write(&packet, kit)?;
        self.run = end;
        Ok(Step::Next(end))
    }

    /// What goes on where it came is taken along, up to here.
    fn pass_run(&mut self, bytes: &[u8], end: usize) {
        self.out.extend_from_slice(bytes.get(self.run..end).unwrap_or_default());
        self.run = end;
    }

    fn client(&self) -> &Connection {
        match self.direction {
            Direction::Clientbound => &self.to.connection,
            Direction::Serverbound => &self.from.connection,
        }
    }

    fn write(&mut self, packet: &[u8], kit: &Kit) -> Result<(), Fault> {
        let threshold = self.to.threshold();
        Ok(kit.codec.borrow_mut().write(packet, threshold, &mut self.out)?)
    }
}

/// How the walk through a batch goes on.
enum Step {
    /// With the frame from here on.
    Next(usize),
    /// When more has come.
    Wait,
    /// All there is goes on, and more of the same frame will.
    All,
    /// Not before somebody has seen to this. The next frame is from here on.
    Stop(usize, Happening),
}

fn front(there: &[u8]) -> Result<Front, WireError> {
    Ok(match frame::check(there, 1..=MAX_BODY)? {
        Progress::Complete(length, head) => Front::Frame { length, head },
        Progress::Incomplete => Front::Unknown,
    })
}

fn unpack<'b>(from: &Wire, body: &'b [u8], kit: &Kit) -> Result<Cow<'b, [u8]>, Fault> {
    let Some(threshold) = from.threshold() else {
        return Ok(body.into());
    };
    // Owned: a plugin may have packets of its own packed while this one is looked at.
    let codec = &mut *kit.codec.borrow_mut();
    let packet = codec.inflater.inflate(body, threshold, from.limit())?.to_vec();
    Ok(packet.into())
}

/// Whether a frame with this body means the same to both sides.
fn passes_as_it_is(body: &[u8], from: Option<Threshold>, to: Option<Threshold>) -> bool {
    let (from, to) = match (from, to) {
        (None, None) => return true,
        (Some(from), Some(to)) => (from, to),
        _ => return false,
    };
    if from == to {
        return true;
    }
    let Threshold(least) = to;
    match varint::read(body) {
        // Not compressed: shorter than both want it to be.
        Ok(Progress::Complete(0, head)) => body.len() - head < least as usize,
        Ok(Progress::Complete(claimed, _)) => u32::try_from(claimed).is_ok_and(|claimed| claimed >= least),
        _ => false,
    }
}
