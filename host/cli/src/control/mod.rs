//! The control socket: what `portcullis ctl` and the host say to each other, one JSON object a line each way.

mod serve;

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use portcullis_runtime::PluginStatus;
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;

/// What an operator may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub(crate) enum Request {
    Plugins,
    Sessions,
    Servers,
    Reload,
    Swap { plugin: String },
    Drain { server: Option<String>, undo: bool },
    Shutdown,
}

/// What the host answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Plugins { plugins: Vec<PluginStatus> },
    Sessions { sessions: Vec<SessionLine> },
    Servers { servers: Vec<ServerLine> },
    Done { done: String },
    Failed { errors: Vec<String> },
}

/// A session, as `ctl sessions` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SessionLine {
    pub(crate) id: u64,
    /// As claimed by the client.
    pub(crate) name: Option<String>,
    pub(crate) peer: String,
    pub(crate) host: Option<String>,
    pub(crate) protocol: Option<i32>,
    pub(crate) listener: String,
    pub(crate) server: Option<String>,
    pub(crate) seconds: u64,
    pub(crate) up_bytes: u64,
    pub(crate) down_bytes: u64,
}

/// A server, as `ctl servers` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ServerLine {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) groups: Vec<String>,
    pub(crate) health: &'static str,
    pub(crate) sessions: u32,
    pub(crate) weight: u32,
    pub(crate) latency_us: Option<u32>,
}

/// The host's end.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Only the user that runs the host may talk to it.
    pub(crate) fn bind(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("cannot open the control socket {} ([host] control)", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(what)?;
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).with_context(what),
            _ => {}
        }
        let listener = UnixListener::bind(path).with_context(what)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).with_context(what)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Gone already, or replaced: nothing to do.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Two hosts with one state directory would undo each other's work.
pub(crate) fn refuse_second_host(path: &Path) -> anyhow::Result<()> {
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        anyhow::bail!(
            "a host answers on {} already; stop it (`portcullis ctl shutdown`), or give this one another [host] control",
            path.display()
        );
    }
    Ok(())
}
