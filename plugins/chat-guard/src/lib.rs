//! Limits what players say, order and ask: how often, how often the same, and what.
//!
//! - Chat of every version, signed and not: a signed line cannot be changed, so all that is done here is to drop. The host keeps the
//!   counts of messages seen right.
//! - A server that knows a player's key follows his signatures, and the host sends him away at a gap. Where that is not wanted, keys
//!   are kept from servers.
//! - Lines and commands above the rate are dropped, and the player is told; half-typed lines above theirs are dropped in silence.
//! - Whoever goes on all the same is sent away, if that is configured.
//! - What is known of a player is kept as long as his session lasts. A session stays on one worker, so nothing is shared.

mod pattern;
mod player;
mod settings;

use std::collections::HashMap;

use portcullis_sdk::packets::{Chat, Command, PacketState, Payload, SystemChat, TabComplete};
use portcullis_sdk::prelude::*;

use crate::player::Player;
use crate::settings::Settings;

/// Limits what players say, order and ask.
#[derive(Plugin)]
#[plugin(stage = "transform")]
pub struct ChatGuard {
    settings: Settings,
    players: HashMap<SessionId, Player>,
}

/// The packet by which clients of 1.19.3 and later tell servers the key that they sign with.
const CHAT_SESSION: &str = "chat-session";

/// What was dropped, by what it was and why.
static DROPPED: Counter<2> = Counter::new("dropped_total", ["kind", "reason"]);

/// Why something is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reason {
    Flood,
    Repeated,
    Blocked,
}

impl Reason {
    fn label(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Repeated => "repeated",
            Self::Blocked => "blocked",
        }
    }
}

impl ChatGuard {
    fn player(&mut self, session: &Session) -> &mut Player {
        let settings = &self.settings;
        self.players
            .entry(session.id())
            .or_insert_with(|| Player::new(settings))
    }

    fn judge_chat(&mut self, session: &Session, text: &str) -> Result<(), Reason> {
        let most = self.settings.repeats;
        let player = self.player(session);
        player.chat.take()?;
        if player.repeats(text) > most {
            return Err(Reason::Repeated);
        }
        self.settings.judge_words(text)
    }

    fn judge_command(&mut self, session: &Session, command: &str) -> Result<(), Reason> {
        self.player(session).commands.take()?;
        self.settings.judge_command(command)
    }

    /// Drops, tells the player, and sends him away where that is enough.
    fn drop(&mut self, session: &Session, kind: &str, reason: Reason) -> PacketVerdict {
        DROPPED.add(1, [kind, reason.label()]);
        let strikes = self.player(session).strike();
        if self.settings.kick_after.is_some_and(|most| strikes >= most) {
            return PacketVerdict::Disconnect(self.settings.kick_text.clone());
        }
        let text = match reason {
            Reason::Flood => &self.settings.flood_text,
            Reason::Repeated => &self.settings.repeated_text,
            Reason::Blocked => &self.settings.blocked_text,
        };
        let notice = SystemChat::new(text.clone());
        if let Err(error) = packets::send_to_client(session, &notice) {
            debug!("did not tell a player why nothing was said: {error}");
        }
        PacketVerdict::Drop
    }
}

#[hooks]
impl Packets for ChatGuard {
    fn subscriptions(&self) -> Subscriptions {
        let wanted = Subscriptions::new()
            .whole::<Chat>()
            .whole::<Command>()
            .fact::<TabComplete>();
        match self.settings.unsigned {
            true => wanted.named(Direction::Serverbound, PacketState::Play, CHAT_SESSION, Payload::None),
            false => wanted,
        }
    }

    fn packet(&mut self, session: &Session, packet: &RawPacket) -> PacketVerdict {
        match packet.name() {
            Some(CHAT_SESSION) => return PacketVerdict::Drop,
            Some("tab-complete") => {
                return match self.player(session).tab_completes.take() {
                    Ok(()) => PacketVerdict::Next,
                    Err(reason) => {
                        DROPPED.add(1, ["tab-complete", reason.label()]);
                        PacketVerdict::Drop
                    }
                };
            }
            _ => {}
        }
        if let Some(chat) = packet.read::<Chat>(session) {
            return match self.judge_chat(session, chat.text()) {
                Ok(()) => PacketVerdict::Next,
                Err(reason) => self.drop(session, "chat", reason),
            };
        }
        if let Some(command) = packet.read::<Command>(session) {
            return match self.judge_command(session, command.text()) {
                Ok(()) => PacketVerdict::Next,
                Err(reason) => self.drop(session, "command", reason),
            };
        }
        PacketVerdict::Next
    }
}

#[hooks]
impl Sessions for ChatGuard {
    fn left(&mut self, session: &Session, _server: &str, _departure: &Departure) {
        self.players.remove(&session.id());
    }
}

#[cfg(test)]
mod tests;
