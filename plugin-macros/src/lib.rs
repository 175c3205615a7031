//! The derive and attribute macros of `portcullis-sdk`, which re-exports and documents them: one file for each, and the
//! attributes, names and documentation comments that they read alike.

mod attributes;
mod config;
mod doc;
mod every_hook;
mod hooks;
mod names;
mod packet;
mod plugin;
mod state;

use proc_macro::TokenStream;
use syn::{DeriveInput, Ident, ItemImpl, parse_macro_input};

/// Documented where it is re-exported: `portcullis_sdk::Plugin`.
#[proc_macro_derive(Plugin, attributes(plugin))]
pub fn derive_plugin(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    plugin::derive(&input).into()
}

/// Documented where it is re-exported: `portcullis_sdk::hooks`.
#[proc_macro_attribute]
pub fn hooks(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block = parse_macro_input!(item as ItemImpl);
    finish(hooks::expand(arguments.into(), &block))
}

/// Documented where it is re-exported: `portcullis_sdk::Config`.
#[proc_macro_derive(Config, attributes(config))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(config::derive(&input))
}

/// Documented where it is re-exported: `portcullis_sdk::State`.
#[proc_macro_derive(State, attributes(state, serde))]
pub fn derive_state(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(state::derive(&input))
}

/// Documented where it is re-exported: `portcullis_sdk::packets::Packet`.
#[proc_macro_derive(Packet, attributes(packet))]
pub fn derive_packet(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(packet::derive(&input))
}

/// Calls a macro of the SDK with every hook there is. No part of the interface.
#[doc(hidden)]
#[proc_macro]
pub fn every_hook(callback: TokenStream) -> TokenStream {
    let callback = parse_macro_input!(callback as Ident);
    every_hook::hand_to(&callback).into()
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(syn::Error::into_compile_error).into()
}
