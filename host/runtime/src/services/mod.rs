//! What a plugin may call: one file per imported interface. Each takes the plugin's [`Context`] and never waits.

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

/// Adds the services of the contract, as hot hooks have them: nothing in them waits.
pub(crate) fn link(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
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
    http::link_hot(linker)
}

impl types::Host for Context {}

/// An address as plugins see it.
fn endpoint(address: SocketAddr) -> types::Endpoint {
    types::Endpoint {
        ip: address.ip().to_canonical().to_string(),
        port: address.port(),
    }
}
