//! What plugins ordered through `control`: recorded, and held to the contract's bounds.

use std::collections::BTreeSet;

use super::Host;
use super::players::{self, Fits};
use super::session::MockSession;
use super::world::with;
use crate::bindings::granted::portcullis::plugin::control::{Error, Filter};
use crate::control::Title;
use crate::{SessionId, Target, Text};

/// The contract's bounds.
const MAX_ORDERS: usize = 10_000;
const MAX_TARGETS: usize = 64;
const MAX_MESSAGE_BYTES: usize = 1 << 20;
const MAX_ANSWER_BYTES: usize = 32_767;

/// Protocol numbers from which clients show titles (1.8), and can be transferred (1.20.5).
const TITLES: i32 = 47;
const TRANSFERS: i32 = 766;

/// An order that a plugin gave: [`Host::orders`].
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::{Host, Order, Ordered};
///
/// let host = Host::new();
/// let ada = host.player("Ada").id();
/// control::players().send_text("Hello")?;
/// assert_eq!(host.orders(), [Order { to: vec![ada], what: Ordered::Text("Hello".into()) }]);
/// # Ok::<(), control::ControlError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Whose sessions.
    pub to: Vec<SessionId>,
    /// What for.
    pub what: Ordered,
}

/// What was ordered.
///
/// ```
/// use portcullis_sdk::testing::Ordered;
///
/// assert_ne!(Ordered::Text("Hello".into()), Ordered::ActionBar("Hello".into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Ordered {
    /// To leave.
    Disconnect(Text),
    /// To move.
    Switch(Vec<Target>),
    /// To connect elsewhere.
    Transfer(String, u16),
    /// To read a line in the chat.
    Text(Text),
    /// To read a title.
    Title(Title),
    /// To read a line above the hotbar.
    ActionBar(Text),
    /// To take a plugin message: channel and bytes.
    Message(String, Vec<u8>),
    /// To hand a plugin message to the server: channel and bytes.
    ToServer(String, Vec<u8>),
}

impl Host {
    /// What plugins ordered so far, oldest first. What a failed call ordered is not among it.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// assert!(host.orders().is_empty());
    /// ```
    pub fn orders(&self) -> Vec<Order> {
        with(|world| world.orders.clone())
    }
}

/// Gives an order to all that fit and can be reached by it.
pub(super) fn give(filter: &Filter, what: Ordered) -> Result<u32, Error> {
    check(&what)?;
    let reaches = |player: &Fits| match what {
        Ordered::Disconnect(_) => true,
        Ordered::Transfer(..) => player.framed && player.protocol >= TRANSFERS,
        Ordered::Title(_) | Ordered::ActionBar(_) => player.framed && player.protocol >= TITLES,
        _ => player.framed,
    };
    let reached = players::fitting(filter).into_iter().filter(reaches);
    let to: Vec<SessionId> = reached.map(|player| player.id).collect();
    match to.len() {
        0 => Err(Error::Nobody),
        many if many > MAX_ORDERS => Err(Error::TooMany),
        _ => {
            let count = u32::try_from(to.len()).unwrap_or(u32::MAX);
            order(to, what);
            Ok(count)
        }
    }
}

/// Gives a message to one of those who fit on each server.
pub(super) fn tell_servers(filter: &Filter, channel: &str, data: &[u8]) -> Result<u32, Error> {
    check_answer(data)?;
    let mut told = BTreeSet::new();
    let fitting = players::fitting(filter).into_iter();
    let one_each =
        fitting.filter(|player| player.framed && player.server.clone().is_some_and(|server| told.insert(server)));
    let to: Vec<SessionId> = one_each.map(|player| player.id).collect();
    if to.is_empty() {
        return Err(Error::Nobody);
    }
    let count = u32::try_from(to.len()).unwrap_or(u32::MAX);
    order(to, Ordered::ToServer(channel.to_owned(), data.to_vec()));
    Ok(count)
}

/// Gives one to the session that the call under way is about.
pub(super) fn answer_server(channel: &str, data: &[u8]) -> Result<(), Error> {
    check_answer(data)?;
    let at_hand = with(|world| world.at_hand()).map(|(session, _)| session);
    let session = at_hand.filter(MockSession::is_framed).ok_or(Error::Nobody)?;
    let to = vec![SessionId::of(session.id())];
    order(to, Ordered::ToServer(channel.to_owned(), data.to_vec()));
    Ok(())
}

fn order(to: Vec<SessionId>, what: Ordered) {
    with(|world| world.orders.push(Order { to, what }));
}

fn check_answer(data: &[u8]) -> Result<(), Error> {
    match data.len() <= MAX_ANSWER_BYTES {
        true => Ok(()),
        false => Err(Error::Other(format!(
            "a message to a server has at most {MAX_ANSWER_BYTES} bytes"
        ))),
    }
}

fn check(what: &Ordered) -> Result<(), Error> {
    match what {
        Ordered::Switch(targets) => {
            let known = with(|world| targets.iter().all(|target| world.knows(target)));
            match (1..=MAX_TARGETS).contains(&targets.len()) && known {
                true => Ok(()),
                false => Err(Error::UnknownTarget),
            }
        }
        Ordered::Message(_, data) if data.len() > MAX_MESSAGE_BYTES => {
            Err(Error::Other("a message to a client has at most 1 MiB".to_owned()))
        }
        _ => Ok(()),
    }
}
