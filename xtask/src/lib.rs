//! The developer's commands (`cargo xtask …`), and what tests share with them: built plugins and installed tools.

#![allow(clippy::print_stdout, reason = "commands answer there")]

pub mod bench;
pub mod demo;
pub mod dist;
pub mod docs;
pub mod examples;
mod kept;
pub mod packets;
pub mod plugins;
pub mod process;
pub mod test;
pub mod tools;
pub mod workspace;
