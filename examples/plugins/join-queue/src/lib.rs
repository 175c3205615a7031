//! Lets players wait for a place on a full network, in the order in which they came.
//!
//! Teaches: what must be known on every worker, and outlive any swap, belongs into the host's `state`. Here that is one ticket for each
//! player who waits. A worker's own fields would not do: the next player may come to another worker, and a new build of this
//! plugin must not send everybody back to the end of the queue. A player who is told to wait comes again; a ticket lasts for as
//! long as `keep`, and is renewed each time.
//!
//! It also shows how values change their shape: tickets of the first version, which had no name in them, are still read.

use std::time::Duration;

use portcullis_sdk::prelude::*;
use portcullis_sdk::state::{self, Key};

/// Tickets handed out so far: each is higher than all before.
const HANDED_OUT: state::Counter<'static> = state::Counter::new("handed-out");

/// Players told to wait.
static WAITED: Counter = Counter::new("told_to_wait_total", []);

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
    /// Players who never wait.
    #[config(default)]
    first: Vec<String>,
}

/// What is kept of a player who waits, under the name in lower case.
#[derive(State, Clone, Debug, PartialEq)]
#[state(version = 2, from = "TicketV1")]
struct Ticket {
    number: i64,
    /// As the player spells it.
    name: String,
}

/// Tickets as the first version of this plugin kept them.
#[derive(State)]
struct TicketV1 {
    number: i64,
}

impl From<TicketV1> for Ticket {
    fn from(old: TicketV1) -> Self {
        Self {
            number: old.number,
            name: String::new(),
        }
    }
}

impl JoinQueue {
    fn tickets(&self) -> Key<Ticket> {
        Key::new("ticket").lasting(self.settings.keep)
    }

    fn free_places(&self) -> u32 {
        let players = servers::all().iter().map(|server| server.sessions).sum();
        self.settings.places.saturating_sub(players)
    }

    /// The player's ticket, a new one for who has none.
    fn ticket(&self, name: &str) -> Result<Ticket> {
        let id = name.to_lowercase();
        let number = match self.tickets().get(&id)? {
            Some(ticket) => ticket.number,
            None => HANDED_OUT.add(1)?,
        };
        let ticket = Ticket {
            number,
            name: name.to_owned(),
        };
        // Also where it is known: this is what renews it.
        self.tickets().set(&id, &ticket)?;
        Ok(ticket)
    }

    /// Players who wait with an older ticket.
    fn ahead_of(&self, ticket: &Ticket) -> Result<u32> {
        let (mut ahead, mut after) = (0, None);
        loop {
            let ids = self.tickets().ids(after.as_deref())?;
            for id in &ids {
                // One that has expired since waits no more.
                let number = self.tickets().get(id)?.map(|other| other.number);
                ahead += u32::from(number.is_some_and(|number| number < ticket.number));
            }
            match ids.last() {
                Some(last) => after = Some(last.clone()),
                None => return Ok(ahead),
            }
        }
    }
}

#[hooks]
impl Route for JoinQueue {
    fn route(&mut self, session: &Session) -> Result<RouteVerdict> {
        let name = session.claimed_name().unwrap_or_default();
        if self.settings.first.iter().any(|first| first.eq_ignore_ascii_case(name)) {
            return Ok(RouteVerdict::Next);
        }
        let ticket = self.ticket(name)?;
        let ahead = self.ahead_of(&ticket)?;
        if ahead < self.free_places() {
            self.tickets().remove(&name.to_lowercase())?;
            return Ok(RouteVerdict::Next);
        }
        WAITED.add(1, []);
        let keep = self.settings.keep.as_secs();
        Ok(RouteVerdict::disconnect(format!(
            "<gold>All places are taken.</gold><newline>You are number <bold>{}</bold> in the queue.<newline><gray>Come again \
             within {keep} seconds to keep your place.",
            ahead + 1
        )))
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::{Host, Running};

    use super::*;

    const CONFIG: &str = "places = 2\nkeep = '60s'\nfirst = ['Admin']";

    /// What the queue says to a player: the place told, or none where the player may pass.
    fn ask(queue: &mut Running<JoinQueue>, name: &str) -> Option<u32> {
        match queue.route(&Session::build().name(name).at_route()) {
            RouteVerdict::Next => None,
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
    fn tickets_of_the_first_version_still_count() {
        let host = Host::new();
        host.server("lobby").sessions(2);
        let mut queue = host.start::<JoinQueue>(CONFIG);
        let old = Key::<TicketV1>::new("ticket").lasting(Duration::from_secs(60));
        old.set("ada", &TicketV1 { number: -1 }).unwrap();
        assert_eq!(ask(&mut queue, "Bob"), Some(2));
        assert_eq!(ask(&mut queue, "Ada"), Some(1));
    }
}
