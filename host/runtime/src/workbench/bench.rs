//! What a hook costs a worker: called through a chain of a real runtime, on a thread such as those that serve players.

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_config::{ChainName, Config, PluginName};
use portcullis_protocol::packets::Direction;
use portcullis_protocol::version::Protocol;
use portcullis_registry::{Registry, Session};
use portcullis_telemetry::Metrics;
use tokio::task::{LocalSet, spawn_blocking, spawn_local};

use super::script::{COMMAND, CONTENT, COOKIE, END, Script, TALLY, destination, pack};
use crate::error::{LoadError, StartError};
use crate::hook::Hook;
use crate::outcome::{ClaimOutcome, Refusal, RouteCause};
use crate::plan::ListenerChain;
use crate::runtime::Runtime;
use crate::status::LoadProblem;
use crate::worker::WorkerPlugins;

/// Calls before those that count, as a share of them: caches, branch predictors and the plugin's own tables fill.
const WARM_UP_SHARE: usize = 10;

/// Readings of the clock to find out what one costs.
const CLOCK_READINGS: usize = 1_000;

/// What calls of one hook cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Which. `session` and `backend` are their two calls for a server joined and left together.
    pub hook: Hook,
    /// Calls that were measured.
    pub calls: usize,
    /// Half of the calls took no longer.
    pub p50: Duration,
    /// Ninety-nine of a hundred calls took no longer.
    pub p99: Duration,
    /// Linear memory of the instance before the calls.
    pub memory_before: u64,
    /// Linear memory of the instance after the calls.
    pub memory_after: u64,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Not the plugin's fault.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It does not load with this configuration.
    #[error("{0}")]
    Problem(LoadProblem),
    /// It does not load with this configuration.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A call failed: a trap, time or memory used up, or a verdict that the contract does not allow.
    #[error("`{}` failed: {reason}", hook.label())]
    Failed {
        /// Which hook.
        hook: Hook,
        /// What a host's log would say.
        reason: String,
    },
    /// The runtime is gone.
    #[error("the runtime stopped before all calls were made; its threads could not be started, perhaps")]
    Stopped,
}

/// Measures each of these hooks by so many calls, each for a new session, as the scripts have it, in turn. `config` has this one plugin, one worker, and a
/// chain with it alone; its servers must be those of the registry.
pub fn bench(
    config: Arc<Config>,
    registry: &Arc<Registry>,
    server: &str,
    scripts: &[Script],
    hooks: &[Hook],
    calls: usize,
) -> Result<Vec<Cost>, BenchError> {
    let (Some(plugin), Some(chain)) = (config.plugins.keys().next(), config.chains.keys().next()) else {
        return Err(BenchError::Stopped);
    };
    let (plugin, chain) = (plugin.clone(), chain.clone());
    let (runtime, workers) = Runtime::start(config.clone(), registry.clone(), &Metrics::new())?;
    let worker = Rc::new(workers.into_iter().next().ok_or(BenchError::Stopped)?);
    let executor = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(StartError::Thread)?;
    apply(&runtime, config, &worker, &executor)?;
    let bench = Bench {
        runtime,
        executor,
        worker,
        plugin,
        chain: listener(chain),
        registry,
        server,
        scripts,
        clock: clock_cost(),
    };
    hooks.iter().map(|hook| bench.measure(*hook, calls)).collect()
}

/// Loads the plugin. The worker must take it over meanwhile, which it does on this thread.
fn apply(
    runtime: &Runtime,
    config: Arc<Config>,
    worker: &Rc<WorkerPlugins>,
    executor: &tokio::runtime::Runtime,
) -> Result<(), BenchError> {
    let runtime = runtime.clone();
    let applied = LocalSet::new().block_on(executor, async {
        spawn_local(worker.clone().run());
        spawn_blocking(move || runtime.apply(config)).await
    });
    match applied {
        Ok(Ok(())) => Ok(()),
        Ok(Err(problems)) => Err(problems
            .into_iter()
            .next()
            .map_or(BenchError::Stopped, BenchError::Problem)),
        Err(_) => Err(BenchError::Stopped),
    }
}

struct Bench<'a> {
    runtime: Runtime,
    /// As the worker's: for hooks that are waited for.
    executor: tokio::runtime::Runtime,
    worker: Rc<WorkerPlugins>,
    plugin: PluginName,
    chain: ListenerChain,
    registry: &'a Registry,
    server: &'a str,
    scripts: &'a [Script],
    clock: Duration,
}

impl Bench<'_> {
    fn measure(&self, hook: Hook, calls: usize) -> Result<Cost, BenchError> {
        for script in self.scripts.iter().cycle().take(calls / WARM_UP_SHARE) {
            self.call(hook, script)?;
        }
        let memory_before = self.memory_bytes();
        let mut times = Vec::with_capacity(calls);
        for script in self.scripts.iter().cycle().take(calls) {
            times.push(self.call(hook, script)?.saturating_sub(self.clock));
        }
        times.sort_unstable();
        let quantile = |hundredths: usize| times.get(calls * hundredths / 100).copied().unwrap_or_default();
        Ok(Cost {
            hook,
            calls,
            p50: quantile(50),
            p99: quantile(99),
            memory_before,
            memory_after: self.memory_bytes(),
        })
    }

    /// One call for a new session, which is made outside the time.
    fn call(&self, hook: Hook, script: &Script) -> Result<Duration, BenchError> {
        let session = script.session(self.registry, hook, self.server);
        if hook.is_slow() {
            return self.call_slow(hook, &session);
        }
        let started = Instant::now();
        self.ask(hook, &session);
        let took = started.elapsed();
        // A failure costs the instance.
        match self.worker.memory_bytes(&self.plugin) {
            Some(_) => Ok(took),
            None => Err(self.failure(hook)),
        }
    }

    /// The same for a hook that is waited for, the way there and back included.
    fn call_slow(&self, hook: Hook, session: &Arc<Session>) -> Result<Duration, BenchError> {
        let name = session.claimed_name().unwrap_or_default();
        let started = Instant::now();
        let claimed = self
            .executor
            .block_on(self.worker.claim(&self.chain, session, name, None));
        let took = started.elapsed();
        match claimed {
            ClaimOutcome::Refuse(Refusal::PluginFailed(_)) => Err(self.failure(hook)),
            _ => Ok(took),
        }
    }

    fn ask(&self, hook: Hook, session: &Arc<Session>) {
        let (worker, chain, server) = (&self.worker, &self.chain, self.server);
        match hook {
            Hook::Accept => drop(black_box(worker.accept(chain, session))),
            Hook::Handshake => drop(black_box(worker.handshake(chain, session))),
            Hook::Status => drop(black_box(worker.status(chain, session))),
            // Waited for, and called elsewhere.
            Hook::Login => {}
            Hook::Route => drop(black_box(worker.route(chain, session, &RouteCause::Initial))),
            Hook::Forward => drop(black_box(worker.introduce(chain, session, &destination(server)))),
            Hook::Backend => {
                worker.connected(chain, session, server);
                worker.disconnected(chain, session, server);
            }
            Hook::Session => {
                worker.joined(chain, session, server);
                worker.left(chain, session, server, &END, TALLY);
            }
            Hook::Packet | Hook::Message => self.show(hook, session),
            Hook::Command => drop(black_box(worker.command(chain, session, COMMAND, false))),
            Hook::Transfer => drop(black_box(worker.transfer(chain, session, "example.com", 25_565))),
            Hook::Cookie => drop(black_box(worker.cookie_store(chain, session, COOKIE, &CONTENT))),
            Hook::ResourcePack => drop(black_box(worker.pack_offer(chain, session, &pack()))),
        }
    }

    /// The first packet or channel that the plugin wants to see in the session's version; nothing where there is none.
    fn show(&self, hook: Hook, session: &Arc<Session>) {
        let (worker, chain) = (&self.worker, &self.chain);
        let protocol = session
            .handshake()
            .map_or(Protocol::NONE.0, |handshake| handshake.protocol);
        let wants = worker.wants(chain, Protocol(protocol));
        if hook == Hook::Packet {
            if let Some(packet) = wants.first() {
                drop(black_box(worker.packet(chain, session, &wants, packet, &CONTENT)));
            }
        } else if let Some(channel) = wants.channels().next() {
            let direction = Direction::Serverbound;
            drop(black_box(worker.message(chain, session, direction, channel, &CONTENT)));
        }
    }

    /// The control thread was told of the failure before it is asked for it.
    fn failure(&self, hook: Hook) -> BenchError {
        let status = self
            .runtime
            .status()
            .into_iter()
            .find(|status| *status.name == *self.plugin);
        let reason = status.and_then(|status| status.error);
        BenchError::Failed {
            hook,
            reason: reason.unwrap_or_else(|| "it does not say why".into()),
        }
    }

    fn memory_bytes(&self) -> u64 {
        self.worker.memory_bytes(&self.plugin).unwrap_or_default() as u64
    }
}

fn listener(chain: ChainName) -> ListenerChain {
    ListenerChain {
        name: chain,
        auto_chain: false,
    }
}

/// What reading the clock adds to each call's time.
fn clock_cost() -> Duration {
    let mut costs: Vec<Duration> = (0..CLOCK_READINGS).map(|_| Instant::now().elapsed()).collect();
    costs.sort_unstable();
    costs.get(CLOCK_READINGS / 2).copied().unwrap_or_default()
}
