//! From a file to instances: read, trusted, inspected, compiled, described, configured. Nothing here touches a worker.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Weak};

use portcullis_config::{Limits, OnFailure, Plugin};
use portcullis_registry::Registry;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::context::{Context, PluginShared};
use crate::description::{self, Description};
use crate::engine::MAX_MEMORY_MIB;
use crate::error::{Failure, FailureKind, LoadError};
use crate::hook::Hook;
use crate::http::{Http, Roots};
use crate::inspect::{check_grants, inspect, interface_of};
use crate::instance::{Exports, Instance};
use crate::outcome::By;
use crate::pins::{Digest, check_pin, check_signature, read_signature};
use crate::secrets::{self, Resolved, Secrets};
use crate::slow::{Maker, Pool, SlowThreads};
use crate::subscriptions::Subscriptions;
use crate::{services, violations, wasi};

/// The largest component read. Guests with an interpreter inside are some 20 MiB.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A compiled component, shared by all plugins made of the same file.
pub(crate) struct Artifact {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) hooks: Vec<Hook>,
    has_http: bool,
    /// Whether it imports `control`.
    pub(crate) has_control: bool,
    pre: InstancePre<Context>,
    /// Where it has slow hooks.
    slow_pre: Option<InstancePre<Context>>,
    exports: Arc<Exports>,
}

/// One load of a plugin: a component with a configuration. A swap replaces one load by another.
pub(crate) struct Load {
    /// Never reused.
    pub(crate) id: u64,
    /// The plugin's name as relays and logs use it.
    pub(crate) by: By,
    pub(crate) shared: Arc<PluginShared>,
    pub(crate) plugin: Plugin,
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) description: Description,
    pub(crate) subscriptions: Subscriptions,
    /// Its instances for slow hooks, where it has such hooks.
    pub(crate) slow: Option<Arc<Pool>>,
    pub(crate) secrets: Secrets,
    /// With the secrets in it: never to be shown.
    config: String,
    registry: Arc<Registry>,
}

/// Makes loads.
pub(crate) struct Loader {
    engine: Engine,
    hot: Linker<Context>,
    slow: Linker<Context>,
    registry: Arc<Registry>,
    /// What requests trust; looked up for the first plugin that has any.
    roots: Option<Roots>,
    artifacts: HashMap<Digest, Weak<Artifact>>,
    /// Started for the first plugin that needs them.
    slow_threads: Option<SlowThreads>,
    next_id: u64,
}

/// A file's bytes, as trusted as the operator asks.
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
}

/// What an attempt to load was made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) file: Digest,
    /// Empty where there is none.
    signature: String,
    secrets: Secrets,
}

impl Loader {
    /// `roots` are what plugins' requests trust; absent: those of the platform.
    pub(crate) fn new(engine: Engine, registry: Arc<Registry>, roots: Option<Roots>) -> wasmtime::Result<Self> {
        let (mut hot, mut slow) = (Linker::new(&engine), Linker::new(&engine));
        services::link_hot(&mut hot)?;
        services::link_slow(&mut slow)?;
        Ok(Self {
            engine,
            hot,
            slow,
            registry,
            roots,
            artifacts: HashMap::new(),
            slow_threads: None,
            next_id: 1,
        })
    }

    /// Loads a plugin and initialises its first instance.
    pub(crate) fn load(
        &mut self,
        plugin: &Plugin,
        source: &Source,
        shared: Arc<PluginShared>,
    ) -> Result<(Load, Instance), LoadError> {
        if plugin.limits.memory_mib > MAX_MEMORY_MIB {
            return Err(LoadError::Step {
                step: "instantiate",
                reason: format!(
                    "limits.memory-mib is {}; at most {MAX_MEMORY_MIB}",
                    plugin.limits.memory_mib
                ),
            });
        }
        let artifact = self.artifact(plugin, source)?;
        let mut first = artifact.instance(&shared, &self.registry, &plugin.limits)?;
        let description = artifact.describe(&mut first)?;
        let Resolved { config, secrets } = secrets::resolve(plugin, description.schema.as_ref())?;
        description
            .check_config(&plugin.name, &config)
            .map_err(|error| secrets::point_at_files(plugin, error))?;
        let json = config.to_string();
        let subscriptions = initialise(&mut first, &json)
            .map_err(|error| violations::told_by_init(&plugin.name, &config, error))
            .map_err(|error| secrets::point_at_files(plugin, error))?;
        let config = json;
        let slow = match &artifact.slow_pre {
            Some(pre) => Some(self.pool(plugin, &artifact, pre.clone(), &shared, &config)?),
            None => None,
        };
        let id = self.next_id;
        self.next_id += 1;
        let registry = self.registry.clone();
        let by = plugin.name.shared().clone();
        Ok((
            Load {
                id,
                by,
                shared,
                plugin: plugin.clone(),
                artifact,
                description,
                subscriptions,
                slow,
                secrets,
                config,
                registry,
            },
            first,
        ))
    }

    /// Room for a plugin's instances for slow hooks. None is made before it is needed.
    fn pool(
        &mut self,
        plugin: &Plugin,
        artifact: &Artifact,
        pre: InstancePre<Context>,
        shared: &Arc<PluginShared>,
        config: &str,
    ) -> Result<Arc<Pool>, LoadError> {
        let http = match artifact.has_http {
            true => Some(self.http(plugin, shared)?),
            false => None,
        };
        let started = match self.slow_threads.take() {
            Some(threads) => Ok(threads),
            None => SlowThreads::start(),
        };
        let threads = started.map_err(|error| LoadError::Step {
            step: "start of the threads for slow hooks",
            reason: error.to_string(),
        })?;
        let maker = Maker {
            pre,
            exports: artifact.exports.clone(),
            shared: shared.clone(),
            registry: self.registry.clone(),
            limits: plugin.limits,
            http,
            config: config.to_owned(),
        };
        let pool = Pool::new(maker, threads.handle().clone());
        self.slow_threads = Some(threads);
        Ok(pool)
    }

    /// What a plugin may request.
    fn http(&mut self, plugin: &Plugin, shared: &PluginShared) -> Result<Arc<Http>, LoadError> {
        let roots = self.roots.get_or_insert_with(Roots::platform);
        let http = Http::new(plugin, roots, shared.requests.clone()).map_err(|error| LoadError::Step {
            step: "start of the HTTP client",
            reason: error.to_string(),
        })?;
        Ok(Arc::new(http))
    }

    /// Inspects and compiles a file, unless that has been done.
    pub(crate) fn artifact(&mut self, plugin: &Plugin, source: &Source) -> Result<Arc<Artifact>, LoadError> {
        let surface = inspect(&source.bytes)?;
        // Grants belong to the plugin, not to the file: checked even when the code is there already.
        check_grants(&surface, &plugin.name, |kind| {
            plugin.grants.iter().any(|grant| grant.capability() == kind)
        })?;
        self.artifacts.retain(|_, artifact| artifact.strong_count() > 0);
        if let Some(known) = self.artifacts.get(&source.digest).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let hooks = surface.hooks();
        let has_http = surface.imports.iter().any(|name| interface_of(name) == Some("http"));
        let compile = || -> wasmtime::Result<_> {
            let component = Component::from_binary(&self.engine, &source.bytes)?;
            let prepare = |linker: &Linker<Context>| {
                let mut linker = linker.clone();
                wasi::link(&mut linker, &component)?;
                linker.instantiate_pre(&component)
            };
            let pre = prepare(&self.hot)?;
            let exports = Exports::find(&pre, &hooks)?;
            let is_slow = hooks.iter().any(|hook| hook.is_slow());
            let slow_pre = is_slow.then(|| prepare(&self.slow)).transpose()?;
            Ok((pre, slow_pre, exports))
        };
        let (pre, slow_pre, exports) = compile().map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        let size = source.bytes.len() as u64;
        let artifact = Arc::new(Artifact {
            digest: source.digest,
            size,
            hooks,
            has_http,
            has_control: surface.imports.iter().any(|name| interface_of(name) == Some("control")),
            pre,
            slow_pre,
            exports: Arc::new(exports),
        });
        self.artifacts.insert(source.digest, Arc::downgrade(&artifact));
        Ok(artifact)
    }
}

impl Artifact {
    /// An instance that has not been called.
    pub(crate) fn instance(
        &self,
        shared: &Arc<PluginShared>,
        registry: &Arc<Registry>,
        limits: &Limits,
    ) -> Result<Instance, LoadError> {
        Instance::new(&self.pre, &self.exports, shared, registry, limits)
            .map_err(|failure| step("instantiate", failure))
    }

    /// What it says of itself, checked.
    pub(crate) fn describe(&self, instance: &mut Instance) -> Result<Description, LoadError> {
        let described = instance.describe().map_err(|failure| step("describe", failure))?;
        description::check(described, &self.hooks)
    }
}

impl Load {
    /// One more instance, initialised.
    pub(crate) fn instance(&self) -> Result<Instance, LoadError> {
        let mut instance = self
            .artifact
            .instance(&self.shared, &self.registry, &self.plugin.limits)?;
        if initialise(&mut instance, &self.config)? != self.subscriptions {
            let reason = "its instances want to see different packets or channels; they must all want the same";
            return Err(LoadError::Contract(reason.into()));
        }
        Ok(instance)
    }

    /// What becomes of a connection when this plugin fails.
    pub(crate) fn on_failure(&self) -> OnFailure {
        self.plugin
            .on_failure
            .unwrap_or_else(|| self.description.stage.on_failure())
    }
}

/// Reads a plugin's file and checks that it is the one the operator trusts.
pub(crate) fn read(plugin: &Plugin, trusted_keys: &[String]) -> Result<Source, LoadError> {
    let bytes = read_bounded(&plugin.file, &plugin.name)?;
    let digest = Digest::of(&bytes);
    check_pin(&plugin.name, digest, plugin.sha256)?;
    check_signature(&plugin.file, &bytes, trusted_keys)?;
    Ok(Source { bytes, digest })
}

/// What an attempt to load was made of: the file and its signature as they are now, trusted or not.
pub(crate) fn fingerprint(plugin: &Plugin) -> Option<Fingerprint> {
    Some(Fingerprint {
        file: Digest::of(&read_bounded(&plugin.file, &plugin.name).ok()?),
        signature: read_signature(&plugin.file).unwrap_or_default(),
        secrets: Secrets::named_by(plugin),
    })
}

pub(crate) fn read_bounded(path: &Path, plugin: &str) -> Result<Vec<u8>, LoadError> {
    let fail = |error: std::io::Error| LoadError::File {
        plugin: plugin.to_owned(),
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let size = fs::metadata(path).map_err(fail)?.len();
    if size > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge {
            path: path.to_owned(),
            size,
            limit: MAX_FILE_BYTES,
        });
    }
    fs::read(path).map_err(fail)
}

fn initialise(instance: &mut Instance, config: &str) -> Result<Subscriptions, LoadError> {
    match instance.init(config) {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Err(LoadError::Step { step: "init", reason }),
        Err(failure) => return Err(step("init", failure)),
    }
    instance.subscriptions().map_err(|failure| match failure.kind {
        FailureKind::BadReturn => LoadError::Contract(failure.detail),
        _ => step("subscriptions", failure),
    })
}

/// A step of loading that failed with the instance.
pub(crate) fn step(step: &'static str, failure: Failure) -> LoadError {
    LoadError::Step {
        step,
        reason: failure.detail,
    }
}
