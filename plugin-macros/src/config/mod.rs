//! `#[derive(Config)]`: from fields and variants to the schema of a configuration and to the code that reads one.

mod alternatives;
mod field;
mod literal;
mod table;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Path, Result};

use crate::attributes::{list, no_generics, once, quoted, read};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    no_generics(&input.generics, "a configuration")?;
    let arguments = Arguments::read(input)?;
    let implementation = match (&arguments.try_from, &input.data) {
        (Some(raw), _) => arguments.converted(input, raw)?,
        (None, Data::Struct(data)) => match &data.fields {
            Fields::Named(fields) => table::expand(&input.ident, fields, &arguments)?,
            _ => {
                let text = "a configuration is a table: name the fields, or read another type with #[config(try_from = \
                            \"String\")]";
                return Err(Error::new_spanned(&input.ident, text));
            }
        },
        (None, Data::Enum(data)) => {
            arguments.only_for_tables()?;
            alternatives::expand(&input.ident, data)?
        }
        (None, Data::Union(data)) => {
            return Err(Error::new_spanned(
                data.union_token,
                "a union cannot be configured: use an enum",
            ));
        }
    };
    Ok(quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::portcullis_sdk::__private::config as portcullis;
            #implementation
        };
    })
}

/// Arguments of the type itself.
struct Arguments {
    /// The type that is read in place of this one, and then converted.
    try_from: Option<Path>,
    /// What looks at the value as a whole.
    check: Option<Path>,
    /// Lists of fields of which a table has exactly one.
    exactly_one: Vec<Vec<syn::Ident>>,
}

impl Arguments {
    fn read(input: &DeriveInput) -> Result<Self> {
        let (mut try_from, mut check, mut exactly_one) = (None, None, Vec::new());
        let known = ["try_from", "check", "exactly_one"];
        read(&input.attrs, "config", &known, |word, argument| match word {
            "try_from" => once(&mut try_from, quoted(argument)?, argument),
            "check" => once(&mut check, quoted(argument)?, argument),
            "exactly_one" => {
                exactly_one.push(list(argument)?);
                Ok(true)
            }
            _ => Ok(false),
        })?;
        Ok(Self {
            try_from,
            check,
            exactly_one,
        })
    }

    fn only_for_tables(&self) -> Result<()> {
        let misplaced = self
            .check
            .as_ref()
            .map(|check| Error::new_spanned(check, "`check` is for structs"));
        let group = self.exactly_one.iter().flatten().next();
        let misplaced = misplaced
            .or_else(|| group.map(|field| Error::new_spanned(field, "`exactly_one` is for a struct's fields")));
        misplaced.map_or(Ok(()), Err)
    }

    fn converted(&self, input: &DeriveInput, raw: &Path) -> Result<TokenStream> {
        self.only_for_tables()?;
        let name = &input.ident;
        Ok(quote! {
            #[automatically_derived]
            impl portcullis::Config for #name {
                const KINDS: portcullis::Kinds = <#raw as portcullis::Config>::KINDS;

                const SHAPE: portcullis::Shape = <#raw as portcullis::Config>::SHAPE;

                fn schema(schema: &mut portcullis::Schema, rules: &portcullis::Rules) {
                    <#raw as portcullis::Config>::schema(schema, rules);
                }

                fn read(
                    json: portcullis::Json,
                    rules: &portcullis::Rules,
                    reader: &mut portcullis::Reader,
                ) -> ::core::option::Option<Self> {
                    let raw = <#raw as portcullis::Config>::read(json, rules, reader)?;
                    reader.convert(raw)
                }
            }
        })
    }
}
