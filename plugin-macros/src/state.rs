//! `#[derive(State)]`: serde's implementations, and the chain of versions that can be loaded.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Error, LitInt, Meta, Path, Result, Token};

use crate::attributes::{no_generics, once, quoted, read};

/// The version of a state that says nothing of versions.
const FIRST: u32 = 1;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    no_generics(&input.generics, "a state")?;
    let Arguments { version, from } = Arguments::read(input)?;
    let name = &input.ident;
    let mirror = mirror(input)?;
    let older = from.map(|older| {
        quote! {
            fn migrate(version: u32, saved: &[u8]) -> ::portcullis_sdk::Result<Self> {
                const {
                    ::core::assert!(
                        <#older as ::portcullis_sdk::State>::VERSION < #version,
                        "`from` names an older shape: its version must be lower"
                    )
                }
                let older = <#older as ::portcullis_sdk::State>::load(version, saved)?;
                ::core::result::Result::Ok(<Self as ::core::convert::From<#older>>::from(older))
            }
        }
    });
    Ok(quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            #mirror

            #[automatically_derived]
            impl ::portcullis_sdk::State for #name {
                const VERSION: u32 = #version;
                #older
            }
        };
    })
}

struct Arguments {
    version: u32,
    /// The type of the version before.
    from: Option<Path>,
}

impl Arguments {
    fn read(input: &DeriveInput) -> Result<Self> {
        let (mut version, mut from) = (None, None);
        read(
            &input.attrs,
            "state",
            &["version", "from"],
            |word, argument| match word {
                "version" => once(&mut version, argument.value()?.parse::<LitInt>()?, argument),
                "from" => once(&mut from, quoted::<Path>(argument)?, argument),
                _ => Ok(false),
            },
        )?;
        if let (Some(from), None) = (&from, &version) {
            let text = "what is made from an older shape has a higher version: add `version = 2`";
            return Err(Error::new_spanned(from, text));
        }
        Ok(Self {
            version: version.map_or(Ok(FIRST), |version| version.base10_parse())?,
            from,
        })
    }
}

/// serde's derives, on a twin of the type: a derive cannot add others to the type that it stands on.
fn mirror(input: &DeriveInput) -> Result<TokenStream> {
    readable(input)?;
    if let Data::Union(data) = &input.data {
        return Err(Error::new_spanned(
            data.union_token,
            "a union cannot be saved: use an enum",
        ));
    }
    let name = &input.ident;
    let twin_name = format_ident!("Saved{name}");
    let mut twin = input.clone();
    twin.ident = twin_name.clone();
    strip(&mut twin);
    let remote = name.to_string();
    Ok(quote! {
        use ::portcullis_sdk::__private::serde;

        #[allow(dead_code, reason = "never made: it lends its shape")]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(crate = "::portcullis_sdk::__private::serde", remote = #remote)]
        #twin

        #[automatically_derived]
        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                #twin_name::serialize(self, serializer)
            }
        }

        #[automatically_derived]
        impl<'de> serde::Deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                #twin_name::deserialize(deserializer)
            }
        }
    })
}

/// serde's arguments whose values the compact form cannot give back: it has no names and no lengths to find fields by.
const UNREADABLE: [(&str, &str); 7] = [
    (
        "flatten",
        "take it away: the fields of the inner struct are saved in their place as it is",
    ),
    (
        "skip_serializing_if",
        "use an `Option`, which takes one byte where it is `None`",
    ),
    (
        "skip_serializing",
        "use `skip`, which leaves the field away on both ways",
    ),
    (
        "skip_deserializing",
        "use `skip`, which leaves the field away on both ways",
    ),
    ("untagged", "take it away: the variant takes one byte"),
    ("tag", "take it away: the variant takes one byte"),
    ("content", "take it away: the variant takes one byte"),
];

/// Refuses what could be saved and not be loaded again.
fn readable(input: &DeriveInput) -> Result<()> {
    let mut all: Vec<&Attribute> = input.attrs.iter().collect();
    match &input.data {
        Data::Struct(data) => all.extend(data.fields.iter().flat_map(|field| &field.attrs)),
        Data::Enum(data) => {
            let fields = data.variants.iter().flat_map(|variant| &variant.fields);
            all.extend(data.variants.iter().flat_map(|variant| &variant.attrs));
            all.extend(fields.flat_map(|field| &field.attrs));
        }
        Data::Union(_) => {}
    }
    for attribute in all.into_iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let arguments = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
        for argument in arguments {
            let found = UNREADABLE.iter().find(|(word, _)| argument.path().is_ident(word));
            if let Some((word, advice)) = found {
                let text = format!("what is saved with `{word}` cannot be loaded again; {advice}");
                return Err(Error::new_spanned(argument.path(), text));
            }
        }
    }
    Ok(())
}

/// Leaves serde's attributes alone, and takes away the others, comments included.
fn strip(twin: &mut DeriveInput) {
    let keep = |attributes: &mut Vec<Attribute>| attributes.retain(|attribute| attribute.path().is_ident("serde"));
    keep(&mut twin.attrs);
    match &mut twin.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(|field| keep(&mut field.attrs)),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                keep(&mut variant.attrs);
                variant.discriminant = None;
                variant.fields.iter_mut().for_each(|field| keep(&mut field.attrs));
            }
        }
        Data::Union(_) => {}
    }
}
