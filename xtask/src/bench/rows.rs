//! The lines of the table, and what Portcullis must reach in each.

use Target::{AtLeast, AtMost, RatioAtLeast, RatioAtMost};

/// One line of the table.
pub(super) struct Row {
    /// Stable; what the JSON calls it.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) digits: usize,
    pub(super) target: Option<Target>,
}

/// What Portcullis must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// Of HAProxy's value.
    RatioAtMost(f64),
    RatioAtLeast(f64),
    /// In the row's unit.
    AtMost(f64),
    AtLeast(f64),
}

pub(super) const LOGINS: &[Row] = &[
    row("logins-per-second", "logins", "1/s", 0).must_be(RatioAtLeast(0.8)),
    row("logins-cpu", "CPU of 1,000 logins", "ms", 1).must_be(RatioAtMost(1.2)),
];
pub(super) const ECHO: &[Row] = &[
    row("echo-1-p50", "echo, 1 connection, p50", "µs", 1).must_be(RatioAtMost(1.1)),
    row("echo-1-p99", "echo, 1 connection, p99", "µs", 1),
    row("echo-1-cpu", "echo, 1 connection, CPU of a round trip", "µs", 2),
    row("echo-8-p50", "echo, 8 connections, p50", "µs", 1).must_be(RatioAtMost(1.1)),
    row("echo-8-p99", "echo, 8 connections, p99", "µs", 1),
    row("echo-8-cpu", "echo, 8 connections, CPU of a round trip", "µs", 2),
    row("echo-32-p50", "echo, 32 connections, p50", "µs", 1).must_be(RatioAtMost(1.1)),
    row("echo-32-p99", "echo, 32 connections, p99", "µs", 1),
    row("echo-32-cpu", "echo, 32 connections, CPU of a round trip", "µs", 2),
];
pub(super) const BULK: &[Row] = &[
    row("bulk-down", "server to client", "MB/s", 0),
    row("bulk-down-cpu", "server to client, CPU of a GB", "s", 3).must_be(RatioAtMost(0.6)),
    row("bulk-up", "client to server", "MB/s", 0),
    row("bulk-up-cpu", "client to server, CPU of a GB", "s", 3).must_be(RatioAtMost(0.6)),
];
pub(super) const IDLE: &[Row] = &[
    row("idle-memory", "host memory of an idle session, of 5,000", "KiB", 2).must_be(AtMost(6.0)),
    row("idle-descriptors", "file descriptors of an idle session", "", 3).must_be(AtMost(2.0)),
];
pub(super) const PENDING: &[Row] = &[row(
    "pending-memory",
    "host memory of a half-open connection, of 5,000",
    "KiB",
    2,
)
.must_be(AtMost(2.0))];
pub(super) const START: &[Row] =
    &[row("start", "start to first answered ping, warm cache", "ms", 1).must_be(AtMost(150.0))];
pub(super) const SWAP: &[Row] = &[
    row("swap-quiet-p99", "echo, 8 connections, p99 without swaps", "ms", 3),
    row("swap-p99", "the same with a swap every second", "ms", 3),
    row("swap-added", "added by swaps to echo p99", "ms", 3).must_be(AtMost(2.0)),
];

pub(super) const FRAMED: &[Row] = &[
    row("splice-plain-cpu", "frames to the client, spliced, CPU of a GB", "s", 3),
    row("framed-plain-cpu", "the same, framed without subscribers", "s", 3),
    row("framed-plain", "framed without subscribers, CPU of a GB", "× splice", 2).must_be(AtMost(1.15)),
    row(
        "watched-plain",
        "framed with a subscriber to other packets",
        "× splice",
        2,
    ),
    row(
        "watched-packed",
        "the same, compressed frames, both sides alike",
        "× splice",
        2,
    )
    .must_be(AtMost(1.5)),
    row("repacking-cpu", "to inflate and deflate a GB of such frames", "s", 3),
    row(
        "watched-repacking",
        "passing compressed frames on",
        "× inflating and deflating",
        3,
    )
    .must_be(AtMost(0.2)),
    row("joins", "players let in, of a second of the host's CPU", "1/s", 0).must_be(AtLeast(2000.0)),
];

const fn row(key: &'static str, title: &'static str, unit: &'static str, digits: usize) -> Row {
    Row {
        key,
        title,
        unit,
        digits,
        target: None,
    }
}

impl Row {
    const fn must_be(self, target: Target) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }
}
