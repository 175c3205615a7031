//! The programs that build plugins: found, or told how to get them in one line.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, anyhow, bail};

/// The target that plugins are built for: components of WASI 0.2.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Cargo in a folder: the one that called this program, or the one on the PATH.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Adds the target's standard library through rustup, unless it is there, however it came.
pub(crate) fn ensure_target(folder: &Path) -> anyhow::Result<()> {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(folder)
        .stderr(Stdio::null());
    let answered = ask.output().map_err(|error| not_started("rustc", &error))?;
    let libraries = String::from_utf8_lossy(&answered.stdout).trim().to_owned();
    if answered.status.success() && Path::new(&libraries).is_dir() {
        return Ok(());
    }
    let hint = || format!("Rust's library for {TARGET} is missing: install it with `rustup target add {TARGET}`");
    eprintln!("adding the target {TARGET}");
    let mut add = Command::new("rustup");
    add.args(["target", "add", TARGET]).current_dir(folder);
    let status = add.status().with_context(hint)?;
    if !status.success() {
        bail!(hint());
    }
    Ok(())
}

/// Runs a program to its end, its output going where this one's goes.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.status().map_err(|error| not_started(&program, &error))
}

/// Why a program did not start, and how to get it.
pub(crate) fn not_started(program: &str, error: &std::io::Error) -> anyhow::Error {
    let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    let hint = match &*name {
        "cargo" | "rustc" => "install Rust from https://rustup.rs",
        "npm" | "node" => "install Node.js 20 or newer with npm",
        "python3" => "install Python 3.11 or newer with pip",
        _ => "install it, or put it on the PATH",
    };
    match error.kind() {
        ErrorKind::NotFound => anyhow!("{name} is missing: {hint}"),
        _ => anyhow!("could not start {program}: {error}; see whether `{name} --version` works in this shell"),
    }
}
