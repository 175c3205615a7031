//! Answers the server list by the host name asked for, or passes the question on to a server.
//!
//! Patterns and the rule by which the most specific wins are those of [`host_pattern`]; what is configured is in
//! `schema.json`, with examples in `README.md`.
//!
//! - An entry either gives an answer of its own, or names a server or a group in `passthrough`, with captures as the
//!   router has them. Servers' answers are fetched and kept by the host.
//! - While no server answers a passthrough, its `offline` answer is shown; without one the connection is closed, so that
//!   the client shows the server as unreachable. The same holds for a name that no server or group has.
//! - Hosts without an entry get the `default`; without one, later links of the chain are asked.

mod answer;
mod bindings;
mod config;
mod favicon;
#[cfg(target_family = "wasm")]
mod plugin;
mod reply;

pub use bindings::exports::portcullis::plugin::status;
pub use bindings::portcullis::plugin::types::{Target, Text};
pub use config::ConfigError;
pub use reply::{Directory, Motd};

/// JSON Schema of the configuration.
pub const SCHEMA: &str = include_str!("../schema.json");

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests;
