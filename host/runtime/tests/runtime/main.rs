//! The plugin runtime from outside: real components, on workers as the relay runs them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod capabilities;
mod chains;
mod configuration;
mod coverage;
mod drop_in;
mod failures;
mod fuzz_corpus;
mod hand_over;
mod http_requests;
mod loading;
mod logins;
mod misbehaviour;
mod numbers;
mod on_sdk;
mod on_the_way;
mod ordering;
mod own_packets;
mod secrets;
mod servers;
mod services;
mod startup;
mod support;
mod swaps;
mod tokio_threads;
mod trust;
mod verdicts;
mod workbench;
