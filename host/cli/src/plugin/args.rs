//! The command line of `portcullis plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use portcullis_runtime::Hook;

/// Enough for a steady 99th percentile, and over in a second.
const CALLS: u32 = 100_000;

/// A change of the compiler or of a dependency moves the count by a few percent.
const TOLERANCE_PERCENT: u32 = 10;

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Makes the folder of a new plugin, which builds, tests and runs as it is.
    New(NewArgs),
    /// Builds the plugin in this folder, checks it, and says where it is.
    ///
    /// For a Rust crate it runs cargo for wasm32-wasip2; for JavaScript and Python the folder's build script.
    Build(BuildArgs),
    /// Loads a component for a look: what it is, imports and needs, and what is wrong with it.
    Check {
        /// The component.
        file: PathBuf,
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Runs the tests of the plugin in this folder natively, and then again in the runtime that serves players.
    Test {
        /// For the tests, for example a part of a name.
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<String>,
    },
    /// Runs the tests in a component: cargo's runner for wasm32-wasip2.
    #[command(hide = true)]
    RunTests {
        /// What `cargo test --target wasm32-wasip2` has built.
        file: PathBuf,
        /// For the tests.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<String>,
    },
    /// Measures what calls of a plugin's hooks cost: time, memory, and instructions, which are the same each time.
    ///
    /// Servers and the plugin's configuration are those of the configuration file, if there is one.
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What the plugin is called: 1 to 64 of a-z, 0-9 and -, a letter first.
    pub(crate) name: String,
    /// The language to write it in.
    #[arg(long, value_enum, default_value = "rust")]
    pub(crate) lang: Language,
    /// The hooks to begin with.
    #[arg(
        long = "hook",
        value_enum,
        value_delimiter = ',',
        default_value = "route",
        value_name = "HOOK"
    )]
    pub(crate) hooks: Vec<HookName>,
    /// The folder to make; by default NAME.
    #[arg(long, value_name = "PATH")]
    pub(crate) dir: Option<PathBuf>,
    /// Depend on the portcullis-sdk in this folder, rather than on a copy beside the plugin.
    #[arg(long, value_name = "PATH")]
    pub(crate) sdk: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    Rust,
    Js,
    Python,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// Build small and quick code, as for an operator; takes longer.
    #[arg(long)]
    pub(crate) release: bool,
    /// Stay, build again whenever a source changes, and put each good build into the plugin folder at once.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Put the component into this folder; with --watch, by default the configuration's plugin folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// The component.
    pub(crate) file: PathBuf,
    /// The plugin of the configuration that it is; by default the file's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) plugin: Option<String>,
    /// The hooks to call; by default all that the plugin has.
    #[arg(long = "hook", value_enum, value_delimiter = ',', value_name = "HOOK")]
    pub(crate) hooks: Vec<HookName>,
    /// Calls of each hook.
    #[arg(long, default_value_t = CALLS, value_parser = clap::value_parser!(u32).range(100..), value_name = "N")]
    pub(crate) calls: u32,
    /// The host name that the player asks for.
    #[arg(long, default_value = "play.example.com", value_name = "NAME")]
    pub(crate) host: String,
    /// The player's protocol number.
    #[arg(long, default_value_t = 767, value_name = "NUMBER")]
    pub(crate) protocol: i32,
    /// Call on behalf of the sessions in this file, in turn: what `portcullis ctl sessions --json` has printed.
    #[arg(long, conflicts_with_all = ["host", "protocol"], value_name = "FILE")]
    pub(crate) capture: Option<PathBuf>,
    /// Keep the figures in this file, to compare later ones with.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Compare with the figures in this file; fails where a hook executes more than the tolerance allows.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// How many percent more than in the baseline a hook may execute.
    #[arg(long, default_value_t = TOLERANCE_PERCENT, requires = "baseline", value_name = "PERCENT")]
    pub(crate) tolerance: u32,
    /// Print JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A hook on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum HookName {
    Accept,
    Handshake,
    Status,
    Login,
    Route,
    Forward,
    Backend,
    Session,
    Packet,
    Message,
    Command,
    Transfer,
    Cookie,
    ResourcePack,
}

impl HookName {
    /// As the contract has it.
    pub(crate) fn name(self) -> &'static str {
        Hook::from(self).label()
    }
}

impl From<HookName> for Hook {
    fn from(name: HookName) -> Self {
        match name {
            HookName::Accept => Self::Accept,
            HookName::Handshake => Self::Handshake,
            HookName::Status => Self::Status,
            HookName::Login => Self::Login,
            HookName::Route => Self::Route,
            HookName::Forward => Self::Forward,
            HookName::Backend => Self::Backend,
            HookName::Session => Self::Session,
            HookName::Packet => Self::Packet,
            HookName::Message => Self::Message,
            HookName::Command => Self::Command,
            HookName::Transfer => Self::Transfer,
            HookName::Cookie => Self::Cookie,
            HookName::ResourcePack => Self::ResourcePack,
        }
    }
}
