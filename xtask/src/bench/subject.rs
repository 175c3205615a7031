//! What is measured: a way from the client to the backend.

use std::fmt;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::meter::Meter;
use super::{cpus, load};

/// Long enough for a first start that compiles every plugin.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Between two attempts to reach a proxy that starts: an eighth of a millisecond is below what is of interest.
const START_RETRY: Duration = Duration::from_micros(125);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Subject {
    /// No proxy: the client reaches the backend directly.
    Direct,
    Haproxy,
    Portcullis,
    /// HAProxy once more: how far two equal proxies lie apart.
    Twin,
}

impl Subject {
    pub(super) const ALL: [Self; 4] = [Self::Direct, Self::Haproxy, Self::Portcullis, Self::Twin];
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Haproxy => "haproxy",
            Self::Portcullis => "portcullis",
            Self::Twin => "twin",
        })
    }
}

/// A way to the backend that is open; its proxy ends when this is dropped.
pub(super) struct Running {
    /// Where clients connect.
    pub(super) address: SocketAddr,
    pub(super) meter: Meter,
    /// From the start of the process to the first answered status ping.
    pub(super) started_in: Duration,
    proxy: Option<Child>,
}

impl Running {
    /// The backend itself.
    pub(super) fn direct(address: SocketAddr) -> Self {
        Self {
            address,
            meter: Meter::new(None),
            started_in: Duration::ZERO,
            proxy: None,
        }
    }

    /// Starts a proxy on these processors and waits until it serves. What it prints goes to `log`.
    pub(super) fn proxy(mut command: Command, address: SocketAddr, on: &[usize], log: &Path) -> anyhow::Result<Self> {
        let output = File::create(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // A child keeps to the processors of the thread that starts it, from its first instruction.
        let (begun, child) = std::thread::scope(|scope| {
            let starter = scope.spawn(|| {
                cpus::pin(on)?;
                anyhow::Ok((
                    Instant::now(),
                    command.spawn().with_context(|| format!("starting {command:?}"))?,
                ))
            });
            starter
                .join()
                .map_err(|_| anyhow::anyhow!("the thread that starts {:?} panicked", log.file_stem()))?
        })?;
        let meter = Meter::new(Some(child.id()));
        let mut running = Self {
            address,
            meter,
            started_in: Duration::ZERO,
            proxy: Some(child),
        };
        running.started_in = running.wait_until_serving(begun).with_context(|| tail_of(log))?;
        Ok(running)
    }

    fn wait_until_serving(&mut self, begun: Instant) -> anyhow::Result<Duration> {
        loop {
            let answer = load::status(self.address);
            let elapsed = begun.elapsed();
            match answer {
                Ok(()) => return Ok(elapsed),
                Err(error) if elapsed > START_PATIENCE => return Err(error).context("it does not serve"),
                Err(_) => std::thread::sleep(START_RETRY),
            }
            if let Some(status) = self.proxy.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("it ended at once ({status})");
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(proxy) = &mut self.proxy {
            // It may have ended by itself; then there is nothing to kill.
            let _ = proxy.kill();
            let _ = proxy.wait();
        }
    }
}

/// A port of loopback that nobody uses at this moment.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Files of one subject.
pub(super) fn log_file(folder: &Path, subject: Subject) -> PathBuf {
    folder.join(format!("{subject}.log"))
}

fn tail_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    format!(
        "a proxy did not start; it printed:\n{}",
        lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default()
            .join("\n")
    )
}
