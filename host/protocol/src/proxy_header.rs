//! The PROXY protocol, versions 1 and 2: who the client is, said by a proxy in front.
//! <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>
//!
//! Nothing here knows whom to trust: a caller reads a header only from addresses that may send one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;

use crate::{
    Progress,
    cursor::{Cursor, Stop},
};

/// Longest header of version 1 in bytes, its line end included.
pub const MAX_V1_BYTES: usize = 107;

/// Longest addresses of version 2 in bytes: two paths of UNIX sockets.
const MAX_V2_ADDRESSES: usize = 216;

/// Most bytes behind the addresses of version 2. They say how a TLS connection in front was made, and are skipped; a client
/// certificate's name and a cloud's endpoint ids take a few hundred.
pub const MAX_V2_EXTENSIONS: usize = 2048;

/// Kind and length of an extension in bytes.
pub const EXTENSION_HEAD: usize = 3;

/// Longest header of version 2 in bytes.
pub const MAX_V2_BYTES: usize = V2_HEAD + MAX_V2_ADDRESSES + MAX_V2_EXTENSIONS;

const V1_SIGNATURE: &[u8] = b"PROXY ";
const V2_SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, version and command, family and transport, length.
const V2_HEAD: usize = V2_SIGNATURE.len() + 1 + 1 + 2;

const V2_LOCAL: u8 = 0x20;
const V2_PROXY: u8 = 0x21;
const V2_UNSPECIFIED: u8 = 0x00;
const V2_TCP4: u8 = 0x11;
const V2_TCP6: u8 = 0x21;
const V2_UNIX: u8 = 0x31;

/// Bytes of two IPv4 addresses and ports, and of two of IPv6.
const V2_TCP4_BYTES: u16 = 12;
const V2_TCP6_BYTES: u16 = 36;

/// Why no header was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProxyHeaderError {
    /// The bytes do not start as a header does: a client that came past the proxy, or a proxy that sends none.
    #[error("no PROXY header")]
    Absent,
    /// A line of version 1 without an end, or with fields that are no addresses: a broken proxy.
    #[error("a broken PROXY header of version 1")]
    BadLine,
    /// A command or version that does not exist: a broken proxy, or a version yet to come.
    #[error("a PROXY header with command 0x{0:02x}")]
    BadCommand(u8),
    /// Neither TCP nor a UNIX socket: a proxy set up to carry something else.
    #[error("a PROXY header for transport 0x{0:02x}")]
    BadTransport(u8),
    /// Too short for its addresses, or longer than any proxy's.
    #[error("a PROXY header of {0} bytes")]
    BadLength(u16),
}

impl ProxyHeaderError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Absent => "proxy-header-absent",
            Self::BadLine => "proxy-header-line",
            Self::BadCommand(_) => "proxy-header-command",
            Self::BadTransport(_) => "proxy-header-transport",
            Self::BadLength(_) => "proxy-header-length",
        }
    }
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// The proxy speaks for itself (a health check) or does not know for whom: the socket's addresses stand.
    Local,
    /// The proxy speaks for a client. IPv4 addresses written as IPv6 come as IPv4.
    Proxied {
        /// The client.
        source: SocketAddr,
        /// Where the client connected to.
        destination: SocketAddr,
    },
}

impl ProxyHeader {
    /// Reads the header at the front, of either version. [`ProxyHeaderError::Absent`] comes with the first byte that no header
    /// has there, and no handshake or legacy ping starts as a header does.
    pub fn parse(prefix: &[u8]) -> Result<Progress<Self>, ProxyHeaderError> {
        let starts = |signature: &[u8]| prefix.iter().zip(signature).all(|(one, other)| one == other);
        if starts(V1_SIGNATURE) {
            parse_v1(prefix)
        } else if starts(V2_SIGNATURE) {
            parse_v2(prefix)
        } else {
            Err(ProxyHeaderError::Absent)
        }
    }

    /// Appends the header in version 1.
    pub fn write_v1(&self, out: &mut Vec<u8>) {
        let line = match self.pair() {
            None => "PROXY UNKNOWN\r\n".to_owned(),
            Some(Pair::V4(source, destination, ports)) => line("TCP4", &source, &destination, ports),
            Some(Pair::V6(source, destination, ports)) => line("TCP6", &source, &destination, ports),
        };
        out.extend_from_slice(line.as_bytes());
    }

    /// Appends the header in version 2.
    pub fn write_v2(&self, out: &mut Vec<u8>) {
        self.write_v2_head(0, out);
    }

    /// Appends the header in version 2 with extensions behind the addresses.
    pub fn write_v2_with(&self, extensions: &[Extension<'_>], out: &mut Vec<u8>) -> Result<(), ExtensionsTooLong> {
        let bytes = extensions
            .iter()
            .map(|extension| EXTENSION_HEAD + extension.value.len())
            .sum::<usize>();
        let length = u16::try_from(bytes).ok().filter(|_| bytes <= MAX_V2_EXTENSIONS);
        self.write_v2_head(length.ok_or(ExtensionsTooLong(bytes))?, out);
        for Extension { kind, value } in extensions {
            out.push(*kind);
            // No longer than all of them.
            out.extend_from_slice(&(value.len() as u16).to_be_bytes());
            out.extend_from_slice(value);
        }
        Ok(())
    }

    fn write_v2_head(&self, extensions: u16, out: &mut Vec<u8>) {
        let mut head = |command: u8, transport: u8, addresses: u16| {
            out.extend_from_slice(V2_SIGNATURE);
            out.extend_from_slice(&[command, transport]);
            out.extend_from_slice(&(addresses + extensions).to_be_bytes());
        };
        let ports = match self.pair() {
            None => return head(V2_LOCAL, V2_UNSPECIFIED, 0),
            Some(Pair::V4(source, destination, ports)) => {
                head(V2_PROXY, V2_TCP4, V2_TCP4_BYTES);
                out.extend_from_slice(&[source.octets(), destination.octets()].concat());
                ports
            }
            Some(Pair::V6(source, destination, ports)) => {
                head(V2_PROXY, V2_TCP6, V2_TCP6_BYTES);
                out.extend_from_slice(&[source.octets(), destination.octets()].concat());
                ports
            }
        };
        out.extend_from_slice(&ports.map(u16::to_be_bytes).concat());
    }

    fn proxied(source: (IpAddr, u16), destination: (IpAddr, u16)) -> Self {
        let canonical = |(ip, port): (IpAddr, u16)| SocketAddr::new(ip.to_canonical(), port);
        Self::Proxied {
            source: canonical(source),
            destination: canonical(destination),
        }
    }

    /// Both addresses in one family, as a header wants them.
    fn pair(&self) -> Option<Pair> {
        let Self::Proxied { source, destination } = self else {
            return None;
        };
        let ports = [source.port(), destination.port()];
        Some(match (source.ip().to_canonical(), destination.ip().to_canonical()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => Pair::V4(source, destination, ports),
            (source, destination) => Pair::V6(as_v6(source), as_v6(destination), ports),
        })
    }
}

/// Something said beside the addresses ("TLV"). The kinds are the specification's, section 2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// What it is.
    pub kind: u8,
    /// Its value.
    pub value: &'a [u8],
}

impl Extension<'_> {
    /// Kind: the host name that the client asked for.
    pub const AUTHORITY: u8 = 0x02;
    /// Kind: an id of the connection, at most 128 bytes.
    pub const UNIQUE_ID: u8 = 0x05;
    /// Kinds from here to 0xef are for private use.
    pub const CUSTOM: u8 = 0xe0;
}

/// More extensions than this host itself would read, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} bytes of PROXY extensions, where at most {MAX_V2_EXTENSIONS} are allowed")]
pub struct ExtensionsTooLong(pub usize);

/// Addresses of source and destination, then their ports.
enum Pair {
    V4(Ipv4Addr, Ipv4Addr, [u16; 2]),
    V6(Ipv6Addr, Ipv6Addr, [u16; 2]),
}

fn as_v6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

fn line(family: &str, source: &dyn std::fmt::Display, destination: &dyn std::fmt::Display, ports: [u16; 2]) -> String {
    let [source_port, destination_port] = ports;
    format!("PROXY {family} {source} {destination} {source_port} {destination_port}\r\n")
}

fn parse_v1(prefix: &[u8]) -> Result<Progress<ProxyHeader>, ProxyHeaderError> {
    let within = prefix.get(..MAX_V1_BYTES).unwrap_or(prefix);
    let Some(end) = within.iter().position(|byte| *byte == b'\n') else {
        let no_end = within.len() == MAX_V1_BYTES;
        return if no_end {
            Err(ProxyHeaderError::BadLine)
        } else {
            Ok(Progress::Incomplete)
        };
    };
    let line = within
        .get(..end)
        .and_then(|line| line.strip_suffix(b"\r"))
        .ok_or(ProxyHeaderError::BadLine)?;
    let line = str::from_utf8(line).map_err(|_| ProxyHeaderError::BadLine)?;
    let header = v1_fields(line).ok_or(ProxyHeaderError::BadLine)?;
    Ok(Progress::Complete(header, end + 1))
}

/// The line's fields, each after exactly one space.
fn v1_fields(line: &str) -> Option<ProxyHeader> {
    let mut fields = line.split(' ').skip(1);
    let family = fields.next()?;
    if family == "UNKNOWN" {
        // What follows is to be ignored.
        return Some(ProxyHeader::Local);
    }
    let addresses = [fields.next()?, fields.next()?];
    let [source, destination] = match family {
        "TCP4" => addresses.map(|ip| ip.parse::<Ipv4Addr>().ok().map(IpAddr::from)),
        "TCP6" => addresses.map(|ip| ip.parse::<Ipv6Addr>().ok().map(IpAddr::from)),
        _ => return None,
    };
    let [source_port, destination_port] = [fields.next()?, fields.next()?].map(v1_port);
    if fields.next().is_some() {
        return None;
    }
    Some(ProxyHeader::proxied(
        (source?, source_port?),
        (destination?, destination_port?),
    ))
}

/// Digits only, no zero before others.
fn v1_port(field: &str) -> Option<u16> {
    let port: u16 = field.parse().ok()?;
    let plain = field.bytes().all(|byte| byte.is_ascii_digit()) && (port == 0) == field.starts_with('0');
    (plain && (port != 0 || field.len() == 1)).then_some(port)
}

fn parse_v2(prefix: &[u8]) -> Result<Progress<ProxyHeader>, ProxyHeaderError> {
    let command = prefix.get(12).copied();
    if let Some(bad) = command.filter(|command| ![V2_LOCAL, V2_PROXY].contains(command)) {
        return Err(ProxyHeaderError::BadCommand(bad));
    }
    let Some((head, rest)) = prefix.split_first_chunk::<V2_HEAD>() else {
        return Ok(Progress::Incomplete);
    };
    let &[.., command, transport, high, low] = head;
    let length = u16::from_be_bytes([high, low]);
    if usize::from(length) > MAX_V2_ADDRESSES + MAX_V2_EXTENSIONS {
        return Err(ProxyHeaderError::BadLength(length));
    }
    let least = match (command, transport) {
        (V2_PROXY, V2_TCP4) => V2_TCP4_BYTES,
        (V2_PROXY, V2_TCP6) => V2_TCP6_BYTES,
        (V2_LOCAL, _) | (_, V2_UNSPECIFIED | V2_UNIX) => 0,
        (_, transport) => return Err(ProxyHeaderError::BadTransport(transport)),
    };
    if length < least {
        return Err(ProxyHeaderError::BadLength(length));
    }
    let Some(body) = rest.get(..usize::from(length)) else {
        return Ok(Progress::Incomplete);
    };
    let mut body = Cursor::new(body, 0);
    let header = match least {
        0 => Ok(ProxyHeader::Local),
        V2_TCP4_BYTES => v2_addresses(&mut body, |body| body.array::<4>().map(IpAddr::from)),
        _ => v2_addresses(&mut body, |body| body.array::<16>().map(IpAddr::from)),
    };
    // The length was checked above, so this does not happen; an answer costs no more than the proof.
    let header = header.map_err(|_| ProxyHeaderError::BadLength(length))?;
    Ok(Progress::Complete(header, V2_HEAD + usize::from(length)))
}

fn v2_addresses<'a>(
    body: &mut Cursor<'a>,
    ip: impl Fn(&mut Cursor<'a>) -> Result<IpAddr, Stop>,
) -> Result<ProxyHeader, Stop> {
    let (source, destination) = (ip(body)?, ip(body)?);
    Ok(ProxyHeader::proxied((source, body.u16()?), (destination, body.u16()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(source: &str, destination: &str) -> ProxyHeader {
        ProxyHeader::Proxied {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
        }
    }

    #[track_caller]
    fn check(bytes: &[u8], expect: Result<ProxyHeader, ProxyHeaderError>) {
        let expect = expect.map(|header| Progress::Complete(header, bytes.len()));
        assert_eq!(ProxyHeader::parse(bytes), expect, "{}", bytes.escape_ascii());
    }

    fn v2(command: u8, transport: u8, length: u16, rest: &[u8]) -> Vec<u8> {
        [V2_SIGNATURE, &[command, transport][..], &length.to_be_bytes(), rest].concat()
    }

    #[test]
    fn lines_of_version_1_are_read() {
        check(
            b"PROXY TCP4 192.0.2.1 198.51.100.7 56324 25565\r\n",
            Ok(proxied("192.0.2.1:56324", "198.51.100.7:25565")),
        );
        check(
            b"PROXY TCP6 2001:db8::1 ::1 0 65535\r\n",
            Ok(proxied("[2001:db8::1]:0", "[::1]:65535")),
        );
        check(
            b"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n",
            Ok(proxied("192.0.2.1:1", "[::1]:2")),
        );
        check(b"PROXY UNKNOWN\r\n", Ok(ProxyHeader::Local));
        check(b"PROXY UNKNOWN any thing\r\n", Ok(ProxyHeader::Local));
    }

    #[test]
    fn broken_lines_are_refused() {
        for line in [
            "PROXY \r\n",
            "PROXY TCP4\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 56324 25565\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 56324 25565 1\r\n",
            "PROXY TCP4  192.0.2.1 198.51.100.7 56324 25565\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 056324 25565\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 +1 25565\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 00 25565\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.7 65536 25565\r\n",
            "PROXY TCP4 ::1 ::1 1 2\r\n",
            "PROXY TCP6 192.0.2.1 198.51.100.7 1 2\r\n",
            "PROXY UDP4 192.0.2.1 198.51.100.7 1 2\r\n",
            "PROXY TCP4 256.0.0.1 198.51.100.7 1 2\r\n",
        ] {
            check(line.as_bytes(), Err(ProxyHeaderError::BadLine));
        }
        check(
            &[b"PROXY UNKNOWN ", &[0xff][..], b"\r\n"].concat(),
            Err(ProxyHeaderError::BadLine),
        );
    }

    #[test]
    fn a_line_without_an_end_is_waited_for_only_so_long() {
        let longest = format!("PROXY UNKNOWN {}\r\n", "x".repeat(MAX_V1_BYTES - 16));
        check(longest.as_bytes(), Ok(ProxyHeader::Local));
        let longer = format!("PROXY UNKNOWN {}\r\n", "x".repeat(MAX_V1_BYTES - 15));
        assert_eq!(
            ProxyHeader::parse(&longer.as_bytes()[..MAX_V1_BYTES - 1]),
            Ok(Progress::Incomplete)
        );
        check(&longer.as_bytes()[..MAX_V1_BYTES], Err(ProxyHeaderError::BadLine));
    }

    #[test]
    fn headers_of_version_2_are_read() {
        let four = [192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x63, 0xdd];
        check(
            &v2(V2_PROXY, V2_TCP4, 12, &four),
            Ok(proxied("192.0.2.1:56324", "198.51.100.7:25565")),
        );
        let extended = [&four[..], &[0x04, 0, 1, 0]].concat();
        check(
            &v2(V2_PROXY, V2_TCP4, 16, &extended),
            Ok(proxied("192.0.2.1:56324", "198.51.100.7:25565")),
        );
        let mut six = [0; 36];
        six[15] = 1;
        six[31] = 2;
        six[33] = 7;
        check(&v2(V2_PROXY, V2_TCP6, 36, &six), Ok(proxied("[::1]:7", "[::2]:0")));
        check(&v2(V2_LOCAL, V2_TCP4, 12, &four), Ok(ProxyHeader::Local));
        check(&v2(V2_LOCAL, V2_UNSPECIFIED, 0, &[]), Ok(ProxyHeader::Local));
        check(&v2(V2_PROXY, V2_UNSPECIFIED, 3, &[1, 2, 3]), Ok(ProxyHeader::Local));
        check(&v2(V2_PROXY, V2_UNIX, 216, &[0; 216]), Ok(ProxyHeader::Local));
    }

    #[test]
    fn broken_headers_of_version_2_are_refused_before_their_body() {
        check(
            &[&V2_SIGNATURE[..], &[0x22]].concat(),
            Err(ProxyHeaderError::BadCommand(0x22)),
        );
        check(
            &[&V2_SIGNATURE[..], &[0x11]].concat(),
            Err(ProxyHeaderError::BadCommand(0x11)),
        );
        check(&v2(V2_PROXY, 0x12, 12, &[]), Err(ProxyHeaderError::BadTransport(0x12)));
        check(&v2(V2_PROXY, V2_TCP4, 11, &[]), Err(ProxyHeaderError::BadLength(11)));
        check(&v2(V2_PROXY, V2_TCP6, 35, &[]), Err(ProxyHeaderError::BadLength(35)));
        check(&v2(V2_LOCAL, 0, 2265, &[]), Err(ProxyHeaderError::BadLength(2265)));
        assert_eq!(
            ProxyHeader::parse(&v2(V2_LOCAL, 0, 2264, &[])),
            Ok(Progress::Incomplete)
        );
    }

    #[test]
    fn a_client_without_a_header_is_told_at_once() {
        for bytes in [
            &b"\x10\0"[..],
            b"\xfe",
            b"\xfe\x01",
            b"\x02",
            b"PRI",
            b"\r\n\r\n\r",
            b"\r\0",
        ] {
            check(bytes, Err(ProxyHeaderError::Absent));
        }
        assert_eq!(ProxyHeader::parse(b""), Ok(Progress::Incomplete));
        assert_eq!(ProxyHeader::parse(b"PROX"), Ok(Progress::Incomplete));
        assert_eq!(ProxyHeader::parse(b"\r\n\r"), Ok(Progress::Incomplete));
    }

    #[test]
    fn written_headers_are_read_again() {
        for header in [
            ProxyHeader::Local,
            proxied("192.0.2.1:56324", "198.51.100.7:25565"),
            proxied("[2001:db8::1]:1", "[::1]:2"),
            proxied("192.0.2.1:56324", "[2001:db8::1]:25565"),
        ] {
            for write in [ProxyHeader::write_v1, ProxyHeader::write_v2] {
                let mut out = Vec::new();
                write(&header, &mut out);
                check(&out, Ok(header));
            }
        }
    }

    #[test]
    fn a_mapped_address_is_written_as_the_ipv4_it_is() {
        let mut out = Vec::new();
        proxied("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:2").write_v1(&mut out);
        assert_eq!(out, b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
    }

    #[test]
    fn extensions_are_written_behind_the_addresses() {
        let header = proxied("192.0.2.1:56324", "198.51.100.7:25565");
        let extensions = [(Extension::AUTHORITY, &b"a.example"[..]), (Extension::CUSTOM, &[])];
        let extensions = extensions.map(|(kind, value)| Extension { kind, value });
        let (mut plain, mut out) = (Vec::new(), Vec::new());
        header.write_v2(&mut plain);
        header.write_v2_with(&extensions, &mut out).unwrap();
        assert!(out.ends_with(b"\x63\xdd\x02\0\x09a.example\xe0\0\0"));
        assert_eq!(out[15], plain[15] + 15);
        check(&out, Ok(header));

        let value = &[0; MAX_V2_EXTENSIONS - EXTENSION_HEAD + 1];
        let too_long = Extension {
            kind: Extension::CUSTOM,
            value,
        };
        let error = header.write_v2_with(&[too_long], &mut out);
        assert_eq!(error, Err(ExtensionsTooLong(MAX_V2_EXTENSIONS + 1)));
    }
}
