//! What `#[derive(Plugin)]` refuses.

use portcullis_sdk::prelude::*;

#[derive(Plugin)]
#[plugin(stage = "route")]
enum Enum {
    One,
}

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Generic<T> {
    list: Vec<T>,
}

#[derive(Plugin)]
#[plugin(stage = "route")]
struct Tuple(u32);

#[derive(Plugin)]
struct WithoutStage;

#[derive(Plugin)]
#[plugin(stage = "rout")]
struct UnknownStage;

#[derive(Plugin)]
#[plugin(stage = "route", strat = "Self::start")]
struct UnknownArgument;

#[derive(Plugin)]
#[plugin(stage = "route", stage = "guard")]
struct TwoStages;

#[derive(Plugin)]
#[plugin(stage = "route", name = "Mine!")]
struct StrangeName;

#[derive(Plugin)]
#[plugin(stage = "route")]
struct UnknownFieldArgument {
    #[plugin(stat)]
    seen: u32,
}

#[derive(Plugin)]
#[plugin(stage = "route")]
struct TwoStates {
    #[plugin(state)]
    one: u32,
    #[plugin(state)]
    two: u32,
}

#[derive(Plugin)]
#[plugin(stage = "route")]
struct SettingsAsState {
    #[plugin(state)]
    settings: u32,
}

// What is wrong with the plugin is told of the plugin alone.
#[hooks]
impl Route for WithoutStage {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

fn main() {}
