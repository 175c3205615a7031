//! An OpenTelemetry collector on loopback that hands over what it received.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

pub(crate) struct Collector {
    runtime: Runtime,
    received: Receiver<Received>,
    spans: std::cell::RefCell<Vec<Span>>,
}

#[derive(Debug)]
pub(crate) enum Received {
    Metrics(Numbers),
    Spans(Vec<Span>),
}

#[derive(Debug)]
pub(crate) struct Numbers(ExportMetricsServiceRequest);

/// An address that nobody listens on.
pub(crate) fn free_port() -> SocketAddr {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    taken.local_addr().expect("an address")
}

impl Collector {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let builder = &mut tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .expect("a port nobody else took");
        let (sender, received) = channel();
        let server = tonic::transport::Server::builder()
            .add_service(MetricsServiceServer::new(Service(sender.clone())))
            .add_service(TraceServiceServer::new(Service(sender)))
            .serve_with_incoming(TcpListenerStream::new(listener));
        runtime.spawn(server);
        Self {
            runtime,
            received,
            spans: Default::default(),
        }
    }

    /// Closes the listener and every connection.
    pub(crate) fn stop(self) {
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }

    pub(crate) fn wait(&self, patience: Duration, wanted: impl Fn(&Received) -> bool) -> Received {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let received = self
                .received
                .recv_timeout(left)
                .expect("the collector should have received it by now");
            if let Received::Spans(spans) = &received {
                self.spans.borrow_mut().extend(spans.iter().cloned());
            }
            if wanted(&received) {
                return received;
            }
        }
    }

    pub(crate) fn wait_for_span(&self, name: &str, patience: Duration) -> Span {
        let find = || self.spans.borrow().iter().find(|span| span.name == name).cloned();
        loop {
            if let Some(span) = find() {
                return span;
            }
            self.wait(patience, |received| matches!(received, Received::Spans(_)));
        }
    }
}

impl Numbers {
    pub(crate) fn find(&self, name: &str) -> Option<&Data> {
        let scopes = self
            .0
            .resource_metrics
            .iter()
            .flat_map(|resource| &resource.scope_metrics);
        scopes
            .flat_map(|scope| &scope.metrics)
            .find(|metric| metric.name == name)?
            .data
            .as_ref()
    }

    pub(crate) fn resource(&self, key: &str) -> Option<&str> {
        let resource = self.0.resource_metrics.first()?.resource.as_ref()?;
        let value = resource
            .attributes
            .iter()
            .find(|attribute| attribute.key == key)?
            .value
            .as_ref()?;
        match value.value.as_ref()? {
            Value::StringValue(text) => Some(text),
            _ => None,
        }
    }
}

struct Service(Sender<Received>);

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        // The test may have seen enough.
        let _ = self.0.send(Received::Metrics(Numbers(request.into_inner())));
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans.into_iter();
        let spans = resources
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans);
        let _ = self.0.send(Received::Spans(spans.collect()));
        Ok(Response::new(Default::default()))
    }
}
