//! What is asked of a session from elsewhere, and the queue in which that waits for the session's own worker.

use std::{collections::VecDeque, sync::Arc, task::Waker};

use crate::{server_table::Target, text::Text};

/// Orders that may wait for one session: more than a plugin sends in a moment, few enough to keep for every player.
const MAX_WAITING: usize = 256;

/// Bytes of texts and messages in them: two of the largest messages.
const MAX_WAITING_BYTES: usize = 2 << 20;

/// Something for a session to do. One order may go to thousands: copies share their contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Show the text, and close.
    Disconnect(Arc<Text>),
    /// Go to the first of these that takes the player.
    Switch(Arc<[Target]>),
    /// Send the player to another address.
    Transfer {
        /// Its host.
        host: Arc<str>,
        /// Its port.
        port: u16,
    },
    /// Show a line in the chat.
    Say(Arc<Text>),
    /// Show a title.
    Title(Arc<Title>),
    /// Show a line above the hotbar.
    ActionBar(Arc<Text>),
    /// Send the player a plugin message.
    MessageToClient(Message),
    /// Send the player's server a plugin message, in the player's name.
    MessageToServer(Message),
}

/// A title, with its times in ticks of 50 ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// The large text.
    pub title: Option<Text>,
    /// The smaller text below.
    pub subtitle: Option<Text>,
    /// How long it takes to appear.
    pub fade_in: u32,
    /// How long it stays.
    pub stay: u32,
    /// How long it takes to vanish.
    pub fade_out: u32,
}

/// A plugin message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its channel, named as in 1.13.
    pub channel: Arc<str>,
    /// What is said on it.
    pub data: Arc<[u8]>,
}

impl Order {
    /// What it keeps in memory beside itself, roughly.
    fn bytes(&self) -> usize {
        match self {
            Self::Disconnect(text) | Self::Say(text) | Self::ActionBar(text) => text.len(),
            Self::Title(title) => [&title.title, &title.subtitle]
                .into_iter()
                .flatten()
                .map(Text::len)
                .sum(),
            Self::MessageToClient(message) | Self::MessageToServer(message) => message.data.len(),
            Self::Transfer { host, .. } => host.len(),
            Self::Switch(_) => 0,
        }
    }
}

/// A session's orders, and who is to be woken when there are some.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Most sessions never have any.
    waiting: Option<Box<Waiting>>,
    listener: Option<Waker>,
}

#[derive(Debug, Default)]
struct Waiting {
    orders: VecDeque<Order>,
    bytes: usize,
}

impl Orders {
    /// From now on orders are kept for somebody who will listen.
    pub(crate) fn open(&mut self) {
        self.listener.get_or_insert_with(|| Waker::noop().clone());
    }

    /// Queues an order; not where the queue is full, or nobody listens. The waker given back is to be woken when no lock is
    /// held any more.
    pub(crate) fn push(&mut self, order: Order) -> Option<Waker> {
        let listener = self.listener.clone()?;
        let waiting = self.waiting.get_or_insert_default();
        let bytes = waiting.bytes.saturating_add(order.bytes());
        if waiting.orders.len() >= MAX_WAITING || bytes > MAX_WAITING_BYTES {
            return None;
        }
        waiting.bytes = bytes;
        waiting.orders.push_back(order);
        Some(listener)
    }

    /// The next order; from now on `waker` is woken for each that comes.
    pub(crate) fn pop(&mut self, waker: &Waker) -> Option<Order> {
        self.pop_where(waker, |_| true)
    }

    /// The next order to disconnect, before all that wait in front of it.
    pub(crate) fn pop_disconnect(&mut self, waker: &Waker) -> Option<Order> {
        self.pop_where(waker, |order| matches!(order, Order::Disconnect(_)))
    }

    fn pop_where(&mut self, waker: &Waker, is_wanted: impl Fn(&Order) -> bool) -> Option<Order> {
        match &mut self.listener {
            Some(known) => known.clone_from(waker),
            None => self.listener = Some(waker.clone()),
        }
        let waiting = self.waiting.as_deref_mut()?;
        let order = waiting
            .orders
            .iter()
            .position(is_wanted)
            .and_then(|at| waiting.orders.remove(at));
        if let Some(order) = &order {
            waiting.bytes = waiting.bytes.saturating_sub(order.bytes());
        } else if waiting.orders.is_empty() {
            self.waiting = None;
        }
        order
    }

    /// Nobody listens any more; what waits is forgotten.
    pub(crate) fn close(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> Order {
        Order::Say(Arc::new(Text::Plain(text.into())))
    }

    #[test]
    fn orders_wait_in_their_order_for_who_listens() {
        let mut orders = Orders::default();
        assert!(orders.push(say("too early")).is_none());
        assert_eq!(orders.pop(Waker::noop()), None);
        for text in ["first", "second"] {
            assert!(orders.push(say(text)).is_some());
        }
        assert_eq!(orders.pop(Waker::noop()), Some(say("first")));
        assert_eq!(orders.pop(Waker::noop()), Some(say("second")));
        assert_eq!(orders.pop(Waker::noop()), None);
        assert!(orders.waiting.is_none());
    }

    #[test]
    fn no_more_orders_wait_than_fit() {
        let mut orders = Orders::default();
        orders.pop(Waker::noop());
        for _ in 0..MAX_WAITING {
            assert!(orders.push(say("")).is_some());
        }
        assert!(orders.push(say("")).is_none());
        orders.pop(Waker::noop());
        assert!(orders.push(say("")).is_some());
    }

    #[test]
    fn large_messages_fill_the_queue_sooner() {
        let large = || {
            Order::MessageToClient(Message {
                channel: "a:b".into(),
                data: vec![0; MAX_WAITING_BYTES / 2].into(),
            })
        };
        let mut orders = Orders::default();
        orders.pop(Waker::noop());
        assert!(orders.push(large()).is_some() && orders.push(large()).is_some());
        assert!(orders.push(large()).is_none());
        orders.pop(Waker::noop());
        assert!(orders.push(large()).is_some());
    }

    #[test]
    fn orders_are_kept_for_who_will_listen() {
        let mut orders = Orders::default();
        orders.open();
        assert!(orders.push(say("early")).is_some());
        assert_eq!(orders.pop(Waker::noop()), Some(say("early")));
    }

    #[test]
    fn a_disconnect_overtakes_what_cannot_be_done_yet() {
        let disconnect = Order::Disconnect(Arc::new(Text::Plain("bye".into())));
        let mut orders = Orders::default();
        orders.open();
        for order in [say("first"), disconnect.clone(), say("second")] {
            assert!(orders.push(order).is_some());
        }
        assert_eq!(orders.pop_disconnect(Waker::noop()), Some(disconnect));
        assert_eq!(orders.pop_disconnect(Waker::noop()), None);
        assert_eq!(orders.pop(Waker::noop()), Some(say("first")));
        assert_eq!(orders.pop(Waker::noop()), Some(say("second")));
    }

    #[test]
    fn whoever_stops_listening_gets_nothing() {
        let mut orders = Orders::default();
        orders.pop(Waker::noop());
        assert!(orders.push(say("lost")).is_some());
        orders.close();
        assert!(orders.push(say("too late")).is_none());
        assert_eq!(orders.pop(Waker::noop()), None);
    }
}
