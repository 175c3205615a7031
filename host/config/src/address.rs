//! Where a backend server listens: a host name or an IP address, and a port. Resolved when dialled, not here.

use std::{fmt, net::IpAddr, str::FromStr};

/// Longest host name, in bytes (RFC 1035 §2.3.4, without the root's trailing dot).
const MAX_HOST_LEN: usize = 253;
/// Longest label of a host name, in bytes (RFC 1035 §2.3.4).
const MAX_LABEL_LEN: usize = 63;

/// A host and a port, as in `lobby.internal:25566`, `10.0.0.5:25566` or `[2001:db8::5]:25566`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// A DNS name, or an IP address in its usual text form, IPv6 without brackets.
    pub host: String,
    /// Never 0.
    pub port: u16,
}

impl Address {
    /// The host as an IP address, if it is one and nothing needs to be resolved.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Only a host was written.
    #[error("`{0}` has no port; write it as `host:port`, for example `{0}:25565`")]
    NoPort(String),
    /// The part after the last colon is not a port.
    #[error("`{0}` does not end in a port between 1 and 65535")]
    Port(String),
    /// An IPv6 address without brackets: its last group would be taken for a port.
    #[error("`{0}` is an IPv6 address without brackets; write `[address]:port`")]
    Brackets(String),
    /// Often a URL, a space or a wildcard where a name belongs.
    #[error("`{0}` is neither a host name nor an IP address")]
    Host(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some((host, port)) = text.rsplit_once(':') else {
            return Err(if is_host_name(text) {
                AddressError::NoPort(text.into())
            } else {
                AddressError::Host(text.into())
            });
        };
        let host = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(Some(inner)) if inner.parse::<std::net::Ipv6Addr>().is_ok() => inner,
            Some(_) => return Err(AddressError::Host(text.into())),
            None if host.contains(':') && text.parse::<IpAddr>().is_ok() => {
                return Err(AddressError::Brackets(text.into()));
            }
            None if is_host_name(host) => host,
            None => return Err(AddressError::Host(host.into())),
        };
        match port.parse() {
            Ok(port) if port != 0 => Ok(Self {
                host: host.into(),
                port,
            }),
            _ => Err(AddressError::Port(text.into())),
        }
    }
}

/// Letters, digits, hyphens and underscores (which DNS carries and container networks use), in labels; a text of digits and
/// dots only must be an IPv4 address.
fn is_host_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return name == text && name.parse::<IpAddr>().is_ok();
    }
    name.len() <= MAX_HOST_LEN
        && name.split('.').all(|label| {
            (1..=MAX_LABEL_LEN).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_parse_and_show_unchanged() {
        for text in [
            "lobby:25566",
            "127.0.0.1:1",
            "[::1]:25565",
            "a_b.example.com.:65535",
            "mc-1.example.com:25565",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        let v6: Address = "[2001:db8::5]:25565".parse().unwrap();
        assert_eq!(
            (v6.host.as_str(), v6.port, v6.ip().is_some()),
            ("2001:db8::5", 25565, true)
        );
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        fn check(text: &str, expected: &str) {
            assert_eq!(text.parse::<Address>().unwrap_err().to_string(), expected);
        }
        check(
            "lobby",
            "`lobby` has no port; write it as `host:port`, for example `lobby:25565`",
        );
        check("lobby:0", "`lobby:0` does not end in a port between 1 and 65535");
        check(
            "lobby:70000",
            "`lobby:70000` does not end in a port between 1 and 65535",
        );
        check(
            "::1",
            "`::1` is an IPv6 address without brackets; write `[address]:port`",
        );
        check("[::1", "`[::1` is neither a host name nor an IP address");
        check("[lobby]:1", "`[lobby]:1` is neither a host name nor an IP address");
        check(
            "tcp://lobby:1",
            "`tcp://lobby` is neither a host name nor an IP address",
        );
        check("10.0.0.256:1", "`10.0.0.256` is neither a host name nor an IP address");
        check(
            "*.example.com:1",
            "`*.example.com` is neither a host name nor an IP address",
        );
        check("", "`` is neither a host name nor an IP address");
        check(":25565", "`` is neither a host name nor an IP address");
        check(
            &format!("{}:1", "x".repeat(64)),
            &format!("`{}` is neither a host name nor an IP address", "x".repeat(64)),
        );
    }
}
