//! Counts joins and measures sessions by the host that players asked for.
//!
//! Teaches: the `session` hook, and metrics with labels. Two rules: a label's values must be few, and a client may ask for any host, so only
//! those of the configuration have a name, and all others share one. And each worker has an instance of its own: counters of
//! several instances add up, while a gauge is what the last one said. So players at this moment are `joined` less `left`.

use portcullis_sdk::hosts::HostTable;
use portcullis_sdk::prelude::*;

/// Players who joined.
static JOINED: Counter<1> = Counter::new("joined_total", ["host"]);
/// Players who left, and why.
static LEFT: Counter<2> = Counter::new("left_total", ["host", "end"]);
/// How long they stayed.
static DURATION: Histogram<1> = Histogram::new("session_seconds", ["host"]);
/// What they moved.
static BYTES: Counter<2> = Counter::new("bytes_total", ["host", "direction"]);

/// What hosts without an entry are called.
const OTHER: &str = "other";

/// Counts joins and measures sessions.
#[derive(Plugin)]
#[plugin(stage = "observe")]
pub struct MetricsByHost {
    settings: Settings,
}

#[derive(Config)]
struct Settings {
    /// Hosts, and what they are called in metrics. As many as a metric may have series for each end.
    #[config(max_items = 12)]
    hosts: HostTable<Named>,
}

#[derive(Config)]
struct Named {
    /// For example `lobby`.
    name: String,
}

impl MetricsByHost {
    fn name(&self, session: &Session) -> &str {
        let found = self.settings.hosts.find(session.host());
        found.map_or(OTHER, |(named, _)| &named.name)
    }
}

#[hooks]
impl Sessions for MetricsByHost {
    fn joined(&mut self, session: &Session, _server: &str) {
        JOINED.add(1, [self.name(session)]);
    }

    fn left(&mut self, session: &Session, _server: &str, departure: &Departure) {
        let host = self.name(session);
        LEFT.add(1, [host, end(&departure.end)]);
        DURATION.observe(departure.duration.as_secs_f64(), [host]);
        BYTES.add(departure.up_bytes, [host, "up"]);
        BYTES.add(departure.down_bytes, [host, "down"]);
    }
}

fn end(end: &End) -> &'static str {
    match end {
        End::ClientLeft => "client",
        End::ServerLeft => "server",
        End::Idle => "idle",
        End::Error(_) => "error",
        End::ClosedByHost => "host",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portcullis_sdk::testing::Host;

    use super::*;

    #[test]
    fn sessions_are_measured_under_the_name_of_their_host() {
        let host = Host::new();
        let mut plugin = host.start::<MetricsByHost>("hosts = [{ host = '*.example.com', name = 'example' }]");
        let session = Session::build().host("play.example.com").at_route();
        plugin.joined(&session, "lobby");
        let departure = Departure {
            end: End::ServerLeft,
            up_bytes: 10,
            down_bytes: 200,
            duration: Duration::from_secs(90),
        };
        plugin.left(&session, "lobby", &departure);
        assert_eq!(host.metric_with("joined_total", [("host", "example")]), 1.0);
        assert_eq!(
            host.metric_with("left_total", [("host", "example"), ("end", "server")]),
            1.0
        );
        assert_eq!(
            host.metric_with("bytes_total", [("host", "example"), ("direction", "down")]),
            200.0
        );
    }

    #[test]
    fn hosts_that_anybody_may_make_up_share_a_name() {
        let host = Host::new();
        let mut plugin = host.start::<MetricsByHost>("hosts = []");
        for made_up in 0..100 {
            let name = format!("{made_up}.example.org");
            plugin.joined(&Session::build().host(&name).at_route(), "lobby");
        }
        assert_eq!(host.metric_with("joined_total", [("host", "other")]), 100.0);
        assert_eq!(host.metrics_refused(), 0);
    }
}
