//! The relay's numbers: every family by name, and handles resolved once per listener and server.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use portcullis_config::ServerName;
use portcullis_runtime::End;
use portcullis_telemetry::Metrics;
use portcullis_telemetry::prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

/// Upper bounds in seconds: the same rack, the same country, across the world, a packet lost, a timeout.
const DIAL_BUCKETS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.25, 1.0, 3.0];

/// The families. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RelayMetrics {
    connections: IntCounterVec,
    accept_errors: IntCounterVec,
    refusals: IntCounterVec,
    pending: IntGaugeVec,
    tarpits: IntGaugeVec,
    sessions: IntGaugeVec,
    session_starts: IntCounterVec,
    session_ends: IntCounterVec,
    bytes: IntCounterVec,
    dials: IntCounterVec,
    dial_seconds: HistogramVec,
    status_answers: IntCounterVec,
    violations: IntCounterVec,
    boardings: IntCounterVec,
    losses: IntCounterVec,
    undecoded: IntCounterVec,
    limits: IntCounterVec,
    edits_refused: IntCounterVec,
}

impl RelayMetrics {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            connections: metrics.counters("portcullis_connections_total", "Connections accepted.", &["listener"]),
            accept_errors: metrics.counters(
                "portcullis_accept_errors_total",
                "Times that the system would not hand over a connection, mostly for want of file descriptors.",
                &["listener"],
            ),
            refusals: metrics.counters(
                "portcullis_refusals_total",
                "Connections that were turned away, by the reason.",
                &["listener", "reason"],
            ),
            pending: metrics.gauges(
                "portcullis_pending_connections",
                "Connections without a route.",
                &["listener"],
            ),
            tarpits: metrics.gauges(
                "portcullis_tarpits",
                "Connections held open to waste an attacker's time.",
                &["listener"],
            ),
            sessions: metrics.gauges(
                "portcullis_sessions",
                "Players whose bytes are moved.",
                &["listener", "server"],
            ),
            session_starts: metrics.counters(
                "portcullis_sessions_total",
                "Sessions that began.",
                &["listener", "server"],
            ),
            session_ends: metrics.counters(
                "portcullis_session_ends_total",
                "Sessions that ended, by the reason.",
                &["listener", "end"],
            ),
            bytes: metrics.counters(
                "portcullis_bytes_total",
                "Bytes moved: up is from client to server.",
                &["listener", "server", "direction"],
            ),
            dials: metrics.counters(
                "portcullis_dials_total",
                "Attempts to reach a server, by the result.",
                &["server", "result"],
            ),
            dial_seconds: metrics.histograms(
                "portcullis_dial_seconds",
                "Time to reach a server, where it was reached.",
                &["server"],
                DIAL_BUCKETS.to_vec(),
            ),
            status_answers: metrics.counters(
                "portcullis_status_answers_total",
                "Status pings answered: whose answer it was, and whether it was kept from before.",
                &["listener", "source", "cache"],
            ),
            violations: metrics.counters(
                "portcullis_violations_total",
                "Sessions that were ended because the client broke the protocol, by what it did.",
                &["listener", "reason"],
            ),
            boardings: metrics.counters(
                "portcullis_boarding_failures_total",
                "Servers that were reached, yet did not let a player in, by the reason.",
                &["server", "reason"],
            ),
            losses: metrics.counters(
                "portcullis_server_losses_total",
                "Players who lost their server, by the reason.",
                &["listener", "reason"],
            ),
            undecoded: metrics.counters(
                "portcullis_undecoded_packets_total",
                "Packets that somebody wanted and the host could not read or show; but for clients' messages they passed as they were.",
                &["listener", "packet"],
            ),
            limits: metrics.counters(
                "portcullis_limits_reached_total",
                "What was too much to be remembered of a session or kept for it, by what it was.",
                &["listener", "limit"],
            ),
            edits_refused: metrics.counters(
                "portcullis_edits_refused_total",
                "Changes by plugins that were not made, by the reason: the packet is signed, or leads to another state.",
                &["listener", "reason"],
            ),
        }
    }

    /// A server was reached, yet did not let a player in.
    pub(crate) fn boarding_failed(&self, server: &str, reason: &str) {
        self.boardings.with_label_values(&[server, reason]).inc();
    }

    pub(crate) fn listener(&self, name: Arc<str>) -> ListenerMetrics {
        let of = |family: &IntGaugeVec| family.with_label_values(&[&*name]);
        ListenerMetrics {
            connections: self.connections.with_label_values(&[&*name]),
            accept_errors: self.accept_errors.with_label_values(&[&*name]),
            pending: of(&self.pending),
            tarpits: of(&self.tarpits),
            families: self.clone(),
            name,
        }
    }

    /// For one worker.
    pub(crate) fn dials(&self) -> DialMetrics {
        DialMetrics {
            families: self.clone(),
            servers: RefCell::default(),
        }
    }
}

/// The numbers of one listener.
#[derive(Debug)]
pub(crate) struct ListenerMetrics {
    pub(crate) connections: IntCounter,
    pub(crate) accept_errors: IntCounter,
    pub(crate) pending: IntGauge,
    pub(crate) tarpits: IntGauge,
    name: Arc<str>,
    families: RelayMetrics,
}

impl ListenerMetrics {
    pub(crate) fn refused(&self, reason: &str) {
        self.families.refusals.with_label_values(&[&*self.name, reason]).inc();
    }

    pub(crate) fn status_answered(&self, source: &str, cache: &str) {
        self.families
            .status_answers
            .with_label_values(&[&*self.name, source, cache])
            .inc();
    }

    pub(crate) fn session_ended(&self, end: &End) {
        self.families
            .session_ends
            .with_label_values(&[&*self.name, end.label()])
            .inc();
    }

    /// A client broke the protocol.
    pub(crate) fn violated(&self, reason: &str) {
        self.families.violations.with_label_values(&[&*self.name, reason]).inc();
    }

    /// A player lost the server.
    pub(crate) fn server_lost(&self, reason: &str) {
        self.families.losses.with_label_values(&[&*self.name, reason]).inc();
    }

    /// Something was too much to be remembered of a session, or kept for it.
    pub(crate) fn limit_reached(&self, limit: &str) {
        self.families.limits.with_label_values(&[&*self.name, limit]).inc();
    }

    /// A packet that somebody wants could not be read, or not be shown.
    pub(crate) fn undecoded(&self, packet: &str) {
        self.families.undecoded.with_label_values(&[&*self.name, packet]).inc();
    }

    /// A plugin's change was not made.
    pub(crate) fn edit_refused(&self, reason: &str) {
        self.families
            .edits_refused
            .with_label_values(&[&*self.name, reason])
            .inc();
    }

    /// The numbers of the sessions between this listener and a server.
    pub(crate) fn link(&self, server: &str) -> LinkMetrics {
        let bytes = |direction| self.families.bytes.with_label_values(&[&*self.name, server, direction]);
        LinkMetrics {
            sessions: self.families.sessions.with_label_values(&[&*self.name, server]),
            starts: self.families.session_starts.with_label_values(&[&*self.name, server]),
            bytes: Bytes {
                up: bytes("up"),
                down: bytes("down"),
            },
        }
    }
}

/// The numbers of the sessions between one listener and one server.
#[derive(Clone, Debug)]
pub(crate) struct LinkMetrics {
    sessions: IntGauge,
    starts: IntCounter,
    pub(crate) bytes: Bytes,
}

impl LinkMetrics {
    /// Counts a session; it is over when the guard is dropped.
    pub(crate) fn start(&self) -> Gauged {
        self.starts.inc();
        Gauged::new(&self.sessions)
    }
}

/// Bytes moved over one link.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    up: IntCounter,
    down: IntCounter,
}

impl Bytes {
    pub(crate) fn add(&self, up: u64, down: u64) {
        if up > 0 {
            self.up.inc_by(up);
        }
        if down > 0 {
            self.down.inc_by(down);
        }
    }
}

/// One more on a gauge, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Gauged(IntGauge);

impl Gauged {
    pub(crate) fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Gauged {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The numbers of one worker's dials.
#[derive(Debug)]
pub(crate) struct DialMetrics {
    families: RelayMetrics,
    servers: RefCell<HashMap<ServerName, Rc<ServerDials>>>,
}

impl DialMetrics {
    pub(crate) fn of(&self, server: &ServerName) -> Rc<ServerDials> {
        if let Some(known) = self.servers.borrow().get(server) {
            return Rc::clone(known);
        }
        let dials = Rc::new(ServerDials {
            succeeded: self.families.dials.with_label_values(&[server, "ok"]),
            seconds: self.families.dial_seconds.with_label_values(&[&**server]),
            families: self.families.clone(),
            server: server.clone(),
        });
        self.servers.borrow_mut().insert(server.clone(), Rc::clone(&dials));
        dials
    }
}

/// The numbers of one worker's dials to one server.
#[derive(Debug)]
pub(crate) struct ServerDials {
    succeeded: IntCounter,
    seconds: Histogram,
    families: RelayMetrics,
    server: ServerName,
}

impl ServerDials {
    pub(crate) fn succeeded(&self, took: Duration) {
        self.succeeded.inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn failed(&self, result: &str) {
        self.families.dials.with_label_values(&[&*self.server, result]).inc();
    }
}
