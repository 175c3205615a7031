//! Lines that a plugin logged.

use std::fmt;

use crate::bindings::services::portcullis::plugin::log as contract;
use crate::log::Level;

/// A line that a plugin logged.
///
/// ```
/// use portcullis_sdk::log::{Level, warn};
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// warn!("skipped {}", "lobby");
/// let line = &host.logs()[0];
/// assert_eq!((line.level, line.message.as_str()), (Level::Warn, "skipped lobby"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// How grave it is.
    pub level: Level,
    /// The text.
    pub message: String,
    /// Keys and values beside it, of events of `tracing`.
    pub fields: Vec<(String, String)>,
}

impl LogLine {
    pub(super) fn of(level: contract::Level, message: &str, fields: &[(&str, &str)]) -> Self {
        let level = match level {
            contract::Level::Trace => Level::Trace,
            contract::Level::Debug => Level::Debug,
            contract::Level::Info => Level::Info,
            contract::Level::Warn => Level::Warn,
            contract::Level::Error => Level::Error,
        };
        Self {
            level,
            message: message.to_owned(),
            fields: fields
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

/// `WARN skipped lobby`
impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.level, self.message)?;
        self.fields
            .iter()
            .try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}
