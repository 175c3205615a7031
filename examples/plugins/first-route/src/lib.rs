//! Sends players with an old version of the game to one place, and everybody else to another.

use std::sync::OnceLock;

use exports::portcullis::plugin::{lifecycle, route};
use portcullis::plugin::{servers, session_facts};
use portcullis::plugin::types::Target;

wit_bindgen::generate!({
    path: "wit/portcullis-plugin-0.1.0",
    inline: "
        package example:first-route;
        world first-route {
            include portcullis:plugin/lifecycle-hook@0.1.0;
            include portcullis:plugin/route-hook@0.1.0;
        }
    ",
    world: "example:first-route/first-route",
    generate_all,
});

/// What the operator writes below `[plugins.first-route.config]`.
#[derive(serde::Deserialize)]
struct Config {
    /// The first protocol number that counts as new, for example 766 for 1.20.5.
    since: i32,
    older: String,
    newer: String,
}

/// The host checks the configuration against this before it calls `init`.
const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "since": { "type": "integer" },
        "older": { "type": "string" },
        "newer": { "type": "string" }
    },
    "required": ["since", "older", "newer"],
    "additionalProperties": false
}"#;

/// One for each instance, and so for each worker: set once, never locked.
static CONFIG: OnceLock<Config> = OnceLock::new();

struct Plugin;

impl lifecycle::Guest for Plugin {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Sends players to servers by the version of their game.".into(),
            stage: lifecycle::Stage::Route,
            hooks: vec!["route".into()],
            config_schema: Some(SCHEMA.into()),
            state_version: None,
        }
    }

    fn init(config: String) -> Result<(), String> {
        let config = serde_json::from_str(&config).map_err(|error| error.to_string())?;
        CONFIG.set(config).map_err(|_| "init was called twice".into())
    }

    // Nothing to hand over in a swap: `describe` says so with `state_version: None`.
    fn save() -> Vec<u8> {
        Vec::new()
    }

    fn load(_state_version: u32, _saved: Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

impl route::Guest for Plugin {
    fn on_route(_cause: route::Cause) -> route::Verdict {
        let (Some(config), Some(protocol)) = (CONFIG.get(), session_facts::protocol()) else {
            return route::Verdict::Next;
        };
        let name = if protocol < config.since {
            &config.older
        } else {
            &config.newer
        };
        match find(name) {
            Some(target) => route::Verdict::To(vec![target]),
            None => route::Verdict::Next,
        }
    }
}

/// A group or a server of this name. An unknown name in a verdict would count as a failure of this plugin.
fn find(name: &str) -> Option<Target> {
    if !servers::members(name).is_empty() {
        return Some(Target::Group(name.into()));
    }
    servers::get(name).map(|_| Target::Server(name.into()))
}

export!(Plugin);
