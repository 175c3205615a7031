//! Profiles as plugins are told them.

use portcullis_registry::Profile;

use crate::bindings::portcullis::plugin::types;

/// A profile as plugins are told it.
pub(crate) fn contract_profile(profile: &Profile) -> types::Profile {
    let properties = profile.properties.iter().map(|property| types::Property {
        name: property.name.clone(),
        value: property.value.clone(),
        signature: property.signature.clone(),
    });
    types::Profile {
        uuid: profile.uuid.to_string(),
        name: profile.name.clone(),
        properties: properties.collect(),
    }
}
