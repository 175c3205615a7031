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

#[derive(State)]
struct Flattened {
    #[serde(flatten)]
    inner: Vec<u32>,
}

#[derive(State)]
struct SometimesLeftAway {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<u32>,
}

#[derive(State)]
#[serde(untagged)]
enum Untagged {
    One(u32),
}

#[derive(State)]
#[serde(tag = "kind")]
enum ByName {
    One { two: u32 },
}

fn main() {}
