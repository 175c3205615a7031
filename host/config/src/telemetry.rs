//! `[telemetry]`: logs, metrics and traces.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    document::Place,
    error::ConfigError,
    nearest::{nearest, quoted},
};

/// Levels of a log filter, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Logs, metrics and traces.
#[derive(Clone, Debug, PartialEq)]
pub struct Telemetry {
    /// A filter as tracing's `EnvFilter` takes it; `PORTCULLIS_LOG` in the environment wins over it.
    pub log: String,
    /// The shape of log lines.
    pub log_format: LogFormat,
    /// Where the Prometheus text endpoint listens; absent: nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where traces and metrics are sent by OTLP over gRPC; absent: nowhere.
    pub otlp: Option<String>,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For programs.
    Json,
}

/// Logs, metrics and traces.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RawTelemetry {
    /// What is logged: a level, or levels by module, as in `info,portcullis_relay=debug`. `PORTCULLIS_LOG` in the environment
    /// wins over it.
    log: String,
    /// The shape of log lines: `pretty` for people, `json` for programs.
    log_format: LogFormat,
    /// IP address and port on which the Prometheus text is served. Absent: nowhere.
    #[schemars(example = &"127.0.0.1:9100")]
    metrics: Option<String>,
    /// Collector to which traces and metrics are sent by OTLP over gRPC. Absent: none.
    #[schemars(example = &"http://127.0.0.1:4317")]
    otlp: Option<String>,
}

impl Default for RawTelemetry {
    fn default() -> Self {
        Self {
            log: "info".into(),
            log_format: LogFormat::Pretty,
            metrics: None,
            otlp: None,
        }
    }
}

impl RawTelemetry {
    pub(crate) fn validate(self, place: &Place, problems: &mut Vec<ConfigError>) -> Telemetry {
        if let Err(reason) = check_filter(&self.log) {
            problems.push(place.key("log").bad_value(reason));
        }
        let metrics = self.metrics.and_then(|text| {
            text.parse()
                .map_err(|_| {
                    problems.push(place.key("metrics").bad_value(format_args!(
                        "`{text}` is not an IP address and port; write for example `127.0.0.1:9100`"
                    )));
                })
                .ok()
        });
        if let Some(url) = &self.otlp
            && url.strip_prefix("http://").is_none_or(str::is_empty)
        {
            problems.push(place.key("otlp").bad_value(format_args!(
                "`{url}` is not the URL of a collector; write for example `http://127.0.0.1:4317`"
            )));
        }
        Telemetry {
            log: self.log,
            log_format: self.log_format,
            metrics,
            otlp: self.otlp,
        }
    }
}

/// Finds mistyped levels, which tracing would take for the name of a module and then log everything of it, that is
/// nothing. Directives with spans and fields are left to tracing.
fn check_filter(filter: &str) -> Result<(), String> {
    if filter.contains(['[', '{']) {
        return Ok(());
    }
    for directive in filter.split(',').map(str::trim) {
        let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
        if !LEVELS.contains(&level.to_ascii_lowercase().as_str()) {
            let guess = nearest(level, LEVELS)
                .map(|known| format!("did you mean `{known}`? Otherwise "))
                .unwrap_or_default();
            return Err(format!(
                "`{level}` is not a level; {guess}write one of {}",
                quoted(LEVELS)
            ));
        }
    }
    Ok(())
}
