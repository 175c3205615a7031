//! The component: asks the host, decides, answers.

use std::sync::OnceLock;

use crate::bindings::exports::portcullis::plugin::{handshake, lifecycle, route};
use crate::bindings::portcullis::plugin::log::{self, Level};
use crate::bindings::portcullis::plugin::servers;
use crate::bindings::portcullis::plugin::session_facts::Session;
use crate::bindings::portcullis::plugin::types::{Intent, Target, Text};
use crate::{Decision, Mode, Router, SCHEMA};

struct Plugin;

/// Set by `init`, which is called once, before any hook.
static ROUTER: OnceLock<Router> = OnceLock::new();

impl lifecycle::Guest for Plugin {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            stage: lifecycle::Stage::Route,
            hooks: vec![lifecycle::Hook::Handshake, lifecycle::Hook::Route],
            config_schema: Some(SCHEMA.into()),
            state_version: None,
        }
    }

    fn init(config: String) -> Result<(), String> {
        let router = Router::parse(&config).map_err(|error| error.to_string())?;
        let mut missing: Vec<&str> = Vec::new();
        for name in router.plain_names() {
            if !missing.contains(&name) && resolve(name).is_none() {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            // No error: servers come and go while routes stay.
            let fields = [("names".to_owned(), missing.join(", "))];
            log::log(Level::Warn, "skipped names that no server or group has yet", &fields);
        }
        ROUTER.set(router).map_err(|_| "init was called twice".to_owned())
    }

    fn save() -> Vec<u8> {
        Vec::new()
    }

    fn load(_state_version: u32, _saved: Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

impl handshake::Guest for Plugin {
    fn on_handshake(session: &Session) -> handshake::Verdict {
        let Some(router) = ROUTER.get().filter(|router| router.chooses_modes()) else {
            return handshake::Verdict::Next;
        };
        let Some(facts) = session.handshake().filter(|facts| facts.intent != Intent::Status) else {
            return handshake::Verdict::Next;
        };
        match router.mode(&facts.host) {
            Some(Mode::Splice) => handshake::Verdict::UseMode(handshake::Mode::Splice),
            Some(Mode::Copy) => handshake::Verdict::UseMode(handshake::Mode::Copy),
            None => handshake::Verdict::Next,
        }
    }
}

impl route::Guest for Plugin {
    fn on_route(session: &Session, _cause: route::Cause) -> route::Verdict {
        let Some(router) = ROUTER.get() else {
            return route::Verdict::Next;
        };
        match router.decide(&session.host().unwrap_or_default(), resolve) {
            Decision::To(targets) => route::Verdict::To(targets),
            Decision::Disconnect(text) => route::Verdict::Disconnect(Text::Markup(text.to_owned())),
            Decision::Drop => route::Verdict::Drop,
        }
    }
}

/// What a name means now.
fn resolve(name: &str) -> Option<Target> {
    servers::kind_of(name).map(|kind| match kind {
        servers::Kind::Group => Target::Group(name.to_owned()),
        servers::Kind::Server => Target::Server(name.to_owned()),
    })
}

mod exported {
    #![allow(missing_docs, unsafe_code, clippy::all, reason = "generated code")]
    use super::Plugin;
    crate::bindings::export!(Plugin with_types_in crate::bindings);
}
