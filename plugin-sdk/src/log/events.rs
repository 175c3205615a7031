//! Events of the `tracing` crate as lines of the host's log. Spans are left out: the host's lines name hook and session already.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber};

use crate::bindings::services::portcullis::plugin::log as contract;
use crate::host;

/// All spans are the same to a subscriber that leaves them out; an id may be anything but 0.
const ANY_SPAN: u64 = 1;

/// Sends events to the host. A second call finds the first one's subscriber.
pub(super) fn install() {
    // An error says that there is one already: this one, or the author's own.
    let _ = set_global_default(ToHost);
}

struct ToHost;

impl Subscriber for ToHost {
    /// The operator may change the level at any time, so no answer is kept.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && host::log::enabled(level(metadata))
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(ANY_SPAN)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let fields: Vec<(&str, &str)> = line.fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        host::log::log(level(event.metadata()), &line.message, &fields);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing into a String does not fail.
            let _ = write!(self.message, "{value:?}");
        } else {
            self.fields.push((field.name(), format!("{value:?}")));
        }
    }
}

fn level(metadata: &Metadata<'_>) -> contract::Level {
    match *metadata.level() {
        tracing::Level::TRACE => contract::Level::Trace,
        tracing::Level::DEBUG => contract::Level::Debug,
        tracing::Level::INFO => contract::Level::Info,
        tracing::Level::WARN => contract::Level::Warn,
        tracing::Level::ERROR => contract::Level::Error,
    }
}
