//! What servers are told of players, in the forms that they understand. With the feature `forwarding`.
//!
//! [`velocity`] is the answer to a server's question ([`Forward::question`](crate::Forward::question)); [`bungeecord`] is what stands
//! in the host field ([`Forward::introduce`](crate::Forward::introduce)).
//!
//! ```
//! use portcullis_sdk::forwarding;
//! use portcullis_sdk::{Profile, Session};
//!
//! let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
//! let session = Session::build().host("a.example").peer("192.0.2.7:4000").verified(ada.clone()).at_route();
//! let field = forwarding::bungeecord(&session, &ada, &[])?;
//! assert_eq!(field, "a.example\x00192.0.2.7\x00069579f140e54b5c86b4cc372f1a5dfb\0[]");
//! # Ok::<(), portcullis_sdk::Error>(())
//! ```

use portcullis_protocol::host::Marker as WireMarker;
use portcullis_protocol::login::ChatKey as WireKey;
use portcullis_protocol::profile::{self, Profile as WireProfile, Property as WireProperty};
use portcullis_protocol::version::Protocol;

pub use portcullis_protocol::forwarding::guard::Token;
pub use portcullis_protocol::forwarding::modern::{CHANNEL as VELOCITY_CHANNEL, Secret};
pub use portcullis_protocol::forwarding::realip::{RealIp, host_field as signed_host_field, to_sign};
pub use portcullis_protocol::forwarding::{ForwardingError, guard, legacy, modern};

use crate::session::{Marker, Profile, Property};
use crate::{Error, Result, Session};

/// The answer to Velocity's question: address and profile, signed, in the newest version that the server asks for and that says all
/// there is to say.
///
/// ```
/// use portcullis_sdk::forwarding::{self, Secret, modern::PlayerInfo};
/// use portcullis_sdk::{Profile, Session};
///
/// let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// let session = Session::build().peer("192.0.2.7:4000").verified(ada.clone()).at_route();
/// let secret = Secret::new("hunter2").unwrap();
/// let answer = forwarding::velocity(&session, &ada, &[4], &secret)?;
/// assert_eq!(PlayerInfo::verify(&answer, &secret)?.profile.name, "Ada");
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
///
/// # Errors
///
/// Where the profile's UUID is none.
pub fn velocity(session: &Session, profile: &Profile, question: &[u8], secret: &Secret) -> Result<Vec<u8>> {
    let key = session.chat_key();
    let info = modern::PlayerInfo {
        address: session.peer().ip(),
        profile: wire_profile(profile)?,
        key: key.map(|key| WireKey {
            expires: key.expires_ms,
            key: &key.key,
            signature: &key.signature,
        }),
        key_holder: key.and_then(|key| profile::parse_uuid(key.holder.as_deref()?)),
    };
    let version = modern::Version::choose(question, Protocol(session.protocol()), key.is_some());
    Ok(info.answer(version, secret))
}

/// The host field of BungeeCord's forwarding: the host that the player asked for, address, UUID and properties, and `extra` ones behind
/// them.
///
/// ```
/// use portcullis_sdk::forwarding::{self, Token};
/// use portcullis_sdk::{Profile, Property, Session};
///
/// let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// let session = Session::build().verified(ada.clone()).at_route();
/// let token = Property { name: "token".into(), value: "hunter2".into(), signature: None };
/// assert!(forwarding::bungeecord(&session, &ada, &[token])?.ends_with(r#"[{"name":"token","value":"hunter2"}]"#));
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
///
/// # Errors
///
/// Where the profile's UUID is none, or the field is longer than servers read.
pub fn bungeecord(session: &Session, profile: &Profile, extra: &[Property]) -> Result<String> {
    let marker = session.handshake().and_then(|handshake| handshake.marker);
    let extra: Vec<WireProperty> = extra.iter().map(wire_property).collect();
    let field = legacy::host_field(
        session.host(),
        session.peer().ip(),
        &wire_profile(profile)?,
        marker.map(wire_marker),
        &extra,
    )?;
    Ok(field)
}

/// The property that carries a BungeeGuard token, for [`bungeecord`].
///
/// ```
/// use portcullis_sdk::forwarding::{Token, token_property};
///
/// let property = token_property(&Token::new("hunter2").unwrap());
/// assert_eq!(property.name, "bungeeguard-token");
/// ```
pub fn token_property(token: &Token) -> Property {
    let WireProperty { name, value, signature } = token.property();
    Property { name, value, signature }
}

fn wire_profile(profile: &Profile) -> Result<WireProfile> {
    let uuid = profile::parse_uuid(&profile.uuid);
    Ok(WireProfile {
        uuid: uuid.ok_or_else(|| Error::new(format!("{:?} is no UUID", profile.uuid)))?,
        name: profile.name.clone(),
        properties: profile.properties.iter().map(wire_property).collect(),
    })
}

fn wire_property(property: &Property) -> WireProperty {
    WireProperty {
        name: property.name.clone(),
        value: property.value.clone(),
        signature: property.signature.clone(),
    }
}

fn wire_marker(marker: Marker) -> WireMarker {
    match marker {
        Marker::Fml => WireMarker::Fml,
        Marker::Fml2 => WireMarker::Fml2,
        Marker::Fml3 => WireMarker::Fml3,
        Marker::Forge => WireMarker::Forge,
    }
}
