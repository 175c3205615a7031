//! The Node and Python programs in `tests/clients`, and the packages they need, installed once per lock file.

use std::{
    env,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};

use super::lines::Lines;

/// A running client or server program. It ends when this is dropped, or when the test process ends.
pub(crate) struct Program {
    name: String,
    child: Child,
    lines: Lines,
}

impl Program {
    /// Starts `tests/clients/<script>` with Node.
    pub(crate) fn node(script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("node");
        command
            .env("NODE_PATH", node_modules())
            .arg(clients_dir().join(script))
            .args(arguments);
        Self::spawn(script, command)
    }

    /// Starts `tests/clients/<script>` with Python.
    pub(crate) fn python(script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(python());
        command.arg(clients_dir().join(script)).args(arguments);
        Self::spawn(script, command)
    }

    /// Backends of the given versions in one process, and each one's port in the same order.
    pub(crate) fn servers(name: &str, versions: &[&str]) -> (Self, Vec<u16>) {
        let mut arguments = vec!["--name", name, "--deadline-s", "120"];
        versions
            .iter()
            .for_each(|version| arguments.extend(["--version", version]));
        let program = Self::node("server.js", &arguments);
        let ports = versions
            .iter()
            .map(|version| program.port_of(|event| event["version"] == *version))
            .collect();
        (program, ports)
    }

    /// A player that takes these steps; see `player.js`.
    pub(crate) fn player(version: &str, port: u16, steps: &[&str]) -> Self {
        let port = port.to_string();
        let mut arguments = vec!["--version", version, "--port", &port, "--deadline-s", "60"];
        steps.iter().for_each(|step| arguments.extend(["--step", step]));
        Self::node("player.js", &arguments)
    }

    /// A bot that walks and talks as it is told; see `walker.js`.
    pub(crate) fn walker(version: &str, port: u16) -> Self {
        let port = port.to_string();
        let arguments = ["--version", version, "--port", &port, "--deadline-s", "90"];
        Self::node(
            "walker.js",
            &[&arguments[..], &["--asked", "play.example.com"]].concat(),
        )
    }

    /// The port of the `listening` event that fits.
    pub(crate) fn port_of(&self, fits: impl Fn(&Value) -> bool) -> u16 {
        let event = self.wait("listening", fits);
        event["port"]
            .as_u64()
            .and_then(|port| u16::try_from(port).ok())
            .expect("an event with a port")
    }

    /// The first event of that name that fits, past or to come.
    pub(crate) fn wait(&self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let found = self.lines.wait_after(0, |line| {
            let value: Value = serde_json::from_str(line).ok()?;
            if value["event"] == "failed" && event != "failed" {
                return Some(Err(value["reason"].to_string()));
            }
            (value["event"] == event && fits(&value)).then_some(Ok(value))
        });
        match found {
            Ok(Ok(value)) => value,
            Ok(Err(reason)) => panic!("{} failed: {reason}", self.name),
            Err(why) => panic!(
                "{} showed no fitting `{event}`: {why}\n{}",
                self.name,
                self.lines.text()
            ),
        }
    }

    /// The nth event of that name, past or to come.
    pub(crate) fn wait_nth(&self, event: &str, nth: usize) -> Value {
        let seen = std::cell::Cell::new(0);
        self.wait(event, |_| {
            seen.set(seen.get() + 1);
            seen.get() == nth
        })
    }

    /// All events of that name so far.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let all = self
            .lines
            .since(0)
            .into_iter()
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        all.filter(|value| value["event"] == event).collect()
    }

    /// Sends a command line, for example `("say", "hello")`.
    pub(crate) fn order(&mut self, command: &str, argument: &str) {
        let line = json!({ command: argument }).to_string();
        let input = self.child.stdin.as_mut().expect("standard input is piped");
        writeln!(input, "{line}")
            .unwrap_or_else(|error| panic!("{} took no command: {error}\n{}", self.name, self.lines.text()));
    }

    /// Says a line and waits until the server's echo of it is heard.
    pub(crate) fn chat(&mut self, text: &str) {
        self.order("say", text);
        self.wait("heard", |event| {
            event["text"].as_str().is_some_and(|heard| heard.ends_with(text))
        });
    }

    fn spawn(name: &str, mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{name} did not start: {error}"));
        let lines = Lines::default();
        lines.collect(child.stdout.take().expect("standard output is piped"));
        lines.collect(child.stderr.take().expect("standard error is piped"));
        Self {
            name: name.to_owned(),
            child,
            lines,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn clients_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// `node_modules` for the committed lock file.
fn node_modules() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let files = ["package.json", "package-lock.json"];
        install("node", &files, |folder| {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(folder);
            run(npm);
        })
        .join("node_modules")
    })
}

/// The interpreter of a virtual environment with the pinned packages.
fn python() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let interpreter = "venv/bin/python";
        install("python", &["requirements.txt"], |folder| {
            let mut create = Command::new("python3");
            create.args(["-m", "venv", "venv"]).current_dir(folder);
            run(create);
            let mut fill = Command::new(folder.join(interpreter));
            fill.args(["-m", "pip", "install", "--quiet", "-r", "requirements.txt"])
                .current_dir(folder);
            run(fill);
        })
        .join(interpreter)
    })
}

/// A folder in the user's cache whose content follows from `files`, filled by `fill` once. Test processes take turns.
fn install(kind: &str, files: &[&str], fill: impl FnOnce(&Path)) -> PathBuf {
    let contents: Vec<_> = files
        .iter()
        .map(|file| fs::read(clients_dir().join(file)).expect("committed beside the tests"))
        .collect();
    let folder = cache_dir().join(format!("test-clients/{kind}-{:016x}", fnv1a(&contents.concat())));
    fs::create_dir_all(&folder).expect("the cache folder can be written");
    let lock = File::create(folder.join("lock")).expect("the cache folder can be written");
    lock.lock().expect("the file system has locks");
    let done = folder.join("done");
    if !done.exists() {
        for (file, content) in files.iter().zip(&contents) {
            fs::write(folder.join(file), content).expect("the cache folder can be written");
        }
        fill(&folder);
        fs::write(done, "").expect("the cache folder can be written");
    }
    folder
}

fn cache_dir() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(env::var_os("HOME").expect("HOME is set")).join(".cache");
    base.unwrap_or_else(home).join("portcullis")
}

fn run(mut command: Command) {
    let shown = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert!(
        output.status.success(),
        "{shown}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// FNV-1a: tells lock files apart, needs no dependency.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
