//! From the host's calls to the plugin's methods, and the macros that put a plugin's hooks among the component's exports.

use crate::plugin::Plugin;
use crate::{Error, Result};

/// The plugin's answer. There is no answer that means failure, so where the plugin fails the call ends in a trap.
pub(super) fn ask<P: Plugin, V>(call: impl FnOnce(&mut P) -> Result<V>) -> V {
    let answer = P::instance().with(|instance| instance.with(call));
    match answer {
        Some(Ok(verdict)) => verdict,
        Some(Err(error)) => fail(&error),
        None => fail(&Error::new("a hook was called before `init`")),
    }
}

#[cold]
fn fail(error: &Error) -> ! {
    log::error!("{error}");
    std::process::abort()
}

/// Exports one interface of a plugin: where components are built, and not where tests are.
#[cfg(all(target_family = "wasm", not(feature = "testing")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($module:ident by $macro:ident for $plugin:ident) => {
        const _: () = {
            type Exported = $crate::__private::Exports<$plugin>;
    $crate::bindings::$module::$macro!(Exported with_types_in $crate::bindings::$module);
        };
    };
}

/// Exports nothing.
#[cfg(not(all(target_family = "wasm", not(feature = "testing"))))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($module:ident by $macro:ident for $plugin:ident) => {};
}

/// Refuses a second plugin in a crate, where components are built: tests may have several.
#[cfg(not(feature = "testing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __only_one {
    ($name:ident) => {
        #[allow(unused_macros, non_local_definitions)]
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $name {
            () => {};
        }
    };
}

/// Refuses a second plugin in a crate, where components are built: tests may have several.
#[cfg(feature = "testing")]
#[doc(hidden)]
#[macro_export]
macro_rules! __only_one {
    ($name:ident) => {};
}
