//! `cargo xtask demo`: a small network on this machine, to try everything at.

mod backend;
mod files;
mod guide;

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{plugins, workspace};
use backend::Backend;

/// Plugins are compiled at the first start, which takes seconds on a small machine.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// The proxy's own `drain-seconds` in the demo, and what it may take beyond them.
const DRAIN: Duration = Duration::from_secs(2);
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// How often to look whether the proxy still runs: nothing tells a thread that waits for signals.
const LOOK: Duration = Duration::from_millis(100);

/// What may be chosen about the demo.
#[derive(clap::Args)]
pub struct Options {
    /// The port that players connect to.
    #[arg(long, default_value_t = 25565)]
    port: u16,
    /// The port that serves the metrics.
    #[arg(long, default_value_t = 9100)]
    metrics_port: u16,
}

/// Builds everything in release, starts two servers and the proxy, and stays until Ctrl-C or until the proxy ends.
pub fn run(options: &Options) -> Result<()> {
    // Before the build, which takes minutes the first time.
    require_free(options.port, "--port")?;
    require_free(options.metrics_port, "--metrics-port")?;
    let host = workspace::build_host()?;
    let plugins = plugins::build_standard()?;
    let stop = stop_signals()?;

    let servers = [Backend::start("lobby")?, Backend::start("survival")?];
    let folder = workspace::target_dir(workspace::root())?.join("demo");
    let built = plugins
        .first()
        .and_then(|plugin| plugin.parent())
        .context("no plugin was built")?
        .to_owned();
    let network = Network {
        host,
        built,
        folder,
        port: options.port,
        metrics_port: options.metrics_port,
    };
    files::lay_out(&network, &plugins, &servers)?;
    let mut proxy = Proxy::start(&network)?;
    let outcome = proxy.wait_until_listening(options.port, &stop).and_then(|started| {
        if !started {
            return Ok(());
        }
        println!("{}", guide::text(&network));
        proxy.wait(&stop)
    });
    println!("\nstopping");
    proxy.stop(&stop);
    outcome
}

/// What the demo consists of.
struct Network {
    host: PathBuf,
    /// Where the plugins were built.
    built: PathBuf,
    folder: PathBuf,
    port: u16,
    metrics_port: u16,
}

impl Network {
    fn configuration(&self) -> PathBuf {
        self.folder.join("portcullis.toml")
    }

    fn plugin_dir(&self) -> PathBuf {
        self.folder.join("plugins")
    }
}

fn require_free(port: u16, option: &str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!("port {port} cannot be used ({error}): stop what uses it, or choose another with {option}"),
    }
}

/// Ctrl-C and its relatives, as messages; the demo ends in an orderly way at each of them.
fn stop_signals() -> Result<Receiver<()>> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("could not watch for Ctrl-C")?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(()).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}

struct Proxy {
    child: Child,
}

impl Proxy {
    /// In a process group of its own, so that Ctrl-C reaches it as this program's orderly SIGTERM and not by itself.
    fn start(network: &Network) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(&network.host);
        command
            .arg("run")
            .arg("-c")
            .arg(network.configuration())
            .current_dir(&network.folder);
        command.stdin(Stdio::null()).process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("could not start {}", network.host.display()))?;
        Ok(Self { child })
    }

    /// `false` if it was told to stop before.
    fn wait_until_listening(&mut self, port: u16, stop: &Receiver<()>) -> Result<bool> {
        let until = Instant::now() + START_PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if self.look(stop)? {
                return Ok(false);
            }
            if Instant::now() > until {
                bail!("the proxy does not listen after {} seconds", START_PATIENCE.as_secs());
            }
        }
        Ok(true)
    }

    /// Until a signal arrives; an error if the proxy ends before.
    fn wait(&mut self, stop: &Receiver<()>) -> Result<()> {
        while !self.look(stop)? {}
        Ok(())
    }

    /// Whether a signal arrived; waits for one a moment.
    fn look(&mut self, stop: &Receiver<()>) -> Result<bool> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the proxy ended by itself ({status}); its last lines above tell why");
        }
        Ok(!matches!(stop.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)))
    }

    /// SIGTERM, which drains; the end by force after a second Ctrl-C or when it takes too long.
    fn stop(&mut self, again: &Receiver<()>) {
        let until = Instant::now() + DRAIN + STOP_PATIENCE;
        // Fails only when it has ended already.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        while self.ended().is_none() {
            if again.recv_timeout(LOOK).is_ok() || Instant::now() > until {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
        }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if self.ended().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A folder with nothing in it but what a run adds.
fn emptied(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in the proxy's place.
    fn stand_in(program: &str, arguments: &[&str]) -> Proxy {
        let child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a program of the system's");
        Proxy { child }
    }

    #[test]
    fn a_proxy_that_ends_by_itself_is_told_as_an_error() {
        let (_sender, stop) = channel();
        let error = stand_in("false", &[]).wait(&stop).expect_err("false ends");
        assert!(
            error.to_string().contains("the proxy ended by itself (exit status: 1)"),
            "{error}"
        );
    }

    #[test]
    fn a_signal_ends_the_waiting_and_then_the_proxy() {
        let (sender, stop) = channel();
        sender.send(()).expect("a receiver");
        let mut proxy = stand_in("sleep", &["60"]);
        proxy.wait(&stop).expect("a signal is no error");
        proxy.stop(&stop);
        assert!(proxy.ended().is_some());
    }

    #[test]
    fn a_second_signal_ends_a_proxy_that_does_not_want_to() {
        use std::io::Read;
        let mut proxy = stand_in("sh", &["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
        let mut ready = [0; 6];
        proxy
            .child
            .stdout
            .take()
            .expect("piped")
            .read_exact(&mut ready)
            .expect("the trap is set");
        let (sender, stop) = channel();
        sender.send(()).expect("a receiver");
        proxy.stop(&stop);
        assert!(proxy.ended().is_some());
    }

    #[test]
    fn a_port_in_use_is_told_with_the_option_that_helps() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let error = require_free(port, "--port").expect_err("the port is taken").to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
    }
}
