//! What calls cost, measured and compared.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::author::{both_hooks, command, said};
use crate::support::backend::Backend;
use crate::support::plugins::built;
use crate::support::proxy::Proxy;
use crate::support::toml::{all_to, server};
use crate::support::wire::Peer;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::with_prefix("portcullis-").unwrap();
        fs::copy(both_hooks(), folder.path().join("both-hooks.wasm")).unwrap();
        Self { folder }
    }

    /// Exit code and what was said.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut bench = command(self.folder.path());
        bench.args(["plugin", "bench", "--calls", "1000"]).args(arguments);
        let output = bench.output().unwrap();
        (output.status.code(), said(&output))
    }

    fn figures(&self, arguments: &[&str]) -> Value {
        let (code, text) = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(code, Some(0), "{text}");
        let json = text.lines().find(|line| line.starts_with('{'));
        serde_json::from_str(json.unwrap()).unwrap()
    }
}

#[test]
fn every_hook_has_time_memory_and_fuel_and_the_fuel_is_the_same_each_time() {
    let bench = Bench::new();
    let (first, second) = (bench.figures(&["both-hooks.wasm"]), bench.figures(&["both-hooks.wasm"]));
    for hook in ["status", "route"] {
        let figures = &first["hooks"][hook];
        let number = |key: &str| figures[key].as_u64().unwrap();
        assert!(
            0 < number("p50-ns") && number("p50-ns") <= number("p99-ns"),
            "{figures}"
        );
        assert!(number("memory-bytes") > 0 && number("fuel") > 100, "{figures}");
        assert_eq!(number("memory-growth-bytes"), 0, "{figures}");
        assert_eq!(figures["fuel"], second["hooks"][hook]["fuel"], "{hook}");
    }
    assert_eq!(first["plugin"], "both-hooks");
}

#[test]
fn a_hook_that_executes_more_than_the_baseline_allows_fails_the_command() {
    let bench = Bench::new();
    let (code, text) = bench.run(&["both-hooks.wasm", "--hook", "route", "--save", "baseline.json"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("route") && !text.contains("status"),
        "only the hook asked for: {text}"
    );
    let compare = ["both-hooks.wasm", "--baseline", "baseline.json"];
    let (code, text) = bench.run(&compare);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("FUEL BEFORE") && text.contains("+0.0 %"), "{text}");

    let file = bench.folder.path().join("baseline.json");
    let mut baseline: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let fuel = &mut baseline["hooks"]["route"]["fuel"];
    *fuel = Value::from(fuel.as_u64().unwrap() / 2);
    fs::write(&file, baseline.to_string()).unwrap();
    let (code, text) = bench.run(&compare);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("slower: `route` executes") && text.contains("more than 10 % is not allowed"),
        "{text}"
    );
    let (code, text) = bench.run(&[&compare[..], &["--tolerance", "150"]].concat());
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn the_plugin_is_configured_by_its_table_in_the_configuration_file() {
    let bench = Bench::new();
    let write = |config: &str| {
        let text =
            format!("[[server]]\nname = 'hub'\naddress = '127.0.0.1:1'\n[plugins.both-hooks.config]\n{config}\n");
        fs::write(bench.folder.path().join("portcullis.toml"), text).unwrap();
    };
    write("to = 'hub'\nmessage = 'hi'");
    bench.figures(&["both-hooks.wasm"]);
    write("to = 'hub'\nmesage = 'hi'");
    let (code, text) = bench.run(&["both-hooks.wasm"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("portcullis.toml:6:") && text.contains("did you mean `message`?"),
        "{text}"
    );
    let (code, text) = bench.run(&["both-hooks.wasm", "--plugin", "other"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("portcullis.toml has no [plugins.other]"), "{text}");
}

#[test]
fn a_failing_hook_is_told_with_its_reason() {
    let bench = Bench::new();
    fs::copy(built("traps.wasm"), bench.folder.path().join("traps.wasm")).unwrap();
    let config = "[plugins.traps.config]\nat = 'route'\n";
    fs::write(bench.folder.path().join("portcullis.toml"), config).unwrap();
    let (code, text) = bench.run(&["traps.wasm"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("failed") && text.contains("unreachable"), "{text}");
}

#[test]
fn a_hook_that_the_plugin_has_not_is_told_with_those_it_has() {
    let (code, text) = Bench::new().run(&["both-hooks.wasm", "--hook", "accept"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no hook `accept`; it has status, route"), "{text}");
}

#[test]
fn hooks_are_called_on_behalf_of_a_running_hosts_sessions() {
    let echo = Backend::echo();
    let rest = format!("{}{}", server("echo", echo.port()), all_to("echo"));
    let proxy = Proxy::start(&["router.wasm"], &rest);
    let players = ["a.example.com", "a-rather-long-name.of-a-host.example.com"].map(|host| {
        let mut player = Peer::join(proxy.port(), host, "Ada");
        player.read_exact(1).unwrap();
        player
    });
    let bench = Bench::new();
    let sessions = proxy.ctl_raw(&["sessions", "--json"]).stdout;
    let listed: Value = serde_json::from_slice(&sessions).unwrap();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), players.len(), "{listed}");
    fs::write(bench.folder.path().join("sessions.json"), sessions).unwrap();
    let figures = bench.figures(&["both-hooks.wasm", "--capture", "sessions.json"]);
    assert!(figures["hooks"]["route"]["fuel"].as_u64().unwrap() > 100, "{figures}");
}
