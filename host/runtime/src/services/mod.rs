//! What a plugin may call: one file per imported interface. Each takes the plugin's [`Context`] and never waits.

mod bucket;
mod clock;
mod log;
mod metrics;
mod random;
mod servers;
mod session_facts;
mod state;

use wasmtime::component::{HasSelf, Linker};

pub(crate) use self::clock::monotonic_ns;
pub(crate) use self::log::Throttle;
pub(crate) use self::metrics::GuestMetrics;
pub(crate) use self::random::Randomness;

use crate::bindings::{EveryHook, portcullis::plugin::types};
use crate::context::Context;

/// Adds every service of the contract.
pub(crate) fn link(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    EveryHook::add_to_linker::<_, HasSelf<Context>>(linker, |context| context)
}

impl types::Host for Context {}
