//! Lets in the players on a list, and nobody else.
//!
//! Teaches: a configuration, a verdict, a number and a log line. Names are what clients *claim* to be called: where the host does not verify them,
//! somebody else's will do.

use std::collections::BTreeSet;

use portcullis_sdk::prelude::*;

/// Players turned away.
static REFUSED: Counter = Counter::new("refused_total", []);

/// Lets in the players on a list, and nobody else.
#[derive(Plugin)]
#[plugin(stage = "guard", start = "Self::start")]
pub struct AllowList {
    settings: Settings,
    /// The names in lower case, since the game takes `Ada` and `ADA` for one player.
    names: BTreeSet<String>,
}

#[derive(Config)]
struct Settings {
    /// Names of the players who may come.
    #[config(max_items = 10_000)]
    names: Vec<String>,
    /// Networks from which anybody may come.
    #[config(default)]
    networks: Vec<Cidr>,
    /// Shown to everybody else.
    #[config(default = "<red>You are not on the list.")]
    text: Text,
}

impl AllowList {
    fn start(&mut self) {
        self.names = self.settings.names.iter().map(|name| name.to_lowercase()).collect();
    }

    fn allows(&self, session: &Session) -> bool {
        let by_name = session
            .claimed_name()
            .is_some_and(|name| self.names.contains(&name.to_lowercase()));
        by_name
            || self
                .settings
                .networks
                .iter()
                .any(|network| network.contains(session.peer().ip()))
    }
}

#[hooks]
impl Route for AllowList {
    fn route(&mut self, session: &Session) -> RouteVerdict {
        if self.allows(session) {
            return RouteVerdict::Next;
        }
        REFUSED.add(1, []);
        info!("{} is not on the list", session.claimed_name().unwrap_or_default());
        RouteVerdict::disconnect(self.settings.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::{Host, Running};

    use super::*;

    fn start(host: &Host) -> Running<AllowList> {
        host.start("names = ['Ada']\nnetworks = ['203.0.113.0/24']\ntext = 'No'")
    }

    fn check(name: &str, peer: &str, expect: RouteVerdict) {
        let session = Session::build().name(name).peer(peer).at_route();
        assert_eq!(start(&Host::new()).route(&session), expect, "{name} from {peer}");
    }

    #[test]
    fn those_on_the_list_may_pass_however_they_are_spelt() {
        check("Ada", "198.51.100.1:4000", RouteVerdict::Next);
        check("aDA", "198.51.100.1:4000", RouteVerdict::Next);
        check("Eve", "198.51.100.1:4000", RouteVerdict::disconnect("No"));
    }

    #[test]
    fn anybody_may_pass_from_a_network_on_the_list() {
        check("Eve", "203.0.113.7:4000", RouteVerdict::Next);
    }

    #[test]
    fn whoever_is_refused_is_counted_and_named() {
        let host = Host::new();
        start(&host).route(&Session::build().name("Eve").at_route());
        assert_eq!(host.metric("refused_total"), 1.0);
        assert_eq!(host.logs().last().unwrap().to_string(), "INFO Eve is not on the list");
    }
}
