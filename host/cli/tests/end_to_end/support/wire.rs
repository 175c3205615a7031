//! A client's end of the wire, byte by byte: for what no well-behaved client sends. Written apart from
//! `portcullis-protocol`, so that a mistake there is not made on both sides.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, TcpStream},
    time::Duration,
};

use portcullis_protocol::cipher::{Decryptor, Encryptor, Secret};
use serde_json::Value;

use super::wait::PATIENCE;

pub(crate) const V1_7_10: i32 = 5;
pub(crate) const V1_8: i32 = 47;
pub(crate) const V1_20_1: i32 = 763;
pub(crate) const V1_20_4: i32 = 765;
pub(crate) const V1_21_1: i32 = 767;

pub(crate) const STATUS: i32 = 1;
pub(crate) const LOGIN: i32 = 2;

/// What this client calls the port it connected to.
const ASKED_PORT: u16 = 25565;

pub(crate) fn varint(value: i32) -> Vec<u8> {
    let mut rest = value.cast_unsigned();
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).expect("seven bits"));
    bytes
}

pub(crate) fn string(text: &str) -> Vec<u8> {
    [
        varint(i32::try_from(text.len()).expect("a short text")),
        text.as_bytes().to_vec(),
    ]
    .concat()
}

/// A packet with its length before it.
pub(crate) fn frame(body: &[u8]) -> Vec<u8> {
    [
        varint(i32::try_from(body.len()).expect("a short packet")),
        body.to_vec(),
    ]
    .concat()
}

pub(crate) fn handshake(protocol: i32, host: &str, intent: i32) -> Vec<u8> {
    frame(
        &[
            varint(0),
            varint(protocol),
            string(host),
            ASKED_PORT.to_be_bytes().to_vec(),
            varint(intent),
        ]
        .concat(),
    )
}

pub(crate) fn login_start(protocol: i32, name: &str) -> Vec<u8> {
    let uuid: &[u8] = &[0x42; 16];
    let rest: &[u8] = match protocol {
        ..759 => &[],
        759 | 761..=763 => &[0],
        760 => &[0, 0],
        764.. => uuid,
    };
    frame(&[varint(0), string(name), rest.to_vec()].concat())
}

/// A handshake and a login start, as a joining client sends them in one go.
pub(crate) fn login(protocol: i32, host: &str, name: &str) -> Vec<u8> {
    [handshake(protocol, host, LOGIN), login_start(protocol, name)].concat()
}

/// A PROXY header of version 2 for TCP over IPv4.
pub(crate) fn proxy_v2(from: Ipv4Addr, from_port: u16, to: Ipv4Addr, to_port: u16) -> Vec<u8> {
    let addresses = [
        &from.octets()[..],
        &to.octets(),
        &from_port.to_be_bytes(),
        &to_port.to_be_bytes(),
    ]
    .concat();
    [&b"\r\n\r\n\0\r\nQUIT\n"[..], &[0x21, 0x11, 0, 12], &addresses].concat()
}

/// One connection to the proxy. Every wait is bounded.
pub(crate) struct Peer {
    stream: TcpStream,
    cipher: Option<(Encryptor, Decryptor)>,
}

impl Peer {
    pub(crate) fn connect(port: u16) -> Self {
        Self::try_connect(port).expect("the proxy listens")
    }

    pub(crate) fn try_connect(port: u16) -> io::Result<Self> {
        Self::of(TcpStream::connect((Ipv4Addr::LOCALHOST, port))?)
    }

    pub(crate) fn of(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, cipher: None })
    }

    /// A second handle to the same connection, which is not encrypted.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        assert!(self.cipher.is_none(), "the cipher's state cannot be in two places");
        Self::of(self.stream.try_clone()?)
    }

    /// From now on, whatever is sent and read is encrypted.
    pub(crate) fn encrypt(&mut self, secret: &Secret) {
        self.cipher = Some((Encryptor::new(secret), Decryptor::new(secret)));
    }

    /// Connects and sends a handshake and a login start.
    pub(crate) fn join(port: u16, host: &str, name: &str) -> Self {
        let mut peer = Self::connect(port);
        peer.send(&login(V1_20_1, host, name));
        peer
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).expect("the proxy reads");
    }

    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some((encryptor, _)) = &mut self.cipher else {
            return self.stream.write_all(bytes);
        };
        let mut encrypted = bytes.to_vec();
        encryptor.encrypt(&mut encrypted);
        self.stream.write_all(&encrypted)
    }

    pub(crate) fn read_exact(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        if let Some((_, decryptor)) = &mut self.cipher {
            decryptor.decrypt(&mut bytes);
        }
        Ok(bytes)
    }

    /// Reads until the other side closes; a reset counts as the end. What was encrypted stays so.
    pub(crate) fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Ok(bytes),
                Ok(read) => bytes.extend_from_slice(piece.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(bytes),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the other side closed without a word.
    pub(crate) fn is_closed_silently(&mut self) -> bool {
        self.read_to_end().is_ok_and(|said| said.is_empty())
    }

    /// The body of the next packet, its id included.
    /// Whether nothing has come, and nothing comes for half a second.
    pub(crate) fn is_silent(&mut self) -> bool {
        let before = self.stream.read_timeout().expect("a socket");
        let half_a_second = Some(Duration::from_millis(500));
        self.stream.set_read_timeout(half_a_second).expect("a socket");
        let is_silent = self
            .stream
            .peek(&mut [0])
            .is_err_and(|error| matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut));
        self.stream.set_read_timeout(before).expect("a socket");
        is_silent
    }

    pub(crate) fn read_frame(&mut self) -> io::Result<Vec<u8>> {
        let length = self.read_varint()?;
        self.read_exact(usize::try_from(length).map_err(io::Error::other)?)
    }

    /// Sends the bytes and expects a server that echoes to give them back.
    pub(crate) fn echo(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.try_send(bytes)?;
        let back = self.read_exact(bytes.len())?;
        if back == bytes {
            Ok(())
        } else {
            Err(io::Error::other("other bytes came back"))
        }
    }

    pub(crate) fn own_port(&self) -> u16 {
        self.stream.local_addr().expect("a connected socket").port()
    }

    /// Half-closes: no more is sent from here.
    pub(crate) fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("a connected socket");
    }

    fn read_varint(&mut self) -> io::Result<i32> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = u32::from(*self.read_exact(1)?.first().expect("one byte was asked for"));
            value |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value.cast_signed());
            }
        }
        Err(io::Error::other("a VarInt of more than five bytes"))
    }
}

/// The status answer for `host`, as parsed JSON.
pub(crate) fn status(port: u16, protocol: i32, host: &str) -> io::Result<Value> {
    let mut peer = Peer::try_connect(port)?;
    peer.try_send(&[handshake(protocol, host, STATUS), frame(&[0])].concat())?;
    let json = packet_string(&peer.read_frame()?)?;
    peer.try_send(&frame(
        &[&[1], 0x1122_3344_5566_7788_i64.to_be_bytes().as_slice()].concat(),
    ))?;
    let pong = peer.read_frame()?;
    if pong != [&[1], 0x1122_3344_5566_7788_i64.to_be_bytes().as_slice()].concat() {
        return Err(io::Error::other(format!("a pong of {pong:02x?}")));
    }
    serde_json::from_str(&json).map_err(io::Error::other)
}

/// The description in a status answer, as plain text.
pub(crate) fn status_text(port: u16, host: &str) -> io::Result<String> {
    Ok(plain(&status(port, V1_20_1, host)?["description"]))
}

/// Tries to join by `host` and gives the plain text of the disconnect that follows.
pub(crate) fn refused_text(port: u16, protocol: i32, host: &str) -> io::Result<String> {
    told(port, protocol, host, "Steve")
}

/// The same under a name.
pub(crate) fn told(port: u16, protocol: i32, host: &str, name: &str) -> io::Result<String> {
    let mut peer = Peer::try_connect(port)?;
    peer.try_send(&login(protocol, host, name))?;
    let json = packet_string(&peer.read_frame()?)?;
    Ok(plain(&serde_json::from_str(&json).map_err(io::Error::other)?))
}

/// Sends a legacy ping in raw bytes and gives the fields of the kick that answers it.
pub(crate) fn legacy_ping(port: u16, request: &[u8]) -> io::Result<String> {
    let mut peer = Peer::try_connect(port)?;
    peer.try_send(request)?;
    let head = peer.read_exact(3)?;
    let [0xff, high, low] = head[..] else {
        return Err(io::Error::other(format!("no kick packet but {head:02x?}")));
    };
    let units = peer.read_exact(2 * usize::from(u16::from_be_bytes([high, low])))?;
    let units: Vec<u16> = units
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).map_err(io::Error::other)
}

/// The legacy ping of 1.6, which names the host it asks for.
pub(crate) fn legacy_ping_1_6(host: &str) -> Vec<u8> {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let length = |count: usize| u16::try_from(count).expect("a short text").to_be_bytes().to_vec();
    let channel = "MC|PingHost";
    let data = [
        vec![74],
        length(host.len()),
        utf16(host),
        i32::from(ASKED_PORT).to_be_bytes().to_vec(),
    ]
    .concat();
    [
        vec![0xfe, 0x01, 0xfa],
        length(channel.len()),
        utf16(channel),
        length(data.len()),
        data,
    ]
    .concat()
}

/// The plain text of a JSON text component.
pub(crate) fn plain(component: &Value) -> String {
    match component {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(plain).collect(),
        Value::Object(fields) => {
            let own = fields.get("text").map(plain).unwrap_or_default();
            own + &fields.get("extra").map(plain).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// How long a request took.
pub(crate) fn timed<T>(request: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let answer = request();
    (answer, start.elapsed())
}

/// The string that a packet with id 0 consists of.
fn packet_string(packet: &[u8]) -> io::Result<String> {
    let malformed = || io::Error::other(format!("not a packet 0 with a string: {packet:02x?}"));
    let [0, rest @ ..] = packet else {
        return Err(malformed());
    };
    let length_bytes = 1 + rest.iter().take_while(|byte| **byte & 0x80 != 0).count();
    let (length, text) = rest.split_at_checked(length_bytes).ok_or_else(malformed)?;
    if length != varint(i32::try_from(text.len()).map_err(io::Error::other)?) {
        return Err(malformed());
    }
    String::from_utf8(text.to_vec()).map_err(io::Error::other)
}
