//! A load's instances for slow hooks: made when needed, kept for the next call, at most so many at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portcullis_config::Limits;
use portcullis_registry::{Registry, Session};
use portcullis_telemetry::prometheus::IntGauge;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;
use wasmtime::component::InstancePre;

use super::{Question, SlowInstance};
use crate::context::{Context, PluginShared};
use crate::control::{Command, Place};
use crate::error::{Failure, FailureKind};
use crate::hook::Hook;
use crate::http::Http;
use crate::instance::Exports;
use crate::limits::MemoryMeter;
use crate::meters::HookMeters;
use crate::verdict::Verdict;

/// Calls that may wait for an instance of one plugin. A login holds a connection each; more than this many are a flood.
const MAX_WAITING: usize = 1_024;

/// What an instance is made of.
pub(crate) struct Maker {
    pub(crate) pre: InstancePre<Context>,
    pub(crate) exports: Arc<Exports>,
    pub(crate) shared: Arc<PluginShared>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) limits: Limits,
    /// What it may request, if anything.
    pub(crate) http: Option<Arc<Http>>,
    pub(crate) config: String,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// An instance failed, now or a while ago.
    Failed,
    /// Too many calls are under way.
    Busy,
}

/// Whom to tell that a call failed.
pub(crate) struct Report {
    pub(crate) load: u64,
    pub(crate) control: Sender<Command>,
}

pub(crate) struct Pool {
    maker: Maker,
    threads: Handle,
    meters: HookMeters,
    memory: IntGauge,
    shelf: Mutex<Shelf>,
    /// One for each instance that may be there at once.
    places: Semaphore,
    /// Calls that wait or are under way.
    turns: AtomicUsize,
    /// An instance failed, and it is not time for the next one.
    is_away: AtomicBool,
}

/// Where instances are between calls.
enum Shelf {
    Open(Vec<Kept>),
    /// Another load has taken over: those that end their calls shut down.
    Retired,
    /// The plugin is quarantined: those that end their calls are dropped.
    Discarded,
}

/// What a call leads to.
type Answer<Q> = Result<<<Q as Question>::Verdict as Verdict>::Checked, Lost>;

impl Maker {
    pub(crate) fn context(&self) -> Context {
        let memory = MemoryMeter::new(self.limits.memory_mib);
        let mut context = Context::new(self.shared.clone(), self.registry.clone(), memory);
        context.http.clone_from(&self.http);
        context
    }
}

impl Pool {
    pub(crate) fn new(maker: Maker, threads: Handle) -> Arc<Self> {
        let meters = &maker.shared.meters;
        Arc::new(Self {
            meters: meters.hook(Hook::Login),
            memory: meters.slow_memory(),
            places: Semaphore::new(maker.limits.slow_instances),
            threads,
            maker,
            shelf: Mutex::new(Shelf::Open(Vec::new())),
            turns: AtomicUsize::new(0),
            is_away: AtomicBool::new(false),
        })
    }

    /// Asks in one of the instances. The caller may be on any thread, and may stop waiting: a call under way then ends for
    /// itself.
    pub(crate) async fn ask<Q: Question>(
        self: &Arc<Self>,
        question: Q,
        session: Arc<Session>,
        report: Report,
    ) -> Answer<Q> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Lost::Failed);
        }
        let Some(turn) = Turn::take(self) else {
            self.maker.shared.meters.slow_refused("queue");
            return Err(Lost::Busy);
        };
        let (reply, answer) = oneshot::channel();
        self.threads.spawn(serve(turn, question, session, report, reply));
        // Without an answer, the host is stopping.
        answer.await.unwrap_or(Err(Lost::Failed))
    }

    /// What a question executes, in an instance that has been asked before or a new one. For the workbench, whose engine counts.
    pub(crate) async fn count<Q: Question>(&self, question: &Q, session: &Arc<Session>) -> Result<u64, Failure> {
        let mut kept = self.instance().await?;
        kept.instance.refuel();
        kept.instance.ask(question, session, &self.meters).await?;
        let used = kept.instance.fuel_used();
        self.keep(kept);
        Ok(used)
    }

    /// The wait after a failure is over.
    pub(crate) fn return_to_service(&self) {
        self.is_away.store(false, Ordering::Relaxed);
    }

    /// The plugin is quarantined.
    pub(crate) fn discard(&self) {
        self.is_away.store(true, Ordering::Relaxed);
        *self.shelf() = Shelf::Discarded;
    }

    /// Another load has taken over, or the plugin is gone. Waits until the instances that are idle have shut down: not for a
    /// network thread.
    pub(crate) fn retire(&self) {
        let Shelf::Open(idle) = std::mem::replace(&mut *self.shelf(), Shelf::Retired) else {
            return;
        };
        self.threads.block_on(async {
            let mut ending: JoinSet<()> = idle.into_iter().map(|kept| kept.instance.shutdown()).collect();
            while ending.join_next().await.is_some() {}
        });
    }

    /// An idle instance, or a new one.
    async fn instance(&self) -> Result<Kept, Failure> {
        let idle = match &mut *self.shelf() {
            Shelf::Open(idle) => idle.pop(),
            Shelf::Retired | Shelf::Discarded => None,
        };
        match idle {
            Some(kept) => Ok(kept),
            None => Ok(Kept::new(SlowInstance::new(&self.maker).await?, self.memory.clone())),
        }
    }

    /// Puts an instance back for the next call; gives it back where it is to shut down.
    fn keep(&self, mut kept: Kept) -> Option<SlowInstance> {
        kept.weigh();
        match &mut *self.shelf() {
            Shelf::Open(idle) => {
                idle.push(kept);
                None
            }
            Shelf::Discarded => None,
            Shelf::Retired => Some(kept.instance),
        }
    }

    fn failed(&self, report: Report, failure: Failure) {
        self.maker.shared.meters.trap(failure.kind);
        // Of calls that fail together, one is told of: they would be one failure of one worker's instance.
        if !self.is_away.swap(true, Ordering::Relaxed) {
            // No receiver: the host is stopping.
            let _ = report.control.send(Command::Failed {
                load: report.load,
                place: Place::Slow,
                hook: Hook::Login,
                failure,
            });
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instance, and its share in the plugin's memory as the metrics have it.
struct Kept {
    instance: SlowInstance,
    memory: Share,
}

/// Taken back when dropped.
struct Share {
    gauge: IntGauge,
    bytes: i64,
}

impl Kept {
    fn new(instance: SlowInstance, gauge: IntGauge) -> Self {
        let mut kept = Self {
            instance,
            memory: Share { gauge, bytes: 0 },
        };
        kept.weigh();
        kept
    }

    fn weigh(&mut self) {
        let now = i64::try_from(self.instance.memory_bytes()).unwrap_or(i64::MAX);
        self.memory.gauge.add(now - self.memory.bytes);
        self.memory.bytes = now;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.gauge.sub(self.bytes);
    }
}

/// A call's place among those that wait or are under way.
struct Turn(Arc<Pool>);

impl Turn {
    /// None where too many wait already.
    fn take(pool: &Arc<Pool>) -> Option<Self> {
        let most = MAX_WAITING + pool.maker.limits.slow_instances;
        let before = pool.turns.fetch_add(1, Ordering::Relaxed);
        let turn = Self(Arc::clone(pool));
        (before < most).then_some(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.turns.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call from waiting for an instance to the answer. It ends early where nobody waits for the answer any more and no
/// instance works on it yet.
async fn serve<Q: Question>(
    turn: Turn,
    question: Q,
    session: Arc<Session>,
    report: Report,
    mut reply: oneshot::Sender<Answer<Q>>,
) {
    let pool = &turn.0;
    let permit = tokio::select! {
        permit = pool.places.acquire() => permit,
        () = reply.closed() => return,
        () = sleep(pool.maker.limits.slow_call) => {
            pool.maker.shared.meters.slow_refused("time");
            let _ = reply.send(Err(Lost::Busy));
            return;
        }
    };
    let Ok(_place) = permit else { return };
    // Failed meanwhile: a wait behind it does not help.
    if pool.is_away.load(Ordering::Relaxed) {
        let _ = reply.send(Err(Lost::Failed));
        return;
    }
    // In a task of its own: wasmtime has had panics on hostile components, and they may cost the plugin, not the host.
    let asking = Arc::clone(pool);
    let asked = tokio::spawn(async move {
        let mut kept = asking.instance().await?;
        let verdict = kept.instance.ask(&question, &session, &asking.meters).await?;
        Ok((kept, verdict))
    });
    let result = asked.await.unwrap_or_else(|_| {
        Err(Failure {
            kind: FailureKind::HostPanic,
            detail: "the host panicked serving the call".into(),
        })
    });
    match result {
        Ok((kept, verdict)) => {
            // Put back first, so that who asks again at once finds it.
            let retired = pool.keep(kept);
            let _ = reply.send(Ok(verdict));
            if let Some(instance) = retired {
                instance.shutdown().await;
            }
        }
        Err(failure) => {
            // First, so that who is told of the failure finds the plugin away.
            pool.failed(report, failure);
            let _ = reply.send(Err(Lost::Failed));
        }
    }
}
