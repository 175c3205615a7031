//! Where events and spans go: to stderr as lines, and to OTLP as traces when that is configured.
//!
//! The two have filters of their own, so that a quiet log does not empty the traces, and a span that neither wants costs
//! one load of an atomic.

use std::env;
use std::io::{self, IsTerminal};
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracer;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
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
    let (subscriber, guard) = build(options, Environment::read(), stderr, metrics)?;
    subscriber.try_init()?;
    Ok(guard)
}

/// Holds what [`init`] set up. Dropping it flushes, for at most 3 seconds.
#[must_use = "dropping it ends the export of traces and metrics"]
pub struct Guard {
    environment: Environment,
    layers: Layers,
    metrics: Metrics,
    export: Option<Export>,
}

/// What [`Guard::prepare`] found sound and [`Guard::change`] puts in force.
#[derive(Debug)]
pub struct Change {
    filters: Filters,
    /// Absent where the endpoint stays as it is.
    export: Option<Option<Export>>,
}

/// An export under way, and what it was asked for with.
#[derive(Debug)]
struct Export {
    endpoint: String,
    interval: Duration,
    exporter: Exporter,
}

impl Guard {
    /// Gets other settings ready; nothing changes yet. [`LOG_VARIABLE`] goes on winning over the configured filter.
    pub fn prepare(&self, options: &Options<'_>) -> Result<Change, TelemetryError> {
        let filters = Filters::parse(options, &self.environment)?;
        let runs = self
            .export
            .as_ref()
            .map(|export| (export.endpoint.as_str(), export.interval));
        let wanted = options.otlp.map(|endpoint| (endpoint, options.otlp_interval));
        let export = (runs != wanted)
            .then(|| Export::start(options, &self.metrics))
            .transpose()?;
        Ok(Change { filters, export })
    }

    /// Takes over what was prepared. An export that ends sends what is still to be sent, for at most 3 seconds.
    pub fn change(&mut self, change: Change) {
        let old = change.export.map(|export| {
            let layer = export.as_ref().map(|export| export.exporter.layer());
            self.layers.spans.reload(layer).expect(PROCESS_LONG);
            std::mem::replace(&mut self.export, export)
        });
        self.layers.filter(change.filters);
        if let Some(old) = old.flatten() {
            old.exporter.shutdown(FLUSH_DEADLINE);
        }
    }

    /// Sends what is still to be sent, for at most this long.
    pub fn shutdown(mut self, deadline: Duration) {
        self.flush(deadline);
    }

    fn flush(&mut self, deadline: Duration) {
        if let Some(export) = self.export.take() {
            export.exporter.shutdown(deadline);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.flush(FLUSH_DEADLINE);
    }
}

impl Export {
    fn start(options: &Options<'_>, metrics: &Metrics) -> Result<Option<Self>, OtlpError> {
        let start = |endpoint: &str| {
            Ok(Self {
                endpoint: endpoint.to_owned(),
                interval: options.otlp_interval,
                exporter: Exporter::start(endpoint, options.otlp_interval, metrics)?,
            })
        };
        options.otlp.map(start).transpose()
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
const PROCESS_LONG: &str = "the subscriber lives as long as the process";

/// The variables that matter, read once, so that tests can pass their own.
#[derive(Debug, Default)]
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

/// Who gets what. One format's filter is always `off`, and so is the traces' without an endpoint: a layer that wants
/// nothing costs nothing, and one that stays can be turned to while running.
#[derive(Debug)]
struct Filters {
    pretty: EnvFilter,
    json: EnvFilter,
    traces: EnvFilter,
}

impl Filters {
    fn parse(options: &Options<'_>, environment: &Environment) -> Result<Self, TelemetryError> {
        let lines = || match &environment.log {
            Some(log) => parse(log, LOG_VARIABLE),
            None => parse(options.log, CONFIGURED),
        };
        let traces = parse(environment.traces.as_deref().unwrap_or(DEFAULT_TRACES), TRACES_VARIABLE)?;
        // What is not in force now must be sound all the same: it would be a surprise the day the variable is unset.
        parse(options.log, CONFIGURED)?;
        let off = || EnvFilter::new("off");
        let (pretty, json) = match options.format {
            LogFormat::Pretty => (lines()?, off()),
            LogFormat::Json => (off(), lines()?),
        };
        Ok(Self {
            pretty,
            json,
            traces: if options.otlp.is_some() { traces } else { off() },
        })
    }
}

type Spans = Option<OpenTelemetryLayer<Registry, SdkTracer>>;

/// The handles of what can change while running.
struct Layers {
    pretty: reload::Handle<EnvFilter, Registry>,
    json: reload::Handle<EnvFilter, Registry>,
    traces: reload::Handle<EnvFilter, Registry>,
    spans: reload::Handle<Spans, Registry>,
}

impl Layers {
    fn filter(&self, filters: Filters) {
        for (handle, filter) in [
            (&self.pretty, filters.pretty),
            (&self.json, filters.json),
            (&self.traces, filters.traces),
        ] {
            handle.reload(filter).expect(PROCESS_LONG);
        }
    }
}

fn build<W>(
    options: &Options<'_>,
    environment: Environment,
    lines: Lines<W>,
    metrics: &Metrics,
) -> Result<(Box<dyn Subscriber + Send + Sync>, Guard), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Clone + Send + Sync + 'static,
{
    let filters = Filters::parse(options, &environment)?;
    let export = Export::start(options, metrics)?;

    let (pretty_filter, pretty) = reload::Layer::new(filters.pretty);
    let (json_filter, json) = reload::Layer::new(filters.json);
    let (traces_filter, traces) = reload::Layer::new(filters.traces);
    let (spans_layer, spans) = reload::Layer::new(export.as_ref().map(|export| export.exporter.layer()));
    let layer = || fmt::layer().with_writer(lines.writer.clone()).with_ansi(lines.colours);
    let subscriber = Registry::default().with(vec![
        layer().with_filter(pretty_filter).boxed(),
        layer().json().with_filter(json_filter).boxed(),
        spans_layer.with_filter(traces_filter).boxed(),
    ]);
    Ok((
        Box::new(subscriber),
        Guard {
            environment,
            layers: Layers {
                pretty,
                json,
                traces,
                spans,
            },
            metrics: metrics.clone(),
            export,
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
    use std::sync::{Arc, Mutex, PoisonError};

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

    /// One at a time, as a process has one subscriber: of several that differ none is asked before a span is made.
    fn logged(options: &Options<'_>, environment: Environment, body: impl FnOnce(&mut Guard)) -> String {
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let captured = Captured::default();
        let writer = captured.clone();
        let lines = Lines {
            writer: move || writer.clone(),
            colours: false,
        };
        let (subscriber, mut guard) = build(options, environment, lines, &Metrics::new()).unwrap();
        with_default(subscriber, || body(&mut guard));
        captured.text()
    }

    #[test]
    fn a_line_shows_level_spans_target_message_and_fields_without_colours() {
        let text = logged(&Options::default(), Environment::default(), |_| {
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
        let text = logged(&options, Environment::default(), |_| {
            info!(server = "lobby", "chose route")
        });
        assert!(
            text.contains(r#""level":"INFO","fields":{"message":"chose route","server":"lobby"}"#),
            "{text}"
        );
        assert!(text.starts_with('{') && text.ends_with("}\n") && text.lines().count() == 1);
    }

    fn change(guard: &mut Guard, options: &Options<'_>) -> Result<(), TelemetryError> {
        let change = guard.prepare(options)?;
        guard.change(change);
        Ok(())
    }

    fn with_log(log: &str) -> Options<'_> {
        Options {
            log,
            ..Options::default()
        }
    }

    #[test]
    fn the_filter_can_be_changed_while_running() {
        let text = logged(&Options::default(), Environment::default(), |guard| {
            let say = |word: &str| debug!("{word}");
            say("before");
            change(guard, &with_log("debug")).unwrap();
            say("between");
            assert!(change(guard, &with_log("deebug=?")).is_err());
            say("still");
            change(guard, &with_log("off")).unwrap();
            say("after");
        });
        let words = text
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap())
            .collect::<Vec<_>>();
        assert_eq!(words, ["between", "still"]);
    }

    #[test]
    fn the_format_can_be_changed_while_running() {
        let json = Options {
            format: LogFormat::Json,
            ..Options::default()
        };
        let text = logged(&Options::default(), Environment::default(), |guard| {
            let say = |word: &str| info_span!("session", id = 7).in_scope(|| info!("{word}"));
            say("first");
            change(guard, &json).unwrap();
            say("second");
            change(guard, &Options::default()).unwrap();
            say("third");
        });
        let lines: Vec<&str> = text.lines().collect();
        let [first, second, third] = lines[..] else {
            panic!("{text}")
        };
        assert!(first.contains("session{id=7}") && first.ends_with("first"), "{first}");
        assert!(
            second.starts_with('{') && second.contains(r#""span":{"id":7,"name":"session"}"#),
            "{second}"
        );
        assert!(third.ends_with("third"), "{third}");
    }

    #[test]
    fn traces_can_be_turned_on_and_off_while_running() {
        let traced = Options {
            otlp: Some("http://127.0.0.1:9"),
            ..Options::default()
        };
        logged(&Options::default(), Environment::default(), |guard| {
            // One callsite: what is wanted of it must not be remembered from before.
            let is_wanted = || !debug_span!("session").is_disabled();
            assert!(!is_wanted());
            change(guard, &traced).unwrap();
            assert!(is_wanted());
            let mistyped = Options {
                otlp: Some("127.0.0.1:9"),
                ..Options::default()
            };
            assert!(change(guard, &mistyped).is_err());
            assert!(is_wanted());
            change(guard, &Options::default()).unwrap();
            assert!(!is_wanted());
        });
    }

    #[test]
    fn the_environment_wins_over_the_configuration_and_over_a_reload() {
        let environment = Environment {
            log: Some("warn".into()),
            traces: None,
        };
        let text = logged(&Options::default(), environment, |guard| {
            info!("before");
            change(guard, &with_log("debug")).unwrap();
            info!("after");
        });
        assert_eq!(text, "");
    }

    #[test]
    fn a_wrong_filter_is_refused_with_the_place_it_came_from() {
        let refused = |options: &Options<'_>, environment: Environment| {
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
        assert!(refused(&wrong, Environment::default()).contains("([telemetry] log)"));
        let environment = Environment {
            log: Some("relay=loud".into()),
            traces: None,
        };
        let text = refused(&Options::default(), environment);
        assert!(
            text.contains("\"relay=loud\"") && text.contains("(PORTCULLIS_LOG)"),
            "{text}"
        );
    }

    #[test]
    fn a_span_that_neither_log_nor_traces_want_is_never_made() {
        logged(&Options::default(), Environment::default(), |_| {
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
        let text = logged(&options, Environment::default(), |_| {
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
