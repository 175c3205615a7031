//! Plugins are called on threads that belong to tokio, where many an implementation of WASI panics.

use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};

use portcullis_runtime::{Hook, Refusal, RouteCause, RouteOutcome, Runtime};

use crate::support::Host;
use crate::support::questions::{chain, login};

const TOML: &str = "[plugins.traps.config]\nhow = 'stderr-then-panic'\n[chains]\nmain = ['traps']";

#[test]
fn a_guest_that_panics_aloud_on_a_current_thread_runtime_costs_its_instance_only() {
    let host = Host::start(1, TOML);
    assert_eq!(
        host.ask(0, Hook::Route, "main").refusal(),
        Some(&Refusal::PluginFailed("traps".into()))
    );
    assert_eq!(
        (host.traps("traps", "trap"), host.traps("traps", "host-panic")),
        (1.0, 0.0)
    );
}

#[test]
fn a_guest_that_panics_aloud_on_a_multi_thread_runtime_costs_its_instance_only() {
    let host = Host::idle(1);
    let config = host.config(TOML);
    let (runtime, mut workers) = Runtime::start(config.clone(), host.registry.clone(), &host.metrics).unwrap();
    let worker = workers.remove(0);
    let session = login(&host.registry);
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let (applied, told) = channel();
    // A worker's half stays on one thread, so the task never awaits: it takes messages by hand until it is time to call.
    let call = tokio.spawn(async move {
        let plugins = Rc::new(worker);
        let mut run = pin!(plugins.clone().run());
        while told.try_recv().is_err() {
            assert_eq!(
                run.as_mut().poll(&mut Context::from_waker(Waker::noop())),
                Poll::Pending
            );
            std::thread::yield_now();
        }
        plugins.route(&chain("main"), &session, &RouteCause::Initial)
    });
    runtime.apply(config).unwrap();
    applied.send(()).unwrap();
    let outcome = tokio.block_on(call).expect("the host does not panic");
    assert_eq!(outcome, RouteOutcome::Refuse(Refusal::PluginFailed("traps".into())));
    assert_eq!(
        (host.traps("traps", "trap"), host.traps("traps", "host-panic")),
        (1.0, 0.0)
    );
    runtime.stop();
}
