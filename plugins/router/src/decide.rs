//! The decision for one host name, given who knows which name.

use std::str::FromStr;

use host_pattern::{Captures, Table, Template};

use crate::bindings::portcullis::plugin::types::Target;

/// Longest name a server or a group can have; a longer one need not be asked for.
const MAX_NAME: usize = 64;

/// Routes in force.
#[derive(Clone, Debug)]
pub struct Router {
    routes: Table<Route>,
    unknown: Unknown,
    chooses_modes: bool,
}

/// What becomes of a player.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<'r> {
    /// Try these in order; never empty.
    To(Vec<Target>),
    /// Show this text.
    Disconnect(&'r str),
    /// Close without a word.
    Drop,
}

/// How bytes move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From kernel to kernel.
    Splice,
    /// Through the worker's buffer.
    Copy,
}

#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) action: Action,
    pub(crate) mode: Option<Mode>,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    To(Vec<Template>),
    Disconnect(String),
}

#[derive(Clone, Debug)]
pub(crate) enum Unknown {
    /// The text is for the case that not even the default leads anywhere.
    Default {
        to: Vec<Template>,
        text: String,
    },
    Disconnect(String),
    Drop,
}

impl Router {
    pub(crate) fn new(routes: Table<Route>, unknown: Unknown) -> Self {
        let chooses_modes = routes.values().any(|route| route.mode.is_some());
        Self {
            routes,
            unknown,
            chooses_modes,
        }
    }

    /// Where a player goes who asked for that host. `resolve` says whether a name is a group's or a server's, if it is
    /// any.
    pub fn decide(&self, host: &str, resolve: impl Fn(&str) -> Option<Target>) -> Decision<'_> {
        if let Some((route, captures)) = self.routes.find(host) {
            match &route.action {
                Action::Disconnect(text) => return Decision::Disconnect(text),
                Action::To(names) => {
                    let targets = resolved(names, &captures, &resolve);
                    if !targets.is_empty() {
                        return Decision::To(targets);
                    }
                }
            }
        }
        match &self.unknown {
            Unknown::Drop => Decision::Drop,
            Unknown::Disconnect(text) => Decision::Disconnect(text),
            Unknown::Default { to, text } => {
                let targets = resolved(to, &Captures::none(host), &resolve);
                if targets.is_empty() {
                    Decision::Disconnect(text)
                } else {
                    Decision::To(targets)
                }
            }
        }
    }

    /// Whether any route has a mode: if not, handshakes need no look.
    pub fn chooses_modes(&self) -> bool {
        self.chooses_modes
    }

    /// The mode of the route for that host.
    pub fn mode(&self, host: &str) -> Option<Mode> {
        self.routes.find(host)?.0.mode
    }

    /// Names that do not depend on the host: what can be checked before anybody arrives.
    pub fn plain_names(&self) -> impl Iterator<Item = &str> {
        let of_routes = self.routes.values().filter_map(|route| match &route.action {
            Action::To(names) => Some(names),
            Action::Disconnect(_) => None,
        });
        let of_default = match &self.unknown {
            Unknown::Default { to, .. } => Some(to),
            _ => None,
        };
        of_routes.chain(of_default).flatten().filter_map(Template::plain)
    }
}

impl FromStr for Mode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "splice" => Ok(Self::Splice),
            "copy" => Ok(Self::Copy),
            _ => Err("but a mode is \"splice\" or \"copy\""),
        }
    }
}

fn resolved(names: &[Template], captures: &Captures<'_>, resolve: impl Fn(&str) -> Option<Target>) -> Vec<Target> {
    let filled = names.iter().map(|name| name.fill(captures));
    filled
        .filter(|name| !name.is_empty() && name.len() <= MAX_NAME)
        .filter_map(|name| resolve(&name))
        .collect()
}
