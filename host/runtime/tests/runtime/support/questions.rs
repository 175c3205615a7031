//! Sessions, and what a chain says to them.

use std::sync::Arc;

use portcullis_config::ChainName;
use portcullis_registry::{Handshake, Intent, Registry, Session};
use portcullis_runtime::{
    Accept, HandshakeOutcome, Hook, ListenerChain, Refusal, RouteCause, RouteOutcome, StatusOutcome, Text,
    WorkerPlugins,
};

use super::Host;

/// What one hook of a chain is asked, in any of the four outcomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Accept(Accept),
    Handshake(HandshakeOutcome),
    Status(StatusOutcome),
    Route(RouteOutcome),
}

impl Outcome {
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Accept(Accept::Refuse(refusal))
            | Self::Handshake(HandshakeOutcome::Refuse(refusal))
            | Self::Status(StatusOutcome::Refuse(refusal))
            | Self::Route(RouteOutcome::Refuse(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

/// Asks the chain's hook.
pub(crate) fn ask(plugins: &WorkerPlugins, hook: Hook, chain: &ListenerChain, session: &Arc<Session>) -> Outcome {
    match hook {
        Hook::Accept => Outcome::Accept(plugins.accept(chain, session)),
        Hook::Handshake => Outcome::Handshake(plugins.handshake(chain, session)),
        Hook::Status => Outcome::Status(plugins.status(chain, session)),
        Hook::Route => Outcome::Route(plugins.route(chain, session, &RouteCause::Initial)),
        other => panic!("`{}` has questions of its own", other.label()),
    }
}

/// The chain as a listener with `auto-chain` sees it.
pub(crate) fn chain(name: &str) -> ListenerChain {
    ListenerChain {
        name: ChainName::try_from(name).unwrap(),
        auto_chain: true,
    }
}

/// The chain as it is configured, no more.
pub(crate) fn bare_chain(name: &str) -> ListenerChain {
    ListenerChain {
        auto_chain: false,
        ..chain(name)
    }
}

/// A player who wants to play.
pub(crate) fn login(registry: &Registry) -> Arc<Session> {
    let session = accepted(registry);
    session.set_handshake(Handshake {
        protocol: 763,
        host: "play.example.com".into(),
        raw_host: None,
        port: 25565,
        intent: Intent::Login,
        marker: None,
        legacy: false,
    });
    session.set_claimed_name("Alex");
    session
}

/// A connection that has said nothing yet.
pub(crate) fn accepted(registry: &Registry) -> Arc<Session> {
    let peer = "192.0.2.7:50123".parse().unwrap();
    Arc::new(Session::new(registry.sessions.next_id(), peer, "0.0.0.0:25565".into()))
}

impl Host {
    /// Asks a hook of a chain on behalf of a new session.
    pub(crate) fn ask(&self, worker: usize, hook: Hook, chain_name: &str) -> Outcome {
        self.ask_for(worker, hook, &chain(chain_name), &login(&self.registry))
    }

    pub(crate) fn ask_for(&self, worker: usize, hook: Hook, chain: &ListenerChain, session: &Arc<Session>) -> Outcome {
        let (chain, session) = (chain.clone(), session.clone());
        self.on_worker(worker, move |plugins| ask(plugins, hook, &chain, &session))
    }

    /// The plain text of the status answer, as fixtures write it.
    pub(crate) fn description(&self, worker: usize, chain: &str) -> String {
        plain(self.ask(worker, Hook::Status, chain))
    }
}

/// The plain text of a status answer or a disconnect.
pub(crate) fn plain(outcome: Outcome) -> String {
    match &outcome {
        Outcome::Status(StatusOutcome::Answer(answer, _)) if let Text::Plain(text) = &answer.description => {
            text.clone()
        }
        Outcome::Route(RouteOutcome::Disconnect(Text::Plain(text), _)) => text.clone(),
        other => panic!("no plain text: {other:?}"),
    }
}
