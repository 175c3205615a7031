//! Calls of [`Login`], in an instance that shares no field with the other hooks'.

use super::super::checks::bad;
use super::super::running::{Running, ask_slowly, succeed};
use crate::hooks::Outcome;
use crate::{
    Claim, ClaimVerdict, ConflictVerdict, Error, Login, Profile, ProfileVerdict, Proof, ProofVerdict, Result, Session,
    SessionId,
};

impl<P: Login> Running<P> {
    /// Calls [`Login::claim`] with the name that the session claims.
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn claim(&mut self, session: &Session) -> ClaimVerdict {
        succeed(self.try_claim(session))
    }

    /// The same, with the failure as a value.
    pub fn try_claim(&mut self, session: &Session) -> Result<ClaimVerdict> {
        let claim = Claim {
            name: claimed(session)?,
            uuid: session.mock().claimed_uuid(),
        };
        let plugin = self.waiting()?;
        ask_slowly(session, |session| plugin.claim(session, &claim).outcome())
    }

    /// Calls [`Login::authenticate`] with the name that the session claims.
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn authenticate(&mut self, session: &Session, server_hash: &str) -> ProofVerdict {
        succeed(self.try_authenticate(session, server_hash))
    }

    /// The same, with the failure as a value.
    pub fn try_authenticate(&mut self, session: &Session, server_hash: &str) -> Result<ProofVerdict> {
        let proof = Proof {
            name: claimed(session)?,
            server_hash: server_hash.to_owned(),
        };
        let plugin = self.waiting()?;
        ask_slowly(session, |session| plugin.authenticate(session, &proof).outcome())
    }

    /// Calls [`Login::profile`] with the session's profile, and replaces it where the verdict says so.
    ///
    /// # Panics
    ///
    /// Where the call fails, the session has no identity, or the host would refuse the verdict.
    pub fn profile(&mut self, session: &Session) -> ProfileVerdict {
        succeed(self.try_profile(session))
    }

    /// The same, with the failure as a value.
    pub fn try_profile(&mut self, session: &Session) -> Result<ProfileVerdict> {
        let profile = known(session)?;
        let plugin = self.waiting()?;
        let verdict = ask_slowly(session, |session| plugin.profile(session, &profile).outcome())?;
        if let ProfileVerdict::Replace(profile) = &verdict {
            session.mock().replace_profile(profile);
        }
        Ok(verdict)
    }

    /// Calls [`Login::joined_before`] with the session's profile.
    ///
    /// # Panics
    ///
    /// Where the call fails, the session has no identity, or the host would refuse the verdict.
    pub fn joined_before(&mut self, session: &Session, others: &[SessionId]) -> ConflictVerdict {
        succeed(self.try_joined_before(session, others))
    }

    /// The same, with the failure as a value.
    pub fn try_joined_before(&mut self, session: &Session, others: &[SessionId]) -> Result<ConflictVerdict> {
        let profile = known(session)?;
        let plugin = self.waiting()?;
        ask_slowly(session, |session| {
            let verdict = plugin.joined_before(session, &profile, others).outcome()?;
            let is_verified = session.identity().is_some_and(|identity| identity.verified);
            match verdict {
                ConflictVerdict::KickOld(_) if !is_verified => {
                    bad("nobody is kicked for a profile that no session server has vouched for".to_owned())
                }
                verdict => Ok(verdict),
            }
        })
    }
}

fn claimed(session: &Session) -> Result<String> {
    let name = session.mock().claimed_name();
    name.ok_or_else(|| Error::new("nobody claims a name yet: build the session with `at_login()`"))
}

fn known(session: &Session) -> Result<Profile> {
    let identity = session.mock().identity();
    let identity = identity
        .ok_or_else(|| Error::new("the session has no profile: build it with `verified(…)` or `unverified(…)`"))?;
    Ok(identity.profile)
}
