//! `servers`: the registry's snapshot of servers and groups.

use portcullis_registry::Health;

use crate::bindings::portcullis::plugin::servers;
use crate::context::Context;

impl servers::Host for Context {
    fn get(&mut self, name: String) -> Option<servers::Server> {
        self.registry
            .servers
            .snapshot()
            .get(&name)
            .map(|server| describe(server))
    }

    fn members(&mut self, group: String) -> Vec<servers::Server> {
        self.registry
            .servers
            .snapshot()
            .members(&group)
            .iter()
            .map(|server| describe(server))
            .collect()
    }

    fn groups(&mut self) -> Vec<String> {
        self.registry
            .servers
            .snapshot()
            .groups()
            .map(ToString::to_string)
            .collect()
    }
}

fn describe(server: &portcullis_registry::Server) -> servers::Server {
    let config = &server.config;
    servers::Server {
        name: config.name.to_string(),
        groups: config.groups.iter().map(ToString::to_string).collect(),
        labels: config
            .labels
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        weight: config.weight,
        health: match server.health() {
            Health::Unknown => servers::Health::Unknown,
            Health::Up => servers::Health::Up,
            Health::Down => servers::Health::Down,
            Health::Draining => servers::Health::Draining,
        },
        sessions: server.sessions(),
        latency_us: server.latency_us(),
    }
}
