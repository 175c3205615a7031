//! How much of its quota a namespace has used, to the byte.

use std::sync::Mutex;

use crate::{shards::lock, state_store::Quota};

/// Keys and bytes in use, never more than the quota allows. One lock for both: a reservation is whole or not at all, even
/// for those who look at the same moment.
#[derive(Debug)]
pub(crate) struct Usage(Mutex<Counts>);

#[derive(Clone, Copy, Debug)]
struct Counts {
    quota: Quota,
    used: Quota,
}

impl Usage {
    pub(crate) fn new(quota: Quota) -> Self {
        Self(Mutex::new(Counts {
            quota,
            used: Quota { keys: 0, bytes: 0 },
        }))
    }

    pub(crate) fn set_quota(&self, quota: Quota) {
        lock(&self.0).quota = quota;
    }

    pub(crate) fn used(&self) -> Quota {
        lock(&self.0).used
    }

    /// Counts more keys and bytes, or neither; what could not be had is the error.
    pub(crate) fn reserve(&self, wanted: Quota) -> Result<(), Quota> {
        let mut counts = lock(&self.0);
        if !counts.have_room_for(wanted) {
            return Err(wanted);
        }
        counts.used.keys += wanted.keys;
        counts.used.bytes += wanted.bytes;
        Ok(())
    }

    /// Counts fewer keys and bytes; these must have been reserved.
    pub(crate) fn release(&self, given_back: Quota) {
        let mut counts = lock(&self.0);
        counts.used.keys -= given_back.keys;
        counts.used.bytes -= given_back.bytes;
    }

    /// Whether what could not be had can be had by now.
    pub(crate) fn has_room_for(&self, wanted: Quota) -> bool {
        lock(&self.0).have_room_for(wanted)
    }
}

impl Counts {
    /// What wants none of a kind is not refused because a lowered quota left too many of that kind.
    fn have_room_for(&self, wanted: Quota) -> bool {
        let fits = |wanted: usize, used: usize, quota: usize| wanted == 0 || used.saturating_add(wanted) <= quota;
        fits(wanted.keys, self.used.keys, self.quota.keys) && fits(wanted.bytes, self.used.bytes, self.quota.bytes)
    }
}
