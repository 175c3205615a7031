//! What a plugin may call: one file per imported interface. Each takes the plugin's [`Context`] and, but for `http` in a slow
//! hook, never waits.

mod bucket;
mod clock;
mod control;
mod http;
mod log;
mod metrics;
mod packets;
mod random;
mod servers;
mod session_facts;
mod state;

use std::net::SocketAddr;

use wasmtime::component::{HasSelf, Linker};

pub(crate) use self::clock::monotonic_ns;
pub(crate) use self::log::Throttle;
pub(crate) use self::metrics::GuestMetrics;
pub(crate) use self::random::Randomness;

use crate::bindings::portcullis::plugin::{self, types};
use crate::context::Context;

/// Adds the services of the contract as hot hooks have them: nothing in them waits.
pub(crate) fn link_hot(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    link(linker)?;
    http::link_hot(linker)
}

/// The same as slow hooks have them.
pub(crate) fn link_slow(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    link(linker)?;
    plugin::http::add_to_linker::<_, HasSelf<Context>>(linker, |context| context)
}

/// Those that are the same everywhere.
fn link(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    macro_rules! add {
        ($($interface:ident),+) => {
            $(plugin::$interface::add_to_linker::<_, HasSelf<Context>>(linker, |context| context)?;)+
        };
    }
    add!(
        types,
        session_facts,
        state,
        bucket,
        servers,
        log,
        metrics,
        clock,
        random,
        control,
        packets
    );
    Ok(())
}

impl types::Host for Context {}

/// An address as plugins see it.
fn endpoint(address: SocketAddr) -> types::Endpoint {
    types::Endpoint {
        ip: address.ip().to_canonical().to_string(),
        port: address.port(),
    }
}
