//! Who looks at a packet that draws attention: the plugins of the chain, and the host for what a switch will have to know.

use std::rc::Rc;
use std::sync::Arc;

use portcullis_protocol::connection::{Connection, Seen};
use portcullis_protocol::error::WireError;
use portcullis_protocol::message::{Builtin, PluginMessage, namespaced_name};
use portcullis_protocol::packets::{Direction, Packet, State, Table};
use portcullis_protocol::play::{Disconnect, KeepAlive};
use portcullis_protocol::text::Text;
use portcullis_protocol::varint;
use portcullis_registry::{Phase, Phases, Session};
use portcullis_runtime::{Hook, Own, PacketOutcome, Wants};

use super::attention::Attention;
use super::happening::Happening;
use super::memory::{Limit, Memory};
use crate::listener::{Listener, Settings};
use crate::mover::Kit;
use crate::refusal::Reason;
use crate::roll::Entry;
use crate::text;
use crate::worker::Worker;

mod content;
mod lines;

/// Most that plugins are shown of a packet or a message, as its sender sent it: more than the longest book that a client writes, 100
/// pages of 1,024 characters. To copy 2 MiB can take as long as a call may take altogether.
const MAX_SHOWN_BYTES: usize = 512 << 10;

/// What a session needs to have its packets looked at.
pub(super) struct Desk {
    pub(super) worker: Rc<Worker>,
    pub(super) listener: Arc<Listener>,
    pub(super) settings: Arc<Settings>,
    pub(super) session: Arc<Session>,
    entry: Rc<Entry>,
    wants: Arc<Wants>,
    attention: Rc<Attention>,
    noted: Option<Phases>,
    /// Packets of others than the peers: whom they are for, id and fields.
    own: Vec<(Direction, Vec<u8>)>,
}

/// What becomes of a packet.
pub(super) enum Fate {
    /// It goes on as it is.
    Pass,
    /// It goes on with these fields.
    Rewrite(Vec<u8>),
    /// It goes no further.
    Drop,
    /// It goes no further, and this has to be seen to first.
    Stop(Happening),
    /// It is the server's farewell, with this text.
    Lost(Text),
}

/// Packets of plugins' own, id and fields.
#[derive(Default)]
pub(super) struct OwnPackets {
    /// In the direction of the packet that was looked at.
    pub(super) ahead: Vec<Vec<u8>>,
    /// In the other.
    pub(super) back: Vec<Vec<u8>>,
}

impl Desk {
    pub(super) fn new(
        worker: Rc<Worker>,
        listener: Arc<Listener>,
        settings: Arc<Settings>,
        entry: Rc<Entry>,
        table: &'static Table,
    ) -> Self {
        let session = Arc::clone(entry.session());
        let wants = worker.plugins.wants(&settings.chain, table.protocol());
        let attention = worker.attentions.of(table, &wants);
        Self {
            worker,
            listener,
            settings,
            session,
            entry,
            wants,
            attention,
            noted: None,
            own: Vec::new(),
        }
    }

    pub(super) fn kit(&self) -> Rc<Kit> {
        Rc::clone(&self.worker.kit)
    }

    pub(super) fn entry(&self) -> &Rc<Entry> {
        &self.entry
    }

    pub(super) fn attention(&self) -> &Attention {
        &self.attention
    }

    /// Whether anybody may ever want to look at a packet of this session, or to move its player.
    pub(super) fn is_wanted(&self) -> bool {
        let plugins = &self.worker.plugins;
        !self.wants.is_empty() || plugins.has(&self.settings.chain, Hook::Backend) || plugins.has_control()
    }

    /// Finds out whether plugins have changed, and what they want now.
    pub(super) fn look_for_news(&mut self, table: &Table) {
        if self.wants.generation() == self.worker.plugins.generation() {
            return;
        }
        self.wants = self.worker.plugins.wants(&self.settings.chain, table.protocol());
        self.attention = self.worker.attentions.of(table, &self.wants);
    }

    /// Where the client's connection is by now: what plugins can send it depends on that.
    pub(super) fn note_phases(&mut self, client: &Connection) {
        let phase = |direction| match client.state(direction) {
            State::Configuration => Phase::Configuration,
            State::Play => Phase::Play,
            State::Status | State::Login => Phase::Login,
        };
        let phases = Phases {
            clientbound: phase(Direction::Clientbound),
            serverbound: phase(Direction::Serverbound),
        };
        if self.noted.replace(phases) != Some(phases) {
            self.session.set_framed(phases);
        }
    }

    /// Bytes were received in this direction.
    pub(super) fn account(&self, direction: Direction, bytes: usize) {
        match direction {
            Direction::Serverbound => self.session.add_up(bytes as u64),
            Direction::Clientbound => self.session.add_down(bytes as u64),
        }
    }

    /// Packets that plugins have sent while they looked at the last one.
    pub(super) fn take_own(&mut self, direction: Direction) -> OwnPackets {
        let mut packets = OwnPackets::default();
        for (whom, packet) in self.own.drain(..) {
            if whom == direction {
                packets.ahead.push(packet);
            } else {
                packets.back.push(packet);
            }
        }
        packets
    }

    /// Has a packet looked at.
    pub(super) fn look(
        &mut self,
        memory: &mut Memory,
        table: &'static Table,
        direction: Direction,
        seen: Seen,
        id: i32,
        fields: &[u8],
    ) -> Fate {
        match self.show(memory, direction, seen, id, fields, table) {
            Ok(None) => self.understand(memory, table, direction, seen, fields),
            Ok(Some(replaced)) => match self.understand(memory, table, direction, seen, &replaced) {
                Fate::Pass => Fate::Rewrite(replaced),
                fate => fate,
            },
            Err(Fate::Drop) => {
                self.dropped(memory, table, direction, seen, fields);
                Fate::Drop
            }
            Err(fate) => fate,
        }
    }

    /// Shows a packet to those who subscribed to it. Gives its new fields, if there are any.
    fn show(
        &mut self,
        memory: &Memory,
        direction: Direction,
        Seen { state, packet }: Seen,
        id: i32,
        fields: &[u8],
        table: &Table,
    ) -> Result<Option<Vec<u8>>, Fate> {
        let Some(payload) = self.wants.packet(state, direction, id) else {
            return Ok(None);
        };
        let length = payload.of(fields).len();
        if length > MAX_SHOWN_BYTES {
            return self.too_long(direction, packet, length);
        }
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        let outcome = plugins.packet(chain, &self.session, &self.wants, (state, direction, id), fields);
        self.collect_own();
        match outcome {
            PacketOutcome::Pass => Ok(None),
            PacketOutcome::Replaced(_) | PacketOutcome::Drop(_) if packet.is_some_and(Packet::leads_on) => {
                self.listener.metrics.edit_refused("state");
                Ok(None)
            }
            PacketOutcome::Replaced(_) if lines::is_signed(packet, direction, fields, table.protocol()) => {
                self.listener.metrics.edit_refused("signed");
                Ok(None)
            }
            PacketOutcome::Replaced(fields) => Ok(Some(fields)),
            PacketOutcome::Drop(by)
                if self.is_chained(memory, table.protocol())
                    && lines::is_signed(packet, direction, fields, table.protocol()) =>
            {
                Err(lines::chain_broken(by))
            }
            PacketOutcome::Drop(_) => Err(Fate::Drop),
            PacketOutcome::Disconnect(text, by) => Err(Fate::Stop(Happening::Dismissed(
                text::rendered(&text),
                Reason::PluginDisconnect(by),
            ))),
            PacketOutcome::Refuse(refusal) => Err(Fate::Stop(dismissed(refusal))),
        }
    }

    /// A packet is longer than plugins are shown: a client is not to get past them, and in survival sends none that long (a creative
    /// player's shulker box full of books can be). What a server sends is its own.
    fn too_long(&self, direction: Direction, packet: Option<Packet>, length: usize) -> Result<Option<Vec<u8>>, Fate> {
        match direction {
            Direction::Serverbound => {
                let limit = MAX_SHOWN_BYTES;
                let fault = WireError::Oversized { length, limit }.into();
                Err(Fate::Stop(Happening::Violation(fault)))
            }
            Direction::Clientbound => {
                self.listener.metrics.undecoded(packet.map_or("unnamed", Packet::name));
                Ok(None)
            }
        }
    }

    /// Does what the host itself, or a plugin that hears of what packets say, does about a packet.
    fn understand(
        &mut self,
        memory: &mut Memory,
        table: &'static Table,
        direction: Direction,
        Seen { state, packet }: Seen,
        fields: &[u8],
    ) -> Fate {
        use Direction::{Clientbound, Serverbound};
        let protocol = table.protocol();
        let Some(packet) = packet else {
            return Fate::Pass;
        };
        match (direction, packet) {
            (Clientbound, Packet::Disconnect) if state != State::Login => match Disconnect::read(fields, protocol) {
                Ok(disconnect) => Fate::Lost(disconnect.reason),
                // It says more than this host reads, but it says that it is over.
                Err(_) => Fate::Lost(Text::plain("")),
            },
            (Clientbound, Packet::KeepAlive) => {
                if let Ok(KeepAlive { id }) = KeepAlive::read(fields, protocol) {
                    self.note(memory.asked_alive(id));
                }
                Fate::Pass
            }
            (Serverbound, Packet::KeepAlive) => match KeepAlive::read(fields, protocol) {
                Ok(KeepAlive { id }) if !memory.was_asked_alive(id) => Fate::Drop,
                _ => Fate::Pass,
            },
            (Clientbound, Packet::BundleDelimiter) => {
                memory.is_in_bundle = !memory.is_in_bundle;
                Fate::Pass
            }
            (Clientbound, Packet::PlayerInfo | Packet::PlayerInfoRemove) => {
                self.note(memory.listed(packet, fields, protocol));
                Fate::Pass
            }
            (Clientbound, Packet::TabListHeader) => {
                memory.has_header = true;
                Fate::Pass
            }
            (Clientbound, Packet::BossBar) => {
                self.note(memory.bar(fields));
                Fate::Pass
            }
            (Serverbound, Packet::Settings) => {
                self.note(memory.settings(fields));
                Fate::Pass
            }
            (Serverbound, Packet::ChatSession) => {
                memory.has_chat_session = true;
                Fate::Pass
            }
            (_, Packet::PluginMessage) => self.message(memory, table, direction, fields),
            (Serverbound, Packet::Chat | Packet::Command | Packet::SignedCommand | Packet::ChatAcknowledgement) => {
                self.line(memory, table, packet, fields)
            }
            (Clientbound, Packet::Transfer) => self.transfer(protocol, fields),
            (Clientbound, Packet::CookieRequest | Packet::StoreCookie) | (Serverbound, Packet::CookieResponse) => {
                self.cookie(packet, protocol, fields)
            }
            (Clientbound, Packet::ResourcePackPush) => self.pack_offer(table, state, fields),
            (Serverbound, Packet::ResourcePackResponse) => self.pack_outcome(protocol, fields),
            _ => Fate::Pass,
        }
    }

    fn message(&mut self, memory: &mut Memory, table: &Table, direction: Direction, fields: &[u8]) -> Fate {
        let protocol = table.protocol();
        let Ok(message) = PluginMessage::read(fields, direction, protocol) else {
            return self.unread_message(direction, fields);
        };
        if direction == Direction::Serverbound
            && let Some(builtin) = Builtin::of_name(message.channel)
        {
            self.note(memory.message(builtin, message.data));
        }
        self.channel(protocol, direction, message)
    }

    /// A plugin message that nobody can read: longer than they are, mostly. Where plugins hear of what clients say on its channel,
    /// it is not to get past them.
    fn unread_message(&self, direction: Direction, fields: &[u8]) -> Fate {
        let fate = self.undecoded(Packet::PluginMessage);
        let is_heard =
            || PluginMessage::channel(fields).is_ok_and(|channel| self.wants.channel(&namespaced_name(channel)));
        match direction {
            Direction::Serverbound if is_heard() => Fate::Drop,
            _ => fate,
        }
    }

    /// Notes that something was not remembered.
    pub(super) fn note(&self, limit: Option<Limit>) {
        if let Some(limit) = limit {
            self.listener.metrics.limit_reached(limit.label());
        }
    }

    /// Takes what the plugins that were just called send themselves.
    pub(super) fn collect_own(&mut self) {
        for Own { direction, id, fields } in self.worker.plugins.take_own() {
            let mut packet = Vec::with_capacity(fields.len() + varint::MAX_BYTES);
            varint::write(id, &mut packet);
            packet.extend_from_slice(&fields);
            self.own.push((direction, packet));
        }
    }

    /// A packet that somebody wants and nobody can read: its receiver may.
    fn undecoded(&self, packet: Packet) -> Fate {
        self.listener.metrics.undecoded(packet.name());
        Fate::Pass
    }
}

/// What a plugin that fails closed and has failed comes to.
fn dismissed(refusal: portcullis_runtime::Refusal) -> Happening {
    let words = text::of_refusal(&refusal).unwrap_or_default();
    Happening::Dismissed(Text::plain(words), Reason::Undecided(refusal))
}
