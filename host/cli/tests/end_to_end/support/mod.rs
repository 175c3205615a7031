//! What the tests stand on: the real binary, real clients and servers, raw sockets, and ways to wait for what they show.

pub(crate) mod backend;
pub(crate) mod lines;
pub(crate) mod load;
pub(crate) mod metrics;
pub(crate) mod plugins;
pub(crate) mod ports;
pub(crate) mod programs;
pub(crate) mod proxy;
pub(crate) mod raw;
pub(crate) mod toml;
pub(crate) mod wait;
pub(crate) mod wire;
