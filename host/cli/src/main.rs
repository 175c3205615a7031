//! The `portcullis` binary: reads the command line and wires the parts together. Decides nothing.

#![expect(clippy::print_stdout, reason = "commands answer on standard output")]

mod args;
mod check;
mod control;
mod ctl;
mod host;
mod plugin;
mod run;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Args, Command};

/// A login allocates some thirty times, on a worker of its own: quicker by a twentieth of all it costs than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.command {
        Command::Run => run::run(&args.config),
        Command::Check => check::check(&args.config),
        Command::Plugin { command } => plugin::plugin(&args.config, command),
        Command::Ctl { json, request } => ctl::ctl(&args.config, *json, request),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Args::command(), "portcullis", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("portcullis: {error:#}");
        ExitCode::FAILURE
    })
}
