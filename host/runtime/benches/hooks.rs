//! What a call of a hook costs the host, through a worker's chain, as a Markdown table: `cargo bench -p portcullis-runtime
//! --bench hooks`, and with `--features concurrency` what it would cost with component-model async.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]
#![allow(dead_code, reason = "the tests' support has more than this uses")]

#[path = "../tests/runtime/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use portcullis_protocol::packets::{Direction, State};
use portcullis_protocol::version::Protocol;
use portcullis_registry::Session;
use portcullis_runtime::{Hook, ListenerChain, PacketOutcome, WorkerPlugins};

use crate::support::Host;
use crate::support::players::player;
use crate::support::questions::{Outcome, ask, chain, login};

/// The host's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches timed as a whole: reading the clock costs a tenth of a call.
const BATCHES: usize = 2_000;
const CALLS_PER_BATCH: usize = 100;
/// Batches before the first one that counts.
const WARM_UP: usize = 200;

/// The most that the router's answer may cost with ten routes.
const ROUTER_TARGET_NS: f64 = 1_000.0;

/// The most that a packet of 64 bytes may cost that is shown as a whole.
const PACKET_TARGET_NS: f64 = 600.0;
/// Bytes of such a packet's fields.
const PACKET_BYTES: usize = 64;
/// Its id in 1.20.4: chat.
const PACKET_ID: i32 = 5;

/// A call to be measured.
struct Measured {
    what: &'static str,
    plugin: &'static str,
    hook: Hook,
    /// Bytes of the attribute that the session has.
    attribute_bytes: usize,
}

/// Nanoseconds per call.
struct Cost {
    median: f64,
    p99: f64,
}

const MEASURED: [Measured; 10] = [
    Measured::new("`accept`, says `next`", "plain", Hook::Accept, 0),
    Measured::new("`handshake`, reads the whole record", "plain", Hook::Handshake, 0),
    Measured::new("`status`, description of 0 B", "plain", Hook::Status, 0),
    Measured::new("`status`, description of 64 B", "small", Hook::Status, 0),
    Measured::new("`status`, description of 1 KiB", "large", Hook::Status, 0),
    Measured::new("`route`, names a server", "plain", Hook::Route, 0),
    Measured::new("`route`, reads an attribute of 64 B", "small", Hook::Route, 64),
    Measured::new("`route`, reads an attribute of 1 KiB", "large", Hook::Route, 1_024),
    Measured::new(ROUTER_10, "router-10", Hook::Route, 0),
    Measured::new("`route` of the router, 1,000 routes", "router-1000", Hook::Route, 0),
];
const ROUTER_10: &str = "`route` of the router, 10 routes";

const PLUGINS: [&str; 5] = ["plain", "small", "large", "router-10", "router-1000"];

/// Packets of 64 bytes, and the chain that is shown them.
const PACKETS: [(&str, &str); 4] = [
    ("a packet that nobody wants to see", "unseen"),
    ("`packet`, without its payload", "none"),
    ("`packet`, 16 bytes of it", "head"),
    (PACKET_WHOLE, "whole"),
];
const PACKET_WHOLE: &str = "`packet`, all of its 64 B";

impl Measured {
    const fn new(what: &'static str, plugin: &'static str, hook: Hook, attribute_bytes: usize) -> Self {
        Self {
            what,
            plugin,
            hook,
            attribute_bytes,
        }
    }
}

fn main() {
    let host = Host::start(1, &configuration());
    let concurrency = if cfg!(feature = "concurrency") { "on" } else { "off" };
    println!("Component-model concurrency {concurrency}:\n");
    println!("| call | median ns | p99 ns |\n|:--|--:|--:|");
    let mut router = f64::NAN;
    for Measured {
        what,
        plugin,
        hook,
        attribute_bytes,
    } in MEASURED
    {
        let session = login(&host.registry);
        if attribute_bytes > 0 {
            session
                .set_attributes(&[("key".into(), Some("v".repeat(attribute_bytes)))])
                .unwrap();
        }
        let asked = chain(plugin);
        let cost = host.on_worker(0, move |plugins| measure_hook(plugins, hook, &asked, &session));
        println!("| {what} | {:.0} | {:.0} |", cost.median, cost.p99);
        if what == ROUTER_10 {
            router = cost.median;
        }
    }
    let mut packet = f64::NAN;
    for (what, chain_name) in PACKETS {
        let session = player(&host.registry, "Alex", "1.20.4");
        let cost = host.on_worker(0, move |plugins| measure_packets(plugins, &chain(chain_name), &session));
        println!("| {what} | {:.0} | {:.0} |", cost.median, cost.p99);
        if what == PACKET_WHOLE {
            packet = cost.median;
        }
    }
    // What memory an instance has grown to is told when plugins change.
    host.rescan();
    println!("\n| instance | linear memory, KiB |\n|:--|--:|");
    for plugin in PLUGINS {
        println!("| {plugin} | {:.0} |", host.memory(plugin, 0) / 1_024.0);
    }
    if cfg!(feature = "concurrency") {
        return;
    }
    println!();
    for (what, took, target) in [
        (ROUTER_10, router, ROUTER_TARGET_NS),
        (PACKET_WHOLE, packet, PACKET_TARGET_NS),
    ] {
        let verdict = if took <= target { "PASS" } else { "FAIL" };
        println!("{verdict}: {what}, takes {took:.0} ns; at most {target:.0} are allowed");
    }
}

/// The plugins, each in a chain of its own.
fn configuration() -> String {
    let bench = |name: &str, config: &str| {
        format!("[plugins.{name}]\nfile = 'bench.wasm'\n[plugins.{name}.config]\ntarget = 'lobby-1'\n{config}\n")
    };
    let mut toml = bench("plain", "");
    toml += &bench("small", "description-bytes = 64\nattribute = 'key'");
    toml += &bench("large", "description-bytes = 1024\nattribute = 'key'");
    for routes in [10, 1_000] {
        write!(
            toml,
            "[plugins.router-{routes}]\nfile = 'router.wasm'\n[plugins.router-{routes}.config]\nroutes = ["
        )
        .unwrap();
        for number in 1..routes {
            write!(toml, "{{ host = 'server-{number}.example.com', to = 'lobby-1' }},").unwrap();
        }
        toml += "{ host = 'play.example.com', to = 'lobby-1' }]\n";
    }
    for (plugin, id, payload) in [
        ("unseen", PACKET_ID + 1, "'whole'"),
        ("none", PACKET_ID, "'none'"),
        ("head", PACKET_ID, "{ head = 16 }"),
        ("whole", PACKET_ID, "'whole'"),
    ] {
        let which = format!("{{ numbers = [{{ id = {id}, since = 0, until = 1000 }}] }}");
        writeln!(
            toml,
            "[plugins.{plugin}]\nfile = 'watches.wasm'\ngrants = ['packets']\n[plugins.{plugin}.config]\nsubscriptions = \
             [{{ direction = 'serverbound', state = 'play', packet = {which}, payload = {payload} }}]"
        )
        .unwrap();
    }
    toml += "[chains]\n";
    for plugin in PLUGINS.into_iter().chain(PACKETS.map(|(_, plugin)| plugin)) {
        writeln!(toml, "{plugin} = ['{plugin}']").unwrap();
    }
    toml
}

/// Runs on the worker's own thread.
fn measure_hook(plugins: &WorkerPlugins, hook: Hook, chain: &ListenerChain, session: &Arc<Session>) -> Cost {
    let first = ask(plugins, hook, chain, session);
    assert!(first.refusal().is_none(), "{first:?}");
    measure(|| {
        let outcome: Outcome = ask(plugins, hook, chain, session);
        black_box(outcome);
    })
}

/// As the relay would: what is wanted has been looked up, and is asked before anything else.
fn measure_packets(plugins: &WorkerPlugins, chain: &ListenerChain, session: &Arc<Session>) -> Cost {
    let wants = plugins.wants(chain, Protocol::V1_20_3);
    let (state, direction, fields) = (State::Play, Direction::Serverbound, [7; PACKET_BYTES]);
    measure(|| {
        let packet = black_box((state, direction, PACKET_ID));
        if wants.packet(packet.0, packet.1, packet.2).is_some() {
            let outcome = plugins.packet(chain, session, &wants, packet, black_box(&fields));
            assert_eq!(outcome, PacketOutcome::Pass);
        }
    })
}

fn measure(mut call: impl FnMut()) -> Cost {
    let mut batches: Vec<f64> = (0..WARM_UP + BATCHES)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..CALLS_PER_BATCH {
                call();
            }
            // Some 10 ms at most: exact as a float.
            started.elapsed().as_nanos() as f64 / CALLS_PER_BATCH as f64
        })
        .skip(WARM_UP)
        .collect();
    batches.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        batches
            .get((batches.len() as f64 * share) as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    Cost {
        median: quantile(0.5),
        p99: quantile(0.99),
    }
}
