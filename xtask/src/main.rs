//! `cargo xtask`: reads the command line and calls the command.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{bench, demo, dist, docs, examples, packets, plugins, test, tools};

/// The developer's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and runs a small network on this machine until Ctrl-C.
    Demo(demo::Options),
    /// Runs every test there is.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Builds a release and lays it out as DIR/portcullis, DIR/plugins/*.wasm and DIR/portcullis.toml.
    Dist {
        /// Where to; target/dist in the repository when absent.
        dir: Option<PathBuf>,
    },
    /// Builds the plugins in examples/plugins, each with the tools of its language, and prints where they are.
    Examples,
    /// Measures the figures of docs/specification.md, beside HAProxy and beside no proxy.
    Bench(bench::BenchArgs),
    /// Writes the generated pages of the book.
    Docs {
        /// Writes nothing; fails when a committed page differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Writes the table of packet ids from the pinned minecraft-data.
    Packets {
        /// Writes nothing; fails when the committed table differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Builds the book into docs/book.
    Book,
    /// Adds the WebAssembly target of plugins to the toolchain.
    Target,
    /// Checks the licences, sources and bans of all dependencies.
    Deny,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo(options) => demo::run(&options)?,
        Command::Test { filter } => return test::run(filter.as_deref()),
        Command::Dist { dir } => dist::run(dir)?,
        Command::Examples => examples::run()?,
        Command::Bench(arguments) => bench::run(arguments)?,
        Command::Docs { check } => docs::run(check)?,
        Command::Packets { check } => packets::run(check)?,
        Command::Book => tools::build_book()?,
        Command::Target => plugins::add_target()?,
        Command::Deny => tools::check_dependencies()?,
    }
    Ok(ExitCode::SUCCESS)
}
