//! Servers and groups as configured now, in a snapshot that readers take without waiting.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Instant,
};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use portcullis_config::{self as config, GroupName, ServerName};

use crate::{
    server::{Health, Server},
    shards::lock,
};

/// A place to send somebody, by its name in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A server.
    Server(String),
    /// Any member of a group.
    Group(String),
}

/// All servers; readers see one configuration or the next, never something between.
#[derive(Debug, Default)]
pub struct ServerTable {
    now: ArcSwap<Snapshot>,
    /// Held while a snapshot is made from the one before, so that of two made at a time none is lost.
    applying: Mutex<()>,
}

impl ServerTable {
    /// Takes over a configuration. Servers whose names stay keep their sessions, health and draining.
    pub fn apply(&self, servers: &[config::Server]) {
        let _one_at_a_time = lock(&self.applying);
        let next = self.now.load().next(servers);
        self.now.store(Arc::new(next));
    }

    /// Puts back what was in force before, with the health and the sessions of those that were left out meanwhile.
    pub fn restore(&self, before: Arc<Snapshot>) {
        let _one_at_a_time = lock(&self.applying);
        self.now.store(before);
    }

    /// The servers as they are configured now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.now.load_full()
    }

    /// Takes a server out of service, or back in. Returns whether there is such a server.
    pub fn drain(&self, name: &str, draining: bool) -> bool {
        // Not between the making of a snapshot and its publication.
        let _one_at_a_time = lock(&self.applying);
        let snapshot = self.now.load();
        let server = snapshot.get(name);
        if let Some(server) = server {
            server.drain(draining);
        }
        server.is_some()
    }
}

/// The servers of one configuration; what is true of each right now goes on changing.
#[derive(Debug, Default)]
pub struct Snapshot {
    revision: u64,
    servers: Vec<Arc<Server>>,
    /// Asked in every routing decision, by names that an operator chose: a quick hash will do.
    by_name: HashMap<ServerName, Arc<Server>, RandomState>,
    groups: BTreeMap<GroupName, Vec<Arc<Server>>>,
}

impl Snapshot {
    /// Another for each configuration: while it stays, so do the servers and groups there are.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The server of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Server>> {
        self.by_name.get(name)
    }

    /// A group's servers in the order of the configuration; empty where there is no such group.
    pub fn members(&self, group: &str) -> &[Arc<Server>] {
        self.groups.get(group).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether there is such a group.
    pub fn has_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// Names of all groups, sorted.
    pub fn groups(&self) -> impl Iterator<Item = &GroupName> {
        self.groups.keys()
    }

    /// All servers in the order of the configuration.
    pub fn servers(&self) -> &[Arc<Server>] {
        &self.servers
    }

    /// Whether there is such a server or group.
    pub fn knows(&self, target: &Target) -> bool {
        match target {
            Target::Server(name) => self.by_name.contains_key(name.as_str()),
            Target::Group(name) => self.has_group(name),
        }
    }

    /// Servers to try for a target, in this order: as configured, those known to be down last but for one try each in 10
    /// seconds, draining ones left out. Empty for a target that does not exist.
    pub fn candidates(&self, target: &Target, now: Instant) -> Vec<Arc<Server>> {
        let servers = match target {
            Target::Server(name) => self.get(name).map(std::slice::from_ref).unwrap_or_default(),
            Target::Group(name) => self.members(name),
        };
        // Each server's health is asked once, lest one that changes meanwhile is listed twice or not at all.
        let (mut candidates, mut down) = (Vec::with_capacity(servers.len()), Vec::new());
        for server in servers {
            match server.health() {
                Health::Unknown | Health::Up => candidates.push(Arc::clone(server)),
                Health::Down if server.is_due(now) => candidates.push(Arc::clone(server)),
                Health::Down => down.push(Arc::clone(server)),
                Health::Draining => {}
            }
        }
        candidates.append(&mut down);
        candidates
    }

    fn next(&self, configured: &[config::Server]) -> Self {
        let mut next = Self {
            revision: self.revision + 1,
            ..Self::default()
        };
        for config in configured {
            let server = Arc::new(match self.get(&config.name) {
                Some(before) => before.reconfigured(config.clone()),
                None => Server::new(config.clone()),
            });
            for group in &config.groups {
                next.groups.entry(group.clone()).or_default().push(Arc::clone(&server));
            }
            next.by_name.insert(config.name.clone(), Arc::clone(&server));
            next.servers.push(server);
        }
        next
    }
}
