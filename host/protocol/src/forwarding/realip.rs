//! TCPShield's host field: `name///address:port///time///signature`, the client's address with a signature that a server can
//! check. Signing and checking are a plugin's; versions of RealIP before 2.5 left the signature out.
//! <https://github.com/TCPShield/RealIP>

use std::net::SocketAddr;

const SEPARATOR: &str = "///";

/// The fields behind a name. Nothing here is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealIp<'a> {
    /// What the signature covers: name, address and time with their separators.
    pub signed: &'a str,
    /// The client's address as the proxy in front saw it.
    pub address: SocketAddr,
    /// When that was, in seconds since 1970.
    pub time: u64,
    /// Base64 of a signature, where there is one.
    pub signature: Option<&'a str>,
}

impl<'a> RealIp<'a> {
    /// From a raw host field, if it has the form. Markers of modded clients may follow.
    pub fn of_host_field(raw: &'a str) -> Option<Self> {
        let field = raw.split('\0').next()?;
        let mut parts = field.split(SEPARATOR);
        let (name, address, time) = (parts.next()?, parts.next()?, parts.next()?);
        let signature = parts.next();
        if parts.next().is_some() {
            return None;
        }
        let signed = name.len() + address.len() + time.len() + 2 * SEPARATOR.len();
        Some(Self {
            signed: field.get(..signed)?,
            address: socket_address(address)?,
            time: time.parse().ok()?,
            signature,
        })
    }
}

/// What a signature for these fields has to cover: with one or without, also the host field to send.
pub fn to_sign(name: &str, address: SocketAddr, time: u64) -> String {
    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
    format!("{name}{SEPARATOR}{address}{SEPARATOR}{time}")
}

/// The host field to send: what was signed, and the signature in base64.
pub fn host_field(signed: &str, signature: &str) -> String {
    [signed, SEPARATOR, signature].concat()
}

/// IPv6 comes with brackets and without.
fn socket_address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| {
        let (ip, port) = text.rsplit_once(':')?;
        Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostField;

    #[track_caller]
    fn check(raw: &str, expect: Option<(&str, &str, u64, Option<&str>)>) {
        let read = RealIp::of_host_field(raw);
        let fields = read.map(|real| (real.signed, real.address.to_string(), real.time, real.signature));
        let expect = expect.map(|(signed, address, time, signature)| (signed, address.to_owned(), time, signature));
        assert_eq!(fields, expect, "{raw:?}");
    }

    #[test]
    fn fields_are_read_with_and_without_a_signature() {
        let signed = "a.example///192.0.2.1:5///1700000000";
        check(
            "a.example///192.0.2.1:5///1700000000///c2ln",
            Some((signed, "192.0.2.1:5", 1_700_000_000, Some("c2ln"))),
        );
        check(
            "a.example///192.0.2.1:5///1700000000\0FML2\0",
            Some((signed, "192.0.2.1:5", 1_700_000_000, None)),
        );
        check(
            "a///2001:db8::1:5///1",
            Some(("a///2001:db8::1:5///1", "[2001:db8::1]:5", 1, None)),
        );
        check(
            "a///[2001:db8::1]:5///1",
            Some(("a///[2001:db8::1]:5///1", "[2001:db8::1]:5", 1, None)),
        );
    }

    #[test]
    fn other_fields_are_not_taken_for_it() {
        for raw in [
            "a",
            "a///b",
            "a///192.0.2.1:5",
            "a///192.0.2.1///1",
            "a///192.0.2.1:5///x",
            "a///192.0.2.1:5///1///s///t",
        ] {
            check(raw, None);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let address = "[2001:db8::1]:5".parse().unwrap();
        let signed = to_sign("a.example", address, 7);
        check(&signed, Some((&signed, "[2001:db8::1]:5", 7, None)));
        let field = host_field(&signed, "c2ln");
        check(&field, Some((&signed, "[2001:db8::1]:5", 7, Some("c2ln"))));
        assert_eq!(HostField::parse(&field).unwrap().name(), "a.example");
    }
}
