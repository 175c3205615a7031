//! The store around an instance: what every call into it has in common. Calls are timed and bounded; a failed one ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Session;
use quanta::Instant;
use wasmtime::{Engine, Store, Trap, WasmBacktrace};

use crate::context::Context;
use crate::error::{Failure, FailureKind};
use crate::hook::Hook;
use crate::limits::{MemoryLimit, OutOfTime, TRANSFER_BYTES};
use crate::meters::HookMeters;
use crate::outcome::Own;
use crate::verdict::Verdict;

/// Functions of a backtrace that are worth a log line.
const FRAMES: usize = 8;

/// What a call may execute where that is counted: more than any call within its time.
pub(crate) const FUEL: u64 = u64::MAX >> 1;

/// A store that has not failed. After a failure it is only good for dropping: wasmtime refuses to enter it again.
pub(crate) struct Cell {
    pub(crate) store: Store<Context>,
    calls: u64,
}

impl Cell {
    pub(crate) fn new(engine: &Engine, context: Context) -> Self {
        let mut store = Store::new(engine, context);
        store.limiter(|context| &mut context.memory);
        store.epoch_deadline_callback(|mut store| store.data_mut().budget.deadline_passed());
        let mut cell = Self { store, calls: 0 };
        cell.refuel();
        cell
    }

    /// Begins to count anew what the guest executes.
    pub(crate) fn refuel(&mut self) {
        // Fails where nothing is counted: everywhere but on the workbench.
        let _ = self.store.set_fuel(FUEL);
    }

    /// What the guest has executed since [`Self::refuel`], in wasmtime's units: about one an instruction. Nothing where
    /// it is not counted.
    pub(crate) fn fuel_used(&self) -> Option<u64> {
        Some(FUEL.saturating_sub(self.store.get_fuel().ok()?))
    }

    /// Hook calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    /// Calls a hook on behalf of a session, and checks its verdict. Where either fails, what the call changed on the
    /// session is undone.
    pub(crate) fn hook<V: Verdict>(
        &mut self,
        hook: Hook,
        meters: &HookMeters,
        session: &Arc<Session>,
        budget: Duration,
        call: impl FnOnce(&mut Store<Context>) -> wasmtime::Result<V>,
    ) -> Result<V::Checked, Failure> {
        self.calls += 1;
        meters.calls.inc();
        self.store.data_mut().begin(hook.label(), Some(session));
        self.store.set_hostcall_fuel(hook.transfer_bytes());
        let started = Instant::now();
        let result = self.guarded(budget, call);
        meters.seconds.observe(started.elapsed().as_secs_f64());
        let context = self.store.data_mut();
        let result = result.and_then(|verdict| {
            meters.verdict(verdict.number());
            verdict.check(context).map_err(Failure::bad_return)
        });
        if result.is_err() {
            context.roll_back(session);
            context.flush_stdio();
        }
        context.end();
        result
    }

    /// Does what the last hook call put off until it has succeeded.
    pub(crate) fn commit(&mut self, own: &mut Vec<Own>) {
        self.store.data_mut().commit(own);
    }

    /// Undoes what the last hook call changed on its session: its verdict could not be applied.
    pub(crate) fn roll_back(&mut self, session: &Session) {
        self.store.data_mut().roll_back(session);
    }

    /// Calls one of `lifecycle`'s functions, or instantiates.
    pub(crate) fn step<R>(
        &mut self,
        step: &'static str,
        budget: Duration,
        call: impl FnOnce(&mut Store<Context>) -> wasmtime::Result<R>,
    ) -> Result<R, Failure> {
        self.store.data_mut().hook = step;
        self.store.set_hostcall_fuel(TRANSFER_BYTES);
        let result = self.guarded(budget, call);
        let context = self.store.data_mut();
        context.flush_stdio();
        context.end();
        result
    }

    fn guarded<R>(
        &mut self,
        budget: Duration,
        call: impl FnOnce(&mut Store<Context>) -> wasmtime::Result<R>,
    ) -> Result<R, Failure> {
        let ticks = self.store.data_mut().budget.start(budget);
        self.store.set_epoch_deadline(ticks);
        // wasmtime has had panics on hostile components; they may cost the plugin, not the host.
        match catch_unwind(AssertUnwindSafe(|| call(&mut self.store))) {
            Ok(result) => result.map_err(|error| explain(&error)),
            Err(_) => Err(Failure {
                kind: FailureKind::HostPanic,
                detail: "the host panicked serving the call".into(),
            }),
        }
    }
}

pub(crate) fn explain(error: &wasmtime::Error) -> Failure {
    let root = error.root_cause().to_string();
    let kind = if error.is::<OutOfTime>() {
        FailureKind::Timeout
    } else if error.is::<MemoryLimit>() {
        FailureKind::Memory
    } else {
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => FailureKind::Stack,
            Some(Trap::Interrupt) => FailureKind::Timeout,
            Some(_) => FailureKind::Trap,
            // wasmtime has no type for it.
            None if root.contains("fuel allocated for hostcalls") => FailureKind::Transfer,
            None => FailureKind::Trap,
        }
    };
    Failure {
        kind,
        detail: format!("{root}{}", functions(error)),
    }
}

/// ` in a < b < c`, innermost first; empty where no frame has a name.
fn functions(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    let all: Vec<String> = backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
        .collect();
    let telling: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .skip_while(|name| is_panic_machinery(name))
        .take(FRAMES)
        .collect();
    if telling.is_empty() {
        String::new()
    } else {
        format!(" in {}", telling.join(" < "))
    }
}

/// Whether a function belongs to how a Rust guest panics and not to where: a dozen frames that are always the same.
fn is_panic_machinery(name: &str) -> bool {
    [
        "std::",
        "core::panicking",
        "core::result::unwrap_failed",
        "core::option::",
        "__rustc::",
        "abort",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}
