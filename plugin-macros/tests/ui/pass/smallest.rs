//! The whole of a small plugin.

use portcullis_sdk::prelude::*;

/// Sends players to the server named after the first label of the host they asked for.
#[derive(Plugin)]
#[plugin(stage = "route")]
struct ByLabel { settings: Settings }

#[derive(Config)]
struct Settings {
    /// Where players go whose label names no server.
    #[config(default = "lobby")]
    fallback: ServerOrGroup,
}

#[hooks]
impl Route for ByLabel {
    fn route(&mut self, session: &Session) -> RouteVerdict {
        let label = session.host().split('.').next().unwrap_or_default();
        match servers::get(label) {
            Some(server) => RouteVerdict::to([server]),
            None => RouteVerdict::to([&self.settings.fallback]),
        }
    }
}

fn main() {}
