//! Lets players wait for a place on a full network, in the order in which they came.
//!
//! Teaches: what must be known on every worker, and outlive any swap, belongs into the host's `state`. Here that is the queue: one value
//! with a ticket for each player who waits. A worker's own fields would not do: the next player may come to another worker, and a
//! new build of this plugin must not send everybody back to the end of the queue. A player who is told to wait comes again; a
//! ticket lasts for as long as `keep`, and is renewed each time.
//!
//! Names can be made up, so the queue is bounded: a join costs one value read and written, however many wait, and who finds the queue full
//! is told so. That is a verdict; a failure would end in a quarantine, by which strangers could switch the plugin off.
//!
//! It also shows how values change their shape: queues of the first version, whose tickets had no time on them, are still read.

use std::time::Duration;

use portcullis_sdk::clock;
use portcullis_sdk::prelude::*;
use portcullis_sdk::state::{Key, StateError};

/// The one queue that all workers share.
const QUEUE: Key<Queue> = Key::new("queue");

/// Players told to wait.
static WAITED: Counter = Counter::new("told_to_wait_total", []);

/// Players who found the queue itself full.
static TURNED_AWAY: Counter = Counter::new("turned_away_total", []);

/// Lets players wait for a place.
#[derive(Plugin)]
#[plugin(stage = "guard")]
pub struct JoinQueue {
    settings: Settings,
}

#[derive(Config)]
struct Settings {
    /// Players on all servers together, from which on others wait.
    #[config(range(1..))]
    places: u32,
    /// How long the ticket of a player who does not come again is kept.
    #[config(default = "90s", range("5s"..="1h"))]
    keep: Duration,
    /// Players who may wait at once.
    #[config(default = 500, range(1..=2000))]
    longest: usize,
    /// Players who never wait.
    #[config(default)]
    first: Vec<String>,
}

/// Who waits, the first in front.
#[derive(State, Clone, Debug, Default, PartialEq)]
#[state(version = 2, from = "QueueV1")]
struct Queue {
    tickets: Vec<Ticket>,
}

#[derive(State, Clone, Debug, PartialEq)]
struct Ticket {
    /// In lower case.
    name: String,
    /// When the player last came, in milliseconds since 1970.
    seen_ms: u64,
}

/// The queue as the first version of this plugin kept it: names alone.
#[derive(State)]
struct QueueV1 {
    names: Vec<String>,
}

impl From<QueueV1> for Queue {
    fn from(old: QueueV1) -> Self {
        let seen_ms = clock::unix_ms();
        let tickets = old.names.into_iter().map(|name| Ticket { name, seen_ms });
        Self {
            tickets: tickets.collect(),
        }
    }
}

/// What the queue has for a player.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    /// A place is free, and so is the player's ticket from now on.
    Now,
    /// So many are in front.
    After(usize),
    /// Nobody more can wait.
    Full,
}

impl Queue {
    /// Lets the player come, and says whose turn it is.
    fn come(&mut self, name: &str, free: usize, now_ms: u64, settings: &Settings) -> Turn {
        let keep_ms = u64::try_from(settings.keep.as_millis()).unwrap_or(u64::MAX);
        self.tickets
            .retain(|ticket| now_ms.saturating_sub(ticket.seen_ms) < keep_ms);
        let ahead = self.tickets.iter().position(|ticket| ticket.name == name);
        match ahead {
            Some(ahead) if ahead < free => {
                self.tickets.remove(ahead);
                Turn::Now
            }
            Some(ahead) => {
                if let Some(ticket) = self.tickets.get_mut(ahead) {
                    ticket.seen_ms = now_ms;
                }
                Turn::After(ahead)
            }
            None if self.tickets.len() < free => Turn::Now,
            None if self.tickets.len() >= settings.longest => Turn::Full,
            None => {
                let seen_ms = now_ms;
                self.tickets.push(Ticket {
                    name: name.to_owned(),
                    seen_ms,
                });
                Turn::After(self.tickets.len() - 1)
            }
        }
    }
}

impl JoinQueue {
    fn free_places(&self) -> usize {
        let players = servers::all().iter().map(|server| server.sessions).sum();
        usize::try_from(self.settings.places.saturating_sub(players)).unwrap_or(usize::MAX)
    }

    fn turn(&self, name: &str) -> Result<Turn, StateError> {
        let (name, free, now_ms) = (name.to_lowercase(), self.free_places(), clock::unix_ms());
        let turn = std::cell::Cell::new(Turn::Full);
        QUEUE.update("", |queue| {
            let mut queue = queue.unwrap_or_default();
            turn.set(queue.come(&name, free, now_ms, &self.settings));
            queue
        })?;
        Ok(turn.get())
    }
}

#[hooks]
impl Route for JoinQueue {
    fn route(&mut self, session: &Session) -> Result<RouteVerdict> {
        let name = session.claimed_name().unwrap_or_default();
        if self.settings.first.iter().any(|first| first.eq_ignore_ascii_case(name)) {
            return Ok(RouteVerdict::Next);
        }
        let turn = match self.turn(name) {
            // What a crowd can bring about is no failure of the plugin.
            Err(StateError::Quota | StateError::Contended) => Turn::Full,
            turn => turn?,
        };
        let keep = self.settings.keep.as_secs();
        Ok(match turn {
            Turn::Now => RouteVerdict::Next,
            Turn::After(ahead) => {
                WAITED.add(1, []);
                RouteVerdict::disconnect(format!(
                    "<gold>All places are taken.</gold><newline>You are number <bold>{}</bold> in the queue.<newline><gray>Come \
                     again within {keep} seconds to keep your place.",
                    ahead + 1
                ))
            }
            Turn::Full => {
                TURNED_AWAY.add(1, []);
                RouteVerdict::disconnect(
                    "<gold>All places are taken, and the queue is full.</gold><newline><gray>Come again later.",
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::{Host, Running};

    use super::*;

    const CONFIG: &str = "places = 2\nkeep = '60s'\nfirst = ['Admin']";

    /// What the queue says to a player: the place told, 0 where the queue is full, or none where the player may pass.
    fn ask(queue: &mut Running<JoinQueue>, name: &str) -> Option<u32> {
        match queue.route(&Session::build().name(name).at_route()) {
            RouteVerdict::Next => None,
            RouteVerdict::Disconnect(Text::Markup(text)) if text.contains("is full") => Some(0),
            RouteVerdict::Disconnect(Text::Markup(text)) => {
                let (_, rest) = text.split_once("<bold>").unwrap();
                Some(rest.split_once('<').unwrap().0.parse().unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn players_wait_in_the_order_in_which_they_came() {
        let host = Host::new();
        let lobby = host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>(CONFIG);
        assert_eq!(ask(&mut queue, "Ada"), Some(1));
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
        assert_eq!(ask(&mut queue, "ADA"), Some(1));
        assert_eq!(ask(&mut queue, "admin"), None);
        lobby.sessions(1);
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
        assert_eq!(ask(&mut queue, "Ada"), None);
        assert_eq!(ask(&mut queue, "Bob"), None);
        assert_eq!(host.metric("told_to_wait_total"), 4.0);
    }

    #[test]
    fn who_does_not_come_again_loses_the_place() {
        let host = Host::new();
        host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>(CONFIG);
        ask(&mut queue, "Ada");
        host.advance(Duration::from_secs(40));
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
        host.advance(Duration::from_secs(40));
        assert_eq!(ask(&mut queue, "Bob"), Some(1));
    }

    #[test]
    fn a_swap_changes_nobodys_place() {
        let host = Host::new();
        host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>(CONFIG);
        ask(&mut queue, "Ada");
        ask(&mut queue, "Bob");
        queue.swap();
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
    }

    #[test]
    fn queues_of_the_first_version_still_count() {
        let host = Host::new();
        host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>(CONFIG);
        let names = vec!["ada".to_owned()];
        Key::<QueueV1>::new("queue").set("", &QueueV1 { names }).unwrap();
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
        assert_eq!(ask(&mut queue, "Ada"), Some(1));
    }

    #[test]
    fn names_that_are_made_up_fill_the_queue_and_break_nothing() {
        let host = Host::new();
        host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>("places = 2\nkeep = '60s'\nlongest = 3");
        for place in 1..=3 {
            assert_eq!(ask(&mut queue, &format!("Bot{place}")), Some(place));
        }
        assert_eq!(ask(&mut queue, "Ada"), Some(0));
        assert_eq!(host.metric("turned_away_total"), 1.0);
        host.advance(Duration::from_secs(60));
        assert_eq!(ask(&mut queue, "Ada"), Some(1));
        host.server("lobby").sessions(1);
        assert_eq!(ask(&mut queue, "Ada"), None);

        host.state_quota(0, 0);
        host.server("lobby").sessions(2);
        assert_eq!(ask(&mut queue, "Bob"), Some(0), "no room for the queue itself");
    }
}
