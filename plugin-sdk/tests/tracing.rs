//! The macros of `tracing` end in the host's log.

use portcullis_sdk::testing::Host;
use portcullis_sdk::tracing;

#[test]
fn events_are_lines_and_spans_are_not() {
    let host = Host::new();
    let span = tracing::info_span!("join", player = "Ada");
    let _entered = span.enter();
    tracing::warn!(server = "lobby", "was full");
    let logs: Vec<String> = host.logs().iter().map(ToString::to_string).collect();
    assert_eq!(logs, ["WARN was full server=lobby"]);
}
