//! What wins, what ties, and what is captured.

use super::*;

/// A pattern: `~` in front makes it a regular expression, `@n` at the end gives it a priority.
fn pattern(text: &str) -> HostPattern {
    let (text, priority) = text.rsplit_once('@').unwrap_or((text, "0"));
    let priority = priority.parse().unwrap();
    match text.strip_prefix('~') {
        Some(expression) => HostPattern::expression(expression, priority).unwrap(),
        None => HostPattern::literal(text, priority).unwrap(),
    }
}

fn table(patterns: &[&str]) -> Result<HostTable<String>, Vec<Clash>> {
    HostTable::build(
        patterns
            .iter()
            .map(|text| (pattern(text), (*text).to_owned()))
            .collect(),
    )
}

/// Every order of the list, by Heap's algorithm.
fn every_order<'a>(list: &[&'a str]) -> Vec<Vec<&'a str>> {
    fn permute<'a>(k: usize, list: &mut Vec<&'a str>, out: &mut Vec<Vec<&'a str>>) {
        if k <= 1 {
            return out.push(list.clone());
        }
        for i in 0..k {
            permute(k - 1, list, out);
            list.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
        }
    }
    let mut out = Vec::new();
    permute(list.len(), &mut list.to_vec(), &mut out);
    out
}

#[test]
fn overlapping_patterns_give_the_same_answer_in_every_order() {
    let patterns = [
        "eu.example.com",
        "*.example.com",
        "*.mc.example.com",
        "e?.example.com",
        "play-*.mc.example.com",
        "~.*\\.com@1",
        "~e.*",
    ];
    let expectations = [
        ("eu.example.com", Some("eu.example.com")),
        ("ex.example.com", Some("e?.example.com")),
        ("us.example.com", Some("*.example.com")),
        ("a.mc.example.com", Some("*.mc.example.com")),
        ("play-1.mc.example.com", Some("play-*.mc.example.com")),
        ("mc.example.com", Some("*.example.com")),
        ("example.com", Some("~.*\\.com@1")),
        ("example.org", Some("~e.*")),
        ("other.org", None),
        ("", None),
    ];
    for order in every_order(&patterns) {
        let table = table(&order).unwrap();
        for (host, expect) in expectations {
            let found = table.find(host).map(|(value, _)| value.as_str());
            assert_eq!(found, expect, "{host} in {order:?}");
        }
    }
}

#[test]
fn the_more_specific_wins_point_by_point() {
    let check = |winner: &str, loser: &str, host: &str| {
        for order in [[winner, loser], [loser, winner]] {
            let table = table(&order).unwrap();
            assert_eq!(table.find(host).unwrap().0, winner, "{host} in {order:?}");
        }
    };
    check("abc", "a*", "abc");
    check("abc", "~abc", "abc");
    check("a*c", "a*", "abc");
    check("*.b.c", "*.c", "a.b.c");
    check("a?c", "a*c", "abc");
    check("a?*", "a*", "abc");
    check("a*.b*", "*.b?", "ax.bc");
    check("?*", "*", "a");
    check("a*@1", "*a", "aa");
    check("*a@1", "a*", "aa");
    check("a*", "~a.*@9", "ab");
    check("~ab?@1", "~a.*", "a");
    check("", "*", "");
}

#[test]
fn a_wildcard_captures_from_the_left_and_as_little_as_it_can() {
    let check = |text: &str, host: &str, expect: Option<&[&str]>| {
        let table = table(&[text]).unwrap();
        let found = table
            .find(host)
            .map(|(_, captures)| (1..10).map_while(|n| captures.get(n)).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expect, "{text} on {host}");
    };
    check("*", "", Some(&[""]));
    check("*", "a.b", Some(&["a.b"]));
    check("*.example.com", "eu.example.com", Some(&["eu"]));
    check("*.example.com", "a.b.example.com", Some(&["a.b"]));
    check("*.example.com", ".example.com", Some(&[""]));
    check("*.example.com", "example.com", None);
    check("*.example.com", "eu.example.com.evil", None);
    check("*.*", "a.b.c", Some(&["a", "b.c"]));
    check("*-*.x", "a-b-c.x", Some(&["a", "b-c"]));
    check("*ab*ab", "abababab", Some(&["", "abab"]));
    check("play?.x", "play1.x", Some(&["1"]));
    check("play?.x", "play.x", None);
    check("?*", "\u{e9}t\u{e9}", Some(&["\u{e9}", "t\u{e9}"]));
    check("*?.x", "ab\u{1f600}.x", Some(&["ab", "\u{1f600}"]));
    check("~(eu|us)-([0-9]+)\\.x", "eu-12.x", Some(&["eu", "12"]));
    check("~(eu)?(us)?\\.x", "us.x", Some(&["", "us"]));
    check("~eu|us", "us.x", None);
    check("~EU", "eu", Some(&[]));
}

#[test]
fn what_the_rule_leaves_undecided_names_both_patterns() {
    let check = |patterns: &[&str], expect: &[&str]| {
        let clashes = table(patterns).map(|_| ()).unwrap_err();
        let texts: Vec<_> = clashes.iter().map(|clash| clash.to_string()).collect();
        assert_eq!(texts, expect, "{patterns:?}");
    };
    check(
        &["a.b", "x", "A.b"],
        &["[0] (\"a.b\") and [2] (\"a.b\") have the same host"],
    );
    check(
        &["*.b", "*.b@1"],
        &["[0] (\"*.b\") and [1] (\"*.b\") have the same host"],
    );
    check(&["~a", "~a@1"], &["[0] (\"a\") and [1] (\"a\") have the same host"]);
    check(
        &["eu-*.x", "*.y", "*-eu.x"],
        &[
            "[0] (\"eu-*.x\") and [2] (\"*-eu.x\") are equally specific, and \"eu-eu.x\" fits both: make one more \
          specific, or give one a higher priority",
        ],
    );
    check(
        &["~a", "~b", "~c@1"],
        &["[0] (\"a\") and [1] (\"b\") are regular expressions of the same priority: give one a higher"],
    );
    check(
        &["~a", "*"],
        &[
            "[0] (\"a\") and [1] (\"*\") clash: \"*\" fits every host and comes before any regular expression; \
          use the default instead",
        ],
    );
}

#[test]
fn equally_specific_patterns_without_a_common_name_are_no_tie() {
    let check = |patterns: &[&str]| assert!(table(patterns).is_ok(), "{patterns:?}");
    check(&["*.a.com", "*.b.com"]);
    check(&["a?", "b?"]);
    check(&["a*c", "b*c"]);
    check(&["eu-*@1", "*-eu"]);
}

/// All patterns of up to three tokens over a small alphabet, pair by pair, against all names of up to four characters.
#[test]
fn the_rule_respects_inclusion_and_ties_are_exactly_shared_names() {
    let tokens = ["a", "b", "*", "?"];
    let mut patterns: Vec<String> = vec![String::new()];
    let mut texts = vec![String::new()];
    for _ in 0..3 {
        patterns = patterns
            .iter()
            .flat_map(|p| tokens.iter().map(move |t| format!("{p}{t}")))
            .collect();
        texts.extend(patterns.iter().cloned());
    }
    let wildcards: Vec<_> = texts
        .iter()
        .filter_map(|text| Wildcard::parse(text).ok())
        .filter(|wildcard| !wildcard.is_exact())
        .collect();
    let mut names = vec![String::new()];
    for _ in 0..6 {
        let longer: Vec<_> = names
            .iter()
            .flat_map(|n| ["a", "b", "c"].iter().map(move |c| format!("{n}{c}")))
            .collect();
        names.extend(longer);
        names.sort();
        names.dedup();
    }
    let fitting: Vec<Vec<bool>> = wildcards
        .iter()
        .map(|w| names.iter().map(|name| w.fit(name).is_some()).collect())
        .collect();
    for (narrow, narrow_fits) in wildcards.iter().zip(&fitting) {
        for (wide, wide_fits) in wildcards.iter().zip(&fitting) {
            let pairs = || narrow_fits.iter().zip(wide_fits);
            let included = pairs().all(|(narrow, wide)| !narrow || *wide);
            if included && narrow_fits != wide_fits {
                assert!(
                    narrow.specificity() > wide.specificity(),
                    "{} in {}",
                    narrow.text(),
                    wide.text()
                );
            }
            let common = narrow.common_name(wide);
            assert_eq!(
                common.is_some(),
                pairs().any(|(a, b)| *a && *b),
                "{} and {}",
                narrow.text(),
                wide.text()
            );
            if let Some(name) = common {
                assert!(narrow.fit(&name).is_some() && wide.fit(&name).is_some(), "{name}");
            }
        }
    }
}

#[test]
fn malformed_patterns_are_refused_with_their_reason() {
    use crate::hosts::PatternError::{self, *};
    let check = |text: &str, expect: PatternError| {
        assert_eq!(HostPattern::literal(text, 0).map(|_| ()), Err(expect), "{text}");
    };
    check("play.example.com:25565", Port);
    check("play example", Character(' '));
    check("b\u{fc}cher.example", Character('\u{fc}'));
    check("example.com.", TrailingDot);
    check("**.example.com", AdjacentStars);
    check("*?*.example.com", AdjacentStars);
    check("??????????", TooManyCaptures);
    check(&"a".repeat(256), TooLong);
}

#[test]
fn expressions_are_bounded_and_cannot_escape_their_anchors() {
    let refused = |text: &str| assert!(HostPattern::expression(text, 0).is_err(), "{text}");
    refused("a)|(?:b");
    refused("(");
    refused("(?:a{100}){100}");
    refused(&"(?:".repeat(40));
    refused("(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)");
    refused(&"a".repeat(513));
}

#[test]
fn thousands_of_patterns_are_built_and_found() {
    let mut texts: Vec<String> = (0..2_000).map(|n| format!("h{n}.example.com")).collect();
    texts.extend((0..2_000).map(|n| format!("*.c{n}.example.com")));
    texts.extend((0..500).map(|n| format!("c{n}-*.example.net")));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let table = table(&texts).unwrap();
    let check = |host: &str, expect: Option<&str>| {
        assert_eq!(table.find(host).map(|(value, _)| value.as_str()), expect, "{host}");
    };
    check("h1999.example.com", Some("h1999.example.com"));
    check("eu.c1234.example.com", Some("*.c1234.example.com"));
    check("c7-a.example.net", Some("c7-*.example.net"));
    check(&".".repeat(255), None);
}
