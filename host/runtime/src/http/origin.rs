//! Scheme, host and port: what a grant is for, and what a request goes to.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

/// An origin (RFC 6454), written in whatever way, in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: &'static str,
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    /// In lower case.
    Name(String),
}

impl Origin {
    /// The origin of a grant, as the configuration has checked it.
    pub(super) fn of_grant(scope: &str) -> Option<Self> {
        Self::of(&scope.parse().ok()?).ok()
    }

    /// The origin that a request goes to; the error says what is wrong with the URL.
    pub(super) fn of(url: &Uri) -> Result<Self, &'static str> {
        let (scheme, usual_port) = match url.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => ("https", 443),
            Some(scheme) if *scheme == Scheme::HTTP => ("http", 80),
            _ => return Err("a URL begins with `https://` or `http://`"),
        };
        let authority = url.authority().ok_or("a URL names a host")?;
        if authority.as_str().contains('@') {
            return Err("a URL has no name and password: send them in a header");
        }
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if bare.is_empty() {
            return Err("a URL names a host");
        }
        // What follows the host is a port or nothing, so that one that is no number is not passed over.
        let port = match authority.as_str().get(host.len()..).unwrap_or_default() {
            "" => usual_port,
            _ => authority.port_u16().ok_or("a URL's port is a number up to 65535")?,
        };
        Ok(Self {
            scheme,
            host: match bare.parse() {
                Ok(address) => Host::Address(address),
                Err(_) => Host::Name(bare.to_ascii_lowercase()),
            },
            port,
        })
    }
}

/// As a grant has it.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        write!(f, "{scheme}://")?;
        match host {
            Host::Name(name) => f.write_str(name)?,
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
        }
        match (*scheme, *port) {
            ("https", 443) | ("http", 80) => Ok(()),
            _ => write!(f, ":{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expect: Result<&str, &str>) {
        let origin = Origin::of(&url.parse().unwrap()).map(|origin| origin.to_string());
        match expect {
            Ok(expect) => assert_eq!(origin.as_deref(), Ok(expect), "{url}"),
            Err(part) => assert!(
                origin.as_ref().is_err_and(|error| error.contains(part)),
                "{url}: {origin:?}"
            ),
        }
    }

    #[test]
    fn an_origin_has_one_form() {
        check("https://Example.com/a?b=c", Ok("https://example.com"));
        check("https://example.com:443", Ok("https://example.com"));
        check("http://example.com:80/", Ok("http://example.com"));
        check("http://example.com:8080/", Ok("http://example.com:8080"));
        check("http://127.0.0.1:1", Ok("http://127.0.0.1:1"));
        check("https://[0:0:0:0:0:0:0:1]/", Ok("https://[::1]"));
        assert_eq!(
            Origin::of_grant("https://[::1]"),
            Origin::of(&"https://[0::1]:443/x".parse().unwrap()).ok()
        );
        assert_ne!(
            Origin::of_grant("https://example.com"),
            Origin::of_grant("http://example.com:443")
        );
    }

    #[test]
    fn other_urls_are_refused_saying_why() {
        check("/path", Err("begins with"));
        check("example.com", Err("begins with"));
        check("ftp://example.com/", Err("begins with"));
        check("https://user:secret@example.com/", Err("no name and password"));
        check("https://granted.example@other.example/", Err("no name and password"));
        check("https://example.com:/", Err("port"));
    }
}
