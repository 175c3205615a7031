//! Values that stand in attributes: as the JSON that a configuration would have, and as what the compiler compares with types.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprLit, ExprRange, ExprUnary, Lit, RangeLimits, Result, UnOp};

use crate::names::json_text;

/// The JSON of a literal, or of a list of literals.
pub(crate) fn json(value: &Expr) -> Result<String> {
    match value {
        Expr::Array(list) => {
            let elements = list.elems.iter().map(json).collect::<Result<Vec<_>>>()?;
            Ok(format!("[{}]", elements.join(",")))
        }
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(json_text(&text.value())),
        Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => Ok(truth.value.to_string()),
        _ => number(value).ok_or_else(|| {
            let text = "write the default as the configuration would: a text, a number, true, false, or a list of those; for \
                        anything else, `default` alone takes the type's `Default`";
            Error::new_spanned(value, text)
        }),
    }
}

/// The ends of `low..=high` or `low..`, as text; an open end is empty.
pub(crate) fn range(range: &ExprRange) -> Result<(String, String)> {
    let wrong = || {
        Error::new_spanned(
            range,
            "a range has numbers, durations or sizes at both ends, `1..=64`, or is open at its end, `1..`",
        )
    };
    let end = |end: &Option<Box<Expr>>| -> Result<String> {
        match end.as_deref() {
            None => Ok(String::new()),
            Some(Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            })) => Ok(text.value()),
            Some(value) => number(value).ok_or_else(wrong),
        }
    };
    let (low, high) = (end(&range.start)?, end(&range.end)?);
    match (&range.limits, low.is_empty(), high.is_empty()) {
        (RangeLimits::Closed(_), false, false) | (RangeLimits::HalfOpen(_), false, true) => Ok((low, high)),
        _ => Err(wrong()),
    }
}

/// The literal as data of the SDK, for its checks. What is none of those that [`json`] takes has been refused there.
pub(crate) fn tokens(value: &Expr) -> TokenStream {
    match value {
        Expr::Array(list) => {
            let elements = list.elems.iter().map(tokens);
            quote!(portcullis::Literal::List(&[#(#elements),*]))
        }
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => quote!(portcullis::Literal::Text(#text)),
        Expr::Lit(ExprLit { lit: Lit::Bool(_), .. }) => quote!(portcullis::Literal::Truth),
        value => {
            let digits = number(value).unwrap_or_default();
            // The digits were a literal's, so they are one again.
            let literal: TokenStream = digits.parse().unwrap_or_default();
            match digits.parse::<i128>() {
                Ok(_) => quote!(portcullis::Literal::Whole(#literal)),
                Err(_) => quote!(portcullis::Literal::Number(#literal)),
            }
        }
    }
}

/// The ends of a range as data of the SDK; an open end is `None`.
pub(crate) fn ends(range: Option<&ExprRange>) -> TokenStream {
    let end = |end: Option<&Expr>| match end.map(tokens) {
        Some(end) => quote!(::core::option::Option::Some(#end)),
        None => quote!(::core::option::Option::None),
    };
    let (least, most) = range.map_or((None, None), |range| (range.start.as_deref(), range.end.as_deref()));
    let (least, most) = (end(least), end(most));
    quote!((#least, #most))
}

fn number(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number), ..
        }) => Some(number.base10_digits().to_owned()),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => Some(number.base10_digits().to_owned()),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_), expr, ..
        }) => number(expr).map(|digits| format!("-{digits}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn literals_become_json() {
        let check = |value: Expr, expect: &str| assert_eq!(json(&value).unwrap(), expect);
        check(parse_quote!("lobby"), "\"lobby\"");
        check(parse_quote!(-5), "-5");
        check(parse_quote!(1_000), "1000");
        check(parse_quote!(0.5), "0.5");
        check(parse_quote!(true), "true");
        check(parse_quote!(["a", "b"]), "[\"a\",\"b\"]");
        check(parse_quote!([]), "[]");
        assert!(json(&parse_quote!(Vec::new())).is_err());
    }

    #[test]
    fn a_range_is_closed_or_open_at_its_end() {
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let found = range(&syn::parse_str(text).unwrap()).ok();
            let expect = expect.map(|(low, high)| (low.to_owned(), high.to_owned()));
            assert_eq!(found, expect, "{text}");
        };
        check("1..=64", Some(("1", "64")));
        check("-1..=1", Some(("-1", "1")));
        check("\"1s\"..=\"1h\"", Some(("1s", "1h")));
        check("1..", Some(("1", "")));
        for wrong in ["1..64", "..=5", "..", "a..=b"] {
            check(wrong, None);
        }
    }
}
