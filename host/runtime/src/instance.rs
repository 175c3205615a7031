//! One instance of a plugin, and the functions of the contract that it exports.

use std::sync::Arc;
use std::time::Duration;

use portcullis_config::Limits;
use portcullis_registry::{Registry, Session};
use wasmtime::component::InstancePre;

use crate::bindings::exports::portcullis::plugin::{accept, handshake, lifecycle, route, session, status};
use crate::cell::Cell;
use crate::context::{Context, PluginShared};
use crate::error::Failure;
use crate::hook::Hook;
use crate::limits::{MemoryMeter, STATE_BYTES, TRANSFER_BYTES};
use crate::meters::HookMeters;
use crate::outcome::{End, Tally};
use crate::verdict;

/// `describe` depends on nothing, so it is quick.
const DESCRIBE_BUDGET: Duration = Duration::from_secs(1);

/// Where a component keeps its exports, looked up once per component.
pub(crate) struct Exports {
    lifecycle: lifecycle::GuestIndices,
    accept: Option<accept::GuestIndices>,
    handshake: Option<handshake::GuestIndices>,
    status: Option<status::GuestIndices>,
    route: Option<route::GuestIndices>,
    session: Option<session::GuestIndices>,
}

impl Exports {
    /// Fails where an interface is exported with other functions or types than the contract's.
    pub(crate) fn find(pre: &InstancePre<Context>, hooks: &[Hook]) -> wasmtime::Result<Self> {
        let has = |hook| hooks.contains(&hook);
        Ok(Self {
            lifecycle: lifecycle::GuestIndices::new(pre)?,
            accept: has(Hook::Accept).then(|| accept::GuestIndices::new(pre)).transpose()?,
            handshake: has(Hook::Handshake)
                .then(|| handshake::GuestIndices::new(pre))
                .transpose()?,
            status: has(Hook::Status).then(|| status::GuestIndices::new(pre)).transpose()?,
            route: has(Hook::Route).then(|| route::GuestIndices::new(pre)).transpose()?,
            session: has(Hook::Session)
                .then(|| session::GuestIndices::new(pre))
                .transpose()?,
        })
    }
}

/// A plugin's instance. After a failure it is only good for dropping.
pub(crate) struct Instance {
    cell: Cell,
    limits: Limits,
    guests: Guests,
}

/// Handles of the exported functions.
struct Guests {
    lifecycle: lifecycle::Guest,
    accept: Option<Metered<accept::Guest>>,
    handshake: Option<Metered<handshake::Guest>>,
    status: Option<Metered<status::Guest>>,
    route: Option<Metered<route::Guest>>,
    session: Option<Metered<session::Guest>>,
}

struct Metered<G> {
    guest: G,
    meters: HookMeters,
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
        let guests = cell.step("instantiate", limits.slow_call, |mut store| {
            let instance = pre.instantiate(&mut store)?;
            macro_rules! load {
                ($interface:ident, $hook:expr) => {
                    match &exports.$interface {
                        Some(found) => Some(Metered {
                            guest: found.load(&mut store, &instance)?,
                            meters: plugin.meters.hook($hook),
                        }),
                        None => None,
                    }
                };
            }
            Ok(Guests {
                lifecycle: exports.lifecycle.load(&mut store, &instance)?,
                accept: load!(accept, Hook::Accept),
                handshake: load!(handshake, Hook::Handshake),
                status: load!(status, Hook::Status),
                route: load!(route, Hook::Route),
                session: load!(session, Hook::Session),
            })
        })?;
        Ok(Self {
            cell,
            limits: *limits,
            guests,
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

    pub(crate) fn save(&mut self) -> Result<Vec<u8>, Failure> {
        let guest = &self.guests.lifecycle;
        self.cell.step("save", self.limits.slow_call, |store| {
            store.set_hostcall_fuel(STATE_BYTES);
            let saved = guest.call_save(&mut *store)?;
            store.set_hostcall_fuel(TRANSFER_BYTES);
            Ok(saved)
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

    pub(crate) fn accept(&mut self, session: &Arc<Session>) -> Result<verdict::Accept, Failure> {
        let Some(Metered { guest, meters }) = &self.guests.accept else {
            return Ok(verdict::Accept::Next);
        };
        let call = |store: &mut _| guest.call_on_accept(store);
        self.cell
            .hook(Hook::Accept, meters, session, self.limits.hot_call, call)
    }

    pub(crate) fn handshake(&mut self, session: &Arc<Session>) -> Result<verdict::Handshake, Failure> {
        let Some(Metered { guest, meters }) = &self.guests.handshake else {
            return Ok(verdict::Handshake::Next);
        };
        let call = |store: &mut _| guest.call_on_handshake(store);
        self.cell
            .hook(Hook::Handshake, meters, session, self.limits.hot_call, call)
    }

    pub(crate) fn status(&mut self, session: &Arc<Session>) -> Result<verdict::Status, Failure> {
        let Some(Metered { guest, meters }) = &self.guests.status else {
            return Ok(verdict::Status::Next);
        };
        let call = |store: &mut _| guest.call_on_status(store);
        self.cell
            .hook(Hook::Status, meters, session, self.limits.hot_call, call)
    }

    pub(crate) fn route(&mut self, session: &Arc<Session>) -> Result<verdict::Route, Failure> {
        let Some(Metered { guest, meters }) = &self.guests.route else {
            return Ok(verdict::Route::Next);
        };
        let call = |store: &mut _| guest.call_on_route(store, &route::Cause::Initial);
        self.cell.hook(Hook::Route, meters, session, self.limits.hot_call, call)
    }

    pub(crate) fn joined(&mut self, session: &Arc<Session>, server: &str) -> Result<(), Failure> {
        let Some(Metered { guest, meters }) = &self.guests.session else {
            return Ok(());
        };
        let call = |store: &mut _| guest.call_on_joined(store, server);
        self.cell
            .hook(Hook::Session, meters, session, self.limits.hot_call, call)
    }

    pub(crate) fn left(
        &mut self,
        session: &Arc<Session>,
        server: &str,
        end: &End,
        tally: Tally,
    ) -> Result<(), Failure> {
        let Some(Metered { guest, meters }) = &self.guests.session else {
            return Ok(());
        };
        let (end, tally) = (verdict::end(end), verdict::tally(tally));
        let call = |store: &mut _| guest.call_on_left(store, server, &end, tally);
        self.cell
            .hook(Hook::Session, meters, session, self.limits.hot_call, call)
    }
}
