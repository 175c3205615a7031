//! What an operator is told of each plugin.

use std::path::PathBuf;

use portcullis_config::PluginName;
use serde::Serialize;

/// The state a plugin is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    /// Every worker has an instance.
    Running,
    /// An instance failed; another follows after a wait.
    BackingOff,
    /// Failed too often; waits for its file or configuration to change, or for the operator.
    Quarantined,
    /// It was never loaded; see the error.
    Failed,
    /// Never loaded, for want of a grant.
    WaitingForGrant,
}

impl PluginState {
    pub(crate) const LABELS: [&'static str; 5] =
        ["running", "backing-off", "quarantined", "failed", "waiting-for-grant"];

    /// Stable label for metrics and tables.
    pub fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::BackingOff => "backing-off",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
            Self::WaitingForGrant => "waiting-for-grant",
        }
    }
}

/// One plugin, as `portcullis ctl plugins` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PluginStatus {
    /// As configured, or from the file's name.
    pub name: String,
    /// What it is doing.
    pub state: PluginState,
    /// Version in force.
    pub version: Option<String>,
    /// One line of its own.
    pub summary: Option<String>,
    /// Its stage.
    pub stage: Option<&'static str>,
    /// Hooks it has.
    pub hooks: Vec<&'static str>,
    /// Chains that ask it.
    pub chains: Vec<String>,
    /// How many times it was loaded or swapped in.
    pub generation: u64,
    /// Its file.
    pub file: PathBuf,
    /// Digest of the file in force.
    pub sha256: Option<String>,
    /// Digest of the file that was refused last, unless another was taken since; `error` says why.
    pub refused_sha256: Option<String>,
    /// Size of the file in force, in bytes.
    pub size_bytes: Option<u64>,
    /// `closed` or `open`.
    pub on_failure: Option<&'static str>,
    /// Failures within the last minute.
    pub recent_failures: usize,
    /// The last failed call, load or swap, until a later one succeeds.
    pub error: Option<String>,
}

/// A plugin that was not loaded, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadProblem {
    /// As configured.
    pub plugin: PluginName,
    /// What is wrong.
    pub error: crate::LoadError,
}

impl std::fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "plugin `{}`: {}", self.plugin, self.error)
    }
}
