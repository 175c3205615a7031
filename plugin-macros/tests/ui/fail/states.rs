//! What `#[derive(State)]` refuses.

use portcullis_sdk::prelude::*;

#[derive(State)]
#[state(from = "Old")]
struct WithoutVersion;

#[derive(State)]
union Union {
    one: u32,
}

#[derive(State)]
#[state(vesion = 2)]
struct UnknownArgument;

fn main() {}
