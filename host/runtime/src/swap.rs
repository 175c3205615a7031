//! What the control thread and the workers say to each other when plugins change.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::instance::Instance;
use crate::plan::Plan;

/// From the control thread to a worker, handled between two calls.
pub(crate) enum Message {
    /// Save the state of this load's instance; it goes on serving.
    Save { load: u64, reply: Sender<Option<Saved>> },
    /// Put this plan in force.
    Install {
        plan: Arc<Plan>,
        incoming: Vec<Incoming>,
        reply: Sender<()>,
    },
    /// Here is a new instance for a load whose old one failed.
    Replace { load: u64, instance: Box<Instance> },
    /// Drop this load's instance; the plugin is quarantined.
    Discard { load: u64 },
}

/// An instance's state, and how many calls it had served by then.
pub(crate) struct Saved {
    pub(crate) bytes: Vec<u8>,
    pub(crate) calls: u64,
}

/// A ready instance of a new load.
pub(crate) struct Incoming {
    pub(crate) load: u64,
    /// The load it takes the place of.
    pub(crate) replaces: Option<u64>,
    pub(crate) instance: Instance,
    pub(crate) handover: Option<Handover>,
}

/// The incoming instance has loaded its predecessor's state already, off the network thread. Should the predecessor have
/// served more calls since, the spare one, initialised but not loaded, takes the newer state.
pub(crate) struct Handover {
    pub(crate) calls: u64,
    pub(crate) state_version: u32,
    pub(crate) spare: Instance,
}

impl Incoming {
    /// The instance to go on with, and one that is not needed.
    pub(crate) fn settle(self, previous: Option<&mut Instance>) -> (Instance, Option<Instance>) {
        let Some(Handover {
            calls,
            state_version,
            mut spare,
        }) = self.handover
        else {
            return (self.instance, None);
        };
        let newer = match previous {
            Some(previous) if previous.calls() != calls => previous.save(),
            _ => return (self.instance, Some(spare)),
        };
        // A state that cannot be taken over a second time leaves the one from a moment ago.
        match newer.map(|bytes| spare.load(state_version, &bytes)) {
            Ok(Ok(Ok(()))) => (spare, Some(self.instance)),
            _ => (self.instance, None),
        }
    }
}
