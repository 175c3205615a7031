//! Why connections are turned away: the reasons, their stable names, and the log that a flood of them does not fill.

use std::fmt;

use portcullis_runtime::{By, Refusal};
use portcullis_telemetry::Sampler;

use crate::listener::Listener;

/// Why a connection is turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// As many connections as the listener allows.
    MaxConnections,
    /// As many connections without a route as the listener allows: mostly a flood.
    MaxPending,
    /// The listener wants PROXY headers, and the peer may not send any: somebody came past the proxy.
    UntrustedProxy,
    /// A trusted proxy sent no PROXY header, or a broken one.
    ProxyHeader(&'static str),
    /// The peer closed or broke the connection before it had said what it wants: scanners, health checks.
    ClosedEarly,
    /// The peer was too slow to say what it wants: scanners, slow-loris attacks.
    HandshakeTimeout,
    /// More bytes than anybody needs to say what he wants.
    TooManyBytes,
    /// Not a client: HTTP, TLS, random bytes.
    Garbage(&'static str),
    /// A login of before 1.7, which no route can be found for.
    LegacyLogin,
    /// A plugin closes the connection without a word.
    PluginDrop(By),
    /// A plugin closes the connection with a text.
    PluginDisconnect(By),
    /// A plugin makes the connection wait for nothing.
    PluginTarpit(By),
    /// A plugin keeps a signed line back from a server that knows the player's key: at the next one the server would throw him out.
    SignedLineKept(By),
    /// No plugin decided.
    Undecided(Refusal),
    /// None of the servers that a plugin named was reached.
    NoServer,
    /// A server asked the player's game something, and it did not answer in time: mostly a large modpack, or none where one is needed.
    Unanswered,
    /// A player who is to be authenticated, with a version whose login this host does not know.
    UnknownVersion,
}

impl Reason {
    /// Stable name for metrics.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::MaxConnections => "max-connections",
            Self::MaxPending => "max-pending",
            Self::UntrustedProxy => "untrusted-proxy",
            Self::ProxyHeader(kind) | Self::Garbage(kind) => kind,
            Self::ClosedEarly => "closed-early",
            Self::HandshakeTimeout => "handshake-timeout",
            Self::TooManyBytes => "too-many-bytes",
            Self::LegacyLogin => "legacy-login",
            Self::PluginDrop(_) => "plugin-drop",
            Self::PluginDisconnect(_) => "plugin-disconnect",
            Self::PluginTarpit(_) => "plugin-tarpit",
            Self::SignedLineKept(_) => "signed-line-kept",
            Self::Undecided(refusal) => refusal.label(),
            Self::NoServer => "no-server",
            Self::Unanswered => "unanswered",
            Self::UnknownVersion => "unknown-version",
        }
    }

    /// Whether an operator should hear of it: not what strangers do, but what players run into.
    fn is_degraded(&self) -> bool {
        matches!(
            self,
            Self::MaxConnections
                | Self::MaxPending
                | Self::SignedLineKept(_)
                | Self::Undecided(_)
                | Self::NoServer
                | Self::Unanswered
                | Self::UnknownVersion
        )
    }

    fn plugin(&self) -> Option<&By> {
        match self {
            Self::PluginDrop(by)
            | Self::PluginDisconnect(by)
            | Self::PluginTarpit(by)
            | Self::SignedLineKept(by)
            | Self::Undecided(Refusal::PluginFailed(by)) => Some(by),
            _ => None,
        }
    }
}

/// Counts refusals, and logs one a second of each sort at most.
#[derive(Debug)]
pub(crate) struct RefusalLog {
    pub(crate) degraded: Sampler,
    strangers: Sampler,
}

impl RefusalLog {
    pub(crate) fn new() -> Self {
        Self {
            degraded: Sampler::new(1),
            strangers: Sampler::new(1),
        }
    }

    /// A client in a session sent what no client sends.
    pub(crate) fn violated(&self, listener: &Listener, peer: &dyn fmt::Display, label: &str, error: &dyn fmt::Display) {
        listener.metrics.violated(label);
        if tracing::enabled!(tracing::Level::DEBUG)
            && let Some(suppressed) = self.strangers.admit()
        {
            tracing::debug!(listener = %listener.name, %peer, reason = label, %error, suppressed, "ended a session");
        }
    }

    pub(crate) fn refused(&self, listener: &Listener, peer: &dyn fmt::Display, reason: &Reason) {
        let label = reason.label();
        listener.metrics.refused(label);
        let plugin = reason.plugin().map(|by| &**by);
        if reason.is_degraded() {
            if let Some(suppressed) = self.degraded.admit() {
                tracing::warn!(listener = %listener.name, %peer, reason = label, plugin, suppressed, "refused a connection");
            }
        } else if tracing::enabled!(tracing::Level::DEBUG)
            && let Some(suppressed) = self.strangers.admit()
        {
            tracing::debug!(listener = %listener.name, %peer, reason = label, plugin, suppressed, "refused a connection");
        }
    }
}
