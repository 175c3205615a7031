//! `servers`: the registry's snapshot of servers and groups.

use std::sync::Arc;

use portcullis_registry::{Health, Server};

use crate::bindings::portcullis::plugin::servers;
use crate::context::Context;

impl servers::Host for Context {
    fn revision(&mut self) -> u64 {
        self.servers().revision()
    }

    fn kind_of(&mut self, name: String) -> Option<servers::Kind> {
        let servers = self.servers();
        if servers.has_group(&name) {
            Some(servers::Kind::Group)
        } else {
            servers.get(&name).map(|_| servers::Kind::Server)
        }
    }

    fn get(&mut self, name: String) -> Option<servers::Server> {
        self.servers().get(&name).map(describe)
    }

    fn members(&mut self, group: String) -> Vec<servers::Server> {
        self.servers().members(&group).iter().map(describe).collect()
    }

    fn all(&mut self) -> Vec<servers::Server> {
        self.servers().servers().iter().map(describe).collect()
    }

    fn groups(&mut self) -> Vec<String> {
        self.servers().groups().map(ToString::to_string).collect()
    }
}

fn describe(server: &Arc<Server>) -> servers::Server {
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
