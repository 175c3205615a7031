//! Where events and spans go: to stderr as lines, and to OTLP as traces when that is configured.
//!
//! The two have filters of their own, so that a quiet log does not empty the traces, and a span that neither wants costs
//! one load of an atomic.

use std::env;
use std::io::{self, IsTerminal};
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt, reload};

use crate::Metrics;
use crate::otlp::{Exporter, OtlpError};

/// The environment variable whose filter wins over the configured one.
pub const LOG_VARIABLE: &str = "PORTCULLIS_LOG";
/// The environment variable with the filter of what becomes traces; [`Options::otlp`] says whether anything does.
pub const TRACES_VARIABLE: &str = "PORTCULLIS_TRACES";

/// Spans of connections, and of nobody else's crates. A directive matches every target that begins with its own.
const DEFAULT_TRACES: &str = "portcullis=debug";
/// Container runtimes kill 10 s after asking to stop; the last flush must leave room for the rest.
const FLUSH_DEADLINE: Duration = Duration::from_secs(3);

/// What [`init`] sets up.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Which events become lines: directives as in `info,portcullis_relay=debug`. [`LOG_VARIABLE`] wins over it.
    pub log: &'a str,
    /// How lines look.
    pub format: LogFormat,
    /// An OpenTelemetry collector's gRPC endpoint, `http://host:port`; nothing is sent without one.
    pub otlp: Option<&'a str>,
    /// How often metrics are pushed there; spans leave at least as often. 10 seconds by default.
    pub otlp_interval: Duration,
}

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One line for people; in colour on a terminal, unless `NO_COLOR` is set.
    #[default]
    Pretty,
    /// One JSON object a line, for programs.
    Json,
}

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A mistyped level or directive, in the configuration or in one of the environment variables.
    #[error("\"{filter}\" is not a log filter such as \"info,portcullis_relay=debug\" ({origin})")]
    Filter {
        /// Where it was given.
        origin: &'static str,
        /// What was given.
        filter: String,
        /// What the parser says.
        source: ParseError,
    },
    /// The OTLP endpoint is mistyped, or asks for what is not supported.
    #[error(transparent)]
    Otlp(#[from] OtlpError),
    /// Called twice in one process.
    #[error("logging is set up already")]
    AlreadySet(#[from] TryInitError),
}

/// Sets up logging and traces for the whole process. Keep the guard until the end: it flushes what is still to be sent.
pub fn init(options: &Options<'_>, metrics: &Metrics) -> Result<Guard, TelemetryError> {
    let stderr = Lines {
        writer: io::stderr,
        colours: colours(io::stderr().is_terminal(), env::var_os("NO_COLOR")),
    };
    let (subscriber, guard) = build(options, &Environment::read(), stderr, metrics)?;
    subscriber.try_init()?;
    Ok(guard)
}

/// Holds what [`init`] set up. Dropping it flushes, for at most 3 seconds.
#[derive(Debug)]
#[must_use = "dropping it ends the export of traces and metrics"]
pub struct Guard {
    filter: reload::Handle<EnvFilter, Registry>,
    pinned: bool,
    exporter: Option<Exporter>,
}

impl Guard {
    /// Changes which events become lines, from now on. Without effect while [`LOG_VARIABLE`] is set, which is told by
    /// `false`.
    pub fn reload_filter(&self, log: &str) -> Result<bool, TelemetryError> {
        let filter = parse(log, CONFIGURED)?;
        if self.pinned {
            return Ok(false);
        }
        self.filter
            .reload(filter)
            .expect("the subscriber lives as long as the process");
        Ok(true)
    }

    /// Sends what is still to be sent, for at most this long.
    pub fn shutdown(mut self, deadline: Duration) {
        if let Some(exporter) = self.exporter.take() {
            exporter.shutdown(deadline);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(exporter) = self.exporter.take() {
            exporter.shutdown(FLUSH_DEADLINE);
        }
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            log: "info",
            format: LogFormat::Pretty,
            otlp: None,
            otlp_interval: Duration::from_secs(10),
        }
    }
}

const CONFIGURED: &str = "[telemetry] log";

/// The variables that matter, read once, so that tests can pass their own.
#[derive(Default)]
struct Environment {
    log: Option<String>,
    traces: Option<String>,
}

impl Environment {
    fn read() -> Self {
        let read = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            log: read(LOG_VARIABLE),
            traces: read(TRACES_VARIABLE),
        }
    }
}

struct Lines<W> {
    writer: W,
    colours: bool,
}

/// <https://no-color.org>: set to anything but nothing.
fn colours(terminal: bool, no_color: Option<std::ffi::OsString>) -> bool {
    terminal && no_color.is_none_or(|value| value.is_empty())
}

fn build<W>(
    options: &Options<'_>,
    environment: &Environment,
    lines: Lines<W>,
    metrics: &Metrics,
) -> Result<(Box<dyn Subscriber + Send + Sync>, Guard), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = match &environment.log {
        Some(log) => parse(log, LOG_VARIABLE)?,
        None => parse(options.log, CONFIGURED)?,
    };
    let traces = parse(environment.traces.as_deref().unwrap_or(DEFAULT_TRACES), TRACES_VARIABLE)?;
    let exporter = options
        .otlp
        .map(|endpoint| Exporter::start(endpoint, options.otlp_interval, metrics))
        .transpose()?;

    let (filter, handle) = reload::Layer::new(filter);
    let layer = fmt::layer().with_writer(lines.writer).with_ansi(lines.colours);
    let layer = match options.format {
        LogFormat::Pretty => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    let logged = Registry::default().with(layer.with_filter(filter));
    // Two types rather than an absent layer, so that what nobody wants is known to be wanted by nobody.
    let subscriber: Box<dyn Subscriber + Send + Sync> = match &exporter {
        Some(exporter) => Box::new(logged.with(exporter.layer().with_filter(traces))),
        None => Box::new(logged),
    };
    Ok((
        subscriber,
        Guard {
            filter: handle,
            pinned: environment.log.is_some(),
            exporter,
        },
    ))
}

fn parse(filter: &str, origin: &'static str) -> Result<EnvFilter, TelemetryError> {
    let refused = |source| TelemetryError::Filter {
        origin,
        filter: filter.to_owned(),
        source,
    };
    EnvFilter::builder().parse(filter).map_err(refused)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;
    use tracing::{debug, debug_span, info, info_span};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(options: &Options<'_>, environment: &Environment, body: impl FnOnce(&Guard)) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let lines = Lines {
            writer: move || writer.clone(),
            colours: false,
        };
        let (subscriber, guard) = build(options, environment, lines, &Metrics::new()).unwrap();
        with_default(subscriber, || body(&guard));
        captured.text()
    }

    #[test]
    fn a_line_shows_level_spans_target_message_and_fields_without_colours() {
        let text = logged(&Options::default(), &Environment::default(), |_| {
            info_span!("session", id = 7).in_scope(|| info!(server = "lobby", "chose route"));
            debug!("nobody asked");
        });
        let expect = " INFO session{id=7}: portcullis_telemetry::logging::tests: chose route server=\"lobby\"\n";
        assert!(text.ends_with(expect), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn json_is_one_object_a_line() {
        let options = Options {
            format: LogFormat::Json,
            ..Options::default()
        };
        let text = logged(&options, &Environment::default(), |_| {
            info!(server = "lobby", "chose route")
        });
        assert!(
            text.contains(r#""level":"INFO","fields":{"message":"chose route","server":"lobby"}"#),
            "{text}"
        );
        assert!(text.starts_with('{') && text.ends_with("}\n") && text.lines().count() == 1);
    }

    #[test]
    fn the_filter_can_be_changed_while_running() {
        let text = logged(&Options::default(), &Environment::default(), |guard| {
            let say = |word: &str| debug!("{word}");
            say("before");
            assert!(guard.reload_filter("debug").unwrap());
            say("between");
            assert!(guard.reload_filter("deebug=?").is_err());
            say("still");
            assert!(guard.reload_filter("off").unwrap());
            say("after");
        });
        let words = text
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap())
            .collect::<Vec<_>>();
        assert_eq!(words, ["between", "still"]);
    }

    #[test]
    fn the_environment_wins_over_the_configuration_and_over_a_reload() {
        let environment = Environment {
            log: Some("warn".into()),
            traces: None,
        };
        let text = logged(&Options::default(), &environment, |guard| {
            info!("before");
            assert!(!guard.reload_filter("info").unwrap());
            info!("after");
        });
        assert_eq!(text, "");
    }

    #[test]
    fn a_wrong_filter_is_refused_with_the_place_it_came_from() {
        let refused = |options: &Options<'_>, environment: &Environment| {
            let lines = Lines {
                writer: io::sink,
                colours: false,
            };
            build(options, environment, lines, &Metrics::new())
                .map(|_| ())
                .unwrap_err()
                .to_string()
        };
        let wrong = Options {
            log: "relay=loud",
            ..Options::default()
        };
        assert!(refused(&wrong, &Environment::default()).contains("([telemetry] log)"));
        let environment = Environment {
            log: Some("relay=loud".into()),
            traces: None,
        };
        let text = refused(&Options::default(), &environment);
        assert!(
            text.contains("\"relay=loud\"") && text.contains("(PORTCULLIS_LOG)"),
            "{text}"
        );
    }

    #[test]
    fn a_span_that_neither_log_nor_traces_want_is_never_made() {
        logged(&Options::default(), &Environment::default(), |_| {
            assert!(debug_span!("quiet").is_disabled());
            assert!(!info_span!("told").is_disabled());
        });
    }

    #[test]
    fn a_quiet_log_does_not_empty_the_traces() {
        let options = Options {
            log: "error",
            otlp: Some("http://127.0.0.1:9"),
            ..Options::default()
        };
        let text = logged(&options, &Environment::default(), |_| {
            assert!(!debug_span!("session").is_disabled());
            assert!(debug_span!(target: "hyper", "request").is_disabled());
            debug!("not a line");
        });
        assert_eq!(text, "");
    }

    #[test]
    fn colours_are_for_terminals_without_no_color() {
        assert!(colours(true, None));
        assert!(colours(true, Some("".into())));
        assert!(!colours(true, Some("1".into())));
        assert!(!colours(false, None));
    }
}
