//! The real binary in a folder of its own, started for one test and killed with it.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    lines::Lines,
    metrics::Reading,
    plugins, ports,
    wait::{until, until_true},
};

/// Listeners, metrics and control socket are there from this line of the log on.
const READY: &str = "host started";

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis");

/// Compiled plugins are kept between tests: compiling them is what takes longest in a start.
const STATE_DIR: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/state");

pub(crate) struct Proxy {
    setting: Setting,
    child: Child,
    log: Lines,
}

/// A folder with a configuration and plugins, before anything runs in it.
pub(crate) struct Setting {
    folder: TempDir,
    port: u16,
    metrics: u16,
}

impl Setting {
    /// Copies the named components into the plugin folder and writes a configuration: `[host]`, `[telemetry]` and one
    /// listener on chain `main` are given, `rest` is what the test is about.
    pub(crate) fn new(components: &[&str], rest: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("portcullis-")
            .tempdir()
            .expect("a folder for temporary files");
        let setting = Self {
            folder,
            port: ports::free(),
            metrics: ports::free(),
        };
        fs::create_dir(setting.path("plugins")).expect("a fresh folder");
        for component in components {
            plugins::install(component, &setting.plugin(component));
        }
        setting.write(rest);
        setting
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file in the plugin folder.
    pub(crate) fn plugin(&self, file: &str) -> PathBuf {
        self.path("plugins").join(file)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("portcullis.toml")
    }

    /// Writes the whole configuration anew, in one step.
    pub(crate) fn write(&self, rest: &str) {
        let Self { port, metrics, .. } = self;
        let given = format!(
            r#"[host]
workers = 2
state-dir = "{STATE_DIR}"
control = "control.sock"

[telemetry]
log = "info"
metrics = "127.0.0.1:{metrics}"

[[listener]]
bind = "127.0.0.1:{port}"
chain = "main"
"#
        );
        plugins::put(&self.config(), format!("{given}\n{rest}").as_bytes());
    }

    /// Replaces `from`, which must be there, in the configuration.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config()).expect("the configuration was written");
        assert!(text.contains(from), "{from:?} is not in\n{text}");
        plugins::put(&self.config(), text.replace(from, to).as_bytes());
    }

    /// The binary with these arguments in this folder, `-c` included, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .arg("-c")
            .arg(self.config());
        command.env_remove("PORTCULLIS_LOG").env("NO_COLOR", "1");
        command
    }

    /// Starts the proxy and waits until it listens.
    pub(crate) fn start(self) -> Proxy {
        let (child, log) = self.spawn();
        let proxy = Proxy {
            setting: self,
            child,
            log,
        };
        proxy.wait_log_after(0, READY);
        proxy
    }

    fn spawn(&self) -> (Child, Lines) {
        let mut command = self.command(&["run"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let log = Lines::default();
        log.collect(child.stdout.take().expect("standard output is piped"));
        log.collect(child.stderr.take().expect("standard error is piped"));
        (child, log)
    }
}

impl Proxy {
    /// [`Setting::new`] and [`Setting::start`].
    pub(crate) fn start(components: &[&str], rest: &str) -> Self {
        Setting::new(components, rest).start()
    }

    pub(crate) fn port(&self) -> u16 {
        self.setting.port
    }

    pub(crate) fn plugin(&self, file: &str) -> PathBuf {
        self.setting.plugin(file)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.setting.path(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.setting.config()
    }

    pub(crate) fn write(&self, rest: &str) {
        self.setting.write(rest);
    }

    pub(crate) fn edit(&self, from: &str, to: &str) {
        self.setting.edit(from, to);
    }

    /// A control command, which must succeed: its JSON answer, or the list in it.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Value {
        let output = self.ctl_raw(&[arguments, &["--json"]].concat());
        assert!(
            output.status.success(),
            "ctl {arguments:?}: {}\n{}",
            said(&output),
            self.log()
        );
        let mut answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("ctl {arguments:?} gave no JSON: {error}\n{}", said(&output)));
        arguments
            .first()
            .and_then(|list| answer.get_mut(list))
            .map(Value::take)
            .unwrap_or(answer)
    }

    /// A control command as typed, whatever becomes of it.
    pub(crate) fn ctl_raw(&self, arguments: &[&str]) -> Output {
        self.setting.run(&[&["ctl"], arguments].concat())
    }

    pub(crate) fn metrics(&self) -> Reading {
        Reading::take(self.setting.metrics).expect("the metrics endpoint answers")
    }

    pub(crate) fn metric(&self, family: &str, labels: &[(&str, &str)]) -> f64 {
        self.metrics().sum(family, labels)
    }

    /// Waits until a metric's sum is what the condition asks for.
    pub(crate) fn wait_metric(&self, family: &str, labels: &[(&str, &str)], fits: impl Fn(f64) -> bool) {
        until(&format!("{family}{labels:?}"), || {
            let value = self.metric(family, labels);
            if fits(value) { Ok(()) } else { Err(value) }
        });
    }

    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// A mark for [`Proxy::wait_log_after`] and [`Proxy::log_after`].
    pub(crate) fn mark(&self) -> usize {
        self.log.mark()
    }

    pub(crate) fn log_after(&self, mark: usize) -> Vec<String> {
        self.log.since(mark)
    }

    /// The first log line after the mark that contains the text.
    pub(crate) fn wait_log_after(&self, mark: usize, text: &str) -> String {
        let found = self
            .log
            .wait_after(mark, |line| line.contains(text).then(|| line.to_owned()));
        found.unwrap_or_else(|why| panic!("no log line with {text:?}: {why}\n{}", self.log()))
    }

    /// Sends a signal by its name without `SIG`, for example `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell has `kill` built in.
        let kill = format!("kill -s {name} {}", self.child.id());
        let status = Command::new("sh")
            .args(["-c", &kill])
            .status()
            .expect("there is a shell");
        assert!(status.success(), "the proxy does not run\n{}", self.log());
    }

    /// Waits until the process has ended.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let child = &mut self.child;
        until("the proxy ends", || {
            child
                .try_wait()
                .expect("a child can be waited for")
                .ok_or("still running")
        })
    }

    /// Kills the binary and starts it again in the same folder.
    pub(crate) fn restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        (self.child, self.log) = self.setting.spawn();
        self.wait_log_after(0, READY);
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Resident memory in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the proxy runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("the kernel tells VmRSS");
        line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- log of the proxy\n{}\n---", self.log());
        }
    }
}

/// Waits until nobody listens on the port.
pub(crate) fn wait_closed(port: u16) {
    until_true("the listener closes", || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
    });
}

/// Waits until somebody listens on the port.
pub(crate) fn wait_open(port: u16) {
    until_true("the listener opens", || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    });
}

/// What a process said on standard output and standard error.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
