//! Why the runtime could not start, why a plugin was not loaded, and why a call failed.

use std::io;
use std::path::PathBuf;

/// The runtime as a whole cannot work.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state directory cannot be created or made private; usually a matter of permissions.
    #[error("cannot use the state directory {}: {source}; set [host] state-dir to a folder this user may create", path.display())]
    StateDir {
        /// The folder in question.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// wasmtime refuses this machine or its own settings.
    #[error("cannot start the WebAssembly engine: {source:#}")]
    Engine {
        /// What wasmtime said.
        source: wasmtime::Error,
    },
    /// A thread could not be started; usually a limit on threads or memory.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

/// A plugin was not loaded. The text says what, where and what to do.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum LoadError {
    /// The file is not there, or the user may not read it.
    #[error("cannot read {}: {reason}; put the component there, or set `file` in [plugins.{plugin}]", path.display())]
    File {
        /// Plugin as configured.
        plugin: String,
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Larger than any plugin should be; probably not a plugin.
    #[error(
        "{} is {size} bytes; at most {limit} are allowed: build with --release, and leave debug information out \
         (`strip = \"debuginfo\"` in the profile)",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Not WebAssembly, a core module, or damaged (perhaps still being written).
    #[error("{0}")]
    NotAComponent(String),
    /// Built for a version of the contract that this host does not speak.
    #[error("built for portcullis:plugin {wanted}, but this host offers {offered}: {advice}")]
    Version {
        /// Version the component names.
        wanted: String,
        /// Version of this host.
        offered: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Imports or exports something that needs the operator's consent.
    #[error(
        "it {does} `{interface}`, which needs a grant; to allow it, add to [plugins.{plugin}]: grants = [\"{grant}\"]"
    )]
    MissingGrant {
        /// Plugin as configured.
        plugin: String,
        /// `imports` or `exports`.
        does: &'static str,
        /// The interface.
        interface: String,
        /// Grant to add.
        grant: &'static str,
    },
    /// Imports what no host of this version offers.
    #[error(
        "it imports `{0}`, which this host does not offer: use a newer host, or build the plugin without it (its worlds are \
         those of portcullis:plugin, and of WASI 0.2)"
    )]
    UnknownImport(String),
    /// Exports and `describe` disagree, or `lifecycle` is missing.
    #[error("{0}")]
    Contract(String),
    /// The file is not the one that was pinned.
    #[error("sha256 is {found}, but [plugins.{plugin}] pins {pinned}; the file is not the one you trusted")]
    Pin {
        /// Plugin as configured.
        plugin: String,
        /// Digest of the file.
        found: String,
        /// Digest in the configuration.
        pinned: String,
    },
    /// No signature by a trusted key.
    #[error("{0}")]
    Signature(String),
    /// Compilation or linking failed.
    #[error("cannot compile or link it: {0}")]
    Compile(String),
    /// The configuration does not fit the schema the plugin declares.
    #[error("{}", describe_violations(plugin, violations))]
    Configuration {
        /// Plugin as configured.
        plugin: String,
        /// Every violation.
        violations: Vec<Violation>,
    },
    /// `describe`, `init`, `load` or instantiation failed.
    #[error("`{step}` failed: {reason}")]
    Step {
        /// Which step.
        step: &'static str,
        /// What the plugin or the engine said.
        reason: String,
    },
}

/// One place where a plugin's configuration does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the configuration, `""` for the whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl Violation {
    /// The place as people write it: `routes[2].host`; empty for the whole.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for part in self.pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
                true => path.push_str(&format!("[{part}]")),
                false if path.is_empty() => path = part,
                false => path.push_str(&format!(".{part}")),
            }
        }
        path
    }
}

impl LoadError {
    /// Stable label for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::TooLarge { .. } => "too-large",
            Self::NotAComponent(_) => "not-a-component",
            Self::Version { .. } => "version",
            Self::MissingGrant { .. } => "missing-grant",
            Self::UnknownImport(_) => "unknown-import",
            Self::Contract(_) => "contract",
            Self::Pin { .. } => "pin",
            Self::Signature(_) => "signature",
            Self::Compile(_) => "compile",
            Self::Configuration { .. } => "configuration",
            Self::Step { .. } => "step",
        }
    }
}

fn describe_violations(plugin: &str, violations: &[Violation]) -> String {
    let list: Vec<_> = violations
        .iter()
        .map(|violation| match &*violation.path() {
            "" => violation.message.clone(),
            path => format!("{path}: {}", violation.message),
        })
        .collect();
    format!(
        "[plugins.{plugin}.config] does not fit what the plugin expects: {}",
        list.join("; ")
    )
}

/// A call into a plugin failed, and its instance is gone.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// One line: the message, and the names of the functions it came through.
    pub(crate) detail: String,
}

impl Failure {
    /// A verdict that the contract does not allow; the reason completes "it returned …".
    pub(crate) fn bad_return(reason: String) -> Self {
        Self {
            kind: FailureKind::BadReturn,
            detail: format!("it returned {reason}"),
        }
    }
}

/// Kinds of failure, all treated alike; the label tells them apart in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// An instruction trapped: a panic, usually.
    Trap,
    /// The call used more time than its budget.
    Timeout,
    /// The memory limit was reached.
    Memory,
    /// The guest's stack overflowed: endless recursion, usually.
    Stack,
    /// A list across the boundary was larger than allowed.
    Transfer,
    /// A verdict that the contract does not allow.
    BadReturn,
    /// The host's own code panicked while serving the call.
    HostPanic,
}

impl FailureKind {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::Transfer => "transfer",
            Self::BadReturn => "bad-return",
            Self::HostPanic => "host-panic",
        }
    }
}
