//! `[host]`: threads, folders, and how the host itself behaves.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use minisign_verify::PublicKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{document::Place, error::ConfigError};

/// Where name servers listen, unless said otherwise.
const DNS_PORT: u16 = 53;

/// Threads, folders and the host's own behaviour.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Worker threads; one per core where the file says 0.
    pub workers: NonZeroUsize,
    /// Where plugins are found and dropped in; watched.
    pub plugin_dir: PathBuf,
    /// What the host keeps for itself; created with mode 0700.
    pub state_dir: PathBuf,
    /// The socket of `portcullis ctl`; created with mode 0600.
    pub control: PathBuf,
    /// Where more `[[server]]` tables are found; watched; need not exist.
    pub servers_dir: PathBuf,
    /// How long sessions may go on after SIGTERM.
    pub drain: Duration,
    /// Base64 of minisign public keys. Not empty: only components signed with one of them are loaded.
    pub trusted_keys: Vec<String>,
    /// Name servers to ask; empty: those of the system.
    pub dns: Vec<SocketAddr>,
}

/// Threads, folders and the host's own behaviour.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RawHost {
    /// Worker threads; each has its own listening sockets and plugin instances. 0: one per core. Needs a restart.
    #[schemars(range(max = 1024))]
    workers: u32,
    /// Folder of the plugins, watched: files dropped in are loaded, changed ones swapped.
    plugin_dir: PathBuf,
    /// Folder for what the host keeps for itself, such as compiled code; created with mode 0700. Needs a restart.
    state_dir: PathBuf,
    /// The socket that `portcullis ctl` talks to; created with mode 0600.
    #[schemars(extend("x-default" = "`control.sock` in `state-dir`"))]
    control: Option<PathBuf>,
    /// Folder with more `[[server]]` tables in `*.toml` files, watched; it need not exist.
    servers_dir: PathBuf,
    /// How long sessions may go on after SIGTERM or `portcullis ctl drain`, in seconds. 0: they end at once.
    drain_seconds: u32,
    /// Minisign public keys (the base64 line). If any is given, a plugin is loaded only with a signature of one of them in
    /// `FILE.minisig` beside it.
    trusted_keys: Vec<String>,
    /// Name servers to ask for servers' addresses, as IP address with or without a port (53). None: those of the system.
    dns: Vec<String>,
}

impl Default for RawHost {
    fn default() -> Self {
        Self {
            workers: 0,
            plugin_dir: "plugins".into(),
            state_dir: "state".into(),
            control: None,
            servers_dir: "servers.d".into(),
            drain_seconds: 30,
            trusted_keys: Vec::new(),
            dns: Vec::new(),
        }
    }
}

impl RawHost {
    /// Paths are relative to `folder`, that of the configuration file.
    pub(crate) fn validate(self, folder: &Path, place: &Place, problems: &mut Vec<ConfigError>) -> Host {
        let state_dir = folder.join(self.state_dir);
        let keys = place.key("trusted-keys");
        for (index, key) in self.trusted_keys.iter().enumerate() {
            if PublicKey::from_base64(key).is_err() {
                problems.push(keys.index(index).bad_value(format_args!(
                    "`{key}` is not a minisign public key; write the second line of `minisign.pub`"
                )));
            }
        }
        let mut dns = Vec::new();
        for (index, text) in self.dns.iter().enumerate() {
            match text
                .parse()
                .or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, DNS_PORT)))
            {
                Ok(address) => dns.push(address),
                Err(_) => problems.push(place.key("dns").index(index).bad_value(format_args!(
                    "`{text}` is not an IP address; write for example `9.9.9.9` or `127.0.0.1:5353`"
                ))),
            }
        }
        Host {
            workers: NonZeroUsize::new(self.workers as usize).unwrap_or_else(cores),
            plugin_dir: folder.join(self.plugin_dir),
            control: self
                .control
                .map_or_else(|| state_dir.join("control.sock"), |path| folder.join(path)),
            state_dir,
            servers_dir: folder.join(self.servers_dir),
            drain: Duration::from_secs(self.drain_seconds.into()),
            trusted_keys: self.trusted_keys,
            dns,
        }
    }
}

fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
