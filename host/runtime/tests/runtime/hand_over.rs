//! State that goes from one instance to the next in a swap, worker by worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis_runtime::{Hook, PluginState, Refusal, StatusOutcome};

use crate::support::questions::{ask, chain, login, plain};
use crate::support::{Host, component};

const COUNTS: &str = "[plugins.counts]\nlimits = { hot-call-ms = 1000 }\n[chains]\nmain = ['counts']";

/// A host with one of the counting plugins.
fn counting(workers: usize, fixture: &str) -> Host {
    let host = Host::idle(workers);
    host.put("counts.wasm", &component(fixture));
    host.apply(COUNTS).unwrap();
    host
}

fn count(host: &Host, worker: usize) -> String {
    host.description(worker, "main")
}

pub(crate) mod counts_v1 {
    use super::*;

    #[test]
    fn each_worker_has_an_instance_with_a_count_of_its_own() {
        let host = counting(2, "counts-v1");
        assert_eq!(
            [0, 0, 1].map(|worker| count(&host, worker)),
            ["count 1", "count 2", "count 1"]
        );
    }

    #[test]
    fn a_plugin_loaded_again_goes_on_counting() {
        let host = counting(1, "counts-v1");
        count(&host, 0);
        host.reload("counts").unwrap();
        assert_eq!(count(&host, 0), "count 2");
    }

    #[test]
    fn a_version_that_cannot_read_the_newer_state_keeps_the_newer_one_in_force() {
        let host = counting(2, "counts-v2");
        count(&host, 0);
        host.put("counts.wasm", &component("counts-v1"));
        host.rescan();
        let plugin = host.plugin("counts");
        assert_eq!((plugin.state, plugin.generation), (PluginState::Running, 1));
        assert!(
            plugin
                .error
                .is_some_and(|error| error.contains("`load` failed: no count of version 1"))
        );
        assert_eq!(count(&host, 0), "count 2, second version");
    }
}

pub(crate) mod counts_v2 {
    use super::*;

    #[test]
    fn a_new_version_takes_over_each_workers_count() {
        let host = counting(2, "counts-v1");
        for _ in 0..3 {
            count(&host, 0);
        }
        count(&host, 1);
        let before = host.on_worker(0, |plugins| plugins.generation());
        host.put("counts.wasm", &component("counts-v2"));
        host.rescan();
        assert_eq!(
            [0, 1].map(|worker| count(&host, worker)),
            ["count 4, second version", "count 2, second version"]
        );
        let plugin = host.plugin("counts");
        assert_eq!((plugin.generation, plugin.error), (2, None));
        assert_eq!(host.reloads("counts", "ok"), 2.0);
        assert!(host.on_worker(0, |plugins| plugins.generation()) > before);
    }

    /// Swaps under load in one test.
    const SWAPS: usize = 20;

    #[test]
    fn no_call_is_lost_or_counted_twice_while_plugins_are_swapped_under_load() {
        let host = counting(2, "counts-v1");
        let stop = Arc::new(AtomicBool::new(false));
        // Each worker is asked over and over, so calls fall before, between and after the steps of every swap.
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let (registry, stop) = (host.registry.clone(), stop.clone());
                let asks = host.asker(worker);
                std::thread::spawn(move || {
                    let mut answers = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        let session = login(&registry);
                        answers.push(asks(Box::new(move |plugins| {
                            plain(ask(plugins, Hook::Status, &chain("main"), &session))
                        })));
                    }
                    answers
                })
            })
            .collect();
        host.put("counts.wasm", &component("counts-v2"));
        host.rescan();
        for _ in 1..SWAPS {
            host.reload("counts").unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            let answers = worker.join().unwrap();
            let counts: Vec<usize> = answers
                .iter()
                .map(|answer| {
                    answer
                        .trim_start_matches("count ")
                        .trim_end_matches(", second version")
                        .parse()
                        .unwrap()
                })
                .collect();
            assert!(counts.iter().copied().eq(1..=counts.len()), "{answers:?}");
            // Once the second version has answered, the first never does.
            let first = answers.iter().position(|answer| answer.ends_with("second version"));
            assert!(
                first.is_some_and(|first| answers[first..].iter().all(|answer| answer.ends_with("second version")))
            );
        }
        assert_eq!(host.plugin("counts").generation, 1 + SWAPS as u64);
        assert_eq!(host.metric("portcullis_plugin_traps_total", &[]), 0.0);
    }
}

pub(crate) mod lies_about_state {
    use super::*;

    fn toml(config: &str) -> String {
        format!(
            "[plugins.liar]\nfile = 'lies-about-state.wasm'\n\
             limits = {{ slow-call-ms = 200, memory-mib = 128 }}\nconfig = {{ {config} }}\n[chains]\nmain = ['liar']"
        )
    }

    #[test]
    fn a_successor_that_refuses_the_state_keeps_the_old_instance_in_force() {
        for (load, part) in [
            ("err", "`load` failed: state refused on purpose"),
            ("trap", "`load` failed: "),
        ] {
            let host = Host::start(2, &toml(&format!("load = '{load}'")));
            let error = host.reload("liar").unwrap_err().to_string();
            assert!(error.starts_with(part), "{error}");
            let plugin = host.plugin("liar");
            assert_eq!((plugin.state, plugin.generation), (PluginState::Running, 1));
            assert_eq!(plugin.error, Some(error));
            assert_eq!(host.reloads("liar", "step"), 1.0);
            for worker in 0..2 {
                assert_eq!(
                    host.ask(worker, Hook::Status, "main").refusal(),
                    Some(&Refusal::NoVerdict)
                );
            }
        }
    }

    #[test]
    fn a_predecessor_that_cannot_save_is_replaced_by_one_that_starts_afresh() {
        for (save, reason) in [("trap", "trap"), ("huge", "transfer"), ("loop", "timeout")] {
            let host = Host::start(1, &toml(&format!("save = '{save}', load = 'err'")));
            host.reload("liar").unwrap_or_else(|error| panic!("{save}: {error}"));
            let plugin = host.plugin("liar");
            assert_eq!(
                (plugin.state, plugin.generation, plugin.error),
                (PluginState::Running, 2, None),
                "{save}"
            );
            assert_eq!(host.traps("liar", reason), 1.0, "{save}");
            assert_eq!(
                host.ask(0, Hook::Status, "main"),
                crate::support::questions::Outcome::Status(StatusOutcome::Refuse(Refusal::NoVerdict))
            );
        }
    }
}
