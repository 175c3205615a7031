//! What the host keeps beside each instance: whose it is, what it is working on, and what its call has changed so far.

use std::sync::Arc;

use portcullis_config::{Plugin, PluginName};
use portcullis_registry::{AttributeError, Buckets, Namespace, Quota, Registry, Session, SessionId, Snapshot};
use portcullis_telemetry::Metrics;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::http::{Http, MAX_UNDER_WAY};
use crate::limits::{Budget, MemoryMeter};
use crate::meters::{Meters, PluginMeters};
use crate::outcome::Own;
use crate::pending::Pending;
use crate::services::{GuestMetrics, Randomness, Throttle};
use crate::wasi::Stdio;

/// What all instances of one configured plugin share, through every generation.
#[derive(Debug)]
pub(crate) struct PluginShared {
    pub(crate) name: PluginName,
    pub(crate) state: Arc<Namespace>,
    pub(crate) buckets: Arc<Buckets>,
    pub(crate) throttle: Throttle,
    pub(crate) meters: PluginMeters,
    pub(crate) guest_metrics: GuestMetrics,
    /// One for each request that may be under way.
    pub(crate) requests: Arc<Semaphore>,
    /// What the randomness of a new instance is.
    pub(crate) randomness: Randomness,
}

impl PluginShared {
    pub(crate) fn new(plugin: &Plugin, registry: &Registry, meters: &Meters, metrics: &Metrics) -> Self {
        Self {
            name: plugin.name.clone(),
            state: namespace(registry, plugin),
            buckets: registry.buckets.namespace(&plugin.name),
            throttle: Throttle::new(),
            meters: meters.plugin(&plugin.name),
            guest_metrics: GuestMetrics::new(metrics, &plugin.name),
            requests: Arc::new(Semaphore::new(MAX_UNDER_WAY)),
            randomness: Randomness::default(),
        }
    }
}

/// A plugin's state, from now on with the quota configured.
pub(crate) fn namespace(registry: &Registry, plugin: &Plugin) -> Arc<Namespace> {
    let quota = Quota {
        keys: plugin.limits.state_keys as usize,
        bytes: (plugin.limits.state_mib as usize) << 20,
    };
    registry.state.namespace(&plugin.name, quota)
}

/// The data of one instance's store.
pub(crate) struct Context {
    pub(crate) plugin: Arc<PluginShared>,
    pub(crate) registry: Arc<Registry>,
    /// The worker that owns the instance; none while it is being prepared.
    pub(crate) worker: Option<usize>,
    pub(crate) hook: &'static str,
    session: Option<Arc<Session>>,
    /// Servers as the call under way first saw them.
    servers: Option<Arc<Snapshot>>,
    undo: Undo,
    pub(crate) pending: Pending,
    pub(crate) randomness: Randomness,
    pub(crate) memory: MemoryMeter,
    pub(crate) budget: Budget,
    /// What it may request, where it is granted anything and may wait.
    pub(crate) http: Option<Arc<Http>>,
    /// When the call under way must be over, where it may wait.
    pub(crate) deadline: Option<Instant>,
    pub(crate) stdio: Stdio,
}

impl Context {
    pub(crate) fn new(plugin: Arc<PluginShared>, registry: Arc<Registry>, memory: MemoryMeter) -> Self {
        Self {
            randomness: plugin.randomness.clone(),
            plugin,
            registry,
            worker: None,
            hook: "start",
            session: None,
            servers: None,
            undo: Undo::default(),
            pending: Pending::default(),
            memory,
            budget: Budget::default(),
            http: None,
            deadline: None,
            stdio: Stdio::default(),
        }
    }

    /// Begins a call on behalf of a session, or of none.
    pub(crate) fn begin(&mut self, hook: &'static str, session: Option<&Arc<Session>>) {
        self.hook = hook;
        self.session = session.cloned();
        self.undo.attributes.clear();
        self.pending.forget();
    }

    /// Ends a call; afterwards the guest reaches no session.
    pub(crate) fn end(&mut self) {
        self.session = None;
        self.servers = None;
        self.deadline = None;
    }

    /// The servers there are, the same from the first question of a call to the check of its verdict: a plugin that
    /// returns what it has just found is right, whatever is reloaded meanwhile.
    pub(crate) fn servers(&mut self) -> &Snapshot {
        let table = &self.registry.servers;
        self.servers.get_or_insert_with(|| table.snapshot())
    }

    /// Sets an attribute of the session at hand; `roll_back` undoes it.
    pub(crate) fn set_attribute(
        &mut self,
        key: String,
        value: Option<String>,
    ) -> Result<Result<(), AttributeError>, NoSession> {
        let session = self.session()?;
        let before = session.attribute(&key);
        if let Err(error) = session.set_attributes(&[(key.clone(), value)]) {
            return Ok(Err(error));
        }
        if !self.undo.attributes.iter().any(|(changed, _)| *changed == key) {
            self.undo.attributes.push((key, before));
        }
        Ok(Ok(()))
    }

    /// Does what the last call put off until it has succeeded; packets of the plugin's own are left in `own`.
    pub(crate) fn commit(&mut self, own: &mut Vec<Own>) {
        self.pending.carry_out(own);
    }

    /// Undoes what the last call changed on its session, and forgets what it put off.
    pub(crate) fn roll_back(&mut self, session: &Session) {
        self.pending.forget();
        let before = std::mem::take(&mut self.undo.attributes);
        if !before.is_empty() && session.set_attributes(&before).is_err() {
            tracing::error!(plugin = %self.plugin.name, "attributes of a failed call could not be undone");
        }
    }

    pub(crate) fn session_id(&self) -> Option<SessionId> {
        self.session.as_ref().map(|session| session.id())
    }

    /// The session that the call under way is about.
    pub(crate) fn session(&self) -> Result<&Arc<Session>, NoSession> {
        self.session.as_ref().ok_or(NoSession)
    }
}

/// A guest asked for facts of the session at hand in a call that is about none: a mistake in the plugin.
#[derive(Debug, thiserror::Error)]
#[error("a fact of the session at hand was asked for in a call that is about no session")]
pub(crate) struct NoSession;

/// What a call changed on its session, so that it can be undone should the call fail. Nobody else looks meanwhile: a
/// session belongs to one worker, and calls never overlap.
#[derive(Debug, Default)]
struct Undo {
    /// Attributes as they were before the call first touched them.
    attributes: Vec<(String, Option<String>)>,
}
