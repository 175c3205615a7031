//! Counting messages seen, since 1.19.3: chat and signed commands say how many messages their author has seen since the last
//! time, and so does a packet of its own. Client and server must count alike, or the server throws the player out.
//!
//! A packet that a proxy keeps to itself takes its count with it. It is added to the next one that passes, or, if too many add
//! up for the server's patience, sent on alone.

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Messages that client and server look back on.
pub const WINDOW: u32 = 20;

/// So many messages, seen since the last count. Since 1.19.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Messages seen.
    pub count: u32,
}

impl Acknowledgement {
    /// Reads the fields.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let count = read_count(cursor.var_int()?)?;
        cursor.finish()?;
        Ok(Self { count })
    }
}

impl Fields for Acknowledgement {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::ChatAcknowledgement
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::var_int(self.count.cast_signed(), out);
    }
}

/// A count as it is on the wire.
pub(super) fn read_count(count: i32) -> Result<u32, WireError> {
    u32::try_from(count).map_err(|_| WireError::BadValue("the count of messages seen"))
}

/// What one server has not been told yet. Forgotten when the player moves to another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgements {
    held: u32,
}

impl Acknowledgements {
    /// A line with a count passes: the count that it has to have.
    pub fn pass(&mut self, count: u32) -> u32 {
        count.saturating_add(std::mem::take(&mut self.held))
    }

    /// A line with a count was kept, or a client's acknowledgement came: what has to be sent on now, if anything.
    ///
    /// One window is always held back, so that what a later line says it has last seen lies within what the server was told.
    pub fn hold(&mut self, count: u32) -> Option<Acknowledgement> {
        self.held = self.held.saturating_add(count);
        let count = self.held.checked_sub(WINDOW).filter(|count| *count >= WINDOW)?;
        self.held = WINDOW;
        Some(Acknowledgement { count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_and_negative_ones_do_not() {
        let mut out = Vec::new();
        Acknowledgement { count: 300 }.write(Protocol::NEWEST, &mut out);
        assert_eq!(Acknowledgement::read(&out), Ok(Acknowledgement { count: 300 }));
        let error = WireError::BadValue("the count of messages seen");
        assert_eq!(Acknowledgement::read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Err(error));
    }

    #[test]
    fn what_was_kept_goes_with_the_next_line() {
        let mut held = Acknowledgements::default();
        assert_eq!(held.pass(3), 3);
        assert_eq!(held.hold(5), None);
        assert_eq!(held.hold(7), None);
        assert_eq!(held.pass(1), 13);
        assert_eq!(held.pass(0), 0);
    }

    #[test]
    fn too_much_is_sent_on_but_for_one_window() {
        let mut held = Acknowledgements::default();
        assert_eq!(held.hold(39), None);
        assert_eq!(held.hold(1), Some(Acknowledgement { count: 20 }));
        assert_eq!(held.hold(19), None);
        assert_eq!(held.hold(3), Some(Acknowledgement { count: 22 }));
        assert_eq!(held.pass(0), 20);
    }

    #[test]
    fn nothing_is_lost_or_invented() {
        let mut held = Acknowledgements::default();
        let (mut seen, mut told) = (0, 0);
        for step in 0..1_000_u32 {
            let count = step * 7 % 23;
            seen += count;
            if step % 11 == 0 {
                told += held.pass(count);
                assert_eq!(told, seen);
            } else {
                told += held.hold(count).map_or(0, |acknowledgement| acknowledgement.count);
                assert!(told <= seen && seen - told < 2 * WINDOW);
            }
        }
        held.hold(u32::MAX);
        assert_eq!(held.pass(u32::MAX), u32::MAX);
    }
}
