//! Has players verified by a session server: Mojang's, or others that speak as it does.
//!
//! - Session servers are asked in order. The first that knows the player decides; where all say no, he is turned away.
//! - Where one of those that were asked did not answer and none knows the player, it is an outage: `outage` says what becomes of him.
//! - One that is asked too often is there, and no outage: whoever floods the host with logins must not open the door for himself.
//! - Who was verified is remembered in `state` while `outage = "allow-known"`: name, address and profile.
//! - The server hash proves a session to whoever has it: it stands in the question, and in no line of the log.

mod outage;
mod session_server;
mod settings;

use portcullis_sdk::clock::Instant;
use portcullis_sdk::prelude::*;

use crate::session_server::{Answer, Trouble, ask};
use crate::settings::{Duplicate, Outage, Settings};

/// Has players verified by a session server.
#[derive(Plugin)]
#[plugin(stage = "login")]
pub struct AuthMojang {
    settings: Settings,
    /// The session server that did not answer last; none once one did. So the log has one line for an outage.
    silent: Option<String>,
}

/// What became of players who had themselves verified.
static PLAYERS: Counter<1> = Counter::new("players_total", ["outcome"]);

/// Questions by what came of them.
static ANSWERS: Counter<1> = Counter::new("answers_total", ["answer"]);

/// How long session servers took to answer.
static ANSWER_SECONDS: Histogram<0> = Histogram::new("answer_seconds", []);

impl AuthMojang {
    /// Asks one after the other. Absent: none knows the player, and all answered.
    fn verify(&mut self, session: &Session, proof: &Proof) -> Result<Option<Profile>, Trouble> {
        let ip = self.settings.send_ip.then(|| session.peer().ip());
        let mut trouble = None;
        for server in &self.settings.session_server {
            let asked = Instant::now();
            let answer = ask(server, proof, ip, self.settings.timeout);
            ANSWER_SECONDS.observe(asked.elapsed().as_secs_f64(), []);
            match answer {
                Ok(Answer::Known(profile)) => {
                    ANSWERS.add(1, ["known"]);
                    if self.silent.take().is_some() {
                        info!("session servers answer again");
                    }
                    return Ok(Some(profile));
                }
                Ok(Answer::Unknown) => ANSWERS.add(1, ["unknown"]),
                Err(found) => {
                    ANSWERS.add(1, [found.label()]);
                    if self.silent.as_deref() != Some(server.host()) {
                        warn!("{} did not say who players are: {found}", server.host());
                        self.silent = Some(server.host().to_owned());
                    }
                    // Once is enough, whatever others say.
                    if trouble != Some(Trouble::Throttled) {
                        trouble = Some(found);
                    }
                }
            }
        }
        trouble.map_or(Ok(None), Err)
    }
}

#[hooks]
impl Login for AuthMojang {
    fn claim(&mut self, session: &Session, _claim: &Claim) -> ClaimVerdict {
        match self.settings.is_for(session.host()) {
            true => ClaimVerdict::ForceOnline,
            false => ClaimVerdict::Next,
        }
    }

    fn authenticate(&mut self, session: &Session, proof: &Proof) -> ProofVerdict {
        if !self.settings.is_for(session.host()) {
            return ProofVerdict::Next;
        }
        let remembers = self.settings.outage == Outage::AllowKnown;
        let (outcome, verdict) = match self.verify(session, proof) {
            Ok(Some(profile)) => {
                if remembers {
                    outage::remember(&profile, session.peer().ip(), self.settings.known_for);
                }
                ("verified", ProofVerdict::Profile(profile))
            }
            Ok(None) => ("unverified", ProofVerdict::Deny(self.settings.unverified_text.clone())),
            Err(Trouble::Throttled) => ("throttled", ProofVerdict::Deny(self.settings.outage_text.clone())),
            Err(_) => match remembers
                .then(|| outage::known(&proof.name, session.peer().ip()))
                .flatten()
            {
                Some(profile) => ("known", ProofVerdict::Profile(profile)),
                None => ("outage", ProofVerdict::Deny(self.settings.outage_text.clone())),
            },
        };
        PLAYERS.add(1, [outcome]);
        verdict
    }

    fn joined_before(&mut self, session: &Session, _profile: &Profile, _others: &[SessionId]) -> ConflictVerdict {
        let is_verified = session.identity().is_some_and(|identity| identity.verified);
        match self.settings.duplicate {
            Duplicate::Leave => ConflictVerdict::Next,
            Duplicate::KickOld if is_verified => ConflictVerdict::KickOld(self.settings.kicked_text.clone()),
            // Whoever types a name must not throw out who has it.
            Duplicate::KickOld | Duplicate::DenyNew => ConflictVerdict::DenyNew(self.settings.duplicate_text.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
