//! Who a player is.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::login::exports::portcullis::plugin::login as contract;
use crate::plugin::Exports;
use crate::session::Profile;
use crate::{Plugin, Session, SessionId, Text};

/// Who a player is: asked where the host stands in the middle ([`Mode::Framed`](crate::Mode::Framed)), before any server is
/// dialled.
///
/// **These calls may wait**, for [`http`](crate::http) for example, up to 5 s each. They run in instances of their own, from a
/// pool that all workers share: no field is shared with the instances that the other hooks are called in, and the next call
/// may meet another instance. What must be known elsewhere goes through [`state`](crate::state), or into an attribute of the
/// session.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Takes names as they are, but for those of the staff.
/// #[derive(Plugin)]
/// #[plugin(stage = "login")]
/// struct Party;
///
/// #[hooks]
/// impl Login for Party {
///     fn claim(&mut self, _session: &Session, claim: &Claim) -> ClaimVerdict {
///         match claim.name.starts_with("Staff") {
///             true => ClaimVerdict::ForceOnline,
///             false => ClaimVerdict::ForceOffline,
///         }
///     }
/// }
///
/// let mut party = Host::new().start::<Party>("");
/// let session = Session::build().name("Ada").at_login();
/// assert_eq!(party.claim(&session), ClaimVerdict::ForceOffline);
/// ```
pub trait Login: Plugin + Exported<hook::Login> {
    /// A player wants in, and nothing has been asked of him yet.
    fn claim(&mut self, session: &Session, claim: &Claim) -> impl Outcome<ClaimVerdict> {
        let _ = (session, claim);
        ClaimVerdict::Next
    }

    /// The connection has been encrypted. Only after [`ClaimVerdict::ForceOnline`].
    fn authenticate(&mut self, session: &Session, proof: &Proof) -> impl Outcome<ProofVerdict> {
        let _ = (session, proof);
        ProofVerdict::Next
    }

    /// The profile is known; [`Session::identity`] says whether it is verified.
    fn profile(&mut self, session: &Session, profile: &Profile) -> impl Outcome<ProfileVerdict> {
        let _ = (session, profile);
        ProfileVerdict::Next
    }

    /// Sessions with this profile's UUID are there already. Only then.
    fn joined_before(
        &mut self,
        session: &Session,
        profile: &Profile,
        others: &[SessionId],
    ) -> impl Outcome<ConflictVerdict> {
        let _ = (session, profile, others);
        ConflictVerdict::Next
    }
}

/// What the client says of itself. Nobody has verified it.
///
/// ```
/// use portcullis_sdk::Claim;
///
/// let claim = Claim { name: "Ada".into(), uuid: None };
/// assert_eq!(claim.name, "Ada");
/// ```
pub use contract::Claim;

/// What becomes of a claim.
///
/// ```
/// use portcullis_sdk::{ClaimVerdict, Text};
///
/// assert_eq!(ClaimVerdict::deny("<red>No"), ClaimVerdict::Deny(Text::markup("<red>No")));
/// ```
pub use contract::ClaimVerdict;

/// What a session server needs to say whether the player is who he claims to be. The hash is worth the player's session until it
/// was used: keep it out of logs.
///
/// ```
/// use portcullis_sdk::Proof;
///
/// let proof = Proof { name: "Ada".into(), server_hash: "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1".into() };
/// assert_eq!(proof.name, "Ada");
/// ```
pub use contract::Proof;

/// Whether the player is who he claims to be.
///
/// ```
/// use portcullis_sdk::{Profile, ProofVerdict};
///
/// let profile = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// assert_ne!(ProofVerdict::Profile(profile), ProofVerdict::deny("Who are you?"));
/// ```
pub use contract::ProofVerdict;

/// What becomes of a profile.
///
/// ```
/// use portcullis_sdk::{Profile, ProfileVerdict};
///
/// let profile = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// assert_ne!(ProfileVerdict::Replace(profile), ProfileVerdict::Next);
/// ```
pub use contract::ProfileVerdict;

/// What becomes of a player who is there twice.
///
/// ```
/// use portcullis_sdk::{ConflictVerdict, Text};
///
/// let verdict = ConflictVerdict::kick_old("You came from elsewhere");
/// assert_eq!(verdict, ConflictVerdict::KickOld(Text::markup("You came from elsewhere")));
/// ```
pub use contract::ConflictVerdict;

macro_rules! deny {
    ($($verdict:ident)+) => {$(
        impl $verdict {
            /// Final: show this text, markup unless it is a [`Text`].
            ///
            /// ```
            #[doc = concat!("use portcullis_sdk::{Text, ", stringify!($verdict), "};\n")]
            #[doc = concat!(
                "assert_eq!(", stringify!($verdict), "::deny(\"no\"), ", stringify!($verdict), "::Deny(Text::markup(\"no\")));"
            )]
            /// ```
            pub fn deny(text: impl Into<Text>) -> Self {
                Self::Deny(text.into())
            }
        }
    )+};
}

deny! { ClaimVerdict ProofVerdict ProfileVerdict }

impl ConflictVerdict {
    /// Final: the player who wants in is shown this text, markup unless it is a [`Text`].
    ///
    /// ```
    /// use portcullis_sdk::{ConflictVerdict, Text};
    ///
    /// assert_eq!(ConflictVerdict::deny_new("no"), ConflictVerdict::DenyNew(Text::markup("no")));
    /// ```
    pub fn deny_new(text: impl Into<Text>) -> Self {
        Self::DenyNew(text.into())
    }

    /// Final: those who are in are shown this text and sent away. Only for a verified profile: a claimed name touches nobody.
    ///
    /// ```
    /// use portcullis_sdk::{ConflictVerdict, Text};
    ///
    /// assert_eq!(ConflictVerdict::kick_old("bye"), ConflictVerdict::KickOld(Text::markup("bye")));
    /// ```
    pub fn kick_old(text: impl Into<Text>) -> Self {
        Self::KickOld(text.into())
    }
}

impl<P: Login> contract::Guest for Exports<P> {
    fn on_claim(claim: Claim) -> ClaimVerdict {
        ask::<P, _>(|plugin| plugin.claim(&Session::at_hand(), &claim).outcome())
    }

    fn authenticate(proof: Proof) -> ProofVerdict {
        ask::<P, _>(|plugin| plugin.authenticate(&Session::at_hand(), &proof).outcome())
    }

    fn on_profile(profile: Profile) -> ProfileVerdict {
        ask::<P, _>(|plugin| plugin.profile(&Session::at_hand(), &profile).outcome())
    }

    fn joined_before(profile: Profile, others: Vec<u64>) -> ConflictVerdict {
        let others: Vec<SessionId> = others.into_iter().map(SessionId::of).collect();
        ask::<P, _>(|plugin| plugin.joined_before(&Session::at_hand(), &profile, &others).outcome())
    }
}
