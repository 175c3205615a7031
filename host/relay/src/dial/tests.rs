use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use portcullis_config::{self as config, Address, ProxyEmission};
use portcullis_registry::Health;
use portcullis_telemetry::Metrics;
use tokio::net::{TcpListener, UdpSocket};
use tokio::runtime::{Builder, LocalOptions};

use super::*;
use crate::metrics::RelayMetrics;

/// Runs a test as a worker runs its tasks.
pub(crate) fn on_a_worker(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .unwrap();
    runtime.block_on(test);
}

/// A server as the defaults have it.
pub(crate) fn server(name: &str, address: SocketAddr) -> config::Server {
    named(name, &address.ip().to_string(), address.port())
}

fn named(name: &str, host: &str, port: u16) -> config::Server {
    config::Server {
        name: name.parse().unwrap(),
        address: Address {
            host: host.into(),
            port,
        },
        groups: vec!["all".parse().unwrap()],
        weight: 1,
        labels: BTreeMap::new(),
        forwarding: None,
        proxy_protocol: ProxyEmission::Off,
        connect_timeout: Duration::from_secs(2),
    }
}

pub(crate) fn dialler(servers: &[config::Server], dns: &[SocketAddr]) -> (Rc<Dialler>, Metrics) {
    let (registry, metrics) = (Registry::new(), Metrics::new());
    registry.servers.apply(servers);
    let dials = RelayMetrics::new(&metrics).dials();
    (
        Rc::new(Dialler::new(registry, Resolver::new(dns).unwrap(), dials)),
        metrics,
    )
}

async fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address where nothing listens.
pub(crate) async fn dead() -> SocketAddr {
    listening().await.1
}

fn to(name: &str) -> Target {
    Target::Server(name.into())
}

/// An address whose queue of connections is full, so that the kernel does not answer any more.
async fn silent() -> (impl Sized, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let fills_it = TcpStream::connect(address).await.unwrap();
    ((socket, fills_it), address)
}

/// A name server. Knows one name, `both.test`, at 127.0.0.1, says that it has no IPv6 address, and is silent on all others.
async fn name_server() -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        let mut query = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut query).await {
            let question = &query[12..length];
            let Some(end) = question.strip_prefix(b"\x04both\x04test\0") else {
                continue;
            };
            let is_v4 = end.starts_with(&[0, 1]);
            let question = &question[..11 + 4];
            // Id, response without error, one question, one answer or none.
            let mut response = [&query[..2], &[0x81, 0x80, 0, 1, 0, is_v4.into(), 0, 0, 0, 0], question].concat();
            if is_v4 {
                // The name again, A, IN, a minute, four bytes.
                response.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            socket.send_to(&response, from).await.unwrap();
        }
    });
    address
}

#[test]
fn candidates_are_tried_in_order_until_one_answers() {
    on_a_worker(async {
        let ((_one, first), (_two, second)) = (listening().await, listening().await);
        let servers = [
            server("dead", dead().await),
            server("first", first),
            server("second", second),
        ];
        let (dialler, metrics) = dialler(&servers, &[]);
        let dialled = dialler
            .dial_first(
                &[to("no-such"), to("dead"), Target::Group("all".into())],
                &mut Tried::default(),
            )
            .await
            .unwrap();
        assert_eq!(&*dialled.server.config.name, "first");
        assert_eq!(dialled.stream.peer_addr().unwrap(), first);
        assert_eq!(dialled.server.health(), Health::Up);
        assert_eq!(dialled.server.sessions(), 1);
        let server = Arc::clone(&dialled.server);
        drop(dialled);
        assert_eq!(server.sessions(), 0);
        let text = metrics.render();
        assert!(
            text.contains("portcullis_dials_total{result=\"refused\",server=\"dead\"} 1\n"),
            "{text}"
        );
        assert!(
            text.contains("portcullis_dials_total{result=\"ok\",server=\"first\"} 1\n"),
            "{text}"
        );
    });
}

#[test]
fn when_nobody_answers_there_is_no_connection_and_everybody_is_down() {
    on_a_worker(async {
        let servers = [server("a", dead().await), server("b", dead().await)];
        let (dialler, metrics) = dialler(&servers, &[]);
        assert!(
            dialler
                .dial_first(&[to("a"), Target::Group("all".into())], &mut Tried::default())
                .await
                .is_none()
        );
        for server in dialler.candidates(&Target::Group("all".into())) {
            assert_eq!((server.health(), server.sessions()), (Health::Down, 0));
        }
        let text = metrics.render();
        assert!(
            text.contains("{result=\"refused\",server=\"a\"} 1\n"),
            "tried once although named twice: {text}"
        );
    });
}

#[test]
fn a_server_that_does_not_answer_in_time_is_given_up() {
    on_a_worker(async {
        let (_full, address) = silent().await;
        let patient = config::Server {
            connect_timeout: Duration::from_millis(100),
            ..server("full", address)
        };
        let (dialler, _) = dialler(&[patient], &[]);
        let server = dialler.candidates(&to("full")).remove(0);
        assert!(matches!(dialler.dial(&server).await, Err(DialError::Timeout)));
    });
}

#[test]
fn a_name_is_resolved_by_the_configured_name_server() {
    on_a_worker(async {
        let (_listener, address) = listening().await;
        let (dialler, _) = dialler(&[named("s", "both.test", address.port())], &[name_server().await]);
        let dialled = dialler.dial_first(&[to("s")], &mut Tried::default()).await.unwrap();
        assert_eq!(dialled.stream.peer_addr().unwrap(), address);
    });
}

#[test]
fn a_changed_name_server_is_asked_from_then_on() {
    on_a_worker(async {
        let (_listener, address) = listening().await;
        let server = config::Server {
            connect_timeout: Duration::from_millis(200),
            ..named("s", "both.test", address.port())
        };
        let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (dialler, _) = dialler(&[server], &[nobody.local_addr().unwrap()]);
        assert!(dialler.dial_first(&[to("s")], &mut Tried::default()).await.is_none());
        dialler.resolve_with(Resolver::new(&[name_server().await]).unwrap());
        assert!(dialler.dial_first(&[to("s")], &mut Tried::default()).await.is_some());
    });
}

#[test]
fn a_name_server_that_never_answers_holds_up_no_other_dial() {
    on_a_worker(async {
        let (_listener, address) = listening().await;
        let lost = config::Server {
            connect_timeout: Duration::from_millis(500),
            ..named("lost", "silent.test", 1)
        };
        let servers = [lost, named("s", "both.test", address.port())];
        let (dialler, _) = dialler(&servers, &[name_server().await]);
        let stuck = dialler.candidates(&to("lost")).remove(0);
        let both = async {
            // A hundred dials that wait, and one that does not.
            let mut waiting = tokio::task::JoinSet::new();
            for _ in 0..100 {
                let (dialler, stuck) = (Rc::clone(&dialler), Arc::clone(&stuck));
                waiting.spawn_local(async move { dialler.dial(&stuck).await.is_err() });
            }
            tokio::task::yield_now().await;
            assert!(dialler.dial_first(&[to("s")], &mut Tried::default()).await.is_some());
            assert!(waiting.try_join_next().is_none(), "the others are still waiting");
            assert!(waiting.join_all().await.into_iter().all(|failed| failed));
        };
        both.await;
        assert!(matches!(dialler.dial(&stuck).await, Err(DialError::Timeout)));
    });
}

#[test]
fn an_address_that_fails_or_stays_silent_gives_way_to_the_next() {
    on_a_worker(async {
        let (_listener, good) = listening().await;
        let limit = Duration::from_secs(2);
        let stream = eyeballs::connect(&[dead().await, dead().await, good], limit)
            .await
            .unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        let (_full, silent) = silent().await;
        let start = Instant::now();
        let stream = eyeballs::connect(&[silent, good], limit).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(start.elapsed() < limit, "the second address did not wait for the first");
        assert!(eyeballs::connect(&[dead().await, dead().await], limit).await.is_err());
        assert!(eyeballs::connect(&[], limit).await.is_err());
    });
}
