//! What a connection's first bytes are: a client, an older client, or something that is no client at all.
//!
//! The trap: a handshake of exactly 254 bytes starts `FE 01 00`, and every legacy ping starts with `FE`. So `FE` and `FE 01` are
//! pings only when nothing follows, and `FE 01 FA` always is one: a handshake's third byte is 0 there.

use crate::{
    Progress,
    error::WireError,
    frame, handshake,
    legacy::{self, Ping},
};

/// What the first bytes of a connection are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// Too few to tell.
    Incomplete,
    /// The start of a handshake, see [`handshake::Handshake::parse`].
    Modern,
    /// A server list ping of a client before 1.7, whole.
    LegacyPing(Ping),
    /// A login of a client before 1.7: all it understands is [`legacy::write_kick`].
    LegacyLogin,
    /// Nothing that a client sends.
    Garbage(Garbage),
}

/// What kind of nothing. Only for telling operators who knocks; guessed from the first few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Garbage {
    /// A browser, a crawler or a scanner.
    Http,
    /// A TLS handshake, mostly a scanner's.
    Tls,
    /// A PROXY header where none is accepted: mostly a listener or a proxy set up wrong.
    ProxyHeader,
    /// A frame longer than any handshake, or a length that has no end.
    Oversized,
    /// Any other bytes.
    BadPacket,
}

impl Garbage {
    /// Stable name for metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tls => "tls",
            Self::ProxyHeader => "proxy-header",
            Self::Oversized => "oversized",
            Self::BadPacket => "bad-packet",
        }
    }

    /// By what else starts so. None of these can start a handshake.
    fn guess(prefix: &[u8], otherwise: Self) -> Self {
        let starts = |with: &[u8]| prefix.iter().zip(with).all(|(one, other)| one == other);
        if starts(b"PROXY ") || starts(b"\r\n\r\n\0\r\nQUIT\n") {
            Self::ProxyHeader
        } else if starts(b"\x16\x03") {
            Self::Tls
        } else if HTTP_METHODS.iter().any(|method| starts(method)) {
            Self::Http
        } else {
            otherwise
        }
    }
}

/// `PRI` is the start of HTTP/2.
const HTTP_METHODS: [&[u8]; 10] = [
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"PATCH ",
    b"TRACE ",
    b"PRI ",
];

/// Tells what the first bytes are, from as few of them as can be. `waited`: nothing more arrived for a while, or the client has
/// finished sending; a caller that sees [`First::Incomplete`] where [`may_be_whole_ping`] waits a little and asks again with it.
pub fn sniff(prefix: &[u8], waited: bool) -> First {
    match prefix {
        [legacy::PING] | [legacy::PING, 0x01] if !waited => First::Incomplete,
        [legacy::PING] => First::LegacyPing(Ping::Bare),
        [legacy::PING, 0x01] => First::LegacyPing(Ping::Versioned),
        [legacy::PING, 0x01, 0xfa, ..] => match Ping::parse_with_host(prefix) {
            Ok(Progress::Complete(ping, _)) => First::LegacyPing(ping),
            // Some tools send these three bytes and nothing of what should follow.
            Ok(Progress::Incomplete) if waited => First::LegacyPing(Ping::Versioned),
            Ok(Progress::Incomplete) => First::Incomplete,
            Err(_) => First::Garbage(Garbage::BadPacket),
        },
        // As a frame's length it would be too short for a handshake.
        [legacy::LOGIN, ..] => First::LegacyLogin,
        _ => modern(prefix),
    }
}

/// Whether these bytes, if nothing follows, are a legacy ping.
pub fn may_be_whole_ping(prefix: &[u8]) -> bool {
    matches!(
        prefix,
        [legacy::PING] | [legacy::PING, 0x01] | [legacy::PING, 0x01, 0xfa, ..]
    )
}

fn modern(prefix: &[u8]) -> First {
    let otherwise = match frame::check(prefix, handshake::BODY) {
        Ok(Progress::Incomplete) => return First::Incomplete,
        Ok(Progress::Complete(_, head)) => match prefix.get(head) {
            None => return First::Incomplete,
            Some(&handshake::PACKET_ID) => return First::Modern,
            Some(_) => Garbage::BadPacket,
        },
        Err(WireError::Oversized { .. } | WireError::VarIntTooLong) => Garbage::Oversized,
        Err(_) => Garbage::BadPacket,
    };
    First::Garbage(Garbage::guess(prefix, otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &[u8], expect: First) {
        assert_eq!(sniff(prefix, false), expect, "{prefix:02x?}");
    }

    #[track_caller]
    fn check_garbage(prefix: &[u8], label: &str) {
        for waited in [false, true] {
            let First::Garbage(garbage) = sniff(prefix, waited) else {
                panic!("garbage: {prefix:02x?}")
            };
            assert_eq!(garbage.label(), label, "{prefix:02x?}");
        }
    }

    #[test]
    fn a_handshake_is_known_by_its_id() {
        check(&[], First::Incomplete);
        check(&[0x10], First::Incomplete);
        check(&[0x10, 0x00], First::Modern);
        check(&[0x90, 0x00], First::Incomplete);
        check(&[0x90, 0x00, 0x00], First::Modern);
    }

    #[test]
    fn a_legacy_ping_is_known_by_the_silence_behind_it() {
        check(&[0xfe], First::Incomplete);
        check(&[0xfe, 0x01], First::Incomplete);
        assert_eq!(sniff(&[0xfe], true), First::LegacyPing(Ping::Bare));
        assert_eq!(sniff(&[0xfe, 0x01], true), First::LegacyPing(Ping::Versioned));
    }

    #[test]
    fn a_legacy_ping_with_a_host_is_known_when_it_is_whole() {
        let bytes = b"\xfe\x01\xfa\x00\x0b\x00M\x00C\x00|\x00P\x00i\x00n\x00g\x00H\x00o\x00s\x00t\x00\x09\x4e\x00\x01\x00a\x00\x00\x63\xdd";
        for end in 3..bytes.len() {
            check(&bytes[..end], First::Incomplete);
            assert_eq!(sniff(&bytes[..end], true), First::LegacyPing(Ping::Versioned), "{end}");
        }
        check(
            bytes,
            First::LegacyPing(Ping::WithHost {
                protocol: 78,
                host: "a".into(),
                port: 25565,
            }),
        );
        check_garbage(b"\xfe\x01\xfa\x00\x0c", "bad-packet");
    }

    #[test]
    fn a_handshake_of_254_bytes_is_not_a_legacy_ping() {
        check(&[0xfe, 0x01, 0x00], First::Modern);
        check(&[0xfe, 0x02, 0x00], First::Modern);
        check_garbage(&[0xfe, 0x01, 0x01], "bad-packet");
    }

    #[test]
    fn a_legacy_login_is_known_by_its_first_byte() {
        check(&[0x02], First::LegacyLogin);
        check(&[0x02, 0x4e], First::LegacyLogin);
    }

    #[test]
    fn garbage_is_refused_on_its_first_bytes() {
        check_garbage(b"GE", "http");
        check_garbage(b"GET / HTTP/1.1\r\n", "http");
        check_garbage(b"PRI * HTTP/2.0", "http");
        check_garbage(b"PROXY TCP4 ", "proxy-header");
        check_garbage(b"\r\n\r\n\0\r\nQUIT\n!", "proxy-header");
        check_garbage(b"\x16\x03\x01\x02\x00\x01", "tls");
        check_garbage(b"SSH-2.0-x", "bad-packet");
        check_garbage(&[0x03, 0x00, 0x00, 0x13], "bad-packet");
        check_garbage(&[0x00], "bad-packet");
        check_garbage(&[0xff, 0xff, 0x7f], "oversized");
        check_garbage(&[0xff, 0xff, 0xff, 0xff], "oversized");
        check_garbage(&[0xff, 0x7f], "oversized");
    }
}
