//! The tools for plugin authors, as an author uses them: the real binary, real crates, and a running host.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod author;
mod bench;
mod life;
mod misbuilt;
mod mistakes;
mod scripts;
mod settings;
mod state;
#[path = "../end_to_end/support/mod.rs"]
#[allow(dead_code, reason = "the end-to-end tests use more of it")]
mod support;
mod terminal;
mod tutorial;
mod watch;
