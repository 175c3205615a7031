//! What `#[hooks]` refuses.

use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Mine;

#[hooks]
impl Rout for Mine {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

#[hooks]
impl Mine {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

#[hooks(route)]
impl Route for Mine {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

fn main() {}
