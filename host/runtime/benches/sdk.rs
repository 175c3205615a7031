//! What the SDK adds to a call of a hook: twins, one on generated bindings and one on the SDK, asked in turns. `cargo bench -p
//! portcullis-runtime --bench sdk`. And what a plugin on the SDK is made of, in bytes.
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
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use portcullis_registry::Session;
use portcullis_runtime::{Hook, ListenerChain, WorkerPlugins};

use crate::support::Host;
use crate::support::questions::{ask, chain, login};

/// The host's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches of each twin. They take turns, so that whatever else the machine does meets both.
const BATCHES: usize = 2_000;
/// Timed as a whole: reading the clock costs a tenth of a call.
const CALLS_PER_BATCH: usize = 100;
/// Batches before the first one that counts.
const WARM_UP: usize = 200;

/// The most that a call may cost on the SDK, as a multiple of what it costs on generated bindings.
const MAX_RATIO: f64 = 1.15;

/// What a router without regular expressions may take, in bytes.
const MAX_SMALL_ROUTER: u64 = 150 << 10;

const TWINS: [&str; 2] = ["twin-raw", "twin-sdk"];
const ASKED: [(&str, Hook); 3] = [
    ("`accept`, says `next`", Hook::Accept),
    ("`status`, answers", Hook::Status),
    ("`route`, reads the host and names a server", Hook::Route),
];
const SIZED: [&str; 3] = ["small-router", "router", "motd"];

fn main() {
    let host = Host::start(1, &configuration());
    println!("| call | bindings, median ns | SDK, median ns | ratio |\n|:--|--:|--:|--:|");
    let mut highest = f64::NEG_INFINITY;
    for (what, hook) in ASKED {
        let session = login(&host.registry);
        let [raw, sdk] = host.on_worker(0, move |plugins| measure(plugins, hook, &session));
        let ratio = sdk / raw;
        highest = highest.max(ratio);
        println!("| {what} | {raw:.0} | {sdk:.0} | {ratio:.2} |");
    }
    let verdict = if highest <= MAX_RATIO { "PASS" } else { "FAIL" };
    println!("\n{verdict}: the SDK takes {highest:.2} times what bindings take; at most {MAX_RATIO} is allowed\n");
    println!("| component | bytes |\n|:--|--:|");
    for name in SIZED {
        println!("| {name} | {} |", size(name));
    }
    let small = size(SIZED[0]);
    let verdict = if small <= MAX_SMALL_ROUTER { "PASS" } else { "FAIL" };
    println!("\n{verdict}: a small router takes {small} bytes; at most {MAX_SMALL_ROUTER} are allowed");
}

/// The twins, each in a chain of its own, with an answer for [`login`]'s session.
fn configuration() -> String {
    let plugin = |twin| {
        format!("[plugins.{twin}.config]\nhost = 'play.example.com'\ntarget = 'lobby-1'\ndescription = 'Hello'\n")
    };
    let link = |twin| format!("{twin} = ['{twin}']\n");
    format!("{}[chains]\n{}", TWINS.map(plugin).concat(), TWINS.map(link).concat())
}

/// Median nanoseconds of a call, of each twin. Runs on the worker's own thread.
fn measure(plugins: &WorkerPlugins, hook: Hook, session: &Arc<Session>) -> [f64; 2] {
    let chains = TWINS.map(chain);
    for chain in &chains {
        let first = ask(plugins, hook, chain, session);
        assert!(first.refusal().is_none(), "{first:?}");
    }
    let mut batches = [Vec::new(), Vec::new()];
    for round in 0..WARM_UP + BATCHES {
        // Each goes first in every other round.
        for twin in [round % 2, 1 - round % 2] {
            let cost = batch(plugins, hook, &chains[twin], session);
            if round >= WARM_UP {
                batches[twin].push(cost);
            }
        }
    }
    batches.map(|mut batches| {
        batches.sort_by(f64::total_cmp);
        batches[batches.len() / 2]
    })
}

fn batch(plugins: &WorkerPlugins, hook: Hook, chain: &ListenerChain, session: &Arc<Session>) -> f64 {
    let started = Instant::now();
    for _ in 0..CALLS_PER_BATCH {
        black_box(ask(plugins, hook, chain, session));
    }
    // Some 10 ms at most: exact as a float.
    started.elapsed().as_nanos() as f64 / CALLS_PER_BATCH as f64
}

fn size(name: &str) -> u64 {
    fs::metadata(support::built().join(format!("{name}.wasm")))
        .unwrap()
        .len()
}
