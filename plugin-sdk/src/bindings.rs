//! The contract as Rust: generated once for what is imported, and once for each hook, so that a component exports the hooks
//! whose macro it calls and no others.
#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::undocumented_unsafe_blocks,
    reason = "generated code"
)]

pub mod services {
    wit_bindgen::generate!({
        path: "wit",
        world: "portcullis:plugin/services",
        additional_derives: [PartialEq],
        ownership: Borrowing { duplicate_if_necessary: false },
        generate_unused_types: true,
    });
}

/// What needs a grant. Texts and targets are lent as what they are elsewhere: nothing is borrowed within them.
pub mod granted {
    wit_bindgen::generate!({
        path: "wit",
        world: "portcullis:plugin/granted-services",
        additional_derives: [PartialEq],
        type_section_suffix: "granted",
        with: {
            "portcullis:plugin/types@0.1.0": crate::bindings::services::portcullis::plugin::types,
            "portcullis:plugin/session-facts@0.1.0": crate::bindings::services::portcullis::plugin::session_facts,
        },
    });
}

/// One module for one hook, its `export!` macro under the name given.
macro_rules! hook {
    ($module:ident, $world:literal, $macro:literal, $bindings:literal) => {
        pub mod $module {
            wit_bindgen::generate!({
                path: "wit",
                world: $world,
                pub_export_macro: true,
                export_macro_name: $macro,
                default_bindings_module: $bindings,
                type_section_suffix: $macro,
                additional_derives: [PartialEq],
                with: {
                    "portcullis:plugin/types@0.1.0": crate::bindings::services::portcullis::plugin::types,
                    "portcullis:plugin/session-facts@0.1.0": crate::bindings::services::portcullis::plugin::session_facts,
                    "portcullis:plugin/state@0.1.0": crate::bindings::services::portcullis::plugin::state,
                    "portcullis:plugin/bucket@0.1.0": crate::bindings::services::portcullis::plugin::bucket,
                    "portcullis:plugin/servers@0.1.0": crate::bindings::services::portcullis::plugin::servers,
                    "portcullis:plugin/log@0.1.0": crate::bindings::services::portcullis::plugin::log,
                    "portcullis:plugin/metrics@0.1.0": crate::bindings::services::portcullis::plugin::metrics,
                    "portcullis:plugin/clock@0.1.0": crate::bindings::services::portcullis::plugin::clock,
                    "portcullis:plugin/random@0.1.0": crate::bindings::services::portcullis::plugin::random,
                },
            });
        }
    };
}

macro_rules! hooks {
    ($($hook:ident {
        module: $module:ident, interface: $interface:literal, constant: $constant:ident,
        world: $world:literal, export: $macro:literal, path: $bindings:literal
    })+) => {
        $(hook!($module, $world, $macro, $bindings);)+
    };
}

hook!(
    lifecycle,
    "portcullis:plugin/lifecycle-hook",
    "export_lifecycle",
    "portcullis_sdk::bindings::lifecycle"
);
portcullis_macros::every_hook!(hooks);
