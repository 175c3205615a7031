//! Names as people mistype them, and as configurations spell them.

use syn::Ident;
use syn::ext::IdentExt;

/// `did you mean "x"?` if a known word resembles this one, otherwise all that are known.
pub(crate) fn suggest(word: &str, known: &[&str]) -> String {
    let close = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(errors, candidate)| *errors <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(errors, _)| *errors);
    match close {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("known: {}", known.join(", ")),
    }
}

/// The kebab-case of a field's or a variant's name: `connect_timeout` and `ConnectTimeout` are `connect-timeout`.
pub(crate) fn kebab(name: &Ident) -> String {
    let mut kebab = String::new();
    for character in name.unraw().to_string().chars() {
        if character == '_' {
            kebab.push('-');
        } else if character.is_uppercase() {
            if !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.extend(character.to_lowercase());
        } else {
            kebab.push(character);
        }
    }
    kebab
}

/// A text as a JSON string, quotes included.
pub(crate) fn json_text(text: &str) -> String {
    let mut json = String::from('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn fields_and_variants_are_spelt_in_kebab_case() {
        let check =
            |name: &str, expect: &str| assert_eq!(kebab(&Ident::new(name, Span::call_site())), expect, "{name}");
        check("fallback", "fallback");
        check("connect_timeout", "connect-timeout");
        check("ConnectTimeout", "connect-timeout");
        check("Drop", "drop");
        assert_eq!(kebab(&Ident::new_raw("type", Span::call_site())), "type");
    }

    #[test]
    fn a_mistyped_word_finds_its_neighbour_and_a_strange_one_the_list() {
        let known = ["default", "range", "rename"];
        assert_eq!(suggest("defualt", &known), "did you mean `default`?");
        assert_eq!(suggest("colour", &known), "known: default, range, rename");
    }

    #[test]
    fn a_text_in_json_is_escaped() {
        assert_eq!(json_text("a \"b\"\\\n\u{1}é"), r#""a \"b\"\\\n\u0001é""#);
    }
}
