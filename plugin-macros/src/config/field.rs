//! One field: its key, what it is when the key is absent, and what is allowed.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprRange, Ident, LitInt, LitStr, Result, Token, Type};

use super::literal;
use crate::attributes::{list, once, read};
use crate::{doc, names};

const KNOWN: [&str; 7] = [
    "default",
    "range",
    "rename",
    "one_of",
    "min_items",
    "max_items",
    "flatten",
];

/// A field of a table.
pub(crate) struct Field<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) key: String,
    description: String,
    default: Default,
    rules: Rules,
    pub(crate) flatten: bool,
}

enum Default {
    None,
    /// As JSON, and as it stands in the attribute.
    Value(String, Box<Expr>),
    /// The type's own.
    OfType,
}

#[derive(Default)]
struct Rules {
    range: Option<ExprRange>,
    one_of: Option<Vec<LitStr>>,
    min_items: Option<LitInt>,
    max_items: Option<LitInt>,
}

impl<'a> Field<'a> {
    pub(crate) fn read(field: &'a syn::Field) -> Result<Self> {
        let Some(name) = &field.ident else {
            return Err(Error::new(field.span(), "name the field: its name is the key"));
        };
        let (mut default, mut rename, mut flatten) = (None, None::<LitStr>, None);
        let mut rules = Rules::default();
        read(&field.attrs, "config", &KNOWN, |word, argument| match word {
            "default" if argument.input.peek(Token![=]) => {
                let value = argument.value()?.parse::<Expr>()?;
                once(
                    &mut default,
                    Default::Value(literal::json(&value)?, Box::new(value)),
                    argument,
                )
            }
            "default" => once(&mut default, Default::OfType, argument),
            "rename" => once(&mut rename, argument.value()?.parse()?, argument),
            "flatten" => once(&mut flatten, argument.path.span(), argument),
            "range" => {
                let content;
                syn::parenthesized!(content in argument.input);
                once(&mut rules.range, content.parse()?, argument)
            }
            "one_of" => once(&mut rules.one_of, list(argument)?, argument),
            "min_items" => once(&mut rules.min_items, argument.value()?.parse()?, argument),
            "max_items" => once(&mut rules.max_items, argument.value()?.parse()?, argument),
            _ => Ok(false),
        })?;
        if default.is_some() && is_option(&field.ty) {
            let text = "an `Option` is `None` when the key is absent: take away the default, or the `Option`";
            return Err(Error::new(field.ty.span(), text));
        }
        rules.items()?;
        if let (Some(span), true) = (flatten, default.is_some() || rename.is_some() || rules.any()) {
            let text = "a flattened field has no key of its own: take away its other arguments";
            return Err(Error::new(span, text));
        }
        Ok(Self {
            name,
            ty: &field.ty,
            key: rename.map_or_else(|| names::kebab(name), |key| key.value()),
            description: doc::text(&field.attrs).unwrap_or_default(),
            default: default.unwrap_or(Default::None),
            rules,
            flatten: flatten.is_some(),
        })
    }

    /// The field as data: `Field { key: …, … }`.
    pub(crate) fn data(&self) -> Result<TokenStream> {
        let (key, ty) = (&self.key, self.ty);
        let description = match self.description.as_str() {
            "" => String::new(),
            text => names::json_text(text),
        };
        let absent = match &self.default {
            Default::Value(json, _) => quote!(portcullis::Absent::Json(#json)),
            Default::OfType => quote!(portcullis::Absent::OfType),
            Default::None => quote!(portcullis::Absent::of::<#ty>()),
        };
        let rules = self.rules.data()?;
        Ok(quote_spanned! {ty.span()=>
            portcullis::Field {
                key: #key,
                description: #description,
                absent: #absent,
                rules: #rules,
                secret: <#ty as portcullis::Config>::SECRET,
                schema: <#ty as portcullis::Config>::schema,
            }
        })
    }

    /// The expression that reads the field, an `Option`.
    pub(crate) fn take(&self, data: &Ident) -> TokenStream {
        let ty = self.ty;
        match &self.default {
            _ if self.flatten => quote_spanned!(ty.span()=> <#ty as portcullis::Table>::take(table, reader)),
            Default::OfType => quote_spanned! {ty.span()=>
                table.field_or::<#ty>(&#data, reader, <#ty as ::core::default::Default>::default)
            },
            _ => quote_spanned!(ty.span()=> table.field::<#ty>(&#data, reader)),
        }
    }

    /// Statements that compile only if the rules fit the type, and the default fits both.
    pub(crate) fn fits(&self, data: &Ident) -> TokenStream {
        let (ty, rules) = (self.ty, &self.rules);
        let ends = literal::ends(rules.range.as_ref());
        let range = rules.range.as_ref().map(|range| {
            quote_spanned! {range.span()=>
                portcullis::takes_range::<#ty>();
                const _: () = {
                    const ENDS: portcullis::Ends = #ends;
                    let problem = portcullis::range_problem(&<#ty as portcullis::Config>::SHAPE, &ENDS);
                    if let ::core::option::Option::Some(words) = problem {
                        ::core::panic!("{}", words)
                    }
                };
            }
        });
        let one_of = rules.one_of.as_ref().and_then(|words| words.first());
        let one_of = one_of.map(|word| quote_spanned!(word.span()=> portcullis::takes_words::<#ty>();));
        let items = rules.min_items.as_ref().or(rules.max_items.as_ref());
        let items = items.map(|items| quote_spanned!(items.span()=> portcullis::takes_items::<#ty>();));
        let default = match &self.default {
            Default::Value(_, value) => {
                let default = literal::tokens(value);
                Some(quote_spanned! {value.span()=>
                    const _: () = {
                        const ENDS: portcullis::Ends = #ends;
                        const DEFAULT: portcullis::Literal = #default;
                        let shape = &<#ty as portcullis::Config>::SHAPE;
                        let problem = portcullis::default_problem(shape, &DEFAULT, &#data.rules, &ENDS);
                        if let ::core::option::Option::Some(words) = problem {
                            ::core::panic!("{}", words)
                        }
                    };
                })
            }
            Default::OfType | Default::None => None,
        };
        quote!(#range #one_of #items #default)
    }

    /// Compiles only if the key may be absent; what stands in `exactly_one` is `named` there.
    pub(crate) fn may_be_absent(&self, named: &Ident) -> TokenStream {
        let (ty, has_default) = (self.ty, !matches!(self.default, Default::None));
        let text = format!(
            "of the keys in `exactly_one` all but one are absent, and `{}` must be there: make it an `Option`",
            self.key
        );
        quote_spanned! {named.span()=>
            const _: () = ::core::assert!(#has_default || <#ty as portcullis::Config>::OPTIONAL, "{}", #text);
        }
    }
}

impl Rules {
    fn any(&self) -> bool {
        self.range.is_some() || self.one_of.is_some() || self.min_items.is_some() || self.max_items.is_some()
    }

    /// Refuses bounds that no list keeps.
    fn items(&self) -> Result<()> {
        let (Some(least), Some(most)) = (&self.min_items, &self.max_items) else {
            return Ok(());
        };
        if least.base10_parse::<usize>()? > most.base10_parse::<usize>()? {
            let text = format!("`min_items` is {least}, so no list would do: raise this, or lower that");
            return Err(Error::new(most.span(), text));
        }
        Ok(())
    }

    fn data(&self) -> Result<TokenStream> {
        if !self.any() {
            return Ok(quote!(portcullis::Rules::NONE));
        }
        let (low, high) = self.range.as_ref().map(literal::range).transpose()?.unwrap_or_default();
        let words = self.one_of.as_deref().unwrap_or_default();
        let option = |items: &Option<LitInt>| match items {
            Some(items) => quote!(::core::option::Option::Some(#items)),
            None => quote!(::core::option::Option::None),
        };
        let (least, most) = (option(&self.min_items), option(&self.max_items));
        Ok(quote! {
            portcullis::Rules {
                least: #low,
                most: #high,
                words: &[#(#words),*],
                min_items: #least,
                max_items: #most,
            }
        })
    }
}

fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "Option"),
        _ => false,
    }
}
