//! What plugins keep by key: a namespace each, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use portcullis_config::PluginName;

use crate::{clock::Clock, namespace::Namespace, shards::lock};

/// The most a namespace may hold, or what one does hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Keys.
    pub keys: usize,
    /// Bytes of keys and values together.
    pub bytes: usize,
}

/// Every plugin's namespace. Gone when the host stops.
#[derive(Debug)]
pub struct StateStore {
    clock: Clock,
    plugins: Mutex<BTreeMap<PluginName, Arc<Namespace>>>,
}

impl StateStore {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            plugins: Mutex::default(),
        }
    }

    /// A plugin's namespace, the same each time until removed; its quota is the one given last. What is over a lowered quota
    /// stays, but nothing may grow. Takes a lock: ask once per instance, not per call.
    pub fn namespace(&self, plugin: &PluginName, quota: Quota) -> Arc<Namespace> {
        let mut plugins = lock(&self.plugins);
        let new = || Arc::new(Namespace::new(self.clock.clone(), quota));
        let namespace = plugins.entry(plugin.clone()).or_insert_with(new);
        namespace.set_quota(quota);
        Arc::clone(namespace)
    }

    /// Forgets what a plugin that left the configuration kept.
    pub fn remove(&self, plugin: &PluginName) {
        lock(&self.plugins).remove(plugin);
    }
}
