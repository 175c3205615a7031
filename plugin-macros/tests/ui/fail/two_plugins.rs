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

fn main() {}

mod second {
    use portcullis_sdk::prelude::*;

    #[derive(Plugin)]
    #[plugin(stage = "observe")]
    struct Other;

    #[hooks]
    impl Sessions for Other {}
}
