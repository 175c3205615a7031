//! Where a component keeps the functions of the contract, and handles of them in an instance.

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Store, bail};

use crate::bindings::exports::portcullis::plugin::{
    accept, backend, command, cookie, forward, handshake, lifecycle, login, message, packet, resource_pack, route,
    session, status, transfer,
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
            login: Option<login::GuestIndices>,
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
                    login: has(Hook::Login).then(|| login::GuestIndices::new(pre)).transpose()?,
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

impl Exports {
    /// Handles of an instance's functions that may wait; an error where the component has no such hook.
    pub(crate) fn load_slow(
        &self,
        mut store: &mut Store<Context>,
        instance: &Instance,
    ) -> wasmtime::Result<(lifecycle::Guest, login::Guest)> {
        let Some(login) = &self.login else {
            bail!("it has no hook that may wait");
        };
        Ok((
            self.lifecycle.load(&mut store, instance)?,
            login.load(&mut store, instance)?,
        ))
    }
}

/// A hook's functions, and the numbers about its calls.
pub(super) struct Metered<G> {
    pub(super) guest: G,
    pub(super) meters: HookMeters,
}
