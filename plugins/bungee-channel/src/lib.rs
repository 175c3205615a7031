//! Answers what servers ask on BungeeCord's plugin channel: who is there, where, and to move, tell and dismiss players.
//!
//! - Only servers are heard. What a client sends on this channel is a forgery: it reaches nobody.
//! - A request and its answers are in the format of Java's `DataOutput`; a request that is not known or too short is dropped, as
//!   BungeeCord does.
//! - Servers can do to players whatever this plugin can: let it stand in chains whose servers you trust, or name those in `servers`.

mod data;
mod forward;
mod requests;

use portcullis_sdk::control;
use portcullis_sdk::prelude::*;

use crate::requests::answer;

/// As the host knows it in every version; `BungeeCord` before 1.13.
const CHANNEL: &str = "bungeecord:main";

/// Answers what servers ask on BungeeCord's plugin channel.
#[derive(Plugin)]
#[plugin(stage = "transform")]
pub struct BungeeChannel {
    settings: Settings,
}

#[derive(Config, Debug)]
struct Settings {
    /// Servers, or groups of them, that are heard. Absent: all.
    #[config(min_items = 1, max_items = 1000)]
    servers: Option<Vec<ServerOrGroup>>,
}

/// Requests by what was asked for, and forgeries of clients.
static REQUESTS: Counter<1> = Counter::new("requests_total", ["request"]);

impl BungeeChannel {
    fn hears(&self, server: &str) -> bool {
        let Some(heard) = &self.settings.servers else {
            return true;
        };
        heard.iter().any(|name| match servers::target(name.name()) {
            Some(Target::Server(name)) => name == server,
            Some(Target::Group(group)) => servers::members(&group).iter().any(|member| member.name == server),
            None => false,
        })
    }
}

#[hooks]
impl Messages for BungeeChannel {
    fn channels(&self) -> impl IntoIterator<Item = impl Into<String>> {
        [CHANNEL]
    }

    fn message(&mut self, session: &Session, message: &Message) -> Result<MessageVerdict> {
        if message.direction == Direction::Serverbound {
            REQUESTS.add(1, ["forged"]);
            return Ok(MessageVerdict::Drop);
        }
        if !session.server().is_some_and(|server| self.hears(server)) {
            REQUESTS.add(1, ["unheard"]);
            return Ok(MessageVerdict::Drop);
        }
        match answer(session, &message.data) {
            Some((request, answer)) => {
                REQUESTS.add(1, [request]);
                if let Some(answer) = answer
                    && let Err(error) = control::answer_server(CHANNEL, &answer)
                {
                    // Longer than servers read, or the player has just left: no fault that would come right by itself.
                    warn!("left {request} of {} bytes unanswered: {error}", answer.len());
                }
            }
            None => REQUESTS.add(1, ["unknown"]),
        }
        Ok(MessageVerdict::Drop)
    }
}

#[cfg(test)]
mod tests;
