//! What is missing where a trait is asked for.

use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Mine {
    settings: Settings,
    #[plugin(state)]
    seen: Seen,
    list: List,
}

struct Settings;

#[derive(Default)]
struct Seen;

struct List;

#[hooks]
impl Route for Mine {
    fn route(&mut self, _session: &Session) -> Option<Target> {
        None
    }
}

// Not exported.
impl Accept for Mine {
    fn accept(&mut self, _session: &Session) -> AcceptVerdict {
        AcceptVerdict::Next
    }
}

struct NoPlugin;

#[hooks]
impl Sessions for NoPlugin {}

fn main() {}
