//! OTLP over gRPC: spans as they end, metrics at an interval, both over one connection that a thread of its own drives.
//!
//! Nothing waits for the collector. Spans queue up to a bound and are dropped beyond it; a push of metrics that failed is
//! forgotten, as the next one holds the same sums and more.

mod collector;
mod convert;
mod spans;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;
use tonic::transport::Endpoint;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::Metrics;
use collector::Collector;
use spans::Spans;

/// Spans kept while the collector is slow: at about 1 KiB each, some 2 MiB.
const SPAN_QUEUE: usize = 2048;
/// Spans in one request: well under the 4 MiB that collectors accept by default.
const SPAN_BATCH: usize = 512;
/// Spans should be visible soon after they end, however rarely metrics are pushed.
const SPAN_DELAY: Duration = Duration::from_secs(5);
/// A collector is near; one that takes longer to accept is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The OTLP endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// A mistyped endpoint, most often one without a scheme.
    #[error("otlp endpoint \"{0}\" is not of the form http://host:port")]
    Endpoint(String),
    /// TLS is left to a collector beside the proxy, which also buffers and retries.
    #[error("otlp endpoint \"{0}\" asks for TLS: send to a collector on this machine, and let that one use TLS")]
    Tls(String),
    /// Too many threads or descriptors.
    #[error("could not start the thread for otlp: {0}")]
    Thread(#[from] std::io::Error),
}

/// The running export. [`Exporter::shutdown`] ends it.
#[derive(Debug)]
pub(crate) struct Exporter {
    provider: SdkTracerProvider,
    stop: oneshot::Sender<()>,
    /// Disconnected once the thread has sent the last metrics.
    done: mpsc::Receiver<()>,
}

impl Exporter {
    /// Connects when there is something to send, and again whenever the connection was lost.
    pub(crate) fn start(endpoint: &str, interval: Duration, metrics: &Metrics) -> Result<Self, OtlpError> {
        let endpoint = parse(endpoint)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let resource = resource();
        let channel = {
            let _context = runtime.enter();
            endpoint.connect_timeout(CONNECT_TIMEOUT).connect_lazy()
        };
        let collector = Collector::new(channel, &resource, metrics);
        let spans = Spans::new(collector.clone(), runtime.handle().clone());
        let (stop, stopped) = oneshot::channel();
        let (finished, done) = mpsc::channel();
        let metrics = metrics.clone();
        thread::Builder::new().name("otlp".into()).spawn(move || {
            let _finished = finished;
            runtime.block_on(push(collector, metrics, interval, stopped));
        })?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(SPAN_QUEUE)
            .with_max_export_batch_size(SPAN_BATCH)
            .with_scheduled_delay(SPAN_DELAY.min(interval))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_span_processor(BatchSpanProcessor::builder(spans).with_batch_config(batches).build())
            .build();
        Ok(Self { provider, stop, done })
    }

    /// What turns spans of `tracing` into spans of OpenTelemetry. Code locations and thread names are left out: they cost
    /// more than the fields that say something.
    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SCOPE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
    }

    /// Sends the spans that wait and the metrics once more, unless that takes longer than the deadline.
    pub(crate) fn shutdown(self, deadline: Duration) {
        let until = Instant::now() + deadline;
        // An error means that spans were lost, which was counted and logged where it happened.
        let _ = self.provider.shutdown_with_timeout(deadline);
        // The thread listens until it is told; after the deadline it ends with the process.
        let _ = self.stop.send(());
        let _ = self.done.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

/// The instrumentation scope of everything that is sent.
const SCOPE: &str = "portcullis";

fn parse(endpoint: &str) -> Result<Endpoint, OtlpError> {
    let parsed = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| OtlpError::Endpoint(endpoint.to_owned()))?;
    match (parsed.uri().scheme_str(), parsed.uri().authority()) {
        (Some("http"), Some(_)) => Ok(parsed),
        (Some("https"), _) => Err(OtlpError::Tls(endpoint.to_owned())),
        _ => Err(OtlpError::Endpoint(endpoint.to_owned())),
    }
}

/// Who is speaking. `OTEL_RESOURCE_ATTRIBUTES` adds to it, for instance `service.instance.id`, and `OTEL_SERVICE_NAME`
/// renames.
fn resource() -> Resource {
    let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let builder = Resource::builder().with_attribute(opentelemetry::KeyValue::new(
        "service.version",
        env!("CARGO_PKG_VERSION"),
    ));
    if named {
        builder
    } else {
        builder.with_service_name("portcullis")
    }
    .build()
}

async fn push(collector: Collector, metrics: Metrics, interval: Duration, mut stop: oneshot::Receiver<()>) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = async {
            ticks.tick().await;
            collector.send_metrics(&metrics).await;
        };
        tokio::select! {
            () = next => {}
            _ = &mut stop => break,
        }
    }
    collector.send_metrics(&metrics).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_checked_before_anything_starts() {
        let check = |endpoint: &str| parse(endpoint).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(check("http://127.0.0.1:4317"), Ok(()));
        for mistyped in ["", "127.0.0.1:4317", "collector", "ftp://collector:4317", "http://"] {
            assert!(check(mistyped).unwrap_err().contains("http://host:port"), "{mistyped}");
        }
        assert!(check("https://collector:4317").unwrap_err().contains("TLS"));
    }

    #[test]
    fn a_collector_that_accepts_and_stays_silent_does_not_hold_up_the_end() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", silent.local_addr().unwrap());
        let exporter = Exporter::start(&endpoint, Duration::from_secs(3600), &Metrics::new()).unwrap();
        let started = Instant::now();
        exporter.shutdown(Duration::from_millis(200));
        // Far less than a request's own time limit.
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}
