//! `portcullis plugin`: the tools of those who write plugins.

mod args;
mod bench;
mod build;
mod check;
mod confirm;
mod install;
mod new;
mod project;
mod report;
mod run_tests;
mod sdk;
mod test;
mod toolchain;
mod watch;

use std::path::Path;
use std::process::ExitCode;

pub(crate) use self::args::PluginCommand;

pub(crate) fn plugin(config: &Path, command: &PluginCommand) -> anyhow::Result<ExitCode> {
    match command {
        PluginCommand::New(args) => new::new(args),
        PluginCommand::Build(args) => build::build(config, args),
        PluginCommand::Check { file, json } => check::check(file, *json),
        PluginCommand::Test { args } => test::test(args),
        PluginCommand::RunTests { file, args } => run_tests::run_tests(file, args),
        PluginCommand::Bench(args) => bench::bench(config, args),
    }
}
