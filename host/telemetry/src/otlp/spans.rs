//! Hands batches of ended spans from OpenTelemetry's own thread to the one that talks to the collector.

use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::runtime::Handle;

use super::collector::Collector;

#[derive(Debug)]
pub(super) struct Spans {
    collector: Collector,
    /// tonic's timers and sockets need the runtime that they were made in.
    runtime: Handle,
}

impl Spans {
    pub(super) fn new(collector: Collector, runtime: Handle) -> Self {
        Self { collector, runtime }
    }
}

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let collector = self.collector.clone();
        match self
            .runtime
            .spawn(async move { collector.send_spans(batch).await })
            .await
        {
            Ok(true) => Ok(()),
            // Counted and logged by the collector's own code.
            Ok(false) => Err(OTelSdkError::InternalFailure("not delivered".into())),
            Err(_) => Err(OTelSdkError::AlreadyShutdown),
        }
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
