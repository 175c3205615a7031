use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Mine;

#[hooks]
impl Route for Mine {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

#[hooks]
impl Route for Mine {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Drop
    }
}

fn main() {}
