//! A player without a server: kept alive until there is one, on the way from one to the next or for as long as a plugin holds him.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use portcullis_protocol::compression::MAX_SERVERBOUND;
use portcullis_protocol::message::{Builtin, PluginMessage};
use portcullis_protocol::packets::{Direction, Packet, State};
use portcullis_protocol::play::KeepAlive;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

use super::desk::Desk;
use super::fault::Fault;
use super::happening::Happening;
use super::memory::Memory;
use super::wire::{Incoming, Wire};
use crate::mover::Kit;

/// How often the client is asked whether it is alive: clients give up after 20 to 30 seconds of silence.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How long a player may be without a server.
const LONGEST: Duration = Duration::from_secs(600);

/// Packets that are looked at before other sessions get their turn.
const PACKETS_PER_TURN: usize = 64;

/// A player without a server.
pub(super) struct Adrift {
    pub(super) client: Wire,
    pub(super) memory: Memory,
    keep_alive: Interval,
    /// Proofs of life asked for by the host itself. Their answers reach no server.
    asked: i64,
    until: Pin<Box<Sleep>>,
}

impl Adrift {
    pub(super) fn new(client: Wire, memory: Memory) -> Self {
        let mut keep_alive = interval(KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        keep_alive.reset();
        Self {
            client,
            memory,
            keep_alive,
            asked: 0,
            until: Box::pin(sleep(LONGEST)),
        }
    }

    /// Listens to the client until it stirs. What it says to a server that is not there is lost, but for what it says of itself.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, desk: &Desk) -> Poll<Happening> {
        let kit = &*desk.kit();
        for _ in 0..PACKETS_PER_TURN {
            match self.client.poll_packet(cx, kit, MAX_SERVERBOUND) {
                Poll::Ready(Ok(incoming)) => {
                    desk.entry().stir();
                    if self.hear(&incoming, desk) {
                        return Poll::Ready(Happening::Stirred);
                    }
                }
                Poll::Ready(Err(fault)) => return Poll::Ready(Happening::of_client(fault)),
                Poll::Pending => return self.wait(cx, kit),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn wait(&mut self, cx: &mut Context<'_>, kit: &Kit) -> Poll<Happening> {
        while self.keep_alive.poll_tick(cx).is_ready() {
            if let Err(fault) = self.ask_alive(kit) {
                return Poll::Ready(Happening::of_client(fault));
            }
        }
        if self.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Happening::Forgotten);
        }
        match self.client.poll_flush(cx) {
            Poll::Ready(Err(fault)) => Poll::Ready(Happening::of_client(fault)),
            _ => Poll::Pending,
        }
    }

    /// Whether the client has gone on to another state.
    fn hear(&mut self, incoming: &Incoming, desk: &Desk) -> bool {
        match incoming.seen.packet {
            Some(Packet::Settings) => desk.note(self.memory.settings(&incoming.fields)),
            Some(Packet::PluginMessage) => {
                let protocol = self.client.protocol();
                let message = PluginMessage::read(&incoming.fields, Direction::Serverbound, protocol);
                if let Ok(PluginMessage { channel, data }) = message
                    && let Some(builtin) = Builtin::of_name(channel)
                {
                    desk.note(self.memory.message(builtin, data));
                }
            }
            Some(Packet::ConfigurationAcknowledged | Packet::FinishConfiguration | Packet::LoginAcknowledged) => {
                return true;
            }
            _ => {}
        }
        false
    }

    fn ask_alive(&mut self, kit: &Kit) -> Result<(), Fault> {
        let writes = self.client.writes();
        if matches!(self.client.connection.state(writes), State::Configuration | State::Play) {
            self.asked += 1;
            self.client.send(kit, &KeepAlive { id: self.asked })?;
        }
        Ok(())
    }
}
