//! The control thread: compiles, prepares and hands over plugins, and brings failed ones back. All that is slow about plugins
//! happens here, away from the network threads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use portcullis_config::{Config, OnFailure, PluginName};
use portcullis_registry::Registry;
use portcullis_telemetry::Metrics;
use tokio::sync::mpsc::UnboundedSender;

use crate::context::{self, PluginShared};
use crate::error::{Failure, LoadError};
use crate::failures::{FailureLog, Next};
use crate::hook::Hook;
use crate::instance::Instance;
use crate::load::{self, Fingerprint, Load, Loader, Source};
use crate::meters::{Meters, SLOW};
use crate::pins::Digest;
use crate::plan::Plan;
use crate::services::Randomness;
use crate::status::{LoadProblem, PluginState, PluginStatus};
use crate::swap::{Handover, Incoming, Message};
use crate::wanted::{Wanted, wanted};

/// A worker answers between two calls, so within milliseconds; one that does not is told of in the log.
const WORKER_PATIENCE: Duration = Duration::from_secs(10);

/// To the control thread.
pub(crate) enum Command {
    /// What was applied last stays.
    Settle { reply: Sender<()> },
    /// Put a configuration's plugins and chains in force, or say why not.
    Apply {
        config: Arc<Config>,
        reply: Sender<Result<(), Vec<LoadProblem>>>,
    },
    /// Something in the plugin folder may have changed.
    Rescan,
    /// The operator wants a plugin loaded again.
    Reload {
        plugin: PluginName,
        reply: Sender<Result<(), ReloadError>>,
    },
    /// A call failed, and cost an instance.
    Failed {
        load: u64,
        place: Place,
        hook: Hook,
        failure: Failure,
    },
    /// What there is.
    Status { reply: Sender<Vec<PluginStatus>> },
    /// Let every instance shut down, and end.
    Stop { reply: Sender<()> },
}

/// Where an instance was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Worker(usize),
    /// Among those for slow hooks.
    Slow,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(worker) => fmt::Display::fmt(worker, f),
            Self::Slow => f.write_str(SLOW),
        }
    }
}

/// Why a plugin was not loaded again at the operator's wish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReloadError {
    /// No plugin of this name.
    #[error("there is no plugin `{0}`; `portcullis ctl plugins` lists them")]
    Unknown(String),
    /// It did not load; what ran before runs on.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The control thread is gone.
    #[error("the host is stopping")]
    Stopping,
}

pub(crate) struct Control {
    loader: Loader,
    registry: Arc<Registry>,
    metrics: Metrics,
    meters: Meters,
    workers: Vec<UnboundedSender<Message>>,
    config: Arc<Config>,
    plugins: BTreeMap<PluginName, Managed>,
    plan: Arc<Plan>,
    rebuilds: Vec<Rebuild>,
    /// Plugins that were taken out, and whose state is still there.
    gone: BTreeSet<PluginName>,
}

/// A plugin and its past.
struct Managed {
    shared: Arc<PluginShared>,
    wanted: Wanted,
    current: Option<Arc<Load>>,
    generation: u64,
    failures: FailureLog,
    quarantined: bool,
    error: Option<String>,
    /// What the last failed attempt was made of, so that it is not made, and told of, again.
    failed_attempt: Option<(Option<Fingerprint>, Wanted)>,
    state: PluginState,
}

/// An instance to build anew.
struct Rebuild {
    due: Instant,
    load: u64,
    place: Place,
}

/// A load that is ready to take its place.
struct Fresh {
    load: Arc<Load>,
    replaces: Option<Arc<Load>>,
    incoming: Vec<Incoming>,
}

/// How insistent an update is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Insistence {
    /// Files may have changed: each plugin for itself, nothing is tried twice.
    Rescan,
    /// The configuration changed: all of it or nothing.
    Apply,
    /// Whatever does not load is a problem, required or not.
    Check,
}

impl Control {
    pub(crate) fn new(
        loader: Loader,
        registry: Arc<Registry>,
        metrics: &Metrics,
        workers: Vec<UnboundedSender<Message>>,
        config: Arc<Config>,
    ) -> Self {
        Self {
            loader,
            registry,
            metrics: metrics.clone(),
            meters: Meters::register(metrics),
            workers,
            config,
            plugins: BTreeMap::new(),
            plan: Arc::default(),
            rebuilds: Vec::new(),
            gone: BTreeSet::new(),
        }
    }

    /// Serves commands until stopped.
    pub(crate) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let now = Instant::now();
            let wait = self
                .rebuilds
                .iter()
                .map(|rebuild| rebuild.due.saturating_duration_since(now))
                .min();
            let command = match wait {
                Some(wait) => commands.recv_timeout(wait),
                None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match command {
                Ok(Command::Apply { config, reply }) => {
                    let _ = reply.send(self.apply(config));
                }
                Ok(Command::Settle { reply }) => {
                    self.forget_gone();
                    let _ = reply.send(());
                }
                Ok(Command::Rescan) => {
                    let wanted = wanted(&self.config);
                    let _ = self.update(wanted, Insistence::Rescan);
                    self.forget_gone();
                }
                Ok(Command::Reload { plugin, reply }) => {
                    let _ = reply.send(self.reload(&plugin));
                }
                Ok(Command::Failed {
                    load,
                    place,
                    hook,
                    failure,
                }) => self.failed(load, place, hook, &failure),
                Ok(Command::Status { reply }) => {
                    let _ = reply.send(self.status());
                }
                Ok(Command::Stop { reply }) => {
                    self.install(Arc::default(), Vec::new());
                    let _ = reply.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => self.rebuild_due(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Applies a configuration, and reports what came of it.
    pub(crate) fn check(mut self, config: Arc<Config>) -> Result<Vec<PluginStatus>, Vec<LoadProblem>> {
        let wanted = wanted(&config);
        self.config = config;
        self.update(wanted, Insistence::Check)?;
        Ok(self.status())
    }

    fn apply(&mut self, config: Arc<Config>) -> Result<(), Vec<LoadProblem>> {
        let wanted = wanted(&config);
        let before = std::mem::replace(&mut self.config, config);
        self.update(wanted, Insistence::Apply)
            .inspect_err(|_| self.config = before)
    }

    /// Brings the plugins in line with what is wanted. Problems of required plugins fail an `Apply` as a whole; otherwise a
    /// plugin that does not load stays as it was.
    fn update(&mut self, wanted: BTreeMap<PluginName, Wanted>, insistence: Insistence) -> Result<(), Vec<LoadProblem>> {
        let mut fresh = Vec::new();
        let mut problems = Vec::new();
        for (name, wanted) in &wanted {
            match self.prepare(name, wanted, insistence) {
                Ok(Some(ready)) => fresh.push(ready),
                Ok(None) => {}
                Err(error) => problems.push(LoadProblem {
                    plugin: name.clone(),
                    error,
                }),
            }
        }
        let fatal = |problem: &LoadProblem| {
            let known = self.plugins.get(&problem.plugin);
            // What runs already, and was not touched by this change, is no reason to refuse the change.
            let untouched =
                known.is_some_and(|m| m.current.is_some() && Some(&m.wanted) == wanted.get(&problem.plugin));
            wanted.get(&problem.plugin).is_some_and(|wanted| wanted.required) && !untouched
        };
        if insistence == Insistence::Check && !problems.is_empty() {
            return Err(problems);
        }
        if insistence == Insistence::Apply && problems.iter().any(fatal) {
            problems.retain(fatal);
            for problem in &problems {
                self.meters.plugin(&problem.plugin).reload(problem.error.label());
            }
            return Err(problems);
        }
        for problem in problems {
            self.note_failed_load(problem, &wanted);
        }
        let gone = self.retire(&wanted);
        self.put_in_force(fresh, &wanted);
        for managed in gone {
            managed.shared.meters.forget(self.workers.len(), &PluginState::LABELS);
        }
        Ok(())
    }

    /// Loads a plugin if anything about it changed since the last attempt.
    fn prepare(
        &mut self,
        name: &PluginName,
        wanted: &Wanted,
        insistence: Insistence,
    ) -> Result<Option<Fresh>, LoadError> {
        let source = load::read(&wanted.plugin, &self.config.host.trusted_keys);
        if let Some(managed) = self.plugins.get(name) {
            let digest = source.as_ref().ok().map(|source| source.digest);
            let same = |load: &Load| {
                Some(load.artifact.digest) == digest && load.plugin == wanted.plugin && !load.secrets.have_changed()
            };
            if managed.current.as_deref().is_some_and(same) && managed.failed_attempt.is_none() {
                return Ok(None);
            }
            let tried = managed.failed_attempt.as_ref().is_some_and(|(fingerprint, tried)| {
                tried == wanted && *fingerprint == load::fingerprint(&wanted.plugin)
            });
            if tried && insistence == Insistence::Rescan {
                return Ok(None);
            }
        }
        self.make(name, wanted, &source?).map(Some)
    }

    /// Loads a plugin and prepares an instance for each worker, with its predecessor's state where there is some.
    fn make(&mut self, name: &PluginName, wanted: &Wanted, source: &Source) -> Result<Fresh, LoadError> {
        let known = self.plugins.get(name);
        let replaces = known.and_then(|managed| managed.current.clone());
        let shared = known
            .map(|managed| managed.shared.clone())
            .unwrap_or_else(|| self.share(wanted));
        let (load, first) = self.loader.load(&wanted.plugin, source, shared)?;
        let load = Arc::new(load);
        let mut instances = vec![first];
        while instances.len() < self.workers.len() {
            instances.push(load.instance()?);
        }
        let mut incoming = Vec::new();
        for (worker, instance) in instances.into_iter().enumerate() {
            incoming.push(self.hand_over(worker, &load, replaces.as_deref(), instance)?);
        }
        Ok(Fresh {
            load,
            replaces,
            incoming,
        })
    }

    fn share(&self, wanted: &Wanted) -> Arc<PluginShared> {
        let shared = PluginShared::new(&wanted.plugin, &self.registry, &self.meters, &self.metrics);
        Arc::new(shared)
    }

    fn hand_over(
        &self,
        worker: usize,
        load: &Arc<Load>,
        replaces: Option<&Load>,
        mut instance: Instance,
    ) -> Result<Incoming, LoadError> {
        let incoming = |instance, handover| Incoming {
            load: load.id,
            replaces: replaces.map(|old| old.id),
            instance,
            handover,
        };
        let versions = replaces
            .and_then(|old| old.description.state_version)
            .zip(load.description.state_version);
        let (Some((state_version, _)), Some(replaces)) = (versions, replaces) else {
            return Ok(incoming(instance, None));
        };
        let (reply, answer) = channel();
        let Some(sender) = self.workers.get(worker) else {
            return Ok(incoming(instance, None));
        };
        if sender
            .send(Message::Save {
                load: replaces.id,
                reply,
            })
            .is_err()
        {
            return Ok(incoming(instance, None));
        }
        let Ok(Some(saved)) = answer.recv_timeout(WORKER_PATIENCE) else {
            tracing::warn!(plugin = %load.plugin.name, worker, "state was not saved; the new instance starts afresh");
            return Ok(incoming(instance, None));
        };
        match instance.load(state_version, &saved.bytes) {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return Err(LoadError::Step { step: "load", reason }),
            Err(failure) => return Err(load::step("load", failure)),
        }
        let spare = load.instance()?;
        Ok(incoming(
            instance,
            Some(Handover {
                calls: saved.calls,
                state_version,
                spare,
            }),
        ))
    }

    fn note_failed_load(&mut self, problem: LoadProblem, wanted: &BTreeMap<PluginName, Wanted>) {
        let LoadProblem { plugin: name, error } = problem;
        let Some(wanted) = wanted.get(&name) else { return };
        let fingerprint = load::fingerprint(&wanted.plugin);
        let shared = self
            .plugins
            .get(&name)
            .map_or_else(|| self.share(wanted), |managed| managed.shared.clone());
        shared.meters.reload(error.label());
        let managed = self
            .plugins
            .entry(name.clone())
            .or_insert_with(|| Managed::new(shared, wanted.clone()));
        managed.error = Some(error.to_string());
        managed.failed_attempt = Some((fingerprint, wanted.clone()));
        match (&managed.current, &error) {
            (Some(current), _) => tracing::error!(
                plugin = %name, version = current.description.version, %error,
                "plugin was not replaced; the running version stays"
            ),
            (None, LoadError::MissingGrant { .. }) => {
                managed.state = PluginState::WaitingForGrant;
                tracing::warn!(plugin = %name, %error, "plugin waits for a grant");
            }
            (None, _) => {
                managed.state = PluginState::Failed;
                tracing::error!(plugin = %name, %error, "plugin was not loaded");
            }
        }
        managed.publish();
    }

    /// Takes out the plugins that nobody wants any more.
    fn retire(&mut self, wanted: &BTreeMap<PluginName, Wanted>) -> Vec<Managed> {
        let gone: BTreeMap<_, _> = self
            .plugins
            .extract_if(.., |name, _| !wanted.contains_key(name))
            .collect();
        for name in gone.keys() {
            self.gone.insert(name.clone());
            tracing::info!(plugin = %name, "plugin was removed");
        }
        gone.into_values().collect()
    }

    /// Forgets what plugins kept that were taken out for good.
    fn forget_gone(&mut self) {
        for name in std::mem::take(&mut self.gone) {
            if !self.plugins.contains_key(&name) {
                self.registry.state.remove(&name);
                self.registry.buckets.remove(&name);
            }
        }
    }

    fn put_in_force(&mut self, fresh: Vec<Fresh>, wanted: &BTreeMap<PluginName, Wanted>) {
        let mut taken = Vec::new();
        for ready in &fresh {
            let name = &ready.load.plugin.name;
            let Some(wanted) = wanted.get(name) else { continue };
            let managed = self
                .plugins
                .entry(name.clone())
                .or_insert_with(|| Managed::new(ready.load.shared.clone(), wanted.clone()));
            managed.take(ready.load.clone(), wanted.clone());
            // From now on with the quota configured.
            context::namespace(&self.registry, &ready.load.plugin);
            taken.push((name.clone(), ready.replaces.is_some()));
        }
        let loads = self
            .plugins
            .values()
            .filter_map(|managed| managed.current.clone())
            .collect();
        let plan = Plan::new(self.plan.generation + 1, loads, &self.config.chains);
        self.install(Arc::new(plan), fresh);
        // Not before every worker calls it: whoever waits for the news calls it next.
        for (name, replaced) in taken {
            if let Some(managed) = self.plugins.get(&name) {
                managed.announce(replaced);
            }
        }
    }

    /// Puts a plan in force on every worker, and waits until each has taken it over.
    fn install(&mut self, plan: Arc<Plan>, fresh: Vec<Fresh>) {
        let mut shares: Vec<Vec<Incoming>> = self.workers.iter().map(|_| Vec::new()).collect();
        for ready in fresh {
            for (share, incoming) in shares.iter_mut().zip(ready.incoming) {
                share.push(incoming);
            }
        }
        let mut answers = Vec::new();
        for (worker, incoming) in self.workers.iter().zip(shares) {
            let (reply, answer) = channel();
            if worker
                .send(Message::Install {
                    plan: plan.clone(),
                    incoming,
                    reply,
                })
                .is_ok()
            {
                answers.push(answer);
            }
        }
        for (worker, answer) in answers.into_iter().enumerate() {
            if answer.recv_timeout(WORKER_PATIENCE) == Err(RecvTimeoutError::Timeout) {
                tracing::error!(worker, "worker did not take over the new plugins in time");
            }
        }
        let before = std::mem::replace(&mut self.plan, plan);
        let alive: Vec<u64> = self.plan.loads.iter().map(|load| load.id).collect();
        let retired = before.loads.iter().filter(|load| !alive.contains(&load.id));
        for pool in retired.filter_map(|load| load.slow.as_ref()) {
            pool.retire();
        }
        self.rebuilds.retain(|rebuild| alive.contains(&rebuild.load));
    }

    fn reload(&mut self, name: &PluginName) -> Result<(), ReloadError> {
        let mut all = wanted(&self.config);
        let wanted = all.remove(name).ok_or_else(|| ReloadError::Unknown(name.to_string()))?;
        let made = load::read(&wanted.plugin, &self.config.host.trusted_keys)
            .and_then(|source| self.make(name, &wanted, &source));
        let wanted = BTreeMap::from([(name.clone(), wanted)]);
        match made {
            Ok(fresh) => {
                self.put_in_force(vec![fresh], &wanted);
                Ok(())
            }
            Err(error) => {
                self.note_failed_load(
                    LoadProblem {
                        plugin: name.clone(),
                        error: error.clone(),
                    },
                    &wanted,
                );
                Err(error.into())
            }
        }
    }

    fn failed(&mut self, load: u64, place: Place, hook: Hook, failure: &Failure) {
        let Some(managed) = self
            .plugins
            .values_mut()
            .find(|m| m.current.as_ref().is_some_and(|l| l.id == load))
        else {
            return; // Its successor is in place already.
        };
        let name = managed.shared.name.clone();
        let (reason, detail) = (failure.kind.label(), &failure.detail);
        managed.error = Some(format!("{} failed ({reason}): {detail}", hook.label()));
        let spread = fraction(Randomness::System.next_u64());
        match managed.failures.record(Instant::now(), spread) {
            _ if managed.quarantined => {}
            Next::RetryAfter(wait) => {
                managed.state = PluginState::BackingOff;
                self.rebuilds.push(Rebuild {
                    due: Instant::now() + wait,
                    load,
                    place,
                });
                let retry_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(
                    plugin = %name, hook = hook.label(), worker = %place, reason, detail, retry_ms,
                    "plugin failed; its instance was discarded"
                );
            }
            Next::Quarantine => {
                managed.quarantined = true;
                managed.state = PluginState::Quarantined;
                self.rebuilds.retain(|rebuild| rebuild.load != load);
                for worker in &self.workers {
                    let _ = worker.send(Message::Discard { load });
                }
                if let Some(pool) = managed.current.as_ref().and_then(|load| load.slow.as_ref()) {
                    pool.discard();
                }
                tracing::error!(
                    plugin = %name, hook = hook.label(), worker = %place, reason, detail,
                    "plugin failed too often and is quarantined until its file or configuration changes, or `portcullis ctl swap`"
                );
            }
        }
        managed.publish();
    }

    fn rebuild_due(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.rebuilds)
            .into_iter()
            .partition(|rebuild| rebuild.due <= now);
        self.rebuilds = later;
        let due: Vec<Rebuild> = due;
        for Rebuild { load: id, place, .. } in due {
            let Some(load) = self.plan.loads.iter().find(|load| load.id == id).cloned() else {
                continue;
            };
            let worker = match place {
                Place::Worker(worker) => worker,
                Place::Slow => {
                    // The next call makes an instance for itself.
                    load.slow.iter().for_each(|pool| pool.return_to_service());
                    self.recovered(&load);
                    continue;
                }
            };
            match load.instance() {
                Ok(instance) => {
                    if let Some(sender) = self.workers.get(worker) {
                        let _ = sender.send(Message::Replace {
                            load: id,
                            instance: Box::new(instance),
                        });
                    }
                    self.recovered(&load);
                }
                Err(error) => {
                    let failure = Failure {
                        kind: crate::error::FailureKind::Trap,
                        detail: error.to_string(),
                    };
                    load.shared.meters.trap(failure.kind);
                    self.failed(id, place, Hook::Session, &failure);
                }
            }
        }
    }

    fn recovered(&mut self, load: &Load) {
        let missing = self.rebuilds.iter().any(|rebuild| rebuild.load == load.id);
        if let Some(managed) = self.plugins.get_mut(&load.plugin.name)
            && !missing
            && !managed.quarantined
        {
            managed.state = PluginState::Running;
            managed.publish();
            tracing::info!(plugin = %load.plugin.name, "plugin is back");
        }
    }

    fn status(&self) -> Vec<PluginStatus> {
        let now = Instant::now();
        self.plugins
            .values()
            .map(|managed| managed.status(&self.plan, now))
            .collect()
    }
}

impl Managed {
    fn new(shared: Arc<PluginShared>, wanted: Wanted) -> Self {
        Self {
            shared,
            wanted,
            current: None,
            generation: 0,
            failures: FailureLog::default(),
            quarantined: false,
            error: None,
            failed_attempt: None,
            state: PluginState::Failed,
        }
    }

    /// A new load begins with a clean record.
    fn take(&mut self, load: Arc<Load>, wanted: Wanted) {
        self.generation += 1;
        self.wanted = wanted;
        self.current = Some(load);
        self.failures = FailureLog::default();
        self.quarantined = false;
        self.error = None;
        self.failed_attempt = None;
        self.state = PluginState::Running;
    }

    /// Says that what was taken last is in force.
    fn announce(&self, replaced: bool) {
        self.shared.meters.reload("ok");
        self.publish();
        tracing::info!(
            plugin = %self.shared.name,
            version = self.current.as_ref().map(|load| load.description.version.as_str()),
            generation = self.generation,
            replaced,
            "plugin was loaded"
        );
    }

    /// The file that was not taken last, unless another was since.
    fn refused(&self) -> Option<Digest> {
        let (fingerprint, _) = self.failed_attempt.as_ref()?;
        fingerprint.as_ref().map(|fingerprint| fingerprint.file)
    }

    fn publish(&self) {
        self.shared
            .meters
            .generation
            .set(i64::try_from(self.generation).unwrap_or(i64::MAX));
        self.shared.meters.state(self.state.label(), &PluginState::LABELS);
    }

    fn status(&self, plan: &Plan, now: Instant) -> PluginStatus {
        let load = self.current.as_deref();
        PluginStatus {
            name: self.shared.name.to_string(),
            state: self.state,
            version: load.map(|load| load.description.version.clone()),
            summary: load.map(|load| load.description.summary.clone()),
            stage: load.map(|load| load.description.stage.label()),
            hooks: load
                .map(|load| load.artifact.hooks.iter().map(|hook| hook.label()).collect())
                .unwrap_or_default(),
            chains: load.map(|load| plan.chains_of(load)).unwrap_or_default(),
            generation: self.generation,
            file: self.wanted.plugin.file.clone(),
            sha256: load.map(|load| load.artifact.digest.to_string()),
            refused_sha256: self.refused().map(|file| file.to_string()),
            size_bytes: load.map(|load| load.artifact.size),
            on_failure: load.map(|load| match load.on_failure() {
                OnFailure::Closed => "closed",
                OnFailure::Open => "open",
            }),
            recent_failures: self.failures.recent(now),
            error: self.error.clone(),
        }
    }
}

/// A number from 0 to 1.
fn fraction(random: u64) -> f64 {
    // The upper 53 bits fit an f64 exactly.
    (random >> 11) as f64 / (1u64 << 53) as f64
}
