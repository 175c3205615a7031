//! Which hooks a plugin has: asked of the compiler, so that the derive and the attribute need not know each other.

use std::marker::PhantomData;

/// Written by `#[hooks]` beside the export, so that no hook is implemented that the host would never call.
#[diagnostic::on_unimplemented(
    message = "the hook of `{Self}` is not exported, so the host would never call it",
    label = "write `#[hooks]` above this `impl`"
)]
pub trait Exported<Hook> {}

/// Constants that say which hooks `P` has. The inherent ones are found first, where `P` has the trait that they ask for; those of
/// [`WithoutHooks`] otherwise.
#[derive(Debug)]
pub struct Probe<P>(PhantomData<P>);

macro_rules! probe {
    ($($hook:ident {
        module: $module:ident, interface: $interface:literal, constant: $constant:ident,
        world: $world:literal, export: $export:literal, path: $path:literal
    })+) => {
        /// A name for each hook.
        pub mod hook {
            $(
                #[doc = concat!("`", $interface, "`")]
                #[derive(Debug)]
                pub struct $hook;
            )+
        }

        /// The answer for hooks that a plugin does not have.
        pub trait WithoutHooks {
            $(
                #[doc = concat!("`", $interface, "`")]
                const $constant: bool = false;
            )+
        }

        $(
            impl<P: super::$hook> Probe<P> {
                #[doc = concat!("It has `", $interface, "`.")]
                pub const $constant: bool = true;
            }
        )+
    };
}

impl<P> WithoutHooks for Probe<P> {}

portcullis_macros::every_hook!(probe);
