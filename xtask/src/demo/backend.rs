//! A server that answers the server list, and tells whoever joins where they are: enough of Minecraft for every version.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use portcullis_protocol::first::{First, sniff};
use portcullis_protocol::handshake::{Handshake, Intent};
use portcullis_protocol::legacy::{self, Ping};
use portcullis_protocol::login::{LoginStart, write_disconnect};
use portcullis_protocol::status::{Query, StatusResponse, write_pong};
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_protocol::{PRE_ROUTE_BYTES, Progress};

/// A client that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// Silence after which the start of a legacy ping counts as a whole one.
const LEGACY_PAUSE: Duration = Duration::from_millis(100);
/// Nobody can join, so nobody is there; the list shows these.
const MAXIMUM: u32 = 20;

/// A running server. It lives as long as this process.
pub(super) struct Backend {
    /// What the configuration calls it.
    pub(super) name: &'static str,
    /// Where it listens: loopback, a free port.
    pub(super) address: SocketAddr,
}

impl Backend {
    /// Listens, with a thread for each connection.
    pub(super) fn start(name: &'static str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("could not listen on loopback")?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whatever ends a connection is the client's affair, and the demo shows the proxy's log.
                thread::spawn(move || {
                    Connection {
                        name,
                        stream,
                        read: Vec::new(),
                    }
                    .serve()
                });
            }
        });
        Ok(Self { name, address })
    }
}

struct Connection {
    name: &'static str,
    stream: TcpStream,
    /// What arrived and is not used yet.
    read: Vec<u8>,
}

/// The client left, fell silent, or is none.
struct Gone;

impl Connection {
    fn serve(mut self) -> Result<(), Gone> {
        let mut answer = Vec::new();
        match self.first()? {
            First::Modern => return self.modern(),
            First::LegacyPing(ping) => {
                ping.write_answer(&self.status(&legacy_host(&ping), Protocol::NONE), &mut answer)
            }
            First::LegacyLogin => legacy::write_kick(&self.welcome("", Protocol::NONE, "?"), &mut answer),
            First::Incomplete | First::Garbage(_) => return Err(Gone),
        }
        self.finish(&answer)
    }

    fn modern(mut self) -> Result<(), Gone> {
        let (host, port, protocol, intent) = self.next(|bytes| {
            let parsed = Handshake::parse(bytes).map_err(|_| Gone)?;
            Ok(parsed.map(|shake| (shake.host.name().to_owned(), shake.port, shake.protocol, shake.intent)))
        })?;
        let route = format!("{host}:{port}");
        if intent != Intent::Status {
            let name = self.next(|bytes| {
                let parsed = LoginStart::parse(bytes).map_err(|_| Gone)?;
                Ok(parsed.map(|start| start.name.to_owned()))
            })?;
            let mut answer = Vec::new();
            write_disconnect(&self.welcome(&route, protocol, &name), protocol, &mut answer);
            return self.finish(&answer);
        }
        loop {
            let mut answer = Vec::new();
            match self.next(|bytes| Query::parse(bytes).map_err(|_| Gone))? {
                Query::Status => self
                    .status(&route, protocol)
                    .write(protocol, &mut answer)
                    .map_err(|_| Gone)?,
                Query::Ping(payload) => write_pong(payload, &mut answer),
            }
            self.stream.write_all(&answer).map_err(|_| Gone)?;
        }
    }

    fn status(&self, route: &str, protocol: Protocol) -> StatusResponse {
        StatusResponse {
            version_name: "Portcullis demo".into(),
            protocol,
            description: Text::markup(&format!(
                "<green>Server {}</green> <gray>asked for as {route}",
                self.name
            )),
            online: 0,
            maximum: MAXIMUM,
            sample: Vec::new(),
            favicon: None,
        }
    }

    fn welcome(&self, route: &str, protocol: Protocol, player: &str) -> Text {
        let version = protocol.name().unwrap_or("a version of its own");
        Text::markup(&format!(
            "<green>{player}, you reached the server <gold>{}</gold>\n<gray>asked for: {route}\nclient: {version}",
            self.name
        ))
    }

    /// What kind of client this is; the bytes stay for the parser that it is.
    fn first(&mut self) -> Result<First, Gone> {
        let mut waited = false;
        loop {
            match sniff(&self.read, waited) {
                First::Incomplete => {}
                first => return Ok(first),
            }
            let pause = if self.read.is_empty() { PATIENCE } else { LEGACY_PAUSE };
            waited = !self.fill(pause)? && !self.read.is_empty();
            if !waited && self.read.is_empty() {
                return Err(Gone);
            }
        }
    }

    /// The next value, which then is used up.
    fn next<T>(&mut self, parse: impl Fn(&[u8]) -> Result<Progress<T>, Gone>) -> Result<T, Gone> {
        loop {
            if let Progress::Complete(value, taken) = parse(&self.read)? {
                self.read.drain(..taken.min(self.read.len()));
                return Ok(value);
            }
            if self.read.len() > PRE_ROUTE_BYTES || !self.fill(PATIENCE)? {
                return Err(Gone);
            }
        }
    }

    /// Reads what arrives; `false` when nothing did for so long.
    fn fill(&mut self, patience: Duration) -> Result<bool, Gone> {
        let mut chunk = [0; 1024];
        self.stream.set_read_timeout(Some(patience)).map_err(|_| Gone)?;
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(Gone),
            Ok(count) => {
                self.read.extend(chunk.iter().take(count));
                Ok(true)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(false),
            Err(_) => Err(Gone),
        }
    }

    /// Says the last word, and waits for the client to close: closing first, with bytes unread, would take it back.
    fn finish(mut self, answer: &[u8]) -> Result<(), Gone> {
        self.stream.write_all(answer).map_err(|_| Gone)?;
        self.stream.shutdown(Shutdown::Write).map_err(|_| Gone)?;
        while self.fill(PATIENCE)? {
            self.read.clear();
        }
        Ok(())
    }
}

fn legacy_host(ping: &Ping) -> String {
    match ping {
        Ping::WithHost { host, port, .. } => format!("{host}:{port}"),
        Ping::Bare | Ping::Versioned => "an unknown name".into(),
    }
}

#[cfg(test)]
mod tests {
    use portcullis_protocol::status::{ServerAnswer, write_question};

    use super::*;

    /// What the server answers to these bytes, up to its end or to what `enough` accepts.
    fn ask(bytes: &[u8], enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let backend = Backend::start("lobby").expect("a server");
        let mut stream = TcpStream::connect(backend.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.write_all(bytes).expect("a question");
        let mut answer = Vec::new();
        let mut chunk = [0; 1024];
        while !enough(&answer) {
            let count = stream.read(&mut chunk).expect("an answer");
            if count == 0 {
                break;
            }
            answer.extend_from_slice(&chunk[..count]);
        }
        answer
    }

    fn utf16(bytes: &[u8]) -> String {
        let units = bytes.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
        char::decode_utf16(units).filter_map(Result::ok).collect()
    }

    #[test]
    fn the_server_list_shows_which_server_was_reached_by_which_name() {
        let mut question = Vec::new();
        write_question(Protocol(763), "play.example.com", 25565, &mut question).expect("a name");
        let whole = |bytes: &[u8]| matches!(ServerAnswer::parse(bytes), Ok(Progress::Complete(..)));
        let answer = ask(&question, whole);
        let text = String::from_utf8_lossy(&answer);
        assert!(
            text.contains("Server lobby") && text.contains("play.example.com:25565"),
            "{text}"
        );
        assert!(text.contains("\"protocol\":763"), "{text}");
    }

    #[test]
    fn whoever_joins_is_told_where_they_are() {
        // A handshake of protocol 4 (1.7.2) for `a`, port 1, to log in; a login start of `Steve`.
        let answer = ask(b"\x07\x00\x04\x01a\x00\x01\x02\x07\x00\x05Steve", |_| false);
        let text = String::from_utf8_lossy(&answer);
        assert!(
            ["Steve", "lobby", "a:1", "1.7"].iter().all(|part| text.contains(part)),
            "{text}"
        );
    }

    #[test]
    fn legacy_clients_are_answered_in_their_own_form() {
        for (ping, expect) in [
            (&b"\xfe\x01"[..], "Server lobby"),
            (b"\xfe", "Server lobby"),
            (b"\x02", "lobby"),
        ] {
            let answer = ask(ping, |_| false);
            assert_eq!(answer.first(), Some(&legacy::KICK));
            assert!(
                utf16(&answer[3..]).contains(expect),
                "{ping:?}: {}",
                utf16(&answer[3..])
            );
        }
    }
}
