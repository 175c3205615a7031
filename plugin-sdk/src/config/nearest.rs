//! "Did you mean …?": the known word that a mistyped one most resembles.

/// The candidate with the fewest typing errors (insertions, deletions, replacements, neighbours swapped); none if even that
/// one differs in more than a third of its letters, since a wild guess misleads.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let mut best = None;
    for candidate in candidates {
        let errors = distance(word.as_bytes(), candidate.as_bytes());
        let is_better = best.is_none_or(|(fewest, _)| errors < fewest);
        if errors <= (candidate.len() / 3).max(1) && is_better {
            best = Some((errors, *candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Damerau and Levenshtein's distance, no pair of neighbours being edited twice. Rows of the usual table, the last two kept.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    at(&last, b.len())
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
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
    }
}
