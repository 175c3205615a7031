//! Where configuration comes from: the main file, a folder of servers, and whatever else learns to name servers.

use std::path::PathBuf;

use crate::{
    document::Located,
    error::ConfigError,
    host::Host,
    listener::Listener,
    name::{ChainName, PluginName},
    plugin::Plugin,
    server::Server,
    telemetry::Telemetry,
};

/// A source of configuration.
pub trait Provider: Send {
    /// What logs call it.
    fn name(&self) -> &str;

    /// Files and folders whose change means that this provider should be asked again. They need not exist.
    fn watched(&self) -> Vec<PathBuf>;

    /// What it says now, and everything wrong with that. What is wrong is left out of the fragment, the rest is there, so
    /// that the problems of all providers, and between them, are found in one go. Reads files; not for network threads.
    fn load(&self) -> (Fragment, Vec<ConfigError>);
}

/// What one provider says; each part with its place, so that a conflict between two can name both.
#[derive(Debug, Default)]
pub struct Fragment {
    /// `[host]`; only the main file has it.
    pub host: Option<Host>,
    /// `[telemetry]`; only the main file has it.
    pub telemetry: Option<Telemetry>,
    /// `[[listener]]`.
    pub listeners: Vec<Located<Listener>>,
    /// `[[server]]`.
    pub servers: Vec<Located<Server>>,
    /// `[plugins.NAME]`. One that has problems is there with its defaults.
    pub plugins: Vec<Located<Plugin>>,
    /// `[chains]`. One that has problems is there without its links.
    pub chains: Vec<Located<Chain>>,
}

/// One entry of `[chains]`.
#[derive(Debug)]
pub struct Chain {
    /// Its key.
    pub name: ChainName,
    /// The plugins it lists.
    pub links: Vec<Located<PluginName>>,
}
