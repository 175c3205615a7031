//! HAProxy in TCP mode, as the measure of things: kernel-to-kernel copying allowed, nothing logged, nothing inspected.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// Installs Debian's package where it is missing and this process may.
pub(super) fn ensure_installed() -> anyhow::Result<()> {
    if binary().is_some() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        bail!("haproxy is missing: apt-get install haproxy");
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments);
        process::output(command).context("haproxy is missing and could not be installed")
    };
    apt(&["update", "-qq"])?;
    apt(&["install", "-qq", "--yes", "--no-install-recommends", "haproxy"])?;
    Ok(())
}

/// `None` when it is not installed.
pub(super) fn version() -> Option<String> {
    let mut command = Command::new(binary()?);
    command.arg("-v");
    let text = String::from_utf8(process::output(command).ok()?).ok()?;
    Some(text.split_ascii_whitespace().nth(2)?.to_owned())
}

/// Writes its configuration; the command that runs it.
pub(super) fn command(
    file: &Path,
    bind: SocketAddr,
    backend: SocketAddr,
    workers: usize,
    sessions: usize,
) -> anyhow::Result<Command> {
    std::fs::write(file, configuration(bind, backend, workers, sessions))?;
    let mut command = Command::new(binary().context("haproxy is gone")?);
    // In the foreground: the process that is started is the process that is measured.
    command.arg("-db").arg("-f").arg(file);
    Ok(command)
}

fn binary() -> Option<PathBuf> {
    process::find("haproxy")
}

fn configuration(bind: SocketAddr, backend: SocketAddr, workers: usize, sessions: usize) -> String {
    format!(
        "global
    nbthread {workers}
    maxconn {sessions}
defaults
    mode tcp
    option dontlognull
    option splice-auto
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen bench
    bind {bind} backlog 4096
    server backend {backend}
"
    )
}
