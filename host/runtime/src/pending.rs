//! What a call puts off until it has succeeded: orders to sessions, and packets of the plugin's own.

use std::sync::Arc;

use portcullis_registry::{Order, Session};

use crate::outcome::Own;

/// Orders that one call may give: one for each player of a large host.
const MAX_ORDERS: usize = 10_000;

/// Packets of its own that one call may send: a few titles and messages, not a stream.
const MAX_OWN: usize = 64;

/// What they may have together: as much as one packet.
const MAX_OWN_BYTES: usize = 2 << 20;

/// More than a call may put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

/// What waits for the end of a call.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    orders: Vec<(Vec<Arc<Session>>, Order)>,
    /// Sessions in `orders`, all together.
    ordered: usize,
    own: Vec<Own>,
    own_bytes: usize,
}

impl Pending {
    pub(crate) fn order(&mut self, sessions: Vec<Arc<Session>>, order: Order) -> Result<(), TooMany> {
        let ordered = self.ordered.saturating_add(sessions.len());
        if ordered > MAX_ORDERS {
            return Err(TooMany);
        }
        self.ordered = ordered;
        self.orders.push((sessions, order));
        Ok(())
    }

    pub(crate) fn send(&mut self, own: Own) -> Result<(), TooMany> {
        let bytes = self.own_bytes.saturating_add(own.fields.len());
        if self.own.len() >= MAX_OWN || bytes > MAX_OWN_BYTES {
            return Err(TooMany);
        }
        self.own_bytes = bytes;
        self.own.push(own);
        Ok(())
    }

    /// The call has succeeded. Sessions that no longer listen are passed over.
    pub(crate) fn carry_out(&mut self, own: &mut Vec<Own>) {
        for (sessions, order) in self.orders.drain(..) {
            for session in sessions {
                session.order(order.clone());
            }
        }
        own.append(&mut self.own);
        (self.ordered, self.own_bytes) = (0, 0);
    }

    pub(crate) fn forget(&mut self) {
        self.orders.clear();
        self.own.clear();
        (self.ordered, self.own_bytes) = (0, 0);
    }
}
