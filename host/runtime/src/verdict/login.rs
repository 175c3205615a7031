//! Verdicts on who a player is: `login`.

use std::sync::Arc;

use portcullis_protocol::profile::{
    MAX_PROPERTIES, MAX_PROPERTY_NAME_CHARS, MAX_PROPERTY_SIGNATURE_CHARS, MAX_PROPERTY_VALUE_CHARS, check_name,
    parse_uuid,
};
use portcullis_registry::{self as registry, Property};

use super::Verdict;
use crate::bindings::exports::portcullis::plugin::login;
use crate::bindings::portcullis::plugin::types;
use crate::context::Context;
use crate::outcome::Text;

/// `on-claim`'s verdict.
pub(crate) enum Claim {
    Next,
    Deny(Text),
    Online,
    Offline,
}

/// `authenticate`'s verdict.
pub(crate) enum Proof {
    Next,
    Profile(Arc<registry::Profile>),
    Deny(Text),
}

/// `on-profile`'s verdict.
pub(crate) enum Profile {
    Next,
    Replace(Arc<registry::Profile>),
    Deny(Text),
}

/// `joined-before`'s verdict.
pub(crate) enum Conflict {
    Next,
    DenyNew(Text),
    KickOld(Text),
}

impl Verdict for login::ClaimVerdict {
    type Checked = Claim;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny(_) => 1,
            Self::ForceOnline => 2,
            Self::ForceOffline => 3,
        }
    }

    fn check(self, _: &mut Context) -> Result<Claim, String> {
        Ok(match self {
            Self::Next => Claim::Next,
            Self::Deny(text) => Claim::Deny(text.into()),
            Self::ForceOnline => Claim::Online,
            Self::ForceOffline => Claim::Offline,
        })
    }
}

impl Verdict for login::ProofVerdict {
    type Checked = Proof;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny(_) => 1,
            Self::Profile(_) => 4,
        }
    }

    fn check(self, _: &mut Context) -> Result<Proof, String> {
        Ok(match self {
            Self::Next => Proof::Next,
            Self::Profile(profile) => Proof::Profile(check_profile(profile)?),
            Self::Deny(text) => Proof::Deny(text.into()),
        })
    }
}

impl Verdict for login::ProfileVerdict {
    type Checked = Profile;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny(_) => 1,
            Self::Replace(_) => 5,
        }
    }

    fn check(self, _: &mut Context) -> Result<Profile, String> {
        Ok(match self {
            Self::Next => Profile::Next,
            Self::Replace(profile) => Profile::Replace(check_profile(profile)?),
            Self::Deny(text) => Profile::Deny(text.into()),
        })
    }
}

impl Verdict for login::ConflictVerdict {
    type Checked = Conflict;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::DenyNew(_) => 6,
            Self::KickOld(_) => 7,
        }
    }

    fn check(self, call: &mut Context) -> Result<Conflict, String> {
        Ok(match self {
            Self::Next => Conflict::Next,
            Self::DenyNew(text) => Conflict::DenyNew(text.into()),
            Self::KickOld(text) => {
                let identity = call.session().ok().and_then(|session| session.identity());
                if !identity.is_some_and(|identity| identity.verified) {
                    return Err("kick-old for a profile that is not verified".into());
                }
                Conflict::KickOld(text.into())
            }
        })
    }
}

/// A profile that every client and server can be told.
fn check_profile(profile: types::Profile) -> Result<Arc<registry::Profile>, String> {
    let bad = |what: String| format!("a profile with {what}");
    let Some(uuid) = parse_uuid(&profile.uuid) else {
        return Err(bad("a UUID that is none".into()));
    };
    check_name(&profile.name).map_err(|error| bad(error.to_string()))?;
    if profile.properties.len() > MAX_PROPERTIES {
        return Err(bad(format!(
            "{} properties; at most {MAX_PROPERTIES}",
            profile.properties.len()
        )));
    }
    let fits = |text: &str, limit: usize| text.chars().count() <= limit;
    let is_sound = |property: &types::Property| {
        fits(&property.name, MAX_PROPERTY_NAME_CHARS)
            && fits(&property.value, MAX_PROPERTY_VALUE_CHARS)
            && property
                .signature
                .as_ref()
                .is_none_or(|signature| fits(signature, MAX_PROPERTY_SIGNATURE_CHARS))
    };
    if !profile.properties.iter().all(is_sound) {
        return Err(bad("a property that is longer than clients read".into()));
    }
    let properties = profile.properties.into_iter().map(|property| Property {
        name: property.name,
        value: property.value,
        signature: property.signature,
    });
    Ok(Arc::new(registry::Profile {
        uuid,
        name: profile.name,
        properties: properties.collect(),
    }))
}
