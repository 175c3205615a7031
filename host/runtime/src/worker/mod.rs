//! A worker's own instances, and the chains that ask them: on arrivals, servers and packets, each in a room of its own. Lives on
//! one network thread. Nothing here locks, and nothing waits but who asks a hook that may.

mod arrivals;
mod ask;
mod login;
mod packets;
mod servers;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use portcullis_config::PluginName;
use portcullis_protocol::version::Protocol;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::control::{Command, Place};
use crate::error::Failure;
use crate::hook::Hook;
use crate::instance::Instance;
use crate::load::Load;
use crate::outcome::Own;
use crate::plan::{ListenerChain, Plan};
use crate::swap::{Incoming, Message, Saved};
use crate::wants::{Known, Wants};

/// One worker's plugins. Made on the control thread, then moved to the worker's and used there only.
pub struct WorkerPlugins {
    index: usize,
    live: RefCell<Live>,
    generation: Cell<u64>,
    wants: RefCell<Known>,
    /// Packets that plugins sent in the last call.
    own: RefCell<Vec<Own>>,
    inbox: RefCell<Option<UnboundedReceiver<Message>>>,
    control: Sender<Command>,
}

#[derive(Default)]
struct Live {
    plan: Arc<Plan>,
    /// Beside the plan's loads; none where an instance failed and its successor is not there yet.
    instances: Vec<Option<Instance>>,
}

impl WorkerPlugins {
    pub(crate) fn new(index: usize, inbox: UnboundedReceiver<Message>, control: Sender<Command>) -> Self {
        Self {
            index,
            live: RefCell::default(),
            generation: Cell::new(0),
            wants: RefCell::default(),
            own: RefCell::default(),
            inbox: RefCell::new(Some(inbox)),
            control,
        }
    }

    /// Takes over new generations and rebuilt instances, each between two calls. Spawn it once on the worker's own thread;
    /// it ends when the runtime is gone or stopped.
    pub async fn run(self: Rc<Self>) {
        let Some(mut inbox) = self.inbox.borrow_mut().take() else {
            return;
        };
        while let Some(message) = inbox.recv().await {
            self.receive(message);
        }
    }

    /// Number of the plan in force; it changes with any plugin or chain.
    pub fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// Whether any plugin may give orders to sessions.
    pub fn has_control(&self) -> bool {
        let live = self.live.borrow();
        live.plan.loads.iter().any(|load| load.artifact.has_control)
    }

    /// Whether a link of the chain has this hook.
    pub fn has(&self, chain: &ListenerChain, hook: Hook) -> bool {
        let live = self.live.borrow();
        live.plan.links(chain, hook).is_some_and(|links| !links.is_empty())
    }

    /// What the chain wants to see of what is on its way in a version. Keep it until [`Self::generation`] changes.
    pub fn wants(&self, chain: &ListenerChain, protocol: Protocol) -> Arc<Wants> {
        self.wants.borrow_mut().get(&self.live.borrow().plan, chain, protocol)
    }

    /// Packets that links sent in the last call on this worker, to be sent in front of what it was about. Each is given once.
    pub fn take_own(&self) -> Vec<Own> {
        std::mem::take(&mut *self.own.borrow_mut())
    }

    /// Linear memory of this worker's instance of a plugin; nothing where it has none.
    pub(crate) fn memory_bytes(&self, plugin: &PluginName) -> Option<usize> {
        let live = self.live.borrow();
        let at = live.plan.loads.iter().position(|load| load.plugin.name == *plugin)?;
        Some(live.instances.get(at)?.as_ref()?.memory_bytes())
    }

    /// Drops a failed instance and asks for another.
    fn discard(&self, load: &Load, slot: &mut Option<Instance>, hook: Hook, failure: Failure) {
        *slot = None;
        load.shared.meters.trap(failure.kind);
        load.shared.meters.memory(self.index).set(0);
        // No receiver: the host is stopping.
        let _ = self.control.send(Command::Failed {
            load: load.id,
            place: Place::Worker(self.index),
            hook,
            failure,
        });
    }

    fn receive(&self, message: Message) {
        let live = &mut *self.live.borrow_mut();
        let mut installed = None;
        match message {
            Message::Save { load, reply } => {
                let _ = reply.send(self.save(live, load));
            }
            Message::Install { plan, incoming, reply } => {
                self.install(live, plan, incoming);
                installed = Some(reply);
            }
            Message::Replace { load, mut instance } => {
                if let Some(at) = live.plan.loads.iter().position(|known| known.id == load)
                    && let Some(slot @ None) = live.instances.get_mut(at)
                {
                    instance.assign(self.index);
                    *slot = Some(*instance);
                }
            }
            Message::Discard { load } => {
                if let Some(at) = live.plan.loads.iter().position(|known| known.id == load)
                    && let Some(slot) = live.instances.get_mut(at)
                {
                    *slot = None;
                }
            }
        }
        self.report(live);
        // Last: who waits for it may look at the numbers next.
        if let Some(reply) = installed {
            let _ = reply.send(());
        }
    }

    fn save(&self, live: &mut Live, load: u64) -> Option<Saved> {
        let at = live.plan.loads.iter().position(|known| known.id == load)?;
        let (load, slot) = (live.plan.loads.get(at)?, live.instances.get_mut(at)?);
        let instance = slot.as_mut()?;
        match instance.save() {
            Ok(bytes) => Some(Saved {
                bytes,
                calls: instance.calls(),
            }),
            Err(failure) => {
                self.discard(load, slot, Hook::Session, failure);
                None
            }
        }
    }

    /// Replaces the plan. Instances of loads that stay are moved; new ones come ready-made.
    fn install(&self, live: &mut Live, plan: Arc<Plan>, mut incoming: Vec<Incoming>) {
        let mut old: Vec<(u64, Option<Instance>)> = live
            .plan
            .loads
            .iter()
            .map(|load| load.id)
            .zip(live.instances.drain(..))
            .collect();
        let mut take = |id: u64| {
            old.iter_mut()
                .find(|(known, _)| *known == id)
                .and_then(|(_, slot)| slot.take())
        };
        let mut retired = Vec::new();
        let instances = plan
            .loads
            .iter()
            .map(|load| {
                let Some(at) = incoming.iter().position(|new| new.load == load.id) else {
                    return take(load.id);
                };
                let new = incoming.swap_remove(at);
                let mut previous = new.replaces.and_then(&mut take);
                let (mut instance, unused) = new.settle(previous.as_mut());
                instance.assign(self.index);
                retired.extend(previous.into_iter().chain(unused));
                Some(instance)
            })
            .collect();
        retired.extend(old.into_iter().filter_map(|(_, slot)| slot));
        for instance in retired {
            if let Err(failure) = instance.shutdown() {
                tracing::warn!(
                    reason = failure.detail,
                    "a plugin's `shutdown` failed; its successor is in place"
                );
            }
        }
        self.generation.set(plan.generation);
        self.wants.borrow_mut().forget();
        *live = Live { plan, instances };
    }

    /// Tells the metrics how much memory this worker's instances have by now: they grow in calls, which do not tell.
    pub fn report_memory(&self) {
        self.report(&self.live.borrow());
    }

    fn report(&self, live: &Live) {
        for (load, instance) in live.plan.loads.iter().zip(&live.instances) {
            let bytes = instance.as_ref().map_or(0, Instance::memory_bytes);
            load.shared
                .meters
                .memory(self.index)
                .set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
}
