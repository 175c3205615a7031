//! Waiting for something observable: never for time to pass.

use std::{
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

/// How long anything that should happen at once may take on a busy two-core machine before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How often an observable without a notification of its own is looked at.
const INTERVAL: Duration = Duration::from_millis(15);

/// Looks until `observe` gives a value; panics with `what` and the last reason when [`PATIENCE`] is over.
pub(crate) fn until<T, E: Display>(what: &str, mut observe: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match observe() {
            Ok(value) => return value,
            Err(reason) if Instant::now() >= deadline => panic!("{what}: not within {PATIENCE:?}; last seen: {reason}"),
            Err(_) => thread::sleep(INTERVAL),
        }
    }
}

/// [`until`] for a plain condition.
pub(crate) fn until_true(what: &str, mut condition: impl FnMut() -> bool) {
    until(what, || if condition() { Ok(()) } else { Err("not yet") });
}
