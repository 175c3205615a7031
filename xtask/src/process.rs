//! Runs other programs, with errors of one line that name them.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// Runs a program to its end, its output going where this one's goes.
pub fn run(mut command: Command) -> Result<()> {
    let name = name(&command);
    let status = command.status().map_err(|error| not_started(&name, &error))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(&command));
    }
    Ok(())
}

/// Runs a program to its end and gives its standard output; its standard error is shown only when it fails.
pub fn output(mut command: Command) -> Result<Vec<u8>> {
    let name = name(&command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(&name, &error))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}): {}",
            line(&command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}

/// Where a program is, by looking where a shell would, and where Debian keeps servers.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// An error of one line, with what to do, when a program is not there.
pub(crate) fn require(program: &str, hint: &str) -> Result<()> {
    find(program)
        .map(|_| ())
        .with_context(|| format!("{program} is missing: {hint}"))
}

fn not_started(name: &str, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => anyhow!("{name} is missing: install it, or put it on the PATH"),
        _ => anyhow!("could not start {name}: {error}"),
    }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
