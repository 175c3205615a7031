//! What the host remembers of a player, so that he can be moved: what the next server has to be told, and what the last one has
//! left on his screen.

use std::collections::{BTreeSet, HashSet, VecDeque};

use portcullis_protocol::chat::Acknowledgements;
use portcullis_protocol::message::{
    Builtin, ChannelList, MAX_CHANNELS, MAX_SERVERBOUND_BYTES, PluginMessage, write_channels,
};
use portcullis_protocol::packets::{Fields, Packet};
use portcullis_protocol::play::{BossBar, Entry, ListChange, TakeBar, TakeEntries, Title};
use portcullis_protocol::version::Protocol;
use uuid::Uuid;

use super::fault::Fault;
use super::wire::Wire;
use crate::mover::Kit;

/// Proofs of life that may be under way. Vanilla servers send one in 15 seconds; others one in each tick, to measure how far away
/// players are.
const MAX_KEEP_ALIVES: usize = 256;

/// Entries of the list of players that are remembered; beyond, some stay on the screen after a switch.
const MAX_ENTRIES: usize = 4_096;

/// Bars at the top of the screen that are remembered: more than fit.
const MAX_BARS: usize = 64;

/// Two texts that say nothing, above and below the list of players, as versions before 1.20.2 read them.
const NO_HEADER: &[u8] = b"\x0b{\"text\":\"\"}\x0b{\"text\":\"\"}";

/// Settings and brands that are remembered. Vanilla clients' have some 20 bytes; beyond, the next server hears of none.
const MAX_SAID_BYTES: usize = 1_024;

/// What was too much to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// The oldest proof of life is forgotten: its answer will not reach the server.
    KeepAlives,
    /// The next server hears nothing of these settings or this brand.
    Said,
    /// The next server hears nothing of a channel.
    Channels,
    /// An entry of the list of players stays on the screen after a switch.
    Entries,
    /// So does a bar.
    Bars,
}

impl Limit {
    /// Stable name for metrics.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::KeepAlives => "keep-alives",
            Self::Said => "settings",
            Self::Channels => "channels",
            Self::Entries => "player-list",
            Self::Bars => "boss-bars",
        }
    }
}

/// What is remembered of a player.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Fields of the last settings packet.
    settings: Option<Vec<u8>>,
    /// Data of the last brand.
    brand: Option<Vec<u8>>,
    /// Channels that the client has registered.
    channels: BTreeSet<Box<str>>,
    keep_alives: VecDeque<i64>,
    entries: HashSet<Entry>,
    /// There are words above or below the list of players.
    pub(super) has_header: bool,
    bars: HashSet<Uuid>,
    /// The server has begun a bundle and not ended it.
    pub(super) is_in_bundle: bool,
    pub(super) acknowledgements: Acknowledgements,
    /// The server was told the key that the client signs its lines with: 1.19.3 and later.
    pub(super) has_chat_session: bool,
}

impl Memory {
    /// The client tells its settings.
    pub(super) fn settings(&mut self, fields: &[u8]) -> Option<Limit> {
        self.settings = remembered(fields);
        self.settings.is_none().then_some(Limit::Said)
    }

    /// The client sends a plugin message on a channel that says something of itself.
    pub(super) fn message(&mut self, builtin: Builtin, data: &[u8]) -> Option<Limit> {
        let mut limit = None;
        match builtin {
            Builtin::Brand => {
                self.brand = remembered(data);
                limit = self.brand.is_none().then_some(Limit::Said);
            }
            Builtin::Register => {
                for name in ChannelList::of_data(data) {
                    if self.channels.len() < MAX_CHANNELS {
                        self.channels.insert(name.into());
                    } else if !self.channels.contains(name) {
                        limit = Some(Limit::Channels);
                    }
                }
            }
            Builtin::Unregister => {
                for name in ChannelList::of_data(data) {
                    self.channels.remove(name);
                }
            }
            Builtin::BungeeCord => {}
        }
        limit
    }

    /// The server wants a proof of life.
    pub(super) fn asked_alive(&mut self, id: i64) -> Option<Limit> {
        let is_full = self.keep_alives.len() >= MAX_KEEP_ALIVES;
        if is_full {
            self.keep_alives.pop_front();
        }
        self.keep_alives.push_back(id);
        is_full.then_some(Limit::KeepAlives)
    }

    /// Whether this proof is for the server that the player is on.
    pub(super) fn was_asked_alive(&mut self, id: i64) -> bool {
        let at = self.keep_alives.iter().position(|asked| *asked == id);
        at.and_then(|at| self.keep_alives.remove(at)).is_some()
    }

    /// The server changes the list of players.
    pub(super) fn listed(&mut self, packet: Packet, fields: &[u8], protocol: Protocol) -> Option<Limit> {
        // What cannot be read is the client's to refuse.
        let change = ListChange::read(packet, fields, protocol).unwrap_or_default();
        let mut limit = None;
        for entry in change.added {
            if self.entries.len() < MAX_ENTRIES {
                self.entries.insert(entry);
            } else if !self.entries.contains(&entry) {
                limit = Some(Limit::Entries);
            }
        }
        for entry in &change.removed {
            self.entries.remove(entry);
        }
        limit
    }

    /// The server changes a bar.
    pub(super) fn bar(&mut self, fields: &[u8]) -> Option<Limit> {
        match BossBar::read(fields) {
            Ok(BossBar::Added(bar)) if self.bars.len() < MAX_BARS => {
                self.bars.insert(bar);
            }
            Ok(BossBar::Added(bar)) if !self.bars.contains(&bar) => return Some(Limit::Bars),
            Ok(BossBar::Removed(bar)) => {
                self.bars.remove(&bar);
            }
            _ => {}
        }
        None
    }

    /// Queues for a new server what the client told the last one.
    pub(super) fn introduce(&self, server: &mut Wire, kit: &Kit) -> Result<(), Fault> {
        if let Some(fields) = &self.settings {
            server.send(
                kit,
                &Raw {
                    packet: Packet::Settings,
                    fields,
                },
            )?;
        }
        let protocol = server.protocol();
        if let Some(data) = &self.brand {
            let channel = Builtin::Brand.name(protocol);
            server.send(kit, &PluginMessage { channel, data })?;
        }
        let channel = Builtin::Register.name(protocol);
        for data in self.channel_lists() {
            server.send(kit, &PluginMessage { channel, data: &data })?;
        }
        Ok(())
    }

    /// The channels in as many lists as it takes for a server to read each.
    fn channel_lists(&self) -> Vec<Vec<u8>> {
        let mut lists: Vec<Vec<&str>> = Vec::new();
        let mut bytes = 0;
        for name in &self.channels {
            // With what separates it from the next.
            let more = name.len() + 1;
            match lists.last_mut() {
                Some(list) if bytes + more <= MAX_SERVERBOUND_BYTES => list.push(name),
                _ => {
                    lists.push(vec![&**name]);
                    bytes = 0;
                }
            }
            bytes += more;
        }
        let written = |names: Vec<&str>| {
            let mut data = Vec::new();
            write_channels(names, &mut data);
            data
        };
        lists.into_iter().map(written).collect()
    }

    /// Queues for the client what takes the last server's things off the screen, where no configuration state does.
    pub(super) fn clear_screen(&mut self, client: &mut Wire, kit: &Kit) -> Result<(), Fault> {
        let protocol = client.protocol();
        let entries: Vec<Entry> = self.entries.drain().collect();
        // In 1.7 one packet takes one.
        let at_once = if protocol < Protocol::V1_8 { 1 } else { MAX_ENTRIES };
        for entries in entries.chunks(at_once) {
            client.send(kit, &TakeEntries(entries))?;
        }
        if std::mem::take(&mut self.has_header) {
            let header = Raw {
                packet: Packet::TabListHeader,
                fields: NO_HEADER,
            };
            client.send(kit, &header)?;
        }
        for bar in self.bars.drain() {
            client.send(kit, &TakeBar(bar))?;
        }
        if protocol.has_titles() {
            client.send(kit, &Title::Reset)?;
        }
        Ok(())
    }

    /// The player is on another server: what was the last one's alone is forgotten.
    pub(super) fn forget_server(&mut self) {
        self.keep_alives.clear();
        self.is_in_bundle = false;
        self.acknowledgements = Acknowledgements::default();
        self.has_chat_session = false;
    }
}

/// What a client says of itself, unless nobody has so much to say.
fn remembered(said: &[u8]) -> Option<Vec<u8>> {
    (said.len() <= MAX_SAID_BYTES).then(|| said.to_vec())
}

/// A packet whose fields are there already.
struct Raw<'a> {
    packet: Packet,
    fields: &'a [u8],
}

impl Fields for Raw<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        self.packet
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        out.extend_from_slice(self.fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_of_life_is_for_the_server_that_asked() {
        let mut memory = Memory::default();
        memory.asked_alive(1);
        memory.asked_alive(2);
        assert!(memory.was_asked_alive(2));
        assert!(!memory.was_asked_alive(2), "once");
        memory.forget_server();
        assert!(!memory.was_asked_alive(1));
        let most = MAX_KEEP_ALIVES as i64;
        let limits: Vec<_> = (0..=most).map(|id| memory.asked_alive(id)).collect();
        assert_eq!(limits.iter().filter(|limit| limit.is_some()).count(), 1);
        assert_eq!(limits.last(), Some(&Some(Limit::KeepAlives)));
        assert!(!memory.was_asked_alive(0) && memory.was_asked_alive(1));
    }

    #[test]
    fn channels_are_remembered_up_to_a_limit() {
        let mut memory = Memory::default();
        let names: Vec<String> = (0..2_000).map(|number| format!("a:{number:04}")).collect();
        let limit = memory.message(Builtin::Register, names.join("\0").as_bytes());
        assert_eq!((memory.channels.len(), limit), (MAX_CHANNELS, Some(Limit::Channels)));
        assert_eq!(
            memory.message(Builtin::Register, b"a:0000"),
            None,
            "it is remembered already"
        );
        memory.message(Builtin::Unregister, b"a:0000\0a:0001\0b:unknown");
        assert_eq!(memory.channels.len(), MAX_CHANNELS - 2);
    }

    #[test]
    fn channels_are_told_in_lists_that_a_server_reads() {
        let mut memory = Memory::default();
        assert!(memory.channel_lists().is_empty());
        let names: Vec<String> = (0..MAX_CHANNELS).map(|number| format!("a:{number:0200}")).collect();
        for names in names.chunks(100) {
            memory.message(Builtin::Register, names.join("\0").as_bytes());
        }
        let lists = memory.channel_lists();
        assert!(lists.iter().all(|list| list.len() <= MAX_SERVERBOUND_BYTES));
        assert_eq!(lists.len(), (MAX_CHANNELS * 203).div_ceil(MAX_SERVERBOUND_BYTES));
        let told: Vec<&str> = lists.iter().flat_map(|list| ChannelList::of_data(list)).collect();
        assert_eq!(told, names);
    }

    #[test]
    fn what_is_too_long_is_not_remembered() {
        let mut memory = Memory::default();
        assert_eq!(memory.settings(&[7; MAX_SAID_BYTES]), None);
        assert!(memory.settings.is_some());
        let limits = [
            memory.settings(&[7; MAX_SAID_BYTES + 1]),
            memory.message(Builtin::Brand, &[b'x'; MAX_SAID_BYTES + 1]),
        ];
        assert_eq!(limits, [Some(Limit::Said); 2]);
        assert_eq!((memory.settings, memory.brand), (None, None));
    }
}
