//! A thin layer over epoll: tokens in, tokens out, and a wait that always comes back.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

/// Long enough to cost nothing, short enough that a loop sees its deadline or its stop flag.
const LONGEST_WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};
/// Events taken by one call.
const BATCH: usize = 128;

pub(super) struct Poll {
    epoll: OwnedFd,
}

impl Poll {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
        })
    }

    /// Reports `token` while `source` is ready in the sense of `flags` (level-triggered).
    pub(super) fn add(&self, source: impl AsFd, token: u64, flags: EventFlags) -> anyhow::Result<()> {
        Ok(epoll::add(&self.epoll, source, EventData::new_u64(token), flags)?)
    }

    /// The tokens that became ready; none after 50 ms.
    pub(super) fn wait(&self) -> anyhow::Result<impl Iterator<Item = u64> + use<>> {
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; BATCH];
        let count = match epoll::wait(&self.epoll, &mut events, Some(&LONGEST_WAIT)) {
            Err(Errno::INTR) => 0,
            other => other?,
        };
        Ok(events.into_iter().take(count).map(|event| event.data.u64()))
    }
}

impl AsFd for Poll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
