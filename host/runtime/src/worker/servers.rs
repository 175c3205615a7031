//! What a chain says of servers: what they are told of a player, and what becomes of one who loses his.

use std::sync::Arc;

use portcullis_protocol::proxy_header::{EXTENSION_HEAD, MAX_V2_EXTENSIONS};
use portcullis_registry::Session;

use super::WorkerPlugins;
use super::ask::{Step, Way};
use crate::hook::Hook;
use crate::outcome::{
    AcceptedOutcome, ConnectOutcome, Destination, Introduction, KickCause, KickedOutcome, QuestionOutcome, Refusal, Tlv,
};
use crate::plan::ListenerChain;
use crate::verdict;

/// Extensions of one PROXY header.
const MAX_TLVS: usize = 16;

impl WorkerPlugins {
    /// Asks the `forward` hooks what to tell a server that is about to be dialled.
    pub fn introduce(&self, chain: &ListenerChain, session: &Arc<Session>, server: &Destination) -> ConnectOutcome {
        let mut introduction = Introduction::default();
        let decided = self.ask(chain, session, Hook::Forward, Way::There, |instance, by| {
            Ok(match instance.connect(session, server)? {
                verdict::Forward::Next => Step::Next,
                verdict::Forward::Introduce(more) => match introduction.add(more) {
                    Ok(()) => Step::Next,
                    Err(reason) => Step::Bad(reason),
                },
                verdict::Forward::Deny(text) => Step::Final(ConnectOutcome::Deny(text, by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => ConnectOutcome::Introduce(introduction),
            Err(refusal) => ConnectOutcome::Refuse(refusal),
        }
    }

    /// Asks the `forward` hooks what to answer to a question that a server asks during the login.
    pub fn question(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        server: &Destination,
        channel: &str,
        data: &[u8],
    ) -> QuestionOutcome {
        let decided = self.ask(chain, session, Hook::Forward, Way::There, |instance, by| {
            Ok(match instance.question(session, server, channel, data)? {
                verdict::Answer::Next => Step::Next,
                verdict::Answer::Data(data) => Step::Final(QuestionOutcome::Answer(data, by.clone())),
                verdict::Answer::Unknown => Step::Final(QuestionOutcome::Unknown(by.clone())),
                verdict::Answer::Deny(text) => Step::Final(QuestionOutcome::Deny(text, by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => QuestionOutcome::AskClient,
            Err(refusal) => QuestionOutcome::Refuse(refusal),
        }
    }

    /// Asks the `forward` hooks whether a server that lets the player in may keep him. It had asked on the channels `answered`,
    /// and been answered by a link.
    pub fn accepted(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        server: &Destination,
        answered: &[String],
    ) -> AcceptedOutcome {
        let decided = self.ask(chain, session, Hook::Forward, Way::There, |instance, by| {
            Ok(match instance.accepted(session, server, answered)? {
                verdict::Acceptance::Next => Step::Next,
                verdict::Acceptance::Deny(text) => Step::Final(AcceptedOutcome::Deny(text, by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => AcceptedOutcome::Admit,
            Err(refusal) => AcceptedOutcome::Refuse(refusal),
        }
    }

    /// Tells the `backend` hooks, in order, that the player is on a server.
    pub fn connected(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str) {
        self.tell(chain, Hook::Backend, Way::There, |instance| {
            instance.connected(session, server)
        });
    }

    /// Asks the `backend` hooks what becomes of a player whose server was lost (`on_board`) or not reached.
    pub fn kicked(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        server: &str,
        cause: &KickCause,
        on_board: bool,
    ) -> KickedOutcome {
        let decided = self.ask(chain, session, Hook::Backend, Way::There, |instance, by| {
            Ok(match instance.kicked(session, server, cause, on_board)? {
                verdict::Kicked::Next => Step::Next,
                verdict::Kicked::Disconnect(text) => Step::Final(KickedOutcome::Disconnect(text, by.clone())),
                verdict::Kicked::Redirect(targets) => Step::Final(KickedOutcome::Redirect(targets, by.clone())),
                verdict::Kicked::Hold => Step::Final(KickedOutcome::Hold(by.clone())),
            })
        });
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict | Refusal::EmptyChain) => KickedOutcome::Next,
            Err(refusal) => KickedOutcome::Refuse(refusal),
        }
    }

    /// Tells the `backend` hooks, in reverse order, that the player is not on a server any more. Once for each `connected`.
    pub fn disconnected(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str) {
        self.tell(chain, Hook::Backend, Way::Back, |instance| {
            instance.disconnected(session, server)
        });
    }
}

impl Introduction {
    /// What one more link has to say; the error completes "it returned …".
    fn add(&mut self, more: Self) -> Result<(), String> {
        let all = || self.tlvs.iter().chain(&more.tlvs);
        let bytes: usize = all().map(Tlv::bytes).sum();
        if all().count() > MAX_TLVS || bytes > MAX_V2_EXTENSIONS {
            return Err(format!(
                "introduce with more PROXY extensions than fit: {MAX_TLVS} and {MAX_V2_EXTENSIONS} bytes in all"
            ));
        }
        self.host = more.host.or(self.host.take());
        self.tlvs.extend(more.tlvs);
        Ok(())
    }
}

impl Tlv {
    fn bytes(&self) -> usize {
        EXTENSION_HEAD + self.value.len()
    }
}
