//! Reads `#[plugin(…)]`, `#[config(…)]` and `#[state(…)]`, and refuses what nobody knows with the nearest that somebody does.

use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Result, Token};

use crate::names::suggest;

/// Calls `read` for each argument of the attributes of that name. `read` says whether it knows the argument.
pub(crate) fn read(
    attributes: &[Attribute],
    name: &str,
    known: &[&str],
    mut read: impl FnMut(&str, &ParseNestedMeta<'_>) -> Result<bool>,
) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        attribute.parse_nested_meta(|argument| {
            let word = argument.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if read(&word, &argument)? {
                return Ok(());
            }
            let text = format!("`{name}` has no argument `{word}`; {}", suggest(&word, known));
            Err(Error::new(argument.path.span(), text))
        })?;
    }
    Ok(())
}

/// Sets what an argument is, and refuses it when given twice.
pub(crate) fn once<T>(slot: &mut Option<T>, value: T, argument: &ParseNestedMeta<'_>) -> Result<bool> {
    if slot.replace(value).is_some() {
        return Err(argument.error("given twice; keep one"));
    }
    Ok(true)
}

/// The text after `=`, parsed: `start = "Self::start"`.
pub(crate) fn quoted<T: Parse>(argument: &ParseNestedMeta<'_>) -> Result<T> {
    argument.value()?.parse::<LitStr>()?.parse()
}

/// The text after `=`.
pub(crate) fn text(argument: &ParseNestedMeta<'_>) -> Result<LitStr> {
    argument.value()?.parse()
}

/// What stands in parentheses, separated by commas.
pub(crate) fn list<T: Parse>(argument: &ParseNestedMeta<'_>) -> Result<Vec<T>> {
    let content;
    syn::parenthesized!(content in argument.input);
    Ok(content.parse_terminated(T::parse, Token![,])?.into_iter().collect())
}

/// Refuses type parameters: what is made is made once.
pub(crate) fn no_generics(generics: &syn::Generics, what: &str) -> Result<()> {
    if generics.params.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        generics.span(),
        format!("{what} cannot be generic; write the types out"),
    ))
}
