//! "Did you mean …?": the known word that a mistyped one most resembles.

/// The candidate with the fewest typing errors (insertions, deletions, replacements, neighbours swapped) between it and
/// `word`; none if even that one differs in more than a third of its letters, since a wild guess misleads.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(errors, candidate)| *errors <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, candidate)| candidate)
}

/// Names in backquotes, separated by commas.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word_and_a_stranger_none() {
        let known = ["bind", "chain", "auto-chain", "proxy-protocol", "max-pending"];
        for (word, expected) in [
            ("chian", Some("chain")),
            ("proxy_protocol", Some("proxy-protocol")),
            ("bnd", Some("bind")),
            ("maxpending", Some("max-pending")),
            ("tls", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
