//! Where a component keeps the functions of the contract, and handles of them in an instance.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::bindings::exports::portcullis::plugin::{
    accept, backend, command, cookie, forward, handshake, lifecycle, message, packet, resource_pack, route, session,
    status, transfer,
};
use crate::context::Context;
use crate::hook::Hook;
use crate::meters::{HookMeters, PluginMeters};

/// Declares the hooks that are called on network threads: module of the bindings, hook.
macro_rules! hot_hooks {
    ($($interface:ident: $hook:ident,)+) => {
        /// Where a component keeps its exports, looked up once per component.
        pub(crate) struct Exports {
            lifecycle: lifecycle::GuestIndices,
            $($interface: Option<$interface::GuestIndices>,)+
        }

        /// Handles of an instance's functions that are called on network threads.
        pub(super) struct Guests {
            pub(super) lifecycle: lifecycle::Guest,
            $(pub(super) $interface: Option<Metered<$interface::Guest>>,)+
        }

        impl Exports {
            /// Fails where an interface is exported with other functions or types than the contract's.
            pub(crate) fn find(pre: &InstancePre<Context>, hooks: &[Hook]) -> wasmtime::Result<Self> {
                let has = |hook| hooks.contains(&hook);
                Ok(Self {
                    lifecycle: lifecycle::GuestIndices::new(pre)?,
                    $($interface: has(Hook::$hook).then(|| $interface::GuestIndices::new(pre)).transpose()?,)+
                })
            }

            pub(super) fn load(
                &self,
                mut store: &mut Store<Context>,
                instance: &Instance,
                meters: &PluginMeters,
            ) -> wasmtime::Result<Guests> {
                Ok(Guests {
                    lifecycle: self.lifecycle.load(&mut store, instance)?,
                    $($interface: match &self.$interface {
                        Some(found) => Some(Metered {
                            guest: found.load(&mut store, instance)?,
                            meters: meters.hook(Hook::$hook),
                        }),
                        None => None,
                    },)+
                })
            }
        }
    };
}

hot_hooks! {
    accept: Accept,
    handshake: Handshake,
    status: Status,
    route: Route,
    forward: Forward,
    backend: Backend,
    session: Session,
    packet: Packet,
    message: Message,
    command: Command,
    transfer: Transfer,
    cookie: Cookie,
    resource_pack: ResourcePack,
}

/// A hook's functions, and the numbers about its calls.
pub(super) struct Metered<G> {
    pub(super) guest: G,
    pub(super) meters: HookMeters,
}
