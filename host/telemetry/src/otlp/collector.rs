//! The collector as this process sees it: two requests, and whether it answers.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prometheus::IntCounterVec;
use tonic::transport::Channel;
use tonic::{Response, Status};
use tracing::{info, warn};

use super::convert;
use crate::Metrics;

/// A request that takes longer is given up; the next one has the same sums, or newer spans.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How often an outage is mentioned again.
const REMINDER: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct Collector {
    channel: Channel,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    resource: ResourceAttributesWithSchema,
    exports: IntCounterVec,
    outage: Mutex<Option<Outage>>,
}

#[derive(Debug)]
struct Outage {
    began: Instant,
    mentioned: Instant,
    failures: u64,
}

impl Collector {
    pub(super) fn new(channel: Channel, resource: &Resource, metrics: &Metrics) -> Self {
        let exports = metrics.counters(
            "portcullis_otlp_exports_total",
            "Requests to the OpenTelemetry collector, by signal (traces, metrics) and result (ok, failed).",
            &["signal", "result"],
        );
        let shared = Shared {
            resource: resource.into(),
            exports,
            outage: Mutex::default(),
        };
        Self {
            channel,
            shared: Arc::new(shared),
        }
    }

    pub(super) async fn send_metrics(&self, metrics: &Metrics) -> bool {
        let families = metrics.gather();
        let request = convert::request(&families, metrics.created(), SystemTime::now(), &self.shared.resource);
        let mut client = MetricsServiceClient::new(self.channel.clone());
        let answer = self.deliver("metrics", client.export(request)).await;
        if let Some(partial) = answer.as_ref().and_then(|answer| answer.partial_success.as_ref()) {
            rejected("metrics", partial.rejected_data_points, &partial.error_message);
        }
        answer.is_some()
    }

    pub(super) async fn send_spans(&self, spans: Vec<SpanData>) -> bool {
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.shared.resource);
        let mut client = TraceServiceClient::new(self.channel.clone());
        let answer = self
            .deliver("traces", client.export(ExportTraceServiceRequest { resource_spans }))
            .await;
        if let Some(partial) = answer.as_ref().and_then(|answer| answer.partial_success.as_ref()) {
            rejected("traces", partial.rejected_spans, &partial.error_message);
        }
        answer.is_some()
    }

    async fn deliver<T>(&self, signal: &str, call: impl Future<Output = Result<Response<T>, Status>>) -> Option<T> {
        let result = tokio::time::timeout(REQUEST_TIMEOUT, call).await;
        let result = result.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")));
        let label = if result.is_ok() { "ok" } else { "failed" };
        self.shared.exports.with_label_values(&[signal, label]).inc();
        self.mention(result.as_ref().err());
        result.ok().map(Response::into_inner)
    }

    /// Logs the beginning and the end of an outage, and once a minute that it lasts.
    fn mention(&self, failure: Option<&Status>) {
        let now = Instant::now();
        let mut outage = self.shared.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            None => {
                if let Some(over) = outage.take() {
                    let seconds = (now - over.began).as_secs();
                    info!(
                        seconds,
                        failures = over.failures,
                        "OpenTelemetry collector answered again"
                    );
                }
            }
            Some(status) => {
                let first = outage.is_none();
                let known = outage.get_or_insert(Outage {
                    began: now,
                    mentioned: now,
                    failures: 0,
                });
                known.failures += 1;
                if first || now - known.mentioned >= REMINDER {
                    known.mentioned = now;
                    let (reason, failures) = (root_cause(status), known.failures);
                    warn!(%reason, failures, "OpenTelemetry collector did not take traces or metrics");
                }
            }
        }
    }
}

/// tonic says "transport error"; the operating system's words are at the end of the chain.
fn root_cause(status: &Status) -> String {
    let mut cause: &dyn std::error::Error = status;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if std::ptr::addr_eq(cause, status) {
        format!("{}: {}", status.code(), status.message())
    } else {
        cause.to_string()
    }
}

/// At most once a request, so the request interval is its limit.
fn rejected(signal: &str, count: i64, message: &str) {
    if count > 0 || !message.is_empty() {
        warn!(signal, count, message, "OpenTelemetry collector rejected a part");
    }
}
