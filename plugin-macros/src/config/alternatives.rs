//! An enum: a word for each unit variant, a table with one key or a value of another kind for each of the others.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DataEnum, Error, Fields, Ident, LitStr, Result, Type, Variant};

use crate::attributes::{once, read};
use crate::names::kebab;

const KNOWN: [&str; 3] = ["rename", "untagged", "with_key"];

pub(crate) fn expand(name: &Ident, data: &DataEnum) -> Result<TokenStream> {
    let cases = data.variants.iter().map(Case::read).collect::<Result<Vec<_>>>()?;
    if cases.is_empty() {
        return Err(Error::new(
            name.span(),
            "an enum without variants leaves nothing to configure: add one",
        ));
    }
    unique(&cases)?;
    let words = cases.iter().filter_map(Case::word).collect::<Vec<_>>();
    let kinds = cases.iter().map(Case::kinds);
    let others = cases.iter().filter(|case| case.word().is_none()).map(Case::kinds);
    let alternatives = cases.iter().filter_map(Case::alternative);
    let keyed = cases.iter().filter_map(Case::read_keyed);
    let untagged = cases.iter().filter_map(Case::read_untagged);
    let by_word = (!words.is_empty()).then(|| {
        let variants = cases.iter().filter(|case| case.word().is_some()).map(|case| case.name);
        quote! {
            const VARIANTS: &[fn() -> #name] = &[#(|| #name::#variants),*];
            if let ::core::option::Option::Some(make) = portcullis::word(&json, WORDS).and_then(|at| VARIANTS.get(at)) {
                return ::core::option::Option::Some(make());
            }
        }
    });
    Ok(quote! {
        const WORDS: &[&str] = &[#(#words),*];
        const ALTERNATIVES: &[portcullis::Alternative] = &[#(#alternatives),*];

        #[automatically_derived]
        impl portcullis::Config for #name {
            const KINDS: portcullis::Kinds = portcullis::Kinds::NONE #(.and(#kinds))*;

            const SHAPE: portcullis::Shape =
                portcullis::Shape::Choice(WORDS, portcullis::Kinds::NONE #(.and(#others))*);

            fn schema(schema: &mut portcullis::Schema, _: &portcullis::Rules) {
                schema.alternatives(Self::KINDS, WORDS, ALTERNATIVES);
            }

            fn read(
                json: portcullis::Json,
                _: &portcullis::Rules,
                reader: &mut portcullis::Reader,
            ) -> ::core::option::Option<Self> {
                #by_word
                #(#keyed)*
                #(#untagged)*
                reader.no_alternative(&json, WORDS, ALTERNATIVES)
            }
        }
    })
}

/// Refuses two variants that nothing in a configuration tells apart.
fn unique(cases: &[Case<'_>]) -> Result<()> {
    for (number, case) in cases.iter().enumerate() {
        let Some((what, word)) = case.known_by() else {
            continue;
        };
        if cases
            .iter()
            .take(number)
            .any(|earlier| earlier.known_by() == Some((what, word)))
        {
            let text = format!("another variant has the {what} `{word}` already: give this one another with `rename`");
            return Err(Error::new(case.name.span(), text));
        }
    }
    Ok(())
}

struct Case<'a> {
    name: &'a Ident,
    key: String,
    form: Form<'a>,
}

enum Form<'a> {
    /// `"drop"`
    Word,
    /// `{ disconnect = … }`
    Tagged(&'a Type),
    /// A table that is recognised by a key of its own.
    WithKey(&'a Type, String),
    /// Any value of the type's kinds.
    Untagged(&'a Type),
}

impl<'a> Case<'a> {
    fn read(variant: &'a Variant) -> Result<Self> {
        let (mut rename, mut untagged, mut with_key) = (None::<LitStr>, None, None::<LitStr>);
        read(&variant.attrs, "config", &KNOWN, |word, argument| match word {
            "rename" => once(&mut rename, argument.value()?.parse()?, argument),
            "untagged" => once(&mut untagged, argument.path.span(), argument),
            "with_key" => once(&mut with_key, argument.value()?.parse()?, argument),
            _ => Ok(false),
        })?;
        let form = match (&variant.fields, untagged, with_key) {
            (Fields::Unit, None, None) => Form::Word,
            (Fields::Unit, ..) => {
                let text =
                    "a variant without a value is a word: take `untagged` or `with_key` away, or give it a value";
                return Err(Error::new(variant.ident.span(), text));
            }
            (_, Some(_), Some(key)) => {
                return Err(Error::new(
                    key.span(),
                    "a table with a key of its own is untagged already: keep one of the two",
                ));
            }
            (fields, untagged, with_key) => {
                let ty = single(variant, fields)?;
                match (untagged, with_key) {
                    (_, Some(key)) => Form::WithKey(ty, key.value()),
                    (Some(_), None) => Form::Untagged(ty),
                    (None, None) => Form::Tagged(ty),
                }
            }
        };
        Ok(Self {
            name: &variant.ident,
            key: rename.map_or_else(|| kebab(&variant.ident), |name| name.value()),
            form,
        })
    }

    /// What tells a configuration's value to be this variant.
    fn known_by(&self) -> Option<(&'static str, &str)> {
        match &self.form {
            Form::Word => Some(("word", &self.key)),
            Form::Tagged(_) => Some(("key", &self.key)),
            Form::WithKey(_, key) => Some(("key", key)),
            Form::Untagged(_) => None,
        }
    }

    fn word(&self) -> Option<&str> {
        matches!(self.form, Form::Word).then_some(&self.key)
    }

    fn kinds(&self) -> TokenStream {
        match self.form {
            Form::Word => quote!(portcullis::Kinds::TEXT),
            Form::Tagged(_) => quote!(portcullis::Kinds::TABLE),
            Form::WithKey(ty, _) | Form::Untagged(ty) => {
                quote_spanned!(ty.span()=> <#ty as portcullis::Config>::KINDS)
            }
        }
    }

    /// The alternative as data.
    fn alternative(&self) -> Option<TokenStream> {
        let (ty, form) = match &self.form {
            Form::Word => return None,
            Form::Tagged(ty) => {
                let key = &self.key;
                (ty, quote!(portcullis::Form::Tagged(#key)))
            }
            Form::WithKey(ty, key) => (ty, quote!(portcullis::Form::WithKey(#key))),
            Form::Untagged(ty) => (ty, quote!(portcullis::Form::Untagged)),
        };
        Some(quote_spanned!(ty.span()=> portcullis::Alternative::of::<#ty>(#form)))
    }

    fn read_keyed(&self) -> Option<TokenStream> {
        let name = self.name;
        match &self.form {
            Form::Tagged(ty) => {
                let key = &self.key;
                Some(quote_spanned! {ty.span()=>
                    if json.has(#key) {
                        return reader.tagged::<#ty>(json, #key).map(Self::#name);
                    }
                })
            }
            Form::WithKey(ty, key) => Some(quote_spanned! {ty.span()=>
                if json.has(#key) {
                    return <#ty as portcullis::Config>::read(json, &portcullis::Rules::NONE, reader).map(Self::#name);
                }
            }),
            Form::Word | Form::Untagged(_) => None,
        }
    }

    fn read_untagged(&self) -> Option<TokenStream> {
        let (name, Form::Untagged(ty)) = (self.name, &self.form) else {
            return None;
        };
        Some(quote_spanned! {ty.span()=>
            if <#ty as portcullis::Config>::KINDS.has(&json) {
                return <#ty as portcullis::Config>::read(json, &portcullis::Rules::NONE, reader).map(Self::#name);
            }
        })
    }
}

fn single<'a>(variant: &'a Variant, fields: &'a Fields) -> Result<&'a Type> {
    let mut types = fields.iter().map(|field| &field.ty);
    match (fields, types.next(), types.next()) {
        (Fields::Unnamed(_), Some(ty), None) => Ok(ty),
        _ => {
            let name = &variant.ident;
            let text =
                format!("a variant holds one value: put the fields into a struct that derives Config, `{name}(Table)`");
            Err(Error::new(variant.ident.span(), text))
        }
    }
}
