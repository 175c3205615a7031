//! `#[hooks]`: leaves an implementation of a hook's trait as it is, and exports the hook's interface.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Error, Ident, ItemImpl, Path, Result};

use crate::attributes::no_generics;
use crate::every_hook::{HOOKS, Hook, names};
use crate::names::suggest;

pub(crate) fn expand(arguments: TokenStream, block: &ItemImpl) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new(
            arguments.span(),
            "`#[hooks]` takes no arguments: the trait says which hook it is",
        ));
    }
    no_generics(&block.generics, "a plugin")?;
    let plugin = &block.self_ty;
    let (name, hook) = hook(block)?;
    let (module, export) = (hook.module(), hook.export());
    Ok(quote! {
        // A verdict or a Result of one: the trait leaves the choice.
        #[allow(refining_impl_trait)]
        #block

        const _: () = {
            use ::portcullis_sdk::__private as portcullis;
            #[automatically_derived]
            impl portcullis::Exported<portcullis::hook::#name> for #plugin {}
            type ThePlugin = #plugin;
            portcullis::export!(#module by #export for ThePlugin);
        };
    })
}

fn hook(block: &ItemImpl) -> Result<(&Ident, Hook)> {
    let Some((_, path, _)) = &block.trait_ else {
        let text = format!(
            "`#[hooks]` stands above `impl HOOK for PLUGIN`, where HOOK is one of {}; leave it away from a plugin's other \
             methods",
            names()
        );
        return Err(Error::new(block.self_ty.span(), text));
    };
    let name = last(path)?;
    match HOOKS.into_iter().find(|hook| name == hook.name) {
        Some(hook) => Ok((name, hook)),
        None => {
            let (word, known) = (name.to_string(), HOOKS.map(|hook| hook.name));
            let text = format!("`{word}` is no hook; {} (hooks: {})", suggest(&word, &known), names());
            Err(Error::new(path.span(), text))
        }
    }
}

fn last(path: &Path) -> Result<&Ident> {
    let segment = path.segments.last();
    segment
        .map(|segment| &segment.ident)
        .ok_or_else(|| Error::new(path.span(), "no trait is named here"))
}
