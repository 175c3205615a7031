//! Profiles and keys as plugins and the registry have them, and as packets have them.

use portcullis_protocol::{login, profile as wire};
use portcullis_registry::{ChatKey, Profile, Property};
use uuid::Uuid;

/// As packets have it.
pub(super) fn to_wire(profile: &Profile) -> wire::Profile {
    wire::Profile {
        uuid: profile.uuid,
        name: profile.name.clone(),
        properties: profile
            .properties
            .iter()
            .map(|property| wire::Property {
                name: property.name.clone(),
                value: property.value.clone(),
                signature: property.signature.clone(),
            })
            .collect(),
    }
}

/// As plugins have it.
pub(super) fn of_wire(profile: wire::Profile) -> Profile {
    Profile {
        uuid: profile.uuid,
        name: profile.name,
        properties: profile
            .properties
            .into_iter()
            .map(|property| Property {
                name: property.name,
                value: property.value,
                signature: property.signature,
            })
            .collect(),
    }
}

/// As plugins have it; `claimed` is the UUID that stood in the same login start.
pub(super) fn chat_key(key: &login::ChatKey<'_>, claimed: Option<Uuid>) -> ChatKey {
    ChatKey {
        expires_ms: key.expires,
        key: key.key.into(),
        signature: key.signature.into(),
        holder: claimed,
    }
}
