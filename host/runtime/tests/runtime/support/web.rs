//! A server that plugins send requests to: on loopback, over TCP or TLS, with answers by the path asked for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use portcullis_runtime::Roots;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Serves until the process ends: its threads wait for connections that nobody makes.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    /// Heads of requests.
    requests: Mutex<Vec<String>>,
    /// Whether `/gate` may be answered.
    open: Mutex<bool>,
    opened: Condvar,
}

impl Web {
    pub(crate) fn plain() -> Self {
        Self::serve(answer)
    }

    /// With a certificate for `localhost` and `127.0.0.1`, and the authority that has signed it.
    pub(crate) fn tls() -> (Self, Roots) {
        let authority = authority();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let config = Arc::new(config);
        let web = Self::serve(move |stream, seen| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            answer(StreamOwned::new(connection, stream), seen);
        });
        (web, Roots::of([authority.der().to_vec()]))
    }

    /// Whole heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    /// Lets those who wait at `/gate` through.
    pub(crate) fn open(&self) {
        *self.seen.open.lock().unwrap() = true;
        self.seen.opened.notify_all();
    }

    fn serve(serve: impl Fn(TcpStream, &Seen) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, serve) = (Arc::new(Seen::default()), Arc::new(serve));
        let shared = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let (seen, serve) = (shared.clone(), serve.clone());
                thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { address, seen }
    }
}

/// An authority that nobody knows.
pub(crate) fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Answers requests until the client is done.
fn answer(stream: impl Read + Write, seen: &Seen) {
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = request(&mut stream) {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.requests.lock().unwrap().push(head);
        let (status, headers, body) = match &*path {
            "/echo" => ("200 OK", "x-seen: yes\r\nx-odd: \u{e9}\r\n", body),
            "/redirect" => ("302 Found", "location: /echo\r\n", Vec::new()),
            "/fits" => ("200 OK", "", vec![b'x'; 1 << 20]),
            "/large" => ("200 OK", "", vec![b'x'; (1 << 20) + 1]),
            "/gate" => {
                let open = seen.open.lock().unwrap();
                drop(seen.opened.wait_while(open, |open| !*open).unwrap());
                ("204 No Content", "", Vec::new())
            }
            "/cut" => {
                let _ = stream
                    .get_mut()
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort");
                let _ = stream.get_mut().flush();
                return;
            }
            _ => ("404 Not Found", "", Vec::new()),
        };
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
        let sent = stream.get_mut().write_all(&[head.as_bytes(), &body].concat());
        if sent.and_then(|()| stream.get_mut().flush()).is_err() {
            return;
        }
    }
}

/// A request's head and body; nothing where there is none.
fn request(stream: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
