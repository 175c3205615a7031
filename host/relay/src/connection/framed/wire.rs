//! One peer of a framed session: its socket, and what the protocol has put around its packets by now: frames, compression,
//! a cipher.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use portcullis_protocol::cipher::{Decryptor, Encryptor, Secret};
use portcullis_protocol::compression::{MAX_CLIENTBOUND, MAX_SERVERBOUND, Threshold};
use portcullis_protocol::connection::{Connection, Seen};
use portcullis_protocol::frame::{self, Frames};
use portcullis_protocol::login::SetCompression;
use portcullis_protocol::packets::{Direction, Fields, Table, split_id};
use portcullis_protocol::varint;
use portcullis_protocol::version::Protocol;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::fault::Fault;
use crate::mover::{COPY_BYTES, Kit};

/// Bytes that wait for a peer that does not take them: above that, nobody reads for it.
pub(super) const HIGH_WATER: usize = 64 << 10;

/// Bytes that wait for a peer while plugins have more for it: twice the longest frame.
const MAX_BACKLOG: usize = 4 << 20;

/// A read into the worker's buffer has at least so much room behind what was left of the last one.
const LEAST_ROOM: usize = 16 << 10;

/// One peer.
pub(super) struct Wire {
    stream: TcpStream,
    /// What its packets mean by now, both ways.
    pub(super) connection: Connection,
    table: &'static Table,
    reads: Direction,
    cipher: Option<Box<(Decryptor, Encryptor)>>,
    /// Received and decrypted, from `taken` on: the start of a frame, or frames that nobody has taken yet.
    received: Vec<u8>,
    taken: usize,
    /// Frames among them wait for the other peer alone.
    is_unfinished: bool,
    /// Ready for the socket, from `sent` on.
    unsent: Vec<u8>,
    sent: usize,
}

/// A packet that was received and followed.
pub(super) struct Incoming {
    pub(super) id: i32,
    pub(super) seen: Seen,
    /// What follows the id.
    pub(super) fields: Vec<u8>,
}

impl Incoming {
    /// Id and fields.
    pub(super) fn into_packet(self) -> Vec<u8> {
        let mut packet = Vec::with_capacity(self.fields.len() + varint::MAX_BYTES);
        varint::write(self.id, &mut packet);
        packet.extend_from_slice(&self.fields);
        packet
    }
}

/// Where what was received lies.
pub(super) enum Received {
    /// So many bytes of the worker's buffer.
    InScratch(usize),
    /// What was kept of the last time: a frame longer than that buffer, its start, or frames that had to wait.
    Apart(Vec<u8>),
}

impl Wire {
    /// A peer from which packets in the direction `reads` come.
    pub(super) fn new(stream: TcpStream, connection: Connection, table: &'static Table, reads: Direction) -> Self {
        Self {
            stream,
            connection,
            table,
            reads,
            cipher: None,
            received: Vec::new(),
            taken: 0,
            is_unfinished: false,
            unsent: Vec::new(),
            sent: 0,
        }
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.table.protocol()
    }

    pub(super) fn table(&self) -> &'static Table {
        self.table
    }

    /// The direction in which this peer is sent packets.
    pub(super) fn writes(&self) -> Direction {
        self.reads.opposite()
    }

    /// Longest packet that this peer may send, inflated.
    pub(super) fn limit(&self) -> usize {
        match self.reads {
            Direction::Clientbound => MAX_CLIENTBOUND,
            Direction::Serverbound => MAX_SERVERBOUND,
        }
    }

    pub(super) fn threshold(&self) -> Option<Threshold> {
        self.connection.threshold()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// From here on everything is encrypted, both ways.
    pub(super) fn encrypt(&mut self, secret: &Secret) {
        self.cipher = Some(Box::new((Decryptor::new(secret), Encryptor::new(secret))));
        // A client that is in a hurry may have sent encrypted bytes already.
        if let Some(cipher) = &mut self.cipher {
            cipher
                .0
                .decrypt(self.received.get_mut(self.taken..).unwrap_or_default());
        }
    }

    /// Ready when the peer has closed the connection and nothing it sent is left. Nothing is taken. A peer that leaves something
    /// unread behind is not seen to go.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])) {
            Poll::Ready(Ok(0) | Err(_)) if self.held().is_empty() => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Lets go of what was taken: once for many packets, since what is behind them has to be moved.
    fn forget_taken(&mut self) {
        self.received.drain(..std::mem::take(&mut self.taken));
    }

    /// What was received and not taken.
    fn held(&self) -> &[u8] {
        self.received.get(self.taken..).unwrap_or_default()
    }

    /// Waits for the next packet, of at most `limit` bytes, and follows it.
    pub(super) async fn receive(&mut self, kit: &Kit, limit: usize) -> Result<Incoming, Fault> {
        poll_fn(|cx| self.poll_packet(cx, kit, limit)).await
    }

    /// The next packet, of at most `limit` bytes, followed.
    pub(super) fn poll_packet(
        &mut self,
        cx: &mut Context<'_>,
        kit: &Kit,
        limit: usize,
    ) -> Poll<Result<Incoming, Fault>> {
        loop {
            if let Some(packet) = self.take_packet(kit, limit)? {
                return Poll::Ready(Ok(packet));
            }
            if ready!(self.poll_fill(cx, kit))? == 0 {
                return Poll::Ready(Err(Fault::Closed));
            }
        }
    }

    fn take_packet(&mut self, kit: &Kit, limit: usize) -> Result<Option<Incoming>, Fault> {
        let threshold = self.threshold();
        let mut frames = Frames::new(
            self.received.get(self.taken..).unwrap_or_default(),
            limit.min(frame::MAX_BODY),
        );
        let Some(frame) = frames.next().transpose()? else {
            return Ok(None);
        };
        let codec = &mut *kit.codec.borrow_mut();
        let packet = match threshold {
            Some(threshold) => codec.inflater.inflate(frame.body, threshold, limit)?,
            None => frame.body,
        };
        let (id, fields) = split_id(packet)?;
        let seen = self.connection.follow(self.reads, id)?;
        let fields = fields.to_vec();
        self.taken += frames.taken();
        Ok(Some(Incoming { id, seen, fields }))
    }

    /// Adds what has arrived to what nobody has taken yet; 0 at the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>, kit: &Kit) -> Poll<Result<usize, Fault>> {
        let scratch = &mut *kit.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(scratch.get_mut(..COPY_BYTES).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled_mut();
        if let Some(cipher) = &mut self.cipher {
            cipher.0.decrypt(bytes);
        }
        self.forget_taken();
        self.received.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    /// Receives into `scratch`, behind what was left of the last time. 0 new bytes: the end.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<Result<(Received, usize), Fault>> {
        self.forget_taken();
        let held = self.received.len();
        if held + LEAST_ROOM > scratch.len() {
            return self.poll_receive_apart(cx, scratch);
        }
        let room = scratch.get_mut(held..).unwrap_or_default();
        let mut buffer = ReadBuf::new(room);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let new = buffer.filled_mut();
        if let Some(cipher) = &mut self.cipher {
            cipher.0.decrypt(new);
        }
        let new = new.len();
        if let Some(front) = scratch.get_mut(..held) {
            front.copy_from_slice(&self.received);
        }
        self.received = Vec::new();
        Poll::Ready(Ok((Received::InScratch(held + new), new)))
    }

    /// The frame at the front is longer than the worker's buffer: it is put together on its own.
    fn poll_receive_apart(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<Result<(Received, usize), Fault>> {
        let needed = Frames::new(&self.received, frame::MAX_BODY).needed();
        let missing = needed.unwrap_or_default().saturating_sub(self.received.len());
        let most = missing.max(1).min(scratch.len());
        let mut buffer = ReadBuf::new(scratch.get_mut(..most).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let new = buffer.filled_mut();
        if let Some(cipher) = &mut self.cipher {
            cipher.0.decrypt(new);
        }
        if missing > 0 {
            self.received.reserve_exact(missing);
        }
        self.received.extend_from_slice(new);
        let new = new.len();
        Poll::Ready(Ok((Received::Apart(std::mem::take(&mut self.received)), new)))
    }

    /// Takes back what could not be used yet; `is_unfinished` where it can be as soon as the other peer takes more.
    pub(super) fn put_back(&mut self, rest: Vec<u8>, is_unfinished: bool) {
        (self.received, self.taken) = (rest, 0);
        self.is_unfinished = is_unfinished;
    }

    /// From here on somebody else takes what is received: what came with the last packet is there before anything new is.
    pub(super) fn hand_over(&mut self) {
        self.is_unfinished = !self.held().is_empty();
    }

    /// What was put back unfinished.
    pub(super) fn take_unfinished(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.is_unfinished).then(|| self.take_received())
    }

    /// Queues a packet of the host's own, and follows it.
    pub(super) fn send(&mut self, kit: &Kit, fields: &impl Fields) -> Result<(), Fault> {
        let (direction, mut packet) = (self.writes(), Vec::new());
        self.table
            .write(self.connection.state(direction), direction, fields, &mut packet)?;
        self.send_packet(kit, &packet)
    }

    /// Queues a packet, id and fields, and follows it.
    pub(super) fn send_packet(&mut self, kit: &Kit, packet: &[u8]) -> Result<(), Fault> {
        let (id, _) = split_id(packet)?;
        self.connection.follow(self.writes(), id)?;
        self.send_untracked(kit, packet)
    }

    /// Queues a packet that changes nothing about the connection.
    pub(super) fn send_untracked(&mut self, kit: &Kit, packet: &[u8]) -> Result<(), Fault> {
        let mut framed = Vec::new();
        kit.codec.borrow_mut().write(packet, self.threshold(), &mut framed)?;
        self.queue(&mut framed);
        Ok(())
    }

    /// Queues the packet with which compression begins, and begins it.
    pub(super) fn begin_compression(&mut self, kit: &Kit, Threshold(threshold): Threshold) -> Result<(), Fault> {
        let packet = SetCompression {
            threshold: i32::try_from(threshold).unwrap_or(i32::MAX),
        };
        self.send(kit, &packet)?;
        self.connection.set_compression(packet);
        Ok(())
    }

    /// Sends bytes that are framed for this peer already; they are encrypted where they lie. What the socket does not take is
    /// kept.
    pub(super) fn queue(&mut self, bytes: &mut [u8]) {
        if let Some(cipher) = &mut self.cipher {
            cipher.1.encrypt(bytes);
        }
        let mut rest = &*bytes;
        if self.backlog() == 0 {
            // A peer that is gone says so again when it is written to next time.
            let taken = self.stream.try_write(bytes).unwrap_or(0);
            rest = bytes.get(taken..).unwrap_or_default();
        }
        // A peer that is never quite served would have all it was ever sent kept for it.
        self.unsent.drain(..std::mem::take(&mut self.sent));
        self.unsent.extend_from_slice(rest);
    }

    /// Bytes that the socket has not taken yet.
    pub(super) fn backlog(&self) -> usize {
        self.unsent.len() - self.sent
    }

    /// Whether the peer takes enough of what it is sent to be sent what plugins have for it.
    pub(super) fn has_room(&self) -> bool {
        self.backlog() <= MAX_BACKLOG
    }

    /// Ready when nothing waits any more.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        while let Some(rest) = self.unsent.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let taken = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            self.sent += taken;
        }
        if !self.unsent.is_empty() {
            (self.unsent, self.sent) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }

    /// Waits until everything was taken.
    pub(super) async fn flush(&mut self) -> Result<(), Fault> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Waits until everything was taken, and says that nothing more comes.
    pub(super) async fn close(&mut self) -> Result<(), Fault> {
        self.flush().await?;
        Ok(self.stream.shutdown().await?)
    }

    /// The socket, for those who need no packets any more.
    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// What was received and not taken.
    pub(super) fn take_received(&mut self) -> Vec<u8> {
        self.forget_taken();
        std::mem::take(&mut self.received)
    }

    /// The socket alone. Only where nothing waits to be sent or taken.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use portcullis_protocol::handshake::Intent;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::connection::peek::tests::connection;

    #[tokio::test]
    async fn what_a_peer_has_taken_is_not_kept_while_it_lags_behind() {
        /// More than the kernel takes for anybody.
        const MUCH: usize = 128 << 20;
        let (mut peer, stream) = connection().await;
        let connection = Connection::new(Protocol::V1_8, Intent::Login).unwrap();
        let table = Table::of(Protocol::V1_8).unwrap();
        let mut wire = Wire::new(stream, connection, table, Direction::Serverbound);
        wire.queue(&mut vec![7; MUCH]);
        let mut piece = vec![0; 64 << 10];
        while wire.sent == 0 {
            peer.read_exact(&mut piece).await.unwrap();
            poll_fn(|cx| Poll::Ready(wire.poll_flush(cx).is_pending())).await;
        }
        let backlog = wire.backlog();
        assert!(backlog > 0, "it does not lag");
        wire.queue(&mut [7]);
        assert_eq!((wire.unsent.len(), wire.backlog()), (backlog + 1, backlog + 1));
    }
}
