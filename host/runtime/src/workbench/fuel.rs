//! What a hook executes, counted: the same number each time and on every machine, unlike its time.

use std::sync::Arc;

use portcullis_config::Plugin;
use portcullis_protocol::packets::Direction;
use portcullis_registry::{Registry, Session};
use portcullis_telemetry::Metrics;
use tokio::runtime::Builder;

use super::bench::BenchError;
use super::script::{COMMAND, CONTENT, COOKIE, END, Script, TALLY, destination, pack};
use crate::context::PluginShared;
use crate::description::Description;
use crate::engine::{self, Purpose};
use crate::error::{Failure, StartError};
use crate::hook::Hook;
use crate::instance::Instance;
use crate::load::{Loader, read};
use crate::meters::Meters;
use crate::outcome::RouteCause;
use crate::services::Randomness;
use crate::subscriptions::Subscriptions;

/// Calls before the one that counts: the first fills a plugin's own tables.
const WARM_UP: usize = 3;

/// Any number will do, as long as it stays.
const SEED: u64 = 1;

/// A plugin whose calls were counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// What it says of itself.
    pub description: Description,
    /// A call of each hook, in the order asked for.
    pub calls: Vec<Fuel>,
}

/// What one call costs, in wasmtime's units: about one an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fuel {
    /// Which. `session` and `backend` are their two calls for a server joined and left together.
    pub hook: Hook,
    /// The fuel that a call burns in the guest, as the mean of the scripts; services of the host are free.
    pub fuel: u64,
}

/// Counts a call of each of these hooks, which the plugin must have, for a session of each script. The servers are the
/// registry's.
pub fn fuel(
    plugin: &Plugin,
    registry: &Arc<Registry>,
    server: &str,
    scripts: &[Script],
    hooks: &[Hook],
) -> Result<Counted, BenchError> {
    let engine = engine::build(Purpose::Count)?;
    engine::spawn_ticker(&engine)?;
    let metrics = Metrics::new();
    let mut shared = PluginShared::new(plugin, registry, &Meters::register(&metrics), &metrics);
    shared.randomness = Randomness::Repeatable(SEED);
    let mut loader = Loader::new(engine, registry.clone(), None).map_err(|source| StartError::Engine { source })?;
    let (load, mut instance) = loader.load(plugin, &read(plugin, &[])?, Arc::new(shared))?;
    // A slow hook has a time limit, and so needs a clock.
    let executor = Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(StartError::Thread)?;
    let mut calls = Vec::new();
    for hook in hooks.iter().copied() {
        let mut count = |script: &Script| {
            let session = script.session(registry, hook, server);
            let counted = match &load.slow {
                Some(pool) if hook.is_slow() => executor.block_on(pool.count(&script.claim(), &session)),
                _ => {
                    instance.refuel();
                    call(&mut instance, &load.subscriptions, hook, &session, server)
                        .map(|()| instance.fuel_used().unwrap_or_default())
                }
            };
            counted.map_err(|failure| BenchError::Failed {
                hook,
                reason: failure.detail,
            })
        };
        for script in scripts.iter().cycle().take(WARM_UP) {
            count(script)?;
        }
        let mut sum = 0_u64;
        for script in scripts {
            sum = sum.saturating_add(count(script)?);
        }
        let fuel = sum / (scripts.len() as u64).max(1);
        calls.push(Fuel { hook, fuel });
    }
    Ok(Counted {
        description: load.description,
        calls,
    })
}

fn call(
    instance: &mut Instance,
    wants: &Subscriptions,
    hook: Hook,
    session: &Arc<Session>,
    server: &str,
) -> Result<(), Failure> {
    match hook {
        Hook::Accept => instance.accept(session).map(drop),
        Hook::Handshake => instance.handshake(session).map(drop),
        Hook::Status => instance.status(session).map(drop),
        // Slow, and counted elsewhere.
        Hook::Login => Ok(()),
        Hook::Route => instance.route(session, &RouteCause::Initial).map(drop),
        Hook::Forward => instance.connect(session, &destination(server)).map(drop),
        Hook::Backend => {
            instance.connected(session, server)?;
            instance.disconnected(session, server)
        }
        Hook::Session => {
            instance.joined(session, server)?;
            instance.left(session, server, &END, TALLY)
        }
        Hook::Packet => match wants.packets.first() {
            Some(wish) => instance.packet(session, 0, 0, wish.payload.of(&CONTENT)).map(drop),
            None => Ok(()),
        },
        Hook::Message => match wants.channels.first() {
            Some(channel) => instance
                .message(session, Direction::Serverbound, channel, &CONTENT)
                .map(drop),
            None => Ok(()),
        },
        Hook::Command => instance.command(session, COMMAND, false).map(drop),
        Hook::Transfer => instance.transfer(session, "example.com", 25_565).map(drop),
        Hook::Cookie => instance.cookie_store(session, COOKIE, &CONTENT).map(drop),
        Hook::ResourcePack => instance.pack_offer(session, &pack()).map(drop),
    }
}
