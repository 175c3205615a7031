//! `portcullis plugin test`: the same tests twice, natively and in the runtime that serves players.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::project::Project;
use super::toolchain::{TARGET, cargo, ensure_target, run};
use crate::terminal::Paint;

pub(crate) fn test(args: &[String]) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the working folder is gone; go to the plugin's folder")?;
    let commands = match Project::find(&folder)? {
        Project::Rust(folder) => rust(&folder, args)?,
        Project::JavaScript(folder) => vec![(
            "in Node.js",
            scripted("npm", &["test", "--silent", "--"], &folder, args),
        )],
        Project::Python(folder) => {
            let unittest = ["-m", "unittest", "discover", "--start-directory", "tests"];
            vec![("in Python", scripted("python3", &unittest, &folder, args))]
        }
    };
    for (place, mut command) in commands {
        eprintln!("{}", Paint::stderr().good(&format!("testing {place}")));
        if !run(&mut command)?.success() {
            eprintln!("{}: tests failed {place}; see above", Paint::stderr().bad("error"));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn rust(folder: &Path, args: &[String]) -> anyhow::Result<Vec<(&'static str, Command)>> {
    ensure_target(folder)?;
    let mut natively = cargo(folder);
    natively.arg("test").arg("--").args(args);
    let mut inside = cargo(folder);
    inside
        .args(["test", "--tests", "--target", TARGET, "--config", &runner()?, "--"])
        .args(args);
    Ok(vec![("natively", natively), ("in Portcullis' runtime", inside)])
}

/// Tells cargo to run what it has built for WebAssembly with this very program. An array, since paths may have blanks.
fn runner() -> anyhow::Result<String> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    let words = [&*program.to_string_lossy(), "plugin", "run-tests"].map(toml::Value::from);
    Ok(format!("target.{TARGET}.runner={}", toml::Value::from(words.to_vec())))
}

fn scripted(program: &str, arguments: &[&str], folder: &Path, args: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(args).current_dir(folder);
    command
}
