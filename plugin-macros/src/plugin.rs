//! `#[derive(Plugin)]`: a description from the manifest and the comments, the making of an instance, and the export of
//! `lifecycle`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, LitStr, Path, Result, Type};

use crate::attributes::{no_generics, once, quoted, read, text};
use crate::every_hook::{HOOKS, Hook};
use crate::{doc, every_hook, names};

/// Stages of the contract, with the names of the SDK's variants.
const STAGES: [(&str, &str); 8] = [
    ("guard", "Guard"),
    ("status", "Status"),
    ("login", "Login"),
    ("route", "Route"),
    ("balance", "Balance"),
    ("forward", "Forward"),
    ("transform", "Transform"),
    ("observe", "Observe"),
];

/// The contract's bound on a plugin's name.
const MAX_NAME_LENGTH: usize = 64;

/// The plugin; or what is wrong with it, and a plugin in its place, so that nothing else is complained about.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    expand(input).unwrap_or_else(|error| {
        let (error, name) = (error.into_compile_error(), &input.ident);
        let stand_in = input.generics.params.is_empty().then(|| {
            quote! {
                impl ::portcullis_sdk::Plugin for #name {
                    const DESCRIPTION: ::portcullis_sdk::__private::Description = ::core::unreachable!();
                    fn schema() -> ::core::option::Option<::std::string::String> { ::core::unreachable!() }
                    fn create(_: &str) -> ::portcullis_sdk::Result<Self> { ::core::unreachable!() }
                    fn save(&self) -> ::portcullis_sdk::Result<::std::vec::Vec<u8>> { ::core::unreachable!() }
                    fn load(&mut self, _: u32, _: &[u8]) -> ::portcullis_sdk::Result<()> { ::core::unreachable!() }
                    fn instance() -> &'static ::std::thread::LocalKey<::portcullis_sdk::__private::Instance<Self>> {
                        ::core::unreachable!()
                    }
                }
            }
        });
        quote!(#error #stand_in)
    })
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = fields(input)?;
    no_generics(&input.generics, "a plugin")?;
    let arguments = Arguments::read(input)?;
    let roles = Roles::read(fields)?;
    let description = arguments.description(input, roles.state)?;
    let create = roles.create(fields, arguments.start.as_ref());
    let schema = match roles.settings.map(|field| &field.ty) {
        Some(ty) => quote_spanned!(ty.span()=> ::core::option::Option::Some(portcullis::config::schema::<#ty>())),
        None => quote!(::core::option::Option::None),
    };
    let (save, load) = roles.hand_over();
    let name = &input.ident;
    let only_one = Ident::new(
        "a_crate_holds_one_plugin_so_put_the_other_into_its_own_crate",
        name.span(),
    );
    let no_hook = format!(
        "`{name}` has no hook, so nobody would ever call it: write `#[hooks] impl HOOK for {name} {{ … }}`, where HOOK is one of \
         {}",
        every_hook::names()
    );
    let no_hook = quote_spanned! {name.span()=>
        const _: () = ::core::assert!(<#name as ::portcullis_sdk::Plugin>::DESCRIPTION.hooks.any(), "{}", #no_hook);
    };
    Ok(quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::portcullis_sdk::__private as portcullis;
            #[allow(unused_imports)]
            use portcullis::WithoutHooks as _;

            #[automatically_derived]
            impl ::portcullis_sdk::Plugin for #name {
                const DESCRIPTION: portcullis::Description = #description;

                fn schema() -> ::core::option::Option<::std::string::String> {
                    #schema
                }

                fn create(config: &str) -> ::portcullis_sdk::Result<Self> {
                    #create
                }

                fn save(&self) -> ::portcullis_sdk::Result<::std::vec::Vec<u8>> {
                    #save
                }

                fn load(&mut self, version: u32, saved: &[u8]) -> ::portcullis_sdk::Result<()> {
                    #load
                }

                fn instance() -> &'static ::std::thread::LocalKey<portcullis::Instance<Self>> {
                    ::std::thread_local! {
                        static INSTANCE: portcullis::Instance<#name> = const { portcullis::Instance::empty() };
                    }
                    &INSTANCE
                }
            }

            portcullis::export!(lifecycle by export_lifecycle for #name);
        };
        #no_hook
        ::portcullis_sdk::__private::only_one!(#only_one);
    })
}

fn fields(input: &DeriveInput) -> Result<&Fields> {
    match &input.data {
        Data::Struct(data) if !matches!(data.fields, Fields::Unnamed(_)) => Ok(&data.fields),
        Data::Struct(data) => Err(Error::new(
            data.fields.span(),
            "a plugin's fields have names: write `{ settings: Settings }`",
        )),
        _ => Err(Error::new(
            input.ident.span(),
            "a plugin is a struct: put the enum or union into a field of one",
        )),
    }
}

#[derive(Default)]
struct Arguments {
    stage: Option<LitStr>,
    name: Option<LitStr>,
    summary: Option<LitStr>,
    start: Option<Path>,
}

impl Arguments {
    fn read(input: &DeriveInput) -> Result<Self> {
        let mut found = Self::default();
        let known = ["stage", "name", "summary", "start"];
        read(&input.attrs, "plugin", &known, |word, argument| match word {
            "stage" => once(&mut found.stage, text(argument)?, argument),
            "name" => once(&mut found.name, text(argument)?, argument),
            "summary" => once(&mut found.summary, text(argument)?, argument),
            "start" => once(&mut found.start, quoted(argument)?, argument),
            _ => Ok(false),
        })?;
        Ok(found)
    }

    fn description(&self, input: &DeriveInput, state: Option<&Field>) -> Result<TokenStream> {
        let plugin = &input.ident;
        let (name, stage) = (self.name(plugin)?, self.stage(plugin)?);
        let summary = match &self.summary {
            Some(summary) => quote!(#summary),
            None => match doc::summary(&input.attrs) {
                Some(summary) => quote!(#summary),
                None => quote!(::core::env!("CARGO_PKG_DESCRIPTION")),
            },
        };
        let state_version = match state.map(|field| &field.ty) {
            Some(ty) => {
                quote_spanned!(ty.span()=> ::core::option::Option::Some(<#ty as ::portcullis_sdk::State>::VERSION))
            }
            None => quote!(::core::option::Option::None),
        };
        let interfaces = HOOKS.map(|hook| hook.interface);
        let constants = HOOKS.iter().map(Hook::constant);
        Ok(quote! {
            portcullis::Description {
                name: #name,
                version: ::core::env!("CARGO_PKG_VERSION"),
                summary: #summary,
                stage: portcullis::Stage::#stage,
                hooks: portcullis::Hooks(&[#((#interfaces, portcullis::Probe::<#plugin>::#constants)),*]),
                state_version: #state_version,
            }
        })
    }

    /// The package's name, with dashes as the contract has it.
    fn name(&self, plugin: &Ident) -> Result<String> {
        let (name, span) = match &self.name {
            Some(name) => (name.value(), name.span()),
            None => {
                let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
                (package.replace('_', "-").to_ascii_lowercase(), plugin.span())
            }
        };
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > MAX_NAME_LENGTH || !name.bytes().all(fits) {
            let text = format!(
                "{name:?} cannot be a plugin's name: 1 to {MAX_NAME_LENGTH} of a-z, 0-9 and - are allowed; write #[plugin(name = \
                 \"…\")]"
            );
            return Err(Error::new(span, text));
        }
        Ok(name)
    }

    fn stage(&self, plugin: &Ident) -> Result<Ident> {
        let known = STAGES.map(|(stage, _)| stage);
        let Some(stage) = &self.stage else {
            let text = format!(
                "where does it stand in a chain? Write #[plugin(stage = \"…\")] with one of {}",
                known.join(", ")
            );
            return Err(Error::new(plugin.span(), text));
        };
        let word = stage.value();
        match STAGES.iter().find(|(known, _)| *known == word) {
            Some((_, variant)) => Ok(Ident::new(variant, stage.span())),
            None => {
                let text = format!(
                    "there is no stage `{word}`; {} (stages: {})",
                    names::suggest(&word, &known),
                    known.join(", ")
                );
                Err(Error::new(stage.span(), text))
            }
        }
    }
}

/// What the fields are for.
#[derive(Default)]
struct Roles<'a> {
    settings: Option<&'a Field>,
    state: Option<&'a Field>,
}

impl<'a> Roles<'a> {
    fn read(fields: &'a Fields) -> Result<Self> {
        let (mut marked_settings, mut state) = (None, None);
        for field in fields {
            read(
                &field.attrs,
                "plugin",
                &["settings", "state"],
                |word, argument| match word {
                    "settings" => once(&mut marked_settings, field, argument),
                    "state" if state.is_some() => {
                        Err(argument
                            .error("a plugin has one state: put both fields into one struct that derives State"))
                    }
                    "state" => once(&mut state, field, argument),
                    _ => Ok(false),
                },
            )?;
        }
        let named = || {
            fields
                .iter()
                .find(|field| field.ident.as_ref().is_some_and(|name| name == "settings"))
        };
        let settings = marked_settings.or_else(named);
        if let (Some(settings), Some(state)) = (settings, state)
            && settings.ident == state.ident
        {
            return Err(Error::new_spanned(
                &state.ident,
                "settings come from the configuration anew in every swap: keep the state in a field of its own",
            ));
        }
        Ok(Self { settings, state })
    }

    fn create(&self, fields: &Fields, start: Option<&Path>) -> TokenStream {
        let values = fields.iter().map(|field| {
            let (name, ty) = (&field.ident, &field.ty);
            if self.is_settings(field) {
                quote_spanned!(ty.span()=> #name: portcullis::config::read::<#ty>(config)?)
            } else {
                quote_spanned!(ty.span()=> #name: <#ty as portcullis::Afresh>::afresh())
            }
        });
        let unused = self.settings.is_none().then(|| quote!(let _ = config;));
        match start {
            Some(start) => quote! {
                #unused
                let mut plugin = Self { #(#values),* };
                portcullis::Outcome::<()>::outcome(#start(&mut plugin))?;
                ::core::result::Result::Ok(plugin)
            },
            None => quote! {
                #unused
                ::core::result::Result::Ok(Self { #(#values),* })
            },
        }
    }

    fn hand_over(&self) -> (TokenStream, TokenStream) {
        let Some(field) = self.state else {
            let load = quote! {
                let _ = (version, saved);
                ::core::result::Result::Ok(())
            };
            return (quote!(::core::result::Result::Ok(::std::vec::Vec::new())), load);
        };
        let (name, ty): (_, &Type) = (&field.ident, &field.ty);
        let load = quote_spanned! {ty.span()=>
            self.#name = <#ty as ::portcullis_sdk::State>::load(version, saved)?;
            ::core::result::Result::Ok(())
        };
        (
            quote_spanned!(ty.span()=> ::portcullis_sdk::State::save(&self.#name)),
            load,
        )
    }

    fn is_settings(&self, field: &Field) -> bool {
        self.settings.is_some_and(|settings| settings.ident == field.ident)
    }
}
