//! The HTTP endpoint that Prometheus scrapes: `GET /metrics` and `GET /healthz`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

use crate::{Metrics, Sampler};

/// A scraper needs one connection; more than a handful of them is somebody else.
const MAX_CONNECTIONS: usize = 32;
/// A request head that takes longer is a slow-loris.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than the usual scrape intervals, so that keep-alive serves them; no connection holds its place for ever.
const CONNECTION_LIFE: Duration = Duration::from_secs(120);
/// Request heads of scrapers have a few hundred bytes; hyper's own minimum is 8 KiB.
const HEAD_BYTES: usize = 8 * 1024;
/// How long to leave a listener alone that cannot accept, for want of descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the metrics until the future is dropped. Connections over the limit wait in the kernel's backlog.
pub async fn serve_prometheus(listener: TcpListener, metrics: Metrics) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let complaints = Sampler::new(1);
    // Dropped with this future, and every connection with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let metrics = metrics.clone();
                connections.spawn(async move {
                    serve_connection(stream, metrics).await;
                    drop(place);
                });
            }
            Err(error) => {
                if let Some(suppressed) = complaints.admit() {
                    warn!(%error, suppressed, "could not accept a connection for metrics");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, metrics: Metrics) {
    let service = service_fn(move |request| {
        let answer = answer(&request, &metrics);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CONNECTION_LIFE, connection).await {
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(error)) => debug!(%error, "metrics connection failed"),
    }
}

fn answer(request: &Request<Incoming>, metrics: &Metrics) -> Response<Full<Bytes>> {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
    const EXPOSITION: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, kind, body) = match request.uri().path() {
        "/metrics" | "/healthz" if !reads => (StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".into()),
        "/metrics" => (StatusCode::OK, EXPOSITION, metrics.render()),
        "/healthz" => (StatusCode::OK, TEXT, "ok\n".into()),
        _ => (StatusCode::NOT_FOUND, TEXT, "there are /metrics and /healthz\n".into()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
