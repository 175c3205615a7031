use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Mine;

fn main() {}
