//! The component: asks the host, replies.

use std::sync::OnceLock;

use crate::bindings::exports::portcullis::plugin::{lifecycle, status};
use crate::bindings::portcullis::plugin::servers;
use crate::bindings::portcullis::plugin::session_facts::Session;
use crate::bindings::portcullis::plugin::types::Target;
use crate::{Directory, Motd, SCHEMA};

struct Plugin;

/// Set by `init`, which is called once, before any hook.
static MOTD: OnceLock<Motd> = OnceLock::new();

impl lifecycle::Guest for Plugin {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            stage: lifecycle::Stage::Status,
            hooks: vec![lifecycle::Hook::Status],
            config_schema: Some(SCHEMA.into()),
            state_version: None,
        }
    }

    fn init(config: String) -> Result<(), String> {
        let motd = Motd::parse(&config).map_err(|error| error.to_string())?;
        MOTD.set(motd).map_err(|_| "init was called twice".to_owned())
    }

    fn save() -> Vec<u8> {
        Vec::new()
    }

    fn load(_state_version: u32, _saved: Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

impl status::Guest for Plugin {
    fn on_status(session: &Session) -> status::Verdict {
        let host = session.host().unwrap_or_default();
        MOTD.get()
            .map_or(status::Verdict::Next, |motd| motd.reply(&host, &Host))
    }
}

/// The host's own directory.
struct Host;

impl Directory for Host {
    fn resolve(&self, name: &str) -> Option<Target> {
        servers::kind_of(name).map(|kind| match kind {
            servers::Kind::Group => Target::Group(name.to_owned()),
            servers::Kind::Server => Target::Server(name.to_owned()),
        })
    }

    fn sessions(&self, name: &str) -> Vec<(String, u32)> {
        let members = servers::members(name);
        let servers = if members.is_empty() {
            servers::get(name).into_iter().collect()
        } else {
            members
        };
        servers
            .into_iter()
            .map(|server| (server.name, server.sessions))
            .collect()
    }
}

mod exported {
    #![allow(missing_docs, unsafe_code, clippy::all, reason = "generated code")]
    use super::Plugin;
    crate::bindings::export!(Plugin with_types_in crate::bindings);
}
