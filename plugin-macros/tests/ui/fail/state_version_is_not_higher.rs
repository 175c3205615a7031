use portcullis_sdk::prelude::*;

#[derive(State)]
#[state(version = 2, from = "Old")]
struct New;

#[derive(State)]
#[state(version = 2)]
struct Old;

impl From<Old> for New {
    fn from(_: Old) -> Self {
        Self
    }
}

fn main() {
    let _ = New::load(1, &[]);
}
