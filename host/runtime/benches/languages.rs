//! What plugins in other languages cost, as Markdown tables: `cargo bench -p portcullis-runtime --bench languages`. All times are
//! CPU time, which a busy machine changes little, and which budgets count.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]
#![allow(dead_code, reason = "the tests' support has more than this uses")]

#[path = "../tests/runtime/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use portcullis_runtime::Hook;
use rustix::time::{ClockId, clock_gettime};
use xtask::examples::Example;

use crate::support::Host;
use crate::support::questions::{ask, chain, login};

/// Enough for an interpreter's heap to reach the size at which it stays.
const CALLS: usize = 100_000;

/// More than any of them grows to, and more than any call takes: what they need is to be seen.
const LIMITS: &str = "{ memory-mib = 1024, hot-call-ms = 1000 }";

/// What an example cost.
struct Cost {
    file_bytes: usize,
    /// Of all threads until it serves, nothing compiled before.
    cold: Duration,
    /// The same, compiled before.
    warm: Duration,
    /// Linear memory of one instance when it starts to serve, and after all calls.
    memory: [f64; 2],
    first_call: Duration,
    /// All others, ascending.
    calls: Vec<Duration>,
}

fn main() {
    println!("| plugin | file, KiB | first start, ms | start, ms | memory, MiB | after {CALLS} calls, MiB |");
    println!("|:--|--:|--:|--:|--:|--:|");
    let costs = Example::ALL.map(|example| (example.name(), measure(example)));
    for (name, cost) in &costs {
        let mebibytes = cost.memory.map(|bytes| bytes / f64::from(1 << 20));
        println!(
            "| `{name}` | {} | {} | {} | {:.1} | {:.1} |",
            cost.file_bytes.div_ceil(1 << 10),
            cost.cold.as_millis(),
            cost.warm.as_millis(),
            mebibytes[0],
            mebibytes[1],
        );
    }
    println!("\n| `route` of | first call, µs | median, µs | p99, µs | longest, µs |");
    println!("|:--|--:|--:|--:|--:|");
    for (name, cost) in &costs {
        let quantile = |share: f64| micros(cost.calls[((CALLS - 1) as f64 * share) as usize]);
        println!(
            "| `{name}` | {:.0} | {:.1} | {:.1} | {:.0} |",
            micros(cost.first_call),
            quantile(0.5),
            quantile(0.99),
            quantile(1.0),
        );
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn measure(example: Example) -> Cost {
    let component = fs::read(example.build().expect("the example builds")).unwrap();
    let state_dir = tempfile::tempdir().unwrap();
    let (cold, host) = start(example, &component, state_dir.path());
    drop(host);
    let (warm, host) = start(example, &component, state_dir.path());

    let memory = || host.memory(example.name(), 0);
    let before = memory();
    let (asked, session) = (chain(example.name()), login(&host.registry));
    let mut calls = host.on_worker(0, move |plugins| {
        let call = |_| {
            let (outcome, took) = timed(ClockId::ThreadCPUTime, || ask(plugins, Hook::Route, &asked, &session));
            assert!(outcome.refusal().is_none(), "{outcome:?}");
            took
        };
        (0..=CALLS).map(call).collect::<Vec<_>>()
    });
    // What memory an instance has grown to is told when plugins change.
    host.rescan();
    let first_call = calls.remove(0);
    calls.sort();
    Cost {
        file_bytes: component.len(),
        cold,
        warm,
        memory: [before, memory()],
        first_call,
        calls,
    }
}

fn timed<R>(clock: ClockId, work: impl FnOnce() -> R) -> (R, Duration) {
    let now = || Duration::try_from(clock_gettime(clock)).unwrap();
    let started = now();
    let done = work();
    (done, now().saturating_sub(started))
}

/// One worker with this one plugin, and how long that took.
fn start(example: Example, component: &[u8], state_dir: &Path) -> (Duration, Host) {
    let (name, config) = (example.name(), configuration(example));
    let host = Host::idle_in(1, state_dir);
    host.put(&example.file(), component);
    let toml = format!(
        "[plugins.{name}]\nlimits = {LIMITS}\n[plugins.{name}.config]\n{config}\n[chains]\n{name} = ['{name}']\n"
    );
    // Builds the fixtures, too.
    let config = host.config(&toml);
    let (applied, took) = timed(ClockId::ProcessCPUTime, || host.runtime.apply(config));
    applied.unwrap_or_else(|problems| panic!("{}", support::list(&problems)));
    (took, host)
}

/// One with which everybody is sent somewhere.
fn configuration(example: Example) -> &'static str {
    match example {
        Example::FirstRoute => "since = 766\nolder = 'lobby'\nnewer = 'lobby-2'",
        Example::ByHour => "default = 'lobby-2'\nhours = [{ from = '00:00', until = '24:00', to = 'lobby' }]",
        Example::ByNetwork => {
            "default = 'lobby-2'\nplaces = { lobby = ['192.0.2.0/24'], lobby-1 = ['10.0.0.0/8', '2001:db8::/32'] }"
        }
        Example::VersionGate => "oldest = 47\nto = 'lobby'\ntext = 'Please update'",
    }
}
