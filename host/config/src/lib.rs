//! What an operator writes: `portcullis.toml` and its companions, parsed into validated types once, watched, and compared
//! with what runs. Decides nothing and opens no sockets.
//!
//! # Layout
//! - [`load`], [`Sources`], [`Provider`]: from files to a [`Config`], all problems at once
//! - [`Listener`], [`Server`], [`Plugin`], …: the validated types, each beside the raw table it is made from
//! - [`Watcher`]: says when files changed; [`Changes`]: what that means
//! - [`schema()`], [`reference_markdown`]: the same keys for editors and for the book

mod address;
mod changes;
mod document;
mod error;
mod grant;
mod host;
mod listener;
mod merge;
mod name;
mod nearest;
mod plugin;
mod provider;
mod reference;
mod schema;
mod server;
mod servers_dir;
mod shape;
mod sources;
mod stamp;
mod telemetry;
mod toml_file;
mod watcher;

use std::collections::BTreeMap;

pub use address::{Address, AddressError};
pub use changes::Changes;
pub use document::{Located, Place};
pub use error::{ConfigError, Location, Problem};
pub use grant::{Grant, GrantError};
pub use host::Host;
pub use ipnet::IpNet;
pub use listener::{Listener, ProxyAcceptance};
pub use name::{ChainName, GroupName, NameError, PluginName, ServerName};
pub use nearest::nearest;
pub use plugin::{Limits, OnFailure, Plugin};
pub use provider::{Fragment, Provider};
pub use reference::reference_markdown;
pub use schema::schema;
pub use server::{ProxyEmission, Server};
pub use servers_dir::ServersDir;
pub use sources::{Sources, load, parse};
pub use telemetry::{LogFormat, Telemetry};
pub use toml_file::TomlFile;
pub use watcher::{WatchError, Watcher};

/// Everything an operator configured, valid in itself: names refer to something, and no value needs another look.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Threads, folders and the host's own behaviour.
    pub host: Host,
    /// Logs, metrics and traces.
    pub telemetry: Telemetry,
    /// Where clients connect, in the order of the file; no two share a `bind`.
    pub listeners: Vec<Listener>,
    /// Where clients can be sent: those of the file first, then those of `servers.d`; no two share a name.
    pub servers: Vec<Server>,
    /// The configured plugins, and with their defaults those that only a chain names.
    pub plugins: BTreeMap<PluginName, Plugin>,
    /// The chains; each listener's chain is one of them, each link one of `plugins`.
    pub chains: BTreeMap<ChainName, Vec<PluginName>>,
}
