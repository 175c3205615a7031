//! A runtime with a plugin folder, a registry and worker threads of its own.

pub(crate) mod bare;
pub(crate) mod log;
mod numbers;
pub(crate) mod players;
pub(crate) mod questions;
pub(crate) mod waiting;
pub(crate) mod web;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use portcullis_config::{Config, PluginName};
use portcullis_registry::{Namespace, Quota, Registry};
use portcullis_runtime::{LoadError, LoadProblem, PluginState, PluginStatus, Roots, Runtime, WorkerPlugins};
use portcullis_telemetry::Metrics;
use tempfile::TempDir;

use self::worker::Worker;

/// Longer than anything waited for takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at what is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What every configuration here begins with: servers for plugins to name.
const SERVERS: &str = r#"
[[server]]
name = "lobby-1"
address = "127.0.0.1:1"
groups = ["lobby"]
[[server]]
name = "lobby-2"
address = "127.0.0.1:2"
groups = ["lobby"]
"#;

/// A running runtime. Stopped when dropped.
pub(crate) struct Host {
    pub(crate) runtime: Runtime,
    pub(crate) metrics: Metrics,
    pub(crate) registry: Arc<Registry>,
    workers: Vec<Worker>,
    folder: TempDir,
    state_dir: PathBuf,
}

impl Host {
    /// Starts with so many workers and puts the configuration in force.
    pub(crate) fn start(workers: usize, toml: &str) -> Self {
        let host = Self::idle(workers);
        host.apply(toml)
            .unwrap_or_else(|problems| panic!("{}", list(&problems)));
        host
    }

    /// Starts without any plugin. Compiled code is shared by all tests, and kept from one run to the next.
    pub(crate) fn idle(workers: usize) -> Self {
        Self::idle_in(workers, &shared_state())
    }

    /// Starts with one worker and these roots, and puts the configuration in force.
    pub(crate) fn start_with_roots(roots: Roots, toml: &str) -> Self {
        let host = Self::idle_trusting(1, &shared_state(), roots);
        host.apply(toml)
            .unwrap_or_else(|problems| panic!("{}", list(&problems)));
        host
    }

    /// The same with a state directory of its own.
    pub(crate) fn idle_in(workers: usize, state_dir: &Path) -> Self {
        Self::idle_trusting(workers, state_dir, Roots::of([]))
    }

    /// The same where plugins' requests trust these certificate authorities, and no others.
    pub(crate) fn idle_trusting(workers: usize, state_dir: &Path, roots: Roots) -> Self {
        log::capture();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("plugins")).unwrap();
        let (metrics, registry) = (Metrics::new(), Registry::new());
        let config = parse(folder.path(), state_dir, workers, "");
        registry.servers.apply(&config.servers);
        let (runtime, halves) = Runtime::start_trusting(Arc::new(config), registry.clone(), &metrics, roots).unwrap();
        let workers = halves.into_iter().map(Worker::spawn).collect();
        Self {
            runtime,
            metrics,
            registry,
            workers,
            folder,
            state_dir: state_dir.to_owned(),
        }
    }

    /// Parses a configuration, and copies the fixtures that it names into the plugin folder.
    pub(crate) fn config(&self, toml: &str) -> Arc<Config> {
        for name in chained(toml) {
            self.provide(&format!("{name}.wasm"));
        }
        let config = parse(self.folder.path(), &self.state_dir, self.workers.len(), toml);
        for plugin in config.plugins.values() {
            self.provide(&plugin.file.file_name().unwrap().to_string_lossy());
        }
        Arc::new(config)
    }

    /// Copies a fixture into the plugin folder, where there is one of that name and the folder has none.
    fn provide(&self, name: &str) {
        let (built, wanted) = (built().join(name), self.plugin_file(name));
        if !wanted.exists() && built.exists() {
            put(&wanted, &fs::read(built).unwrap());
        }
    }

    pub(crate) fn apply(&self, toml: &str) -> Result<(), Vec<LoadProblem>> {
        self.runtime.apply(self.config(toml))
    }

    /// The one problem of a configuration that is refused.
    pub(crate) fn refusal(&self, toml: &str) -> LoadError {
        let mut problems = self.apply(toml).expect_err("it is refused");
        assert_eq!(problems.len(), 1, "{}", list(&problems));
        problems.remove(0).error
    }

    /// Puts a component into the plugin folder under a name, in one piece.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        put(&self.plugin_file(name), bytes);
    }

    /// Writes a file beside the configuration.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn plugin_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("plugins").join(name)
    }

    /// Looks for changed files, and returns when all have been dealt with.
    pub(crate) fn rescan(&self) {
        self.runtime.rescan();
        // Commands are served in order.
        self.runtime.status();
    }

    pub(crate) fn reload(&self, plugin: &str) -> Result<(), portcullis_runtime::ReloadError> {
        self.runtime.reload(plugin_name(plugin))
    }

    /// The status of a plugin that there is.
    pub(crate) fn plugin(&self, name: &str) -> PluginStatus {
        self.find(name).unwrap_or_else(|| panic!("there is no plugin {name}"))
    }

    pub(crate) fn find(&self, name: &str) -> Option<PluginStatus> {
        self.runtime.status().into_iter().find(|plugin| plugin.name == name)
    }

    /// What a plugin keeps in its `state`.
    pub(crate) fn state(&self, plugin: &str) -> Arc<Namespace> {
        let quota = Quota {
            keys: 10_000,
            bytes: 16 << 20,
        };
        self.registry.state.namespace(&plugin_name(plugin), quota)
    }

    /// Waits until a plugin is in a state.
    pub(crate) fn wait_for(&self, plugin: &str, state: PluginState) {
        wait_until(&format!("{plugin} is {}", state.label()), || {
            self.plugin(plugin).state == state
        });
    }

    /// Runs a closure on a worker's thread, between its other work.
    pub(crate) fn on_worker<R: Send + 'static>(
        &self,
        worker: usize,
        job: impl FnOnce(&Rc<WorkerPlugins>) -> R + Send + 'static,
    ) -> R {
        self.workers[worker].handle().run(job)
    }

    /// The same for another thread to use: a function that runs closures on the worker.
    pub(crate) fn asker<R: Send + 'static>(&self, worker: usize) -> impl Fn(Question<R>) -> R + Send + use<R> {
        let jobs = self.workers[worker].handle();
        move |question| jobs.run(question)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.runtime.stop();
    }
}

/// A closure to run on a worker.
pub(crate) type Question<R> = Box<dyn FnOnce(&Rc<WorkerPlugins>) -> R + Send>;

/// Waits for something that other threads bring about.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// A component as built, by the name that configurations use.
pub(crate) fn component(name: &str) -> Vec<u8> {
    fs::read(built().join(format!("{name}.wasm"))).unwrap()
}

pub(crate) fn plugin_name(name: &str) -> PluginName {
    PluginName::try_from(name).unwrap()
}

pub(crate) fn list(problems: &[LoadProblem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

/// The configuration of a host whose folder this is.
pub(crate) fn parse(folder: &Path, state_dir: &Path, workers: usize, toml: &str) -> Config {
    let state_dir = state_dir.display();
    // `[host]` of a test is continued by what its text begins with.
    let text = format!("[host]\nworkers = {workers}\nstate-dir = '{state_dir}'\n{toml}\n{SERVERS}");
    portcullis_config::parse(&folder.join("portcullis.toml"), &text).unwrap_or_else(|errors| {
        panic!(
            "{}\n{text}",
            errors.iter().map(|error| format!("{error}\n")).collect::<String>()
        )
    })
}

/// The plugins that the chains of a configuration name.
fn chained(toml: &str) -> Vec<String> {
    let table: toml::Table = format!("[host]\n{toml}").parse().unwrap_or_default();
    let chains = table.get("chains").and_then(toml::Value::as_table);
    chains
        .into_iter()
        .flat_map(toml::Table::values)
        .filter_map(toml::Value::as_array)
        .flatten()
        .filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The folder of built components.
pub(crate) fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| xtask::plugins::build().expect("the plugins build"))
}

/// The state directory of hosts without one of their own.
fn shared_state() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("state")
}

/// In one piece: nobody reads a part.
fn put(path: &Path, bytes: &[u8]) {
    let aside = path.with_extension("partial");
    fs::write(&aside, bytes).unwrap();
    fs::rename(aside, path).unwrap();
}
