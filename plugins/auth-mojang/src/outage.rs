//! Who was verified lately, and from where: for times in which nobody can be asked.

use std::net::IpAddr;
use std::time::Duration;

use portcullis_sdk::prelude::*;
use portcullis_sdk::state::Key;

#[derive(State)]
struct Known {
    address: IpAddr,
    uuid: String,
    name: String,
    /// Name, value and signature.
    properties: Vec<(String, String, Option<String>)>,
}

/// By name in lower case.
const KNOWN: Key<Known> = Key::new("known");

/// Remembers somebody who has just been verified. Where the quota is exhausted, he is not known: that is all.
pub(crate) fn remember(profile: &Profile, address: IpAddr, known_for: Duration) {
    let properties = profile.properties.iter().cloned();
    let known = Known {
        address: address.to_canonical(),
        uuid: profile.uuid.clone(),
        name: profile.name.clone(),
        properties: properties
            .map(|property| (property.name, property.value, property.signature))
            .collect(),
    };
    if let Err(error) = KNOWN.lasting(known_for).set(&profile.name.to_ascii_lowercase(), &known) {
        debug!("did not remember a player who was verified: {error}");
    }
}

/// Somebody of this name who was verified from this address.
pub(crate) fn known(name: &str, address: IpAddr) -> Option<Profile> {
    let known = KNOWN.get(&name.to_ascii_lowercase()).ok()??;
    if known.address != address.to_canonical() {
        return None;
    }
    let properties = known.properties.into_iter();
    Some(Profile {
        uuid: known.uuid,
        name: known.name,
        properties: properties
            .map(|(name, value, signature)| Property { name, value, signature })
            .collect(),
    })
}
