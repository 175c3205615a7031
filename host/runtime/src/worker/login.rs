//! What a chain says of who a player is. These hooks may wait, so they run elsewhere, and who asks them waits for the answer.

use std::sync::Arc;

use portcullis_config::OnFailure;
use portcullis_registry::{Identity, Session, SessionId};
use uuid::Uuid;

use super::WorkerPlugins;
use super::ask::Step;
use crate::bindings::exports::portcullis::plugin::login;
use crate::hook::Hook;
use crate::outcome::{By, ClaimOutcome, ConflictOutcome, ProfileOutcome, ProofOutcome, Refusal};
use crate::plan::ListenerChain;
use crate::slow::{Question, Report};
use crate::verdict::{self, Verdict, contract_profile};

impl WorkerPlugins {
    /// Asks the `login` hooks how a player is to be treated who claims this name, and perhaps this UUID.
    pub async fn claim(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        name: &str,
        uuid: Option<Uuid>,
    ) -> ClaimOutcome {
        let claim = || login::Claim {
            name: name.to_owned(),
            uuid: uuid.map(|uuid| uuid.to_string()),
        };
        self.ask_slow(chain, session, claim, |verdict, by| match verdict {
            verdict::Claim::Next => Step::Next,
            verdict::Claim::Online => Step::Final(ClaimOutcome::Online(by.clone())),
            verdict::Claim::Offline => Step::Final(ClaimOutcome::Offline(by.clone())),
            verdict::Claim::Deny(text) => Step::Final(ClaimOutcome::Deny(text, by.clone())),
        })
        .await
        .unwrap_or_else(ClaimOutcome::Refuse)
    }

    /// Asks the `login` hooks whether a player who has encrypted the connection is who he claims to be. `server_hash` is what a
    /// session server is told.
    pub async fn authenticate(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        name: &str,
        server_hash: &str,
    ) -> ProofOutcome {
        let proof = || login::Proof {
            name: name.to_owned(),
            server_hash: server_hash.to_owned(),
        };
        self.ask_slow(chain, session, proof, |verdict, by| match verdict {
            verdict::Proof::Next => Step::Next,
            verdict::Proof::Profile(profile) => {
                let verified = true;
                Step::Final(ProofOutcome::Verified(Identity { profile, verified }, by.clone()))
            }
            verdict::Proof::Deny(text) => Step::Final(ProofOutcome::Deny(text, by.clone())),
        })
        .await
        .unwrap_or_else(ProofOutcome::Refuse)
    }

    /// Asks the `login` hooks whether the profile will do that the session's identity has, and puts replacements in its place.
    pub async fn profile(&self, chain: &ListenerChain, session: &Arc<Session>) -> ProfileOutcome {
        let Some(identity) = session.identity() else {
            return ProfileOutcome::Refuse(Refusal::NoVerdict);
        };
        let (verified, now) = (identity.verified, std::cell::RefCell::new(identity.profile));
        let asked = || contract_profile(&now.borrow());
        let decided = self
            .ask_slow(chain, session, asked, |verdict, by| match verdict {
                verdict::Profile::Next => Step::Next,
                verdict::Profile::Replace(profile) => {
                    now.replace(Arc::clone(&profile));
                    session.set_identity(Identity { profile, verified });
                    Step::Next
                }
                verdict::Profile::Deny(text) => Step::Final(ProfileOutcome::Deny(text, by.clone())),
            })
            .await;
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => ProfileOutcome::Admit,
            Err(refusal) => ProfileOutcome::Refuse(refusal),
        }
    }

    /// Asks the `login` hooks what becomes of a player who is there already, in the sessions `others`.
    pub async fn joined_before(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        others: &[SessionId],
    ) -> ConflictOutcome {
        let Some(identity) = session.identity() else {
            return ConflictOutcome::Refuse(Refusal::NoVerdict);
        };
        let conflict = || {
            let others = others.iter().map(|id| id.get()).collect();
            (contract_profile(&identity.profile), others)
        };
        let decided = self
            .ask_slow::<(_, Vec<u64>), _>(chain, session, conflict, |verdict, by| match verdict {
                verdict::Conflict::Next => Step::Next,
                verdict::Conflict::DenyNew(text) => Step::Final(ConflictOutcome::DenyNew(text, by.clone())),
                verdict::Conflict::KickOld(text) => Step::Final(ConflictOutcome::KickOld(text, by.clone())),
            })
            .await;
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => ConflictOutcome::Both,
            Err(refusal) => ConflictOutcome::Refuse(refusal),
        }
    }

    /// Asks link by link until one decides, along the chain as it is now: a swap meanwhile is for the next question.
    async fn ask_slow<Q: Question, O>(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        question: impl Fn() -> Q,
        mut weigh: impl FnMut(<Q::Verdict as Verdict>::Checked, &By) -> Step<O>,
    ) -> Result<O, Refusal> {
        let plan = Arc::clone(&self.live.borrow().plan);
        let links = plan.links(chain, Hook::Login).ok_or(Refusal::EmptyChain)?;
        for load in links.iter().filter_map(|link| plan.loads.get(*link)) {
            let Some(pool) = &load.slow else { continue };
            let report = Report {
                load: load.id,
                control: self.control.clone(),
            };
            let verdict = pool.ask(question(), Arc::clone(session), report).await;
            match verdict.map(|verdict| weigh(verdict, &load.by)) {
                Ok(Step::Final(outcome)) => return Ok(outcome),
                Ok(Step::Next) => continue,
                Ok(Step::Bad(_)) | Err(_) if load.on_failure() == OnFailure::Closed => {
                    return Err(Refusal::PluginFailed(load.by.clone()));
                }
                Ok(Step::Bad(_)) | Err(_) => {}
            }
        }
        Err(Refusal::NoVerdict)
    }
}
