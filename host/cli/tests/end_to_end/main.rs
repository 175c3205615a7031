//! The real binary between real clients and servers, and clients and servers that misbehave. One program for all of it, so
//! that the tests run beside each other and the plugins are built once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod addresses;
mod configuration;
mod control;
mod examples;
mod failure;
mod framed;
mod garbage;
mod languages;
mod routing;
mod status;
mod support;
mod swap;
mod telemetry;
mod versions;
