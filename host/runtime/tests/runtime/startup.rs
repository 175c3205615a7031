//! Starting: where compiled code is kept, what that is good for, and a configuration that is only checked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_registry::Registry;
use portcullis_runtime::{PluginState, Runtime, StartError};
use portcullis_telemetry::Metrics;

use crate::support::{self, Host, list};

const MANY: &str = "[chains]\nmain = ['fixed', 'facts', 'motd', 'router', 'tags']";

#[test]
fn compiled_code_is_kept_where_nobody_else_can_write_and_makes_the_next_start_faster() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("below/state");
    let start = || -> Duration {
        let host = Host::idle_in(1, &state_dir);
        let config = host.config(MANY);
        let started = Instant::now();
        host.runtime
            .apply(config)
            .unwrap_or_else(|problems| panic!("{}", list(&problems)));
        started.elapsed()
    };
    let first = start();
    for name in ["", "compiled"] {
        let mode = fs::metadata(state_dir.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
    let second = start();
    assert!(second * 2 < first, "{first:?}, then {second:?}");
}

#[test]
fn folders_that_others_could_write_to_are_made_private() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("state");
    fs::create_dir_all(state_dir.join("compiled")).unwrap();
    for name in ["", "compiled"] {
        fs::set_permissions(state_dir.join(name), fs::Permissions::from_mode(0o777)).unwrap();
    }
    let _host = Host::idle_in(1, &state_dir);
    for name in ["", "compiled"] {
        assert_eq!(
            fs::metadata(state_dir.join(name)).unwrap().permissions().mode() & 0o777,
            0o700,
            "{name}"
        );
    }
}

#[test]
fn a_state_directory_that_cannot_be_used_is_named_with_the_key_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("state");
    fs::write(&state_dir, "a file").unwrap();
    let config = Arc::new(support::parse(folder.path(), &state_dir, 1, ""));
    let Err(error) = Runtime::start(config, Registry::new(), &Metrics::new()) else {
        panic!("it started")
    };
    assert!(
        matches!(&error, StartError::StateDir { path, .. } if *path == state_dir),
        "{error}"
    );
    assert!(error.to_string().contains("[host] state-dir"), "{error}");
}

#[test]
fn a_check_loads_every_plugin_and_serves_nobody() {
    let host = Host::idle(1);
    let check = |toml: &str| Runtime::check(host.config(toml), host.registry.clone(), &Metrics::new()).unwrap();
    let plugins = check(MANY).unwrap_or_else(|problems| panic!("{}", list(&problems)));
    assert_eq!(plugins.len(), 5);
    assert!(
        plugins
            .iter()
            .all(|plugin| plugin.state == PluginState::Running && plugin.chains == ["main"])
    );
    let problems = check("[chains]\nmain = ['fixed', 'init-fails']").unwrap_err();
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.plugin.to_string())
            .collect::<Vec<_>>(),
        ["init-fails"]
    );
}

#[test]
fn workers_end_when_the_runtime_is_gone() {
    let host = Host::start(1, MANY);
    let state_dir = tempfile::tempdir().unwrap();
    let config = Arc::new(support::parse(state_dir.path(), state_dir.path(), 1, ""));
    let (runtime, mut workers) = Runtime::start(config, host.registry.clone(), &host.metrics).unwrap();
    let worker = workers.remove(0);
    let (ended, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
        tokio.block_on(std::rc::Rc::new(worker).run());
        ended.send(()).unwrap();
    });
    let another = runtime.clone();
    drop(runtime);
    another.apply(host.config("[chains]\nmain = []")).unwrap();
    drop(another);
    wait.recv_timeout(Duration::from_secs(10)).expect("it ends");
}
