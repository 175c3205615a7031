//! Sends players to servers by the host name they asked for.
//!
//! Patterns and the rule by which the most specific wins are those of [`host_pattern`]; what is configured is in
//! `schema.json`, with examples in `README.md`.
//!
//! - A route's `to` lists names of servers or groups, best first; a name that both a group and a server have is the
//!   group's. `$1` to `$9` in it stand for what the wildcards or groups of the route's pattern captured, in lower case as
//!   hosts are, and `$0` for the whole host name.
//! - Names are looked up at each login, as servers come and go. A name that nobody has is skipped. When none remains,
//!   the host is treated as unknown.
//! - An unknown host is one that no route fits, or whose route leads nowhere: `unknown` says what becomes of it.
//! - `mode` is chosen when the handshake arrives, by the host name as it is then: put plugins that rewrite it earlier.

mod bindings;
mod config;
mod decide;
#[cfg(target_family = "wasm")]
mod plugin;

pub use bindings::portcullis::plugin::types::{Target, Text};
pub use config::ConfigError;
pub use decide::{Decision, Mode, Router};

/// JSON Schema of the configuration.
pub const SCHEMA: &str = include_str!("../schema.json");

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests;
