//! Documentation comments: what becomes of them in summaries and schemas.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// All of the comment, its lines joined within paragraphs; absent when there is none.
pub(crate) fn text(attributes: &[Attribute]) -> Option<String> {
    let mut paragraphs = vec![String::new()];
    for line in attributes.iter().filter_map(line) {
        let line = line.trim();
        if line.is_empty() {
            paragraphs.push(String::new());
        } else if let Some(paragraph) = paragraphs.last_mut() {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
}

/// The first paragraph, as one line.
pub(crate) fn summary(attributes: &[Attribute]) -> Option<String> {
    text(attributes).and_then(|text| text.split("\n\n").next().map(str::to_owned))
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else {
        return None;
    };
    match &doc.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(line), ..
        }) if doc.path.is_ident("doc") => Some(line.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn lines_are_joined_within_paragraphs() {
        let item: syn::ItemStruct = parse_quote! {
            /// One
            /// sentence.
            ///
            /// Another.
            struct S;
        };
        assert_eq!(text(&item.attrs).unwrap(), "One sentence.\n\nAnother.");
        assert_eq!(summary(&item.attrs).unwrap(), "One sentence.");
        assert_eq!(text(&[]), None);
    }
}
