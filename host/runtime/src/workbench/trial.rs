//! One component loaded for a look, in a runtime of its own that nobody else uses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_config::Plugin;
use portcullis_registry::Registry;
use portcullis_telemetry::Metrics;

use crate::context::PluginShared;
use crate::description::Description;
use crate::engine::{self, Purpose};
use crate::error::{LoadError, StartError};
use crate::load::{Loader, Source};
use crate::meters::Meters;
use crate::pins::Digest;

/// Instances made to find out how long one takes; the first few are slower, for the memory they touch is new.
const INSTANCES: usize = 11;

/// What came of loading a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What it says of itself.
    pub description: Description,
    /// From bytes to machine code. A host does this once for a file, and keeps the result.
    pub compile: Duration,
    /// One instance, the median of a few. A host does this for each worker.
    pub instantiate: Duration,
    /// Linear memory of an instance that has described itself.
    pub memory_bytes: u64,
}

/// Why a component could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Not the component's fault.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A host would refuse it, for the same reason.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Compiles, instantiates and describes a component, with the limits and grants of `plugin`.
pub fn try_out(plugin: &Plugin, bytes: Vec<u8>) -> Result<Trial, TrialError> {
    let engine = engine::build(Purpose::Try)?;
    engine::spawn_ticker(&engine)?;
    let (registry, metrics) = (Registry::new(), Metrics::new());
    let mut loader = Loader::new(engine, registry.clone(), None).map_err(|source| StartError::Engine { source })?;
    let source = Source {
        digest: Digest::of(&bytes),
        bytes,
    };
    let started = Instant::now();
    let artifact = loader.artifact(plugin, &source)?;
    let compile = started.elapsed();
    let meters = Meters::register(&metrics);
    let shared = Arc::new(PluginShared::new(plugin, &registry, &meters, &metrics));
    let mut first = artifact.instance(&shared, &registry, &plugin.limits)?;
    let description = artifact.describe(&mut first)?;
    let memory_bytes = first.memory_bytes() as u64;
    drop(first);
    let mut times = Vec::new();
    for _ in 0..INSTANCES {
        let started = Instant::now();
        drop(artifact.instance(&shared, &registry, &plugin.limits)?);
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(Trial {
        description,
        compile,
        instantiate: times.get(INSTANCES / 2).copied().unwrap_or_default(),
        memory_bytes,
    })
}
