//! The `log` facade, wired to the host: lines appear in its log, tagged with plugin, hook, worker and session.
//!
//! The macros come with the prelude. Nothing has to be installed. The host cuts what is more than 50 lines a second on average,
//! and says so; ask [`log_enabled!`](crate::log::log_enabled) before building what is costly to build.
//!
//! ```
//! use portcullis_sdk::prelude::*;
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! info!("sent {} on to {}", "Ada", "lobby");
//! assert_eq!(host.logs()[0].to_string(), "INFO sent Ada on to lobby");
//! ```
//!
//! With the feature `tracing`, events of the crate `tracing` end here as well, their fields beside the message.

#[cfg(feature = "tracing")]
mod events;

use std::fmt::Write;

#[doc(inline)]
pub use ::log::{Level, debug, error, info, log_enabled, trace, warn};

use ::log::{LevelFilter, Log, Metadata, Record};

use crate::bindings::services::portcullis::plugin::log as contract;
use crate::host;

struct ToHost;

static TO_HOST: ToHost = ToHost;

/// Sends what the facade is told to the host. A second call finds the facade installed.
pub(crate) fn install() {
    if ::log::set_logger(&TO_HOST).is_ok() {
        // The host knows which lines are wanted, and may change its mind.
        ::log::set_max_level(LevelFilter::Trace);
        #[cfg(feature = "tracing")]
        events::install();
    }
}

impl Log for ToHost {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        host::log::enabled(level(metadata.level()))
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut message = String::new();
        // Writing into a String does not fail by itself, and a failing Display leaves what it wrote.
        let _ = message.write_fmt(*record.args());
        host::log::log(level(record.level()), &message, &[]);
    }

    fn flush(&self) {}
}

fn level(level: Level) -> contract::Level {
    match level {
        Level::Trace => contract::Level::Trace,
        Level::Debug => contract::Level::Debug,
        Level::Info => contract::Level::Info,
        Level::Warn => contract::Level::Warn,
        Level::Error => contract::Level::Error,
    }
}
