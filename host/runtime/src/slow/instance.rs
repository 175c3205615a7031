//! One instance of a plugin for hooks that may wait. Its calls run on fibers: they give their thread back whenever they wait,
//! and at every tick of the clock.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Session;
use tokio::time::{Instant, timeout};
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::exports::portcullis::plugin::{lifecycle, login};
use crate::bindings::portcullis::plugin::types;
use crate::cell::{FUEL, explain};
use crate::context::Context;
use crate::error::{Failure, FailureKind};
use crate::hook::Hook;
use crate::meters::HookMeters;
use crate::slow::Maker;
use crate::verdict::Verdict;

/// The hook that is served here.
const HOOK: Hook = Hook::Login;

/// For `shutdown`: time as people count it, which on a busy machine passes faster than a guest runs.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(1);

/// A question of the `login` hook.
pub(crate) trait Question: Send + Sync + 'static {
    type Verdict: Verdict<Checked: Send> + Send;

    fn put(
        &self,
        guest: &login::Guest,
        store: &mut Store<Context>,
    ) -> impl Future<Output = wasmtime::Result<Self::Verdict>> + Send;
}

/// An instance that has been initialised. After a failure it is only good for dropping.
pub(crate) struct SlowInstance {
    store: Store<Context>,
    lifecycle: lifecycle::Guest,
    login: login::Guest,
    limit: Duration,
}

impl SlowInstance {
    /// Instantiates and initialises.
    pub(crate) async fn new(maker: &Maker) -> Result<Self, Failure> {
        let limit = maker.limits.slow_call;
        let mut store = Store::new(maker.pre.engine(), maker.context());
        store.limiter(|context| &mut context.memory);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))));
        store.set_hostcall_fuel(HOOK.transfer_bytes());
        store.data_mut().hook = "init";
        store.set_epoch_deadline(1);
        refuel(&mut store);
        let begun = async {
            let instance = maker.pre.instantiate_async(&mut store).await?;
            let (lifecycle, login) = maker.exports.load_slow(&mut store, &instance)?;
            let init = lifecycle.func_init();
            let (initialised,) = init.call_async(&mut store, (&maker.config,)).await?;
            wasmtime::Result::Ok((lifecycle, login, initialised))
        };
        let (lifecycle, login, initialised) = within(limit, begun).await?;
        store.data_mut().flush_stdio();
        initialised.map_err(|reason| Failure {
            kind: FailureKind::BadReturn,
            detail: format!("its `init` refused: {reason}"),
        })?;
        Ok(Self {
            store,
            lifecycle,
            login,
            limit,
        })
    }

    /// Asks on behalf of a session, and checks the verdict. Where either fails, what the call changed on the session is
    /// undone; otherwise what it put off is done.
    pub(crate) async fn ask<Q: Question>(
        &mut self,
        question: &Q,
        session: &Arc<Session>,
        meters: &HookMeters,
    ) -> Result<<Q::Verdict as Verdict>::Checked, Failure> {
        meters.calls.inc();
        let context = self.store.data_mut();
        context.begin(HOOK.label(), Some(session));
        context.deadline = Instant::now().checked_add(self.limit);
        self.store.set_epoch_deadline(1);
        let started = Instant::now();
        let result = within(self.limit, question.put(&self.login, &mut self.store)).await;
        meters.seconds.observe(started.elapsed().as_secs_f64());
        let context = self.store.data_mut();
        let result = result.and_then(|verdict| {
            meters.verdict(verdict.number());
            verdict.check(context).map_err(Failure::bad_return)
        });
        match &result {
            // Nobody follows packets yet, so none can have been sent.
            Ok(_) => context.commit(&mut Vec::new()),
            Err(_) => {
                context.roll_back(session);
                context.flush_stdio();
            }
        }
        context.end();
        result
    }

    /// The last call.
    pub(crate) async fn shutdown(mut self) {
        self.store.data_mut().hook = "shutdown";
        self.store.set_epoch_deadline(1);
        let shutdown = self.lifecycle.func_shutdown();
        if let Err(failure) = within(SHUTDOWN_LIMIT, shutdown.call_async(&mut self.store, ())).await {
            tracing::warn!(
                plugin = %self.store.data().plugin.name,
                reason = failure.detail,
                "a plugin's `shutdown` failed in an instance for slow hooks"
            );
        }
    }

    /// What the next call executes is counted from here.
    pub(crate) fn refuel(&mut self) {
        refuel(&mut self.store);
    }

    /// What was executed since [`Self::refuel`]; 0 where the engine does not count.
    pub(crate) fn fuel_used(&self) -> u64 {
        self.store.get_fuel().map_or(0, |left| FUEL.saturating_sub(left))
    }

    /// Linear memory in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.store.data().memory.used_bytes()
    }
}

fn refuel(store: &mut Store<Context>) {
    // Fails where nothing is counted: everywhere but on the workbench.
    let _ = store.set_fuel(FUEL);
}

async fn within<R>(limit: Duration, call: impl Future<Output = wasmtime::Result<R>>) -> Result<R, Failure> {
    match timeout(limit, call).await {
        Ok(result) => result.map_err(|error| explain(&error)),
        Err(_) => Err(Failure {
            kind: FailureKind::Timeout,
            detail: format!("the call took longer than its {} ms", limit.as_millis()),
        }),
    }
}

impl Question for login::Claim {
    type Verdict = login::ClaimVerdict;

    async fn put(&self, guest: &login::Guest, store: &mut Store<Context>) -> wasmtime::Result<Self::Verdict> {
        guest.call_on_claim(store, self).await
    }
}

impl Question for login::Proof {
    type Verdict = login::ProofVerdict;

    async fn put(&self, guest: &login::Guest, store: &mut Store<Context>) -> wasmtime::Result<Self::Verdict> {
        guest.call_authenticate(store, self).await
    }
}

impl Question for types::Profile {
    type Verdict = login::ProfileVerdict;

    async fn put(&self, guest: &login::Guest, store: &mut Store<Context>) -> wasmtime::Result<Self::Verdict> {
        guest.call_on_profile(store, self).await
    }
}

/// The profile that wants in, and the sessions that have it already.
impl Question for (types::Profile, Vec<u64>) {
    type Verdict = login::ConflictVerdict;

    async fn put(&self, guest: &login::Guest, store: &mut Store<Context>) -> wasmtime::Result<Self::Verdict> {
        guest.call_joined_before(store, &self.0, &self.1).await
    }
}
