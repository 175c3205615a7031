//! Calls of [`Login`], in an instance that shares no field with the other hooks'.

use super::super::checks::bad;
use super::super::running::{Running, succeed};
use crate::hooks::Outcome;
use crate::{
    Claim, ClaimVerdict, ConflictVerdict, Error, Login, Profile, ProfileVerdict, Proof, ProofVerdict, Result, Session,
    SessionId,
};

impl<P: Login> Running<P> {
    /// Calls [`Login::claim`] with the name that the session claims.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn claim(&mut self, _: &Session, _: &Claim) -> ClaimVerdict {
    ///         ClaimVerdict::deny("no")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_login();
    /// assert_eq!(mine.claim(&session), ClaimVerdict::deny("no"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn claim(&mut self, session: &Session) -> ClaimVerdict {
        succeed(self.try_claim(session))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn claim(&mut self, _: &Session, _: &Claim) -> Result<ClaimVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_login();
    /// assert_eq!(mine.try_claim(&session).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_claim(&mut self, session: &Session) -> Result<ClaimVerdict> {
        let claim = Claim {
            name: claimed(session)?,
            uuid: session.mock().claimed_uuid(),
        };
        self.ask_slowly(session, |plugin, session| plugin.claim(session, &claim).outcome())
    }

    /// Calls [`Login::authenticate`] with the name that the session claims.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn authenticate(&mut self, _: &Session, _: &Proof) -> ProofVerdict {
    ///         ProofVerdict::deny("no")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_login();
    /// assert_eq!(mine.authenticate(&session, "-af59e5"), ProofVerdict::deny("no"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn authenticate(&mut self, session: &Session, server_hash: &str) -> ProofVerdict {
        succeed(self.try_authenticate(session, server_hash))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn authenticate(&mut self, _: &Session, _: &Proof) -> Result<ProofVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_login();
    /// assert_eq!(mine.try_authenticate(&session, "-af59e5").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_authenticate(&mut self, session: &Session, server_hash: &str) -> Result<ProofVerdict> {
        let proof = Proof {
            name: claimed(session)?,
            server_hash: server_hash.to_owned(),
        };
        self.ask_slowly(session, |plugin, session| {
            plugin.authenticate(session, &proof).outcome()
        })
    }

    /// Calls [`Login::profile`] with the session's profile, and replaces it where the verdict says so.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn profile(&mut self, _: &Session, _: &Profile) -> ProfileVerdict {
    ///         ProfileVerdict::deny("no")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().unverified(Profile::new("069579f1-40e5-3b5c-86b4-cc372f1a5dfb", "Ada")).at_login();
    /// assert_eq!(mine.profile(&session), ProfileVerdict::deny("no"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, the session has no identity, or the host would refuse the verdict.
    pub fn profile(&mut self, session: &Session) -> ProfileVerdict {
        succeed(self.try_profile(session))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn profile(&mut self, _: &Session, _: &Profile) -> Result<ProfileVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().unverified(Profile::new("069579f1-40e5-3b5c-86b4-cc372f1a5dfb", "Ada")).at_login();
    /// assert_eq!(mine.try_profile(&session).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_profile(&mut self, session: &Session) -> Result<ProfileVerdict> {
        let profile = known(session)?;
        let verdict = self.ask_slowly(session, |plugin, session| plugin.profile(session, &profile).outcome())?;
        if let ProfileVerdict::Replace(profile) = &verdict {
            session.mock().replace_profile(profile);
        }
        Ok(verdict)
    }

    /// Calls [`Login::joined_before`] with the session's profile.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn joined_before(&mut self, _: &Session, _: &Profile, _: &[SessionId]) -> ConflictVerdict {
    ///         ConflictVerdict::deny_new("no")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().unverified(Profile::new("069579f1-40e5-3b5c-86b4-cc372f1a5dfb", "Ada")).at_login();
    /// assert_eq!(mine.joined_before(&session, &[]), ConflictVerdict::deny_new("no"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, the session has no identity, or the host would refuse the verdict.
    pub fn joined_before(&mut self, session: &Session, others: &[SessionId]) -> ConflictVerdict {
        succeed(self.try_joined_before(session, others))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "login")] struct Mine;
    /// #[hooks]
    /// impl Login for Mine {
    ///     fn joined_before(&mut self, _: &Session, _: &Profile, _: &[SessionId]) -> Result<ConflictVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().unverified(Profile::new("069579f1-40e5-3b5c-86b4-cc372f1a5dfb", "Ada")).at_login();
    /// assert_eq!(mine.try_joined_before(&session, &[]).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_joined_before(&mut self, session: &Session, others: &[SessionId]) -> Result<ConflictVerdict> {
        let profile = known(session)?;
        self.ask_slowly(session, |plugin, session| {
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
