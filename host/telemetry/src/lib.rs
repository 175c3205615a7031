//! Logs, metrics and traces: one façade that every crate of the host may use.
//!
//! [`init`] sets up logging and, when an endpoint is given, OTLP; [`Metrics`] holds every number once, for the
//! Prometheus endpoint ([`serve_prometheus`]) and for OTLP alike.

mod endpoint;
mod logging;
mod metrics;
mod otlp;
mod process;
mod sampler;

pub use endpoint::serve_prometheus;
pub use logging::{Change, Guard, LOG_VARIABLE, LogFormat, Options, TRACES_VARIABLE, TelemetryError, init};
pub use metrics::{Family, Kind, Metrics};
pub use sampler::Sampler;

pub use prometheus;
