//! A struct: a table with a key for each field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, FieldsNamed, Ident, Result};

use super::Arguments;
use super::field::Field;
use crate::names::{json_text, suggest};

pub(crate) fn expand(name: &Ident, fields: &FieldsNamed, arguments: &Arguments) -> Result<TokenStream> {
    let fields = fields.named.iter().map(Field::read).collect::<Result<Vec<_>>>()?;
    unique(&fields)?;
    let groups = groups(&fields, &arguments.exactly_one)?;
    let data = fields
        .iter()
        .enumerate()
        .map(|(number, _)| format_ident!("FIELD_{number}"))
        .collect::<Vec<_>>();
    let constants = fields
        .iter()
        .zip(&data)
        .filter(|(field, _)| !field.flatten)
        .map(|(field, constant)| {
            let value = field.data()?;
            Ok(quote!(const #constant: portcullis::Field = #value;))
        });
    let constants = constants.collect::<Result<Vec<_>>>()?;
    let properties = fields.chunk_by(|one, other| !one.flatten && !other.flatten);
    let mut unused = data.iter();
    let properties = properties.map(|chunk| {
        let constants = unused.by_ref().take(chunk.len()).collect::<Vec<_>>();
        match chunk {
            [flat] if flat.flatten => {
                let ty = flat.ty;
                quote!(<#ty as portcullis::Table>::properties(schema);)
            }
            _ => quote!(schema.fields(&[#(&#constants),*]);),
        }
    });
    let properties = properties.collect::<Vec<_>>();
    let constraints = groups.iter().map(|keys| {
        let cases = keys
            .iter()
            .map(|key| format!("{{\"required\":[{}]}}", json_text(key)))
            .collect::<Vec<_>>();
        let json = format!("[{}]", cases.join(","));
        quote!(schema.exactly_one(#json);)
    });
    let locals = fields
        .iter()
        .map(|field| format_ident!("field_{}", field.name))
        .collect::<Vec<_>>();
    let takes = fields.iter().zip(&data).map(|(field, constant)| field.take(constant));
    let names = fields.iter().map(|field| field.name);
    let checks = fields
        .iter()
        .zip(&data)
        .filter(|(field, _)| !field.flatten)
        .map(|(field, constant)| field.fits(constant));
    let checks = checks.chain(absent(&fields, &arguments.exactly_one));
    let exactly_one = groups
        .iter()
        .map(|keys| quote!(let present = table.exactly_one(&[#(#keys),*], reader) && present;));
    let check = arguments
        .check
        .as_ref()
        .map(|check| quote!(reader.check(#check(&value))?;));
    Ok(quote! {
        #(#constants)*
        const _: fn() = || { #(#checks)* };

        #[automatically_derived]
        impl portcullis::Table for #name {
            fn properties(schema: &mut portcullis::Schema) {
                let _ = &schema;
                #(#properties)*
                #(#constraints)*
            }

            fn take(
                table: &mut portcullis::TableReader,
                reader: &mut portcullis::Reader,
            ) -> ::core::option::Option<Self> {
                let _ = (&table, &reader);
                let present = true;
                #(#exactly_one)*
                #(let #locals = #takes;)*
                if !present {
                    return ::core::option::Option::None;
                }
                let value = Self { #(#names: #locals?),* };
                #check
                ::core::option::Option::Some(value)
            }
        }

        #[automatically_derived]
        impl portcullis::Config for #name {
            const KINDS: portcullis::Kinds = portcullis::Kinds::TABLE;

            fn schema(schema: &mut portcullis::Schema, _: &portcullis::Rules) {
                schema.table::<Self>();
            }

            fn read(
                json: portcullis::Json,
                _: &portcullis::Rules,
                reader: &mut portcullis::Reader,
            ) -> ::core::option::Option<Self> {
                reader.table(json)
            }
        }
    })
}

fn unique(fields: &[Field<'_>]) -> Result<()> {
    for (number, field) in fields.iter().enumerate().filter(|(_, field)| !field.flatten) {
        let mut earlier = fields.iter().take(number).filter(|earlier| !earlier.flatten);
        if earlier.any(|earlier| earlier.key == field.key) {
            let text = format!("another field has the key `{}` already", field.key);
            return Err(Error::new(field.name.span(), text));
        }
    }
    Ok(())
}

/// Checks that what stands in `exactly_one(…)` may be absent.
fn absent<'a>(fields: &'a [Field<'_>], groups: &'a [Vec<Ident>]) -> impl Iterator<Item = TokenStream> + 'a {
    groups.iter().flatten().filter_map(|name| {
        let field = fields.iter().find(|field| field.name == name)?;
        Some(field.may_be_absent(name))
    })
}

/// The keys of each `exactly_one(…)`.
fn groups(fields: &[Field<'_>], groups: &[Vec<Ident>]) -> Result<Vec<Vec<String>>> {
    let names = fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>();
    let known = names.iter().map(String::as_str).collect::<Vec<_>>();
    let key = |name: &Ident| match fields.iter().find(|field| field.name == name) {
        Some(field) if field.flatten => Err(Error::new(
            name.span(),
            "a flattened field has no key of its own: name fields with keys",
        )),
        Some(field) => Ok(field.key.clone()),
        None => {
            let word = name.to_string();
            Err(Error::new(
                name.span(),
                format!("there is no field `{word}`; {}", suggest(&word, &known)),
            ))
        }
    };
    let keys = |group: &Vec<Ident>| match group.as_slice() {
        [alone] => Err(Error::new(
            alone.span(),
            "of one field alone there is nothing to choose: name the others, too",
        )),
        group => group.iter().map(key).collect(),
    };
    groups.iter().map(keys).collect()
}
