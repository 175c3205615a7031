//! One end of a session, packet by packet: whatever a test wants to have sent, well-formed or not, and what comes back.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
};

use portcullis_protocol::{
    cipher::Secret,
    compression::{Deflater, Inflater, MAX_CLIENTBOUND, Threshold},
    key::server_hash,
    login::{EncryptionRequest, EncryptionResponse, Proof, SetCompression, Success},
    packets::{Bare, Direction, Fields, Packet, State, Table, split_id},
    profile::Profile,
    version::Protocol,
};

use rsa::pkcs8::DecodePublicKey as _;
use serde_json::json;

use super::{
    wait::{PATIENCE, until},
    wire::{self, Peer},
};

/// Any level will do.
const LEVEL: i32 = 6;

/// One end of a session. Every wait is bounded.
pub(crate) struct Raw {
    pub(crate) peer: Peer,
    table: &'static Table,
    sends: Direction,
    threshold: Option<Threshold>,
    /// What the proxy said first, where this end is a server: the body of its handshake.
    pub(crate) greeting: Vec<u8>,
}

impl Raw {
    /// A client that has sent its handshake and login start.
    pub(crate) fn join(port: u16, protocol: i32, host: &str, name: &str) -> Self {
        let mut peer = Peer::connect(port);
        peer.send(&wire::login(protocol, host, name));
        Self::new(peer, protocol, Direction::Serverbound)
    }

    /// The client has itself verified by the session server on this port, and encrypts from here on.
    pub(crate) fn authenticate(&mut self, session_server: u16, name: &str) {
        let protocol = self.table.protocol();
        let fields = self.wait(State::Login, Packet::EncryptionRequest);
        let request = EncryptionRequest::read(&fields, protocol).expect("a request");
        let secret = Secret::new(*b"a test's secret!");
        let key = rsa::PublicKey::from_public_key_der(request.public_key).expect("a key");
        let encrypted = |bytes: &[u8]| key.pkcs1v15_encrypt(bytes).expect("a short text");
        let hash = server_hash(request.server_id, &secret, request.public_key);
        log_in(session_server, name, &hash).expect("the session server takes it");
        let (own, token) = (encrypted(secret.bytes()), encrypted(request.token));
        let response = EncryptionResponse {
            secret: &own,
            proof: Proof::Token(&token),
        };
        self.send(State::Login, &response);
        self.peer.encrypt(&secret);
    }

    /// The client is let in, and says so where the version wants it to.
    pub(crate) fn enter(&mut self) {
        loop {
            let (id, fields) = self.receive().expect("a packet of the login");
            match self.table.packet(State::Login, Direction::Clientbound, id) {
                Some(Packet::SetCompression) => {
                    let set = SetCompression::read(&fields).expect("a threshold");
                    self.threshold = Threshold::of_wire(set.threshold);
                }
                Some(Packet::LoginSuccess) => break,
                other => panic!("the client was not let in, but sent {other:?}"),
            }
        }
        if self.table.protocol().has_configuration() {
            self.send(State::Login, &Bare(Packet::LoginAcknowledged));
        }
    }

    /// The server lets the player in. Packets are compressed from this length on.
    pub(crate) fn let_in(&mut self, name: &str, threshold: Option<u32>) {
        if let Some(threshold) = threshold {
            let set = SetCompression {
                threshold: i32::try_from(threshold).expect("a short length"),
            };
            self.send(State::Login, &set);
            self.threshold = Some(Threshold(threshold));
        }
        self.send(State::Login, &Success::new(Profile::offline(name)));
    }

    /// What lets the player in, without compression.
    pub(crate) fn success(&self, name: &str) -> Vec<u8> {
        self.written(State::Login, &Success::new(Profile::offline(name)))
    }

    pub(crate) fn send(&mut self, state: State, fields: &impl Fields) {
        let bytes = self.written(state, fields);
        self.peer.send(&bytes);
    }

    /// A packet as this end sends it.
    pub(crate) fn written(&self, state: State, fields: &impl Fields) -> Vec<u8> {
        let mut packet = Vec::new();
        self.table
            .write(state, self.sends, fields, &mut packet)
            .expect("the version has this packet");
        self.framed(&packet)
    }

    /// Whether nothing has come, and nothing comes for half a second.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.peer.is_silent()
    }

    /// Sends a packet whose fields are there already.
    pub(crate) fn say(&mut self, state: State, packet: Packet, fields: &[u8]) {
        let packet = self.packet(state, packet, fields);
        self.peer.send(&self.framed(&packet));
    }

    /// Both ends go on from the configuration to a world, where the version has a configuration.
    pub(crate) fn enter_play(&mut self, server: &mut Self) {
        if self.table.protocol().has_configuration() {
            server.send(State::Configuration, &Bare(Packet::FinishConfiguration));
            self.wait(State::Configuration, Packet::FinishConfiguration);
            self.send(State::Configuration, &Bare(Packet::FinishConfiguration));
            server.wait(State::Configuration, Packet::FinishConfiguration);
        }
    }

    /// The next packet, by its name, and its fields.
    pub(crate) fn next(&mut self, state: State) -> (Packet, Vec<u8>) {
        let (id, fields) = self.receive().expect("a packet");
        let packet = self.table.packet(state, self.from(), id);
        (
            packet.unwrap_or_else(|| panic!("a packet without a name, {id:#x}")),
            fields,
        )
    }

    /// Id and fields of a packet that this end sends.
    pub(crate) fn packet(&self, state: State, packet: Packet, fields: &[u8]) -> Vec<u8> {
        let id = self.table.id(state, self.sends, packet);
        let id = id.expect("the version has this packet");
        [&[id][..], fields].concat()
    }

    /// Id and fields as this end sends them.
    pub(crate) fn framed(&self, packet: &[u8]) -> Vec<u8> {
        match self.threshold {
            Some(threshold) => compressed(packet, threshold),
            None => wire::frame(packet),
        }
    }

    /// The next packet: its id and fields.
    pub(crate) fn receive(&mut self) -> io::Result<(i32, Vec<u8>)> {
        let body = self.peer.read_frame()?;
        let mut inflater = Inflater::new();
        let packet = match self.threshold {
            Some(threshold) => inflater
                .inflate(&body, threshold, MAX_CLIENTBOUND)
                .map_err(io::Error::other)?,
            None => &body,
        };
        let (id, fields) = split_id(packet).map_err(io::Error::other)?;
        Ok((id, fields.to_vec()))
    }

    /// The fields of the next packet of this name; others are passed over.
    pub(crate) fn wait(&mut self, state: State, wanted: Packet) -> Vec<u8> {
        let from = self.from();
        loop {
            let (id, fields) = self
                .receive()
                .unwrap_or_else(|error| panic!("no {wanted} came: {error}"));
            if self.table.packet(state, from, id) == Some(wanted) {
                return fields;
            }
        }
    }

    /// The direction of what this end receives.
    fn from(&self) -> Direction {
        self.sends.opposite()
    }

    fn new(peer: Peer, protocol: i32, sends: Direction) -> Self {
        let table = Table::of(Protocol(protocol)).expect("a version with a table");
        Self {
            peer,
            table,
            sends,
            threshold: None,
            greeting: Vec::new(),
        }
    }
}

/// A server whose part a test plays.
pub(crate) struct RawServer(TcpListener);

impl RawServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a bound socket");
        Self(listener)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("a bound socket has an address").port()
    }

    /// The next connection, whose handshake and login start have been read.
    pub(crate) fn accept(&self, protocol: i32) -> Raw {
        self.accept_with_start(protocol).0
    }

    /// The same, and the login start.
    pub(crate) fn accept_with_start(&self, protocol: i32) -> (Raw, Vec<u8>) {
        let (stream, _) = until("the proxy comes", || self.0.accept());
        stream.set_nonblocking(false).expect("a connected socket");
        let peer = Peer::of(stream).expect("a connected socket");
        let mut server = Raw::new(peer, protocol, Direction::Clientbound);
        server.greeting = server.peer.read_frame().expect("a handshake");
        let start = server.peer.read_frame().expect("a login start");
        (server, start)
    }
}

/// Tells a session server that the player of this name joins the server of this hash.
fn log_in(port: u16, name: &str, hash: &str) -> io::Result<()> {
    let uuid: String = name
        .bytes()
        .chain([0; 16])
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = json!({ "accessToken": format!("token-{name}"), "selectedProfile": uuid, "serverId": hash }).to_string();
    let length = body.len();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "POST /session/minecraft/join HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split(' ').nth(1) {
        Some("204") => Ok(()),
        _ => Err(io::Error::other(answer)),
    }
}

/// A frame whose body claims to be so long when inflated, whatever the stream holds.
pub(crate) fn claiming(length: i32, stream: &[u8]) -> Vec<u8> {
    wire::frame(&[&wire::varint(length)[..], stream].concat())
}

/// A zlib stream of these bytes.
pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let frame = compressed(bytes, Threshold(0));
    // Behind the frame's own length, which has three bytes, and the packet's.
    let claimed = wire::varint(i32::try_from(bytes.len()).expect("a packet's length"));
    frame[3 + claimed.len()..].to_vec()
}

fn compressed(packet: &[u8], threshold: Threshold) -> Vec<u8> {
    let mut frame = Vec::new();
    Deflater::new(LEVEL)
        .write(packet, threshold, &mut frame)
        .expect("it fits into a frame");
    frame
}
