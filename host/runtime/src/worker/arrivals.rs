//! What a chain says to connections and players who arrive, and what it hears of sessions.

use std::sync::Arc;

use portcullis_registry::Session;

use super::WorkerPlugins;
use super::ask::{Step, Way};
use crate::hook::Hook;
use crate::outcome::{Accept, End, HandshakeOutcome, Mode, Refusal, RouteCause, RouteOutcome, StatusOutcome, Tally};
use crate::plan::ListenerChain;
use crate::verdict;

impl WorkerPlugins {
    /// Asks the `accept` hooks.
    pub fn accept(&self, chain: &ListenerChain, session: &Arc<Session>) -> Accept {
        let decided = self.ask(chain, session, Hook::Accept, Way::There, |instance, by| {
            Ok(match instance.accept(session)? {
                verdict::Accept::Next => Step::Next,
                verdict::Accept::Drop => Step::Final(Accept::Drop(by.clone())),
                verdict::Accept::Tarpit(time) => Step::Final(Accept::Tarpit(time, by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => Accept::Admit,
            Err(refusal) => Accept::Refuse(refusal),
        }
    }

    /// Asks the `handshake` hooks, and applies what they rewrite, and their tags, to the session.
    pub fn handshake(&self, chain: &ListenerChain, session: &Arc<Session>) -> HandshakeOutcome {
        let mut mode = match self.has(chain, Hook::Login) {
            true => Mode::Framed,
            false => Mode::Splice,
        };
        let decided = self.ask(chain, session, Hook::Handshake, Way::There, |instance, by| {
            Ok(match instance.handshake(session)? {
                verdict::Handshake::Next => Step::Next,
                verdict::Handshake::RewriteHost(host) => {
                    session.rewrite_host(host);
                    Step::Next
                }
                verdict::Handshake::RewritePeer(peer) => {
                    session.rewrite_peer(peer);
                    Step::Next
                }
                verdict::Handshake::Tag(attributes) => match session.set_attributes(&attributes) {
                    Ok(()) => Step::Next,
                    Err(error) => Step::Bad(format!("tag with attributes that do not fit: {error}")),
                },
                verdict::Handshake::UseMode(chosen) => {
                    mode = chosen;
                    Step::Next
                }
                verdict::Handshake::Disconnect(text) => Step::Final(HandshakeOutcome::Disconnect(text, by.clone())),
                verdict::Handshake::Drop => Step::Final(HandshakeOutcome::Drop(by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => HandshakeOutcome::Continue(mode),
            Err(refusal) => HandshakeOutcome::Refuse(refusal),
        }
    }

    /// Asks the `status` hooks.
    pub fn status(&self, chain: &ListenerChain, session: &Arc<Session>) -> StatusOutcome {
        self.ask(chain, session, Hook::Status, Way::There, |instance, by| {
            Ok(match instance.status(session)? {
                verdict::Status::Next => Step::Next,
                verdict::Status::Answer(answer) => Step::Final(StatusOutcome::Answer(answer, by.clone())),
                verdict::Status::Passthrough(ask) => Step::Final(StatusOutcome::Passthrough(ask, by.clone())),
                verdict::Status::Drop => Step::Final(StatusOutcome::Drop(by.clone())),
            })
        })
        .unwrap_or_else(StatusOutcome::Refuse)
    }

    /// Asks the `route` hooks.
    pub fn route(&self, chain: &ListenerChain, session: &Arc<Session>, cause: &RouteCause) -> RouteOutcome {
        self.ask(chain, session, Hook::Route, Way::There, |instance, by| {
            Ok(match instance.route(session, cause)? {
                verdict::Route::Next => Step::Next,
                verdict::Route::To(targets) => Step::Final(RouteOutcome::To(targets, by.clone())),
                verdict::Route::Disconnect(text) => Step::Final(RouteOutcome::Disconnect(text, by.clone())),
                verdict::Route::Drop => Step::Final(RouteOutcome::Drop(by.clone())),
            })
        })
        .unwrap_or_else(RouteOutcome::Refuse)
    }

    /// Tells the `session` hooks, in order, that a server accepted the player.
    pub fn joined(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str) {
        self.tell(chain, Hook::Session, Way::There, |instance| {
            instance.joined(session, server)
        });
    }

    /// Tells the `session` hooks, in reverse order, how a session ended. Once for each `joined`.
    pub fn left(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str, end: &End, tally: Tally) {
        self.tell(chain, Hook::Session, Way::Back, |instance| {
            instance.left(session, server, end, tally)
        });
    }
}
