//! One instance of a plugin on a network thread: its life here, its hooks in a room of their own.

mod exports;
mod hooks;

use std::sync::Arc;
use std::time::Duration;

use portcullis_config::Limits;
use portcullis_registry::{Registry, Session};
use wasmtime::component::InstancePre;

pub(crate) use self::exports::Exports;
use self::exports::{Guests, Metered};
use crate::bindings::exports::portcullis::plugin::lifecycle;
use crate::cell::Cell;
use crate::context::{Context, PluginShared};
use crate::error::{Failure, FailureKind};
use crate::limits::{MemoryMeter, STATE_BYTES};
use crate::outcome::Own;
use crate::subscriptions::{Subscriptions, check_channels, check_packets};

/// `describe` depends on nothing, so it is quick.
const DESCRIBE_BUDGET: Duration = Duration::from_secs(1);

/// A plugin's instance. After a failure it is only good for dropping.
pub(crate) struct Instance {
    cell: Cell,
    limits: Limits,
    guests: Guests,
    /// On which it is shown messages.
    channels: Vec<String>,
}

impl Instance {
    pub(crate) fn new(
        pre: &InstancePre<Context>,
        exports: &Exports,
        plugin: &Arc<PluginShared>,
        registry: &Arc<Registry>,
        limits: &Limits,
    ) -> Result<Self, Failure> {
        let context = Context::new(plugin.clone(), registry.clone(), MemoryMeter::new(limits.memory_mib));
        let mut cell = Cell::new(pre.engine(), context);
        let guests = cell.step("instantiate", limits.slow_call, |store| {
            let instance = pre.instantiate(&mut *store)?;
            exports.load(store, &instance, &plugin.meters)
        })?;
        Ok(Self {
            cell,
            limits: *limits,
            guests,
            channels: Vec::new(),
        })
    }

    /// From now on the instance belongs to this worker.
    pub(crate) fn assign(&mut self, worker: usize) {
        self.cell.store.data_mut().worker = Some(worker);
    }

    /// Hook calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.cell.calls()
    }

    /// Linear memory in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.cell.store.data().memory.used_bytes()
    }

    /// What the next call executes is counted from here.
    pub(crate) fn refuel(&mut self) {
        self.cell.refuel();
    }

    /// What was executed since [`Self::refuel`]; nothing where the engine does not count.
    pub(crate) fn fuel_used(&self) -> Option<u64> {
        self.cell.fuel_used()
    }

    /// Does what the last hook call put off until it has succeeded.
    pub(crate) fn commit(&mut self, own: &mut Vec<Own>) {
        self.cell.commit(own);
    }

    /// Undoes what the last hook call changed on its session.
    pub(crate) fn roll_back(&mut self, session: &Session) {
        self.cell.roll_back(session);
    }

    pub(crate) fn describe(&mut self) -> Result<lifecycle::Description, Failure> {
        let guest = &self.guests.lifecycle;
        self.cell
            .step("describe", DESCRIBE_BUDGET, |store| guest.call_describe(store))
    }

    /// The inner error is the plugin's own refusal.
    pub(crate) fn init(&mut self, config: &str) -> Result<Result<(), String>, Failure> {
        let guest = &self.guests.lifecycle;
        self.cell
            .step("init", self.limits.slow_call, |store| guest.call_init(store, config))
    }

    /// What it wants to see of what is on its way. Called once, after `init`.
    pub(crate) fn subscriptions(&mut self) -> Result<Subscriptions, Failure> {
        let refuse = |whose: &str, reason: String| Failure {
            kind: FailureKind::BadReturn,
            detail: format!("its {whose} {reason}"),
        };
        let mut wanted = Subscriptions::default();
        if let Some(Metered { guest, .. }) = &self.guests.packet {
            let packets = self.cell.step("subscriptions", self.limits.slow_call, |store| {
                guest.call_subscriptions(store)
            })?;
            wanted.packets = check_packets(packets).map_err(|reason| refuse("subscriptions", reason))?;
        }
        if let Some(Metered { guest, .. }) = &self.guests.message {
            let channels = self
                .cell
                .step("channels", self.limits.slow_call, |store| guest.call_channels(store))?;
            wanted.channels = check_channels(channels).map_err(|reason| refuse("channels", reason))?;
            self.channels.clone_from(&wanted.channels);
        }
        Ok(wanted)
    }

    pub(crate) fn save(&mut self) -> Result<Vec<u8>, Failure> {
        let guest = &self.guests.lifecycle;
        self.cell.step("save", self.limits.slow_call, |store| {
            store.set_hostcall_fuel(STATE_BYTES);
            guest.call_save(store)
        })
    }

    /// The inner error is the plugin's own refusal.
    pub(crate) fn load(&mut self, state_version: u32, saved: &[u8]) -> Result<Result<(), String>, Failure> {
        let guest = &self.guests.lifecycle;
        self.cell.step("load", self.limits.slow_call, |store| {
            guest.call_load(store, state_version, saved)
        })
    }

    /// The last call.
    pub(crate) fn shutdown(mut self) -> Result<(), Failure> {
        let guest = &self.guests.lifecycle;
        self.cell
            .step("shutdown", self.limits.hot_call, |store| guest.call_shutdown(store))
    }
}
