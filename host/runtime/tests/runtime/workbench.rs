//! Components on the workbench: what they are, what their calls cost, and how they fail there.

use std::fs;
use std::sync::Arc;

use portcullis_config::{Config, Plugin};
use portcullis_registry::Registry;
use portcullis_runtime::workbench::{self, BenchError, Script};
use portcullis_runtime::{Hook, LoadError};
use tempfile::TempDir;

use crate::support::bare::{Bare, importing};
use crate::support::{component, parse, plugin_name};

/// A room for one fixture, configured.
struct Room {
    /// The files are there for as long as it is.
    _folder: TempDir,
    config: Arc<Config>,
    registry: Arc<Registry>,
    hooks: Vec<Hook>,
}

impl Room {
    fn new(fixture: &str, table: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let component = component(fixture);
        fs::create_dir(folder.path().join("plugins")).unwrap();
        fs::write(folder.path().join("plugins/measured.wasm"), &component).unwrap();
        let toml = format!("[plugins.measured.config]\n{table}\n[chains]\nmain = ['measured']\n");
        let config = parse(folder.path(), &folder.path().join("state"), 1, &toml);
        let registry = Registry::new();
        registry.servers.apply(&config.servers);
        Self {
            hooks: workbench::inspect(&component).unwrap().hooks,
            _folder: folder,
            config: Arc::new(config),
            registry,
        }
    }

    fn plugin(&self) -> &Plugin {
        self.config.plugins.get("measured").unwrap()
    }

    fn fuel(&self) -> Vec<(Hook, u64)> {
        let (script, hooks) = (Script::default(), Hook::ALL);
        let hooks: Vec<Hook> = hooks.into_iter().filter(|hook| self.hooks.contains(hook)).collect();
        let counted = workbench::fuel(self.plugin(), &self.registry, "lobby-1", &[script], &hooks).unwrap();
        assert!(!counted.description.version.is_empty());
        counted.calls.iter().map(|call| (call.hook, call.fuel)).collect()
    }

    fn bench(&self, hook: Hook) -> Result<Vec<workbench::Cost>, BenchError> {
        let (config, script) = (self.config.clone(), Script::default());
        workbench::bench(config, &self.registry, "lobby-1", &[script], &[hook], 200)
    }
}

#[test]
fn a_component_is_tried_without_a_host() {
    let bytes = component("fixed");
    let plugin = Plugin::new(plugin_name("fixed"), "".as_ref());
    let trial = workbench::try_out(&plugin, bytes).unwrap();
    assert_eq!(trial.description.name, "fixed");
    assert!(trial.compile > trial.instantiate, "{trial:?}");
    assert!(trial.memory_bytes >= 1 << 16, "{trial:?}");
}

#[test]
fn a_component_that_a_host_refuses_is_refused_for_the_same_reason() {
    let plugin = Plugin::new(plugin_name("odd"), "".as_ref());
    let refused = |bytes: Vec<u8>| match workbench::try_out(&plugin, bytes) {
        Err(workbench::TrialError::Load(error)) => error,
        other => panic!("{other:?}"),
    };
    let grant = refused(importing("portcullis:plugin/control@0.1.0"));
    assert_eq!(grant.label(), "missing-grant", "{grant}");
    let bad_version = Bare {
        version: "one",
        ..Bare::default()
    };
    let LoadError::Contract(text) = refused(bad_version.build()) else {
        panic!("a version is part of the contract");
    };
    assert!(text.contains("semantic version"), "{text}");
}

#[test]
fn what_a_hook_executes_is_the_same_each_time() {
    let room = Room::new("bench", "target = 'lobby-1'");
    let first = room.fuel();
    assert_eq!(first, room.fuel());
    assert!(
        !first.is_empty() && first.iter().all(|(_, fuel)| *fuel > 10),
        "{first:?}"
    );
}

#[test]
fn every_hook_is_measured_for_sessions_that_have_got_so_far() {
    let room = Room::new("bench", "target = 'lobby-1'");
    for hook in room.hooks.clone() {
        let costs = room.bench(hook).unwrap();
        let cost = costs.first().unwrap();
        assert_eq!((cost.hook, cost.calls), (hook, 200));
        assert!(!cost.p99.is_zero() && cost.p50 <= cost.p99, "{cost:?}");
        assert!(
            cost.memory_before > 0 && cost.memory_after >= cost.memory_before,
            "{cost:?}"
        );
    }
}

#[test]
fn a_call_that_fails_ends_the_measuring_with_its_reason() {
    let room = Room::new("traps", "at = 'route'");
    let error = room.bench(Hook::Route).unwrap_err();
    let BenchError::Failed { hook, reason } = &error else {
        panic!("{error}");
    };
    assert_eq!(*hook, Hook::Route);
    assert!(reason.contains("unreachable"), "{reason}");
}

#[test]
fn a_configuration_that_does_not_fit_is_told_before_anything_is_measured() {
    let room = Room::new("bench", "target = 7");
    let error = room.bench(Hook::Route).unwrap_err();
    let BenchError::Problem(problem) = &error else {
        panic!("{error}");
    };
    assert_eq!(problem.error.label(), "step", "{problem}");
    assert!(problem.to_string().contains("`init` failed"), "{problem}");
}

#[test]
fn a_plugin_is_not_run_as_a_program() {
    let services = workbench::run_program(&component("services"), vec![]).unwrap_err();
    assert!(services.to_string().contains("only a host offers"), "{services}");
    let no_run = workbench::run_program(&Bare::default().build(), vec![]).unwrap_err();
    assert!(no_run.to_string().contains("wasi:cli/run"), "{no_run}");
}
