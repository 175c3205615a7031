//! Every hook there is: the table that `#[hooks]`, `#[derive(Plugin)]` and the SDK's own code are made from.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

/// A hook by the SDK's trait and the contract's interface.
#[derive(Clone, Copy)]
pub(crate) struct Hook {
    pub(crate) name: &'static str,
    pub(crate) interface: &'static str,
}

macro_rules! hooks {
    ($($name:literal: $interface:literal;)+) => {
        /// In the order of a connection's life.
        pub(crate) const HOOKS: [Hook; [$($name),+].len()] = [$(Hook { name: $name, interface: $interface }),+];
    };
}

hooks! {
    "Accept": "accept";
    "Handshake": "handshake";
    "Status": "status";
    "Login": "login";
    "Route": "route";
    "Forward": "forward";
    "Backend": "backend";
    "Sessions": "session";
    "Packets": "packet";
    "Messages": "message";
    "Commands": "command";
    "Transfers": "transfer";
    "Cookies": "cookie";
    "ResourcePacks": "resource-pack";
}

impl Hook {
    /// The module with the interface's bindings.
    pub(crate) fn module(&self) -> Ident {
        format_ident!("{}", self.interface.replace('-', "_"))
    }

    /// The macro that exports the interface.
    pub(crate) fn export(&self) -> Ident {
        format_ident!("export_{}", self.module())
    }

    /// The constant that says whether a plugin has the hook.
    pub(crate) fn constant(&self) -> Ident {
        format_ident!("{}", self.module().to_string().to_uppercase())
    }

    /// The table's row for macros of the SDK, with every name as they need it.
    fn row(&self) -> TokenStream {
        let (name, interface) = (format_ident!("{}", self.name), self.interface);
        let (module, constant, export) = (self.module(), self.constant(), self.export().to_string());
        let world = format!("portcullis:plugin/{interface}-hook");
        let path = format!("portcullis_sdk::bindings::{module}");
        quote! {
            #name { module: #module, interface: #interface, constant: #constant, world: #world, export: #export, path: #path }
        }
    }
}

/// The traits' names, as people read them.
pub(crate) fn names() -> String {
    HOOKS.map(|hook| hook.name).join(", ")
}

/// Hands the table to a macro of the SDK.
pub(crate) fn hand_to(callback: &Ident) -> TokenStream {
    let rows = HOOKS.iter().map(Hook::row);
    quote!(#callback! { #(#rows)* })
}
