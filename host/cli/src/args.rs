//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::plugin::PluginCommand;

/// An extensible proxy host for Minecraft: Java Edition networks.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(short, long, global = true, default_value = "portcullis.toml", value_name = "FILE")]
    pub(crate) config: PathBuf,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves players until told to stop.
    ///
    /// SIGHUP reloads the configuration. SIGTERM and Ctrl-C drain: listeners close, sessions finish or time out after
    /// `drain-seconds`; a second one exits at once.
    Run,
    /// Checks the configuration, loads every plugin, and prints every problem.
    Check,
    /// Makes, builds, checks, tests and measures plugins.
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Talks to the running host.
    Ctl {
        /// Print JSON, for programs.
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        request: CtlCommand,
    },
    /// Prints a script that completes commands in this shell.
    Completions { shell: Shell },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CtlCommand {
    /// Lists plugins: state, version, chains, errors.
    Plugins,
    /// Lists sessions: who plays where, for how long.
    Sessions,
    /// Lists servers: groups, health, sessions, time to connect.
    Servers,
    /// Reads the configuration again, and lifts quarantines.
    Reload,
    /// Loads a plugin's file again, changed or not, while players stay connected; lifts its quarantine.
    Swap { plugin: String },
    /// Closes the listeners, waits for sessions to end, then stops the host. With a server: only sends it nobody new.
    Drain {
        /// Take only this server out of service.
        server: Option<String>,
        /// Put the server back into service.
        #[arg(long, requires = "server")]
        undo: bool,
    },
    /// Ends every session and stops the host at once.
    Shutdown,
}
