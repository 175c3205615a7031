//! The names that follow from a plugin's.

use anyhow::bail;
use portcullis_config::PluginName;

use super::Language;

/// Names that cargo refuses, or that would hide a crate that a plugin needs.
const TAKEN_IN_RUST: [&str; 9] = [
    "test",
    "core",
    "std",
    "alloc",
    "proc-macro",
    "build",
    "portcullis-sdk",
    "portcullis-macros",
    "portcullis-protocol",
];

/// Words that no crate can be called.
const KEYWORDS: [&str; 37] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

/// A plugin's name in the spellings that files need.
#[derive(Debug)]
pub(super) struct Names {
    /// `by-label`: the plugin, its package and its world.
    pub(super) kebab: String,
    /// `ByLabel`: its type.
    pub(super) pascal: String,
}

impl Names {
    /// Refuses what could not be the name of a plugin, a package and a world at once.
    pub(super) fn new(name: &str, language: Language) -> anyhow::Result<Self> {
        let words: Vec<&str> = name.split('-').collect();
        let begins = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
        let plain = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !words.iter().all(|word| begins(word) && plain(word)) {
            bail!(
                "`{name}` cannot be a plugin's name: write words of a-z and 0-9, each with a letter first, and a - between two, \
                 for example by-label"
            );
        }
        // What is left to be wrong is the length.
        PluginName::try_from(name)?;
        if language == Language::Rust && (TAKEN_IN_RUST.contains(&name) || KEYWORDS.contains(&name)) {
            bail!("`{name}` means something else to cargo; take another name, for example my-{name}");
        }
        Ok(Self {
            kebab: name.to_owned(),
            pascal: words.into_iter().map(capitalised).collect(),
        })
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, pascal: Option<&str>) {
        let names = Names::new(name, Language::Rust).ok();
        assert_eq!(names.as_ref().map(|names| &*names.pascal), pascal, "{name}");
    }

    #[test]
    fn a_name_is_words_of_letters_and_digits() {
        check("by-label", Some("ByLabel"));
        check("queue2", Some("Queue2"));
        for wrong in [
            "",
            "By-Label",
            "by_label",
            "-label",
            "by--label",
            "2nd",
            "by-2nd",
            "a b",
            "../x",
            "é",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_word_of_rust_is_no_name_of_a_crate() {
        check("test", None);
        check("match", None);
        assert!(Names::new("match", Language::Js).is_ok());
    }
}
