//! Plugins on the SDK, run as any others.

use portcullis_registry::Target;
use portcullis_runtime::{Accept, Hook, Refusal, RouteOutcome};

use crate::support::questions::{Outcome, plain};
use crate::support::{Host, built};

/// What a hook of a plugin says that is configured so.
fn asked(plugin: &str, config: &str, hook: Hook) -> Outcome {
    let toml = format!("[plugins.{plugin}.config]\n{config}\n[chains]\nmain = ['{plugin}']");
    Host::start(1, &toml).ask(0, hook, "main")
}

fn to(server: &str, by: &str) -> Outcome {
    Outcome::Route(RouteOutcome::To(vec![Target::Server(server.into())], by.into()))
}

/// A twin answers as the other one must.
fn check(twin: &str) {
    let config = |host| format!("host = '{host}'\ntarget = 'lobby-1'\ndescription = 'Hello'");
    let asked = |host, hook| asked(twin, &config(host), hook);
    assert_eq!(asked("", Hook::Accept), Outcome::Accept(Accept::Admit));
    assert_eq!(plain(asked("", Hook::Status)), "Hello");
    assert_eq!(asked("play.example.com", Hook::Route), to("lobby-1", twin));
    let passed = Outcome::Route(RouteOutcome::Refuse(Refusal::NoVerdict));
    assert_eq!(asked("other.example.com", Hook::Route), passed);
}

pub(crate) mod twin_raw {
    #[test]
    fn a_twin_on_bindings_answers_as_twins_do() {
        super::check("twin-raw");
    }
}

pub(crate) mod twin_sdk {
    #[test]
    fn a_twin_on_the_sdk_answers_as_twins_do() {
        super::check("twin-sdk");
    }
}

pub(crate) mod small_router {
    use super::*;

    /// What is promised to authors, in bytes.
    const MAX_SIZE: u64 = 150 << 10;

    #[test]
    fn a_small_router_routes_by_patterns_and_its_fallback() {
        let check = |routes: &str, server: &str| {
            let config = format!("routes = [{routes}]\nfallback = 'lobby-1'");
            assert_eq!(
                asked("small-router", &config, Hook::Route),
                to(server, "small-router"),
                "{routes}"
            );
        };
        check("{ host = 'play.*', to = 'lobby-2' }", "lobby-2");
        check(
            "{ host = 'play.*', to = 'lobby-2' }, { host = 'play.example.com', to = 'lobby-1' }",
            "lobby-1",
        );
        check("{ host = 'other.example.com', to = 'lobby-2' }", "lobby-1");
    }

    #[test]
    fn a_small_router_is_small() {
        let size = built().join("small-router.wasm").metadata().unwrap().len();
        assert!(size <= MAX_SIZE, "{size} bytes");
    }
}
