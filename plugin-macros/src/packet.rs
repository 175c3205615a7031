//! `#[derive(Packet)]`: fields in the order of the packet, each with the releases that have it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Error, Expr, ExprArray, ExprLit, ExprTuple, Fields, Ident, Lit, LitInt, LitStr, Result, Type,
};

use crate::attributes::{no_generics, once, read, text};
use crate::names::suggest;

const KNOWN: [&str; 5] = ["name", "numbers", "direction", "state", "part"];
const KNOWN_OF_FIELDS: [&str; 3] = ["since", "until", "max"];
const DIRECTIONS: [(&str, &str); 2] = [("serverbound", "Serverbound"), ("clientbound", "Clientbound")];
const STATES: [(&str, &str); 2] = [("configuration", "Configuration"), ("play", "Play")];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    no_generics(&input.generics, "a packet")?;
    let fields = fields(input)?;
    let arguments = Arguments::read(input)?;
    let fields = fields.iter().map(Field::read).collect::<Result<Vec<_>>>()?;
    let group = group(&input.ident, &fields);
    let packet = match arguments.part {
        true => TokenStream::new(),
        false => arguments.packet(input)?,
    };
    Ok(quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::portcullis_sdk::__private::packets as portcullis;
            #group
            #packet
        };
    })
}

fn fields(input: &DeriveInput) -> Result<&Fields> {
    match &input.data {
        Data::Struct(data) if !matches!(data.fields, Fields::Unnamed(_)) => Ok(&data.fields),
        Data::Struct(data) => Err(Error::new(
            data.fields.span(),
            "a packet's fields have names: write `{ id: VarInt }`",
        )),
        _ => Err(Error::new(
            input.ident.span(),
            "a packet is a struct; implement Field for an enum that is one of its fields",
        )),
    }
}

/// The struct as a group of fields, which a packet is as well.
fn group(name: &Ident, fields: &[Field<'_>]) -> TokenStream {
    let (reads, writes) = (fields.iter().map(Field::reads), fields.iter().map(Field::writes));
    let fits = fields.iter().map(Field::fits);
    quote! {
        #[automatically_derived]
        impl portcullis::Field for #name {
            fn read(
                reader: &mut portcullis::FieldReader<'_>,
                _: ::core::option::Option<usize>,
            ) -> ::core::result::Result<Self, portcullis::WireError> {
                #(#fits)*
                let protocol = reader.protocol();
                let _ = protocol;
                ::core::result::Result::Ok(Self { #(#reads),* })
            }

            fn write(&self, protocol: portcullis::Protocol, out: &mut ::std::vec::Vec<u8>) {
                let _ = (protocol, &out);
                #(#writes)*
            }
        }
    }
}

#[derive(Default)]
struct Arguments {
    name: Option<LitStr>,
    numbers: Option<ExprArray>,
    directions: Option<Vec<LitStr>>,
    states: Option<Vec<LitStr>>,
    part: bool,
}

impl Arguments {
    fn read(input: &DeriveInput) -> Result<Self> {
        let mut found = Self::default();
        let mut part = None;
        read(&input.attrs, "packet", &KNOWN, |word, argument| match word {
            "name" => once(&mut found.name, text(argument)?, argument),
            "numbers" => once(&mut found.numbers, argument.value()?.parse()?, argument),
            "direction" => once(&mut found.directions, words(argument.value()?.parse()?)?, argument),
            "state" => once(&mut found.states, words(argument.value()?.parse()?)?, argument),
            "part" => once(&mut part, (), argument),
            _ => Ok(false),
        })?;
        found.part = part.is_some();
        if found.part && (found.name.is_some() || found.numbers.is_some()) {
            return Err(Error::new(
                input.ident.span(),
                "a part of packets is no packet itself: take `part` away, or name and numbers",
            ));
        }
        Ok(found)
    }

    fn packet(&self, input: &DeriveInput) -> Result<TokenStream> {
        let name = &input.ident;
        let known = self.known(name)?;
        let directions = self.directions.as_deref().ok_or_else(|| {
            Error::new(
                name.span(),
                "whom is it for? Write #[packet(direction = \"serverbound\")], \"clientbound\", or a list of both",
            )
        })?;
        let directions = variants(directions, "direction", &DIRECTIONS)?;
        let states = match self.states.as_deref() {
            Some(states) => variants(states, "state", &STATES)?,
            None => vec![Ident::new("Play", name.span())],
        };
        let places = states.iter().flat_map(|state| {
            let known = &known;
            directions.iter().map(move |direction| {
                quote! {
                    portcullis::Place {
                        direction: portcullis::Direction::#direction,
                        state: portcullis::PacketState::#state,
                        packet: #known,
                    }
                }
            })
        });
        Ok(quote! {
            #[automatically_derived]
            impl portcullis::Packet for #name {
                const PLACES: &'static [portcullis::Place] = &[#(#places),*];

                fn read(
                    fields: &[u8],
                    _: &portcullis::Place,
                    protocol: portcullis::Protocol,
                ) -> ::core::result::Result<::core::option::Option<Self>, portcullis::PacketError> {
                    portcullis::read_fields(fields, protocol)
                }

                fn write(&self, protocol: portcullis::Protocol, out: &mut ::std::vec::Vec<u8>) {
                    portcullis::Field::write(self, protocol, out);
                }
            }

            #(
                #[automatically_derived]
                impl portcullis::#directions for #name {}
            )*
        })
    }

    /// What the host calls it, or its numbers.
    fn known(&self, packet: &Ident) -> Result<TokenStream> {
        match (&self.name, &self.numbers) {
            (Some(name), None) => Ok(quote!(portcullis::Known::Name(#name))),
            (None, Some(numbers)) => {
                let numbers = numbers.elems.iter().map(numbered).collect::<Result<Vec<_>>>()?;
                Ok(quote!(portcullis::Known::Numbers(&[#(#numbers),*])))
            }
            (Some(name), Some(_)) => Err(Error::new(name.span(), "it has a name or numbers: keep one of the two")),
            (None, None) => Err(Error::new(
                packet.span(),
                "which packet is it? Write #[packet(name = \"…\")] or #[packet(numbers = [(0x3c, \"1.21.6\", \"1.21.11\")])]; for a \
                 group of fields, #[packet(part)]",
            )),
        }
    }
}

/// `(0x3c, "1.21.6", "1.21.11")`
fn numbered(element: &Expr) -> Result<TokenStream> {
    let wrong = || {
        let text = "write a number, the first release that has it, and the last: (0x3c, \"1.21.6\", \"1.21.11\")";
        Error::new_spanned(element, text)
    };
    let Expr::Tuple(ExprTuple { elems, .. }) = element else {
        return Err(wrong());
    };
    let mut elements = elems.iter();
    let (Some(id), Some(since), Some(until), None) =
        (elements.next(), elements.next(), elements.next(), elements.next())
    else {
        return Err(wrong());
    };
    let Expr::Lit(ExprLit { lit: Lit::Int(id), .. }) = id else {
        return Err(wrong());
    };
    let (since, until) = (literal(since).ok_or_else(wrong)?, literal(until).ok_or_else(wrong)?);
    let (since, until) = (release(since), release(until));
    Ok(quote!(portcullis::Numbered { id: #id, since: #since, until: #until }))
}

/// One word, or a list of them.
fn words(value: Expr) -> Result<Vec<LitStr>> {
    let wrong = |value: &Expr| {
        Error::new_spanned(
            value,
            "write a word or a list of words: \"play\", [\"configuration\", \"play\"]",
        )
    };
    match &value {
        Expr::Array(list) if !list.elems.is_empty() => {
            let words = list.elems.iter().map(|word| literal(word).cloned());
            words.collect::<Option<Vec<_>>>().ok_or_else(|| wrong(&value))
        }
        one => Ok(vec![literal(one).cloned().ok_or_else(|| wrong(&value))?]),
    }
}

fn literal(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text),
        _ => None,
    }
}

/// The variants that the words stand for.
fn variants(words: &[LitStr], what: &str, known: &[(&str, &str)]) -> Result<Vec<Ident>> {
    let variant = |word: &LitStr| {
        let text = word.value();
        match known.iter().find(|(name, _)| *name == text) {
            Some((_, variant)) => Ok(Ident::new(variant, word.span())),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                Err(Error::new(
                    word.span(),
                    format!("there is no {what} `{text}`; {}", suggest(&text, &names)),
                ))
            }
        }
    };
    words.iter().map(variant).collect()
}

/// The protocol number of a release, found where the packet is compiled.
fn release(name: &LitStr) -> TokenStream {
    let text = format!(
        "there is no release `{}` that the host knows; write one of the book's list \"Versions of the game\", such as \"1.9.4\" or \
         \"1.21.4\"",
        name.value()
    );
    quote_spanned! {name.span()=>
        const {
            match portcullis::release(#name) {
                ::core::option::Option::Some(number) => number,
                ::core::option::Option::None => ::core::panic!("{}", #text),
            }
        }
    }
}

struct Field<'a> {
    name: &'a Ident,
    ty: &'a Type,
    since: Option<LitStr>,
    until: Option<LitStr>,
    max: Option<LitInt>,
}

impl<'a> Field<'a> {
    fn read(field: &'a syn::Field) -> Result<Self> {
        let Some(name) = &field.ident else {
            return Err(Error::new(field.span(), "name the field"));
        };
        let mut found = Self {
            name,
            ty: &field.ty,
            since: None,
            until: None,
            max: None,
        };
        read(&field.attrs, "packet", &KNOWN_OF_FIELDS, |word, argument| match word {
            "since" => once(&mut found.since, text(argument)?, argument),
            "until" => once(&mut found.until, text(argument)?, argument),
            "max" => once(&mut found.max, argument.value()?.parse()?, argument),
            _ => Ok(false),
        })?;
        Ok(found)
    }

    /// Whether a version has it; nothing where all have.
    fn presence(&self) -> Option<TokenStream> {
        let since = self.since.as_ref().map(release);
        let until = self.until.as_ref().map(release);
        let since = since.map(|since| quote!(protocol.0 >= #since));
        let until = until.map(|until| quote!(protocol.0 <= #until));
        match (since, until) {
            (Some(since), Some(until)) => Some(quote!(#since && #until)),
            (one, other) => one.or(other),
        }
    }

    fn reads(&self) -> TokenStream {
        let (name, ty) = (self.name, self.ty);
        let max = match &self.max {
            Some(max) => quote!(::core::option::Option::Some(#max)),
            None => quote!(::core::option::Option::None),
        };
        let read = quote_spanned!(ty.span()=> <#ty as portcullis::Field>::read(reader, #max)?);
        match self.presence() {
            Some(is_there) => quote_spanned! {ty.span()=>
                #name: if #is_there { #read } else { <#ty as ::core::default::Default>::default() }
            },
            None => quote!(#name: #read),
        }
    }

    fn writes(&self) -> TokenStream {
        let (name, ty) = (self.name, self.ty);
        let write = quote_spanned!(ty.span()=> <#ty as portcullis::Field>::write(&self.#name, protocol, out););
        match self.presence() {
            Some(is_there) => quote!(if #is_there { #write }),
            None => write,
        }
    }

    /// A statement that compiles only if there is something to bound.
    fn fits(&self) -> Option<TokenStream> {
        let ty = self.ty;
        let max = self.max.as_ref()?;
        Some(quote_spanned!(max.span()=> portcullis::takes_max::<#ty>();))
    }
}
