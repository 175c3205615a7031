//! BungeeCord's forwarding: address, UUID and properties behind the name in the handshake's host field. Nothing protects it:
//! a server that reads it must not be reachable past the proxy.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ForwardingError;
use crate::{
    host::Marker,
    profile::{MAX_PROPERTIES, Profile, Property},
};

/// Longest host field in UTF-16 units that servers with forwarding read.
pub const MAX_FIELD_CHARS: usize = 32_767;

/// Says that a client is Forge's for 1.8 to 1.12, whose marker has no room in a forwarded host field.
const FORGE_CLIENT: &str = "forgeClient";

/// Carries a Forge client's marker, with 1 for its NULs.
const EXTRA_DATA: &str = "extraData";

/// The host field for a server: `host` as it shall see it, the client's address and its profile. A marker goes along as a
/// property, as servers with Forge read it. `extra` properties follow those of the profile.
pub fn host_field(
    host: &str,
    address: IpAddr,
    profile: &Profile,
    marker: Option<Marker>,
    extra: &[Property],
) -> Result<String, ForwardingError> {
    let markers = marker.map(marker_properties).unwrap_or_default();
    let all = profile.properties.iter().chain(&markers).chain(extra);
    let properties =
        serde_json::to_string(&all.map(Written::from).collect::<Vec<_>>()).map_err(|_| ForwardingError::Malformed)?;
    let field = format!(
        "{host}\0{}\0{}\0{properties}",
        address.to_canonical(),
        profile.uuid.simple()
    );
    let length = field.encode_utf16().count();
    if length > MAX_FIELD_CHARS {
        return Err(ForwardingError::TooLong(length));
    }
    Ok(field)
}

/// The properties of forwarded data, which [`Forwarded`](crate::host::Forwarded) leaves as they are.
pub fn properties(json: &str) -> Result<Vec<Property>, ForwardingError> {
    let read = serde_json::from_str::<Vec<Read>>(json).map_err(|_| ForwardingError::Malformed)?;
    if read.len() > MAX_PROPERTIES {
        return Err(ForwardingError::Malformed);
    }
    Ok(read.into_iter().map(Property::from).collect())
}

fn marker_properties(marker: Marker) -> Vec<Property> {
    let property = |name: &str, value: &str| Property {
        name: name.into(),
        value: value.into(),
        signature: Some(String::new()),
    };
    match marker {
        Marker::Fml => vec![property(FORGE_CLIENT, "true"), property(EXTRA_DATA, "\u{1}FML\u{1}")],
        Marker::Fml2 => vec![property(EXTRA_DATA, "\u{1}FML2\u{1}")],
        Marker::Fml3 => vec![property(EXTRA_DATA, "\u{1}FML3\u{1}")],
        Marker::Forge => vec![property(EXTRA_DATA, "\u{1}FORGE")],
    }
}

#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
}

impl<'a> From<&'a Property> for Written<'a> {
    fn from(property: &'a Property) -> Self {
        Self {
            name: &property.name,
            value: &property.value,
            signature: property.signature.as_deref(),
        }
    }
}

#[derive(Deserialize)]
struct Read {
    name: String,
    value: String,
    #[serde(default)]
    signature: Option<String>,
}

impl From<Read> for Property {
    fn from(Read { name, value, signature }: Read) -> Self {
        Self { name, value, signature }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::host::HostField;

    fn profile(properties: Vec<Property>) -> Profile {
        Profile {
            uuid: Uuid::from_u128(0x0695_79f1_40e5_4b5c_86b4_cc37_2f1a_5dfb),
            name: "Notch".into(),
            properties,
        }
    }

    fn property(name: &str, signature: Option<&str>) -> Property {
        Property {
            name: name.into(),
            value: "a \"value\"".into(),
            signature: signature.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(address: &str, properties: Vec<Property>, marker: Option<Marker>, expect: &str) {
        let field = host_field(
            "play.example.com",
            address.parse().unwrap(),
            &profile(properties),
            marker,
            &[],
        );
        assert_eq!(field.as_deref(), Ok(expect));
    }

    #[test]
    fn the_field_is_as_servers_read_it() {
        check(
            "192.0.2.1",
            vec![],
            None,
            "play.example.com\x00192.0.2.1\x00069579f140e54b5c86b4cc372f1a5dfb\0[]",
        );
        check(
            "::ffff:192.0.2.1",
            vec![property("textures", Some("c2ln")), property("other", None)],
            None,
            "play.example.com\x00192.0.2.1\x00069579f140e54b5c86b4cc372f1a5dfb\0[\
             {\"name\":\"textures\",\"value\":\"a \\\"value\\\"\",\"signature\":\"c2ln\"},\
             {\"name\":\"other\",\"value\":\"a \\\"value\\\"\"}]",
        );
    }

    #[test]
    fn a_forge_clients_marker_goes_along() {
        check(
            "2001:db8::1",
            vec![],
            Some(Marker::Fml),
            "play.example.com\x002001:db8::1\x00069579f140e54b5c86b4cc372f1a5dfb\0[\
             {\"name\":\"forgeClient\",\"value\":\"true\",\"signature\":\"\"},\
             {\"name\":\"extraData\",\"value\":\"\\u0001FML\\u0001\",\"signature\":\"\"}]",
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = vec![property("textures", Some("c2ln")), property("other", None)];
        let extra = property("extra", Some(""));
        let address = "192.0.2.1".parse().unwrap();
        let field = host_field(
            "a",
            address,
            &profile(written.clone()),
            None,
            std::slice::from_ref(&extra),
        )
        .unwrap();
        let forwarded = HostField::parse(&field).unwrap().forwarded().unwrap();
        assert_eq!(
            (forwarded.address, forwarded.uuid),
            (address, "069579f140e54b5c86b4cc372f1a5dfb")
        );
        let read = properties(forwarded.properties.unwrap()).unwrap();
        assert_eq!(read, [&written[..], &[extra]].concat());
    }

    #[test]
    fn a_field_longer_than_servers_read_is_not_written() {
        let long = Property {
            value: "x".repeat(MAX_FIELD_CHARS),
            ..property("textures", None)
        };
        let field = host_field("a", IpAddr::from([0; 4]), &profile(vec![long]), None, &[]);
        assert!(matches!(field, Err(ForwardingError::TooLong(length)) if length > MAX_FIELD_CHARS));
    }

    #[test]
    fn properties_that_are_none_are_refused() {
        let many = format!("[{}]", vec![r#"{"name":"a","value":"b"}"#; 65].join(","));
        for json in ["", "{}", "[1]", r#"[{"name":"a"}]"#, "[[[[", &many] {
            assert_eq!(properties(json), Err(ForwardingError::Malformed), "{json:.20}");
        }
    }
}
