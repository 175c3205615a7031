//! What players say: commands for the plugins that hear them, and the count of messages seen that must stay right whatever is
//! kept back. A signed line cannot be kept back from a server that follows its author's signatures: it would throw him out at the
//! next one, for no reason that he could see.

use portcullis_protocol::chat::{Acknowledgement, Acknowledgements, Line};
use portcullis_protocol::connection::Seen;
use portcullis_protocol::packets::{Direction, Fields, Packet, State, Table};
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_runtime::{By, CommandOutcome};

use super::{Desk, Fate, dismissed};
use crate::connection::framed::happening::Happening;
use crate::connection::framed::memory::Memory;
use crate::refusal::Reason;
use crate::text;

impl Desk {
    pub(super) fn line(&mut self, memory: &mut Memory, table: &Table, packet: Packet, fields: &[u8]) -> Fate {
        if packet == Packet::ChatAcknowledgement {
            return self.acknowledge(memory, table, fields);
        }
        let protocol = table.protocol();
        let line = match Line::read(packet, fields, protocol) {
            Ok(Some(line)) => line,
            _ => return self.undecoded(packet),
        };
        let counted = |memory: &mut Memory, line: Line<'_>| {
            let count = line.count().map(|count| memory.acknowledgements.pass(count));
            if count == line.count() {
                return None;
            }
            Some(written(&line.with_count(count.unwrap_or_default()), protocol))
        };
        if !line.is_command() || !self.wants.commands() {
            return counted(memory, line).map_or(Fate::Pass, Fate::Rewrite);
        }
        let command = line.text().strip_prefix('/').unwrap_or(line.text());
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        let outcome = plugins.command(chain, &self.session, command, line.is_signed());
        self.collect_own();
        match outcome {
            CommandOutcome::Pass => counted(memory, line).map_or(Fate::Pass, Fate::Rewrite),
            CommandOutcome::Swallow(by) if line.is_signed() && self.is_chained(memory, protocol) => chain_broken(by),
            CommandOutcome::Swallow(_) => {
                self.keep_back(memory, table, line.count());
                Fate::Drop
            }
            CommandOutcome::Replaced(command) => {
                // Where commands are chat, the slash is part of it.
                let text = match packet {
                    Packet::Chat => format!("/{command}"),
                    _ => command,
                };
                match line.with_text(&text) {
                    Ok(changed) => {
                        let fields = counted(memory, changed);
                        Fate::Rewrite(fields.unwrap_or_else(|| written(&changed, protocol)))
                    }
                    Err(_) => {
                        self.listener.metrics.edit_refused("signed");
                        counted(memory, line).map_or(Fate::Pass, Fate::Rewrite)
                    }
                }
            }
            CommandOutcome::Refuse(refusal) => Fate::Stop(dismissed(refusal)),
        }
    }

    /// A packet was kept back. If it was a line, what it counted is still to be told.
    pub(super) fn dropped(
        &mut self,
        memory: &mut Memory,
        table: &Table,
        direction: Direction,
        seen: Seen,
        fields: &[u8],
    ) {
        let (Some(packet), Direction::Serverbound) = (seen.packet, direction) else {
            return;
        };
        let count = match packet {
            Packet::ChatAcknowledgement => Acknowledgement::read(fields).ok().map(|seen| seen.count),
            packet => match Line::read(packet, fields, table.protocol()) {
                Ok(Some(line)) => line.count(),
                _ => None,
            },
        };
        self.keep_back(memory, table, count);
    }

    /// Whether the server follows the player's signatures, each of which builds on the one before.
    pub(super) fn is_chained(&self, memory: &Memory, protocol: Protocol) -> bool {
        if protocol.counts_acknowledgements() {
            memory.has_chat_session
        } else {
            // It stands in the login start.
            protocol.chains_signed_chat() && self.session.chat_key().is_some()
        }
    }

    fn acknowledge(&mut self, memory: &mut Memory, table: &Table, fields: &[u8]) -> Fate {
        // As long as nothing is held, the client's own packets say all there is to say.
        if memory.acknowledgements == Acknowledgements::default() {
            return Fate::Pass;
        }
        match Acknowledgement::read(fields) {
            Ok(Acknowledgement { count }) => {
                self.keep_back(memory, table, Some(count));
                Fate::Drop
            }
            Err(_) => self.undecoded(Packet::ChatAcknowledgement),
        }
    }

    fn keep_back(&mut self, memory: &mut Memory, table: &Table, count: Option<u32>) {
        let Some(acknowledgement) = count.and_then(|count| memory.acknowledgements.hold(count)) else {
            return;
        };
        let mut packet = Vec::new();
        // Versions that count have the packet.
        if table
            .write(State::Play, Direction::Serverbound, &acknowledgement, &mut packet)
            .is_ok()
        {
            self.own.push((Direction::Serverbound, packet));
        }
    }
}

/// What the player comes to whose signed line a plugin keeps back.
pub(super) fn chain_broken(by: By) -> Fate {
    Fate::Stop(Happening::Dismissed(
        Text::plain(text::SIGNED_LINE_KEPT),
        Reason::SignedLineKept(by),
    ))
}

/// Whether a packet to the server is a line with a signature.
pub(super) fn is_signed(packet: Option<Packet>, direction: Direction, fields: &[u8], protocol: Protocol) -> bool {
    let Some(packet) = packet.filter(|_| direction == Direction::Serverbound) else {
        return false;
    };
    match Line::read(packet, fields, protocol) {
        Ok(line) => line.is_some_and(|line| line.is_signed()),
        // What cannot be read may well be signed.
        Err(_) => true,
    }
}

fn written(line: &Line<'_>, protocol: Protocol) -> Vec<u8> {
    let mut fields = Vec::new();
    line.write(protocol, &mut fields);
    fields
}
