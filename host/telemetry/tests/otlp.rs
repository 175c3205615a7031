//! Traces and metrics reach a collector that this test runs itself, also one that is away for a while.

mod collector;

use std::time::Duration;

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use portcullis_telemetry::{LogFormat, Metrics, Options, init};
use tracing::{debug, debug_span, info_span};

use collector::{Collector, Received, free_port};

/// Spans of other crates than the host's own are not exported.
const TARGET: &str = "portcullis_relay";
/// Far more than any step needs; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn spans_and_all_three_kinds_of_metrics_arrive_whenever_the_collector_is_there() {
    let address = free_port();
    let metrics = Metrics::new();
    metrics
        .counters("knocks_total", "Knocks.", &["door"])
        .with_label_values(&["front"])
        .inc_by(3);
    metrics
        .gauges("open", "Open.", &[])
        .with_label_values::<&str>(&[])
        .set(2);
    metrics
        .histograms("wait_seconds", "Wait.", &[], vec![1.0])
        .with_label_values::<&str>(&[])
        .observe(0.5);
    let endpoint = format!("http://{address}");
    let options = Options {
        log: "error",
        format: LogFormat::Json,
        otlp: Some(&endpoint),
        otlp_interval: Duration::from_millis(50),
    };
    let guard = init(&options, &metrics).unwrap();

    // Nobody listens yet.
    wait_for_failures(&metrics, 2);

    let collector = Collector::start(address);
    let Received::Metrics(first) = collector.wait(PATIENCE, |r| matches!(r, Received::Metrics(_))) else {
        unreachable!("asked for metrics")
    };
    assert_eq!(first.resource("service.name"), Some("portcullis"));
    assert!(matches!(first.find("knocks_total"), Some(Data::Sum(sum)) if sum.is_monotonic));
    assert!(matches!(first.find("open"), Some(Data::Gauge(_))));
    assert!(matches!(first.find("wait_seconds"), Some(Data::Histogram(_))));

    // A debug span is exported although the log is at error, with its fields, its parent and its events.
    info_span!(target: TARGET, "session", id = 7, peer = "127.0.0.1").in_scope(|| {
        debug_span!(target: TARGET, "dial", server = "lobby").in_scope(|| debug!(target: TARGET, "connected"));
    });
    let session = collector.wait_for_span("session", PATIENCE);
    let dial = collector.wait_for_span("dial", PATIENCE);
    assert_eq!(dial.parent_span_id, session.span_id);
    assert!(session.attributes.iter().any(|a| a.key == "id"));
    assert!(dial.events.iter().any(|event| event.name == "connected"));

    // Away, and back.
    collector.stop();
    let failures = failures(&metrics);
    wait_for_failures(&metrics, failures + 2);
    let collector = Collector::start(address);
    collector.wait(PATIENCE, |r| matches!(r, Received::Metrics(_)));

    // What ended just before the end is sent at the end.
    debug_span!(target: TARGET, "last").in_scope(|| {});
    guard.shutdown(PATIENCE);
    collector.wait_for_span("last", Duration::from_secs(1));
}

fn failures(metrics: &Metrics) -> u64 {
    let exports = metrics.counters("portcullis_otlp_exports_total", "", &["signal", "result"]);
    exports.with_label_values(&["metrics", "failed"]).get()
}

fn wait_for_failures(metrics: &Metrics, count: u64) {
    let started = std::time::Instant::now();
    while failures(metrics) < count {
        assert!(started.elapsed() < PATIENCE, "pushes to nobody did not fail");
        std::thread::yield_now();
    }
}
