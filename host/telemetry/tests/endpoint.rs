//! The Prometheus endpoint as a scraper, a curious person and an attacker see it.

use std::net::SocketAddr;

use portcullis_telemetry::{Metrics, serve_prometheus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn serve(metrics: &Metrics) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback works");
    let address = listener.local_addr().expect("loopback works");
    tokio::spawn(serve_prometheus(listener, metrics.clone()));
    address
}

async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("loopback works");
    stream
        .write_all(format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .expect("loopback works");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("loopback works");
    answer
}

#[tokio::test]
async fn a_scrape_gets_every_number_in_the_text_format() {
    let metrics = Metrics::new();
    metrics
        .counters("knocks_total", "Knocks.", &["door"])
        .with_label_values(&["front"])
        .inc();
    let answer = ask(serve(&metrics).await, "GET /metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("\nknocks_total{door=\"front\"} 1\n"), "{answer}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        answer.contains(&format!("\nportcullis_build_info{{version=\"{version}\"}} 1\n")),
        "{answer}"
    );
    for process in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
    ] {
        assert!(
            answer.contains(&format!("\n{process} ")),
            "{process} is not in {answer}"
        );
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let address = serve(&Metrics::new()).await;
    for (request, status) in [
        ("GET /healthz", "200 OK"),
        ("HEAD /metrics", "200 OK"),
        ("GET /", "404 Not Found"),
        ("POST /metrics", "405 Method Not Allowed"),
    ] {
        let answer = ask(address, request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{request}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_request_head_beyond_the_limit_is_refused() {
    let address = serve(&Metrics::new()).await;
    let answer = ask(address, &format!("GET /{}", "x".repeat(64 * 1024))).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn connections_that_say_nothing_make_room_for_a_scrape_in_the_end() {
    let address = serve(&Metrics::new()).await;
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(TcpStream::connect(address).await.expect("loopback works"));
    }
    let answer = ask(address, "GET /healthz").await;
    assert!(answer.ends_with("ok\n"), "{answer}");
}
