//! Bars at the top of the screen, as far as taking them away needs it (1.9).

use uuid::Uuid;

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Actions by their numbers.
const ADD: i32 = 0;
const REMOVE: i32 = 1;

/// A bar appears or disappears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BossBar {
    /// It appears.
    Added(Uuid),
    /// It disappears.
    Removed(Uuid),
    /// It changes.
    Changed(Uuid),
}

impl BossBar {
    /// Reads the front of the fields: which bar, and what happens to it.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let bar = cursor.uuid()?;
        Ok(match cursor.var_int()? {
            ADD => Self::Added(bar),
            REMOVE => Self::Removed(bar),
            _ => Self::Changed(bar),
        })
    }
}

/// Takes a bar away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeBar(pub Uuid);

impl Fields for TakeBar {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::BossBar
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::uuid(self.0, out);
        put::var_int(REMOVE, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_is_taken_away_is_read_again() {
        let bar = Uuid::from_u128(7);
        let mut out = Vec::new();
        TakeBar(bar).write(Protocol::NEWEST, &mut out);
        assert_eq!(BossBar::read(&out), Ok(BossBar::Removed(bar)));
        let added = [&bar.as_bytes()[..], &[0, 2]].concat();
        assert_eq!(BossBar::read(&added), Ok(BossBar::Added(bar)));
        let changed = [&bar.as_bytes()[..], &[2, 0, 0, 0, 0]].concat();
        assert_eq!(BossBar::read(&changed), Ok(BossBar::Changed(bar)));
        assert!(BossBar::read(&added[..15]).is_err());
    }
}
