//! From the host's calls to the plugin's methods, and the macros that put a plugin's hooks among the component's exports.

use super::{Accept, Departure, Handshake, Outcome, Route, Sessions, Status};
use crate::bindings::{accept, handshake, route, session, status};
use crate::plugin::{Exports, Plugin};
use crate::{Error, Result, Session};

impl<P: Accept> accept::exports::portcullis::plugin::accept::Guest for Exports<P> {
    fn on_accept() -> accept::exports::portcullis::plugin::accept::Verdict {
        ask::<P, _>(|plugin| plugin.accept(&Session::at_hand()).outcome()).into()
    }
}

impl<P: Handshake> handshake::exports::portcullis::plugin::handshake::Guest for Exports<P> {
    fn on_handshake() -> handshake::exports::portcullis::plugin::handshake::Verdict {
        ask::<P, _>(|plugin| plugin.handshake(&Session::at_hand()).outcome()).into()
    }
}

impl<P: Status> status::exports::portcullis::plugin::status::Guest for Exports<P> {
    fn on_status() -> status::exports::portcullis::plugin::status::Verdict {
        ask::<P, _>(|plugin| plugin.status(&Session::at_hand()).outcome()).into()
    }
}

impl<P: Route> route::exports::portcullis::plugin::route::Guest for Exports<P> {
    fn on_route(
        cause: route::exports::portcullis::plugin::route::Cause,
    ) -> route::exports::portcullis::plugin::route::Verdict {
        ask::<P, _>(|plugin| plugin.route(&Session::at_hand().because(cause)).outcome()).into()
    }
}

impl<P: Sessions> session::exports::portcullis::plugin::session::Guest for Exports<P> {
    fn on_joined(server: String) {
        ask::<P, _>(|plugin| plugin.joined(&Session::at_hand(), &server).outcome());
    }

    fn on_left(
        server: String,
        end: session::exports::portcullis::plugin::session::End,
        tally: session::exports::portcullis::plugin::session::Tally,
    ) {
        let departure = Departure::of(end, &tally);
        ask::<P, _>(|plugin| plugin.left(&Session::at_hand(), &server, &departure).outcome());
    }
}

/// The plugin's answer. There is no answer that means failure, so where the plugin fails the call ends in a trap.
fn ask<P: Plugin, V>(call: impl FnOnce(&mut P) -> Result<V>) -> V {
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
