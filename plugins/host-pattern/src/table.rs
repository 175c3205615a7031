//! Many patterns with a value each, and the most specific of them for a host name.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::expression::Expression;
use crate::pattern::{Captures, Kind, Pattern};
use crate::wildcard::{Specificity, Wildcard};

/// Positions by text.
type Map = HashMap<Box<str>, usize, BuildHasherDefault<Fnv>>;

/// Clashes reported at once; more would hide the first.
const MAX_CLASHES: usize = 16;

/// Patterns with their values. Finding costs a hash for an exact name, then one for each label of the name that some
/// wildcard pattern ends in, and a comparison for each wildcard pattern that ends in the same labels.
#[derive(Clone, Debug)]
pub struct Table<T> {
    index: Index,
    /// In the order of the configuration.
    values: Vec<T>,
}

/// Positions of patterns in the configuration.
#[derive(Clone, Debug)]
struct Index {
    exact: Map,
    /// Wildcard patterns by the whole labels that they end in, each bucket with the most specific first.
    buckets: Vec<Vec<Entry<Wildcard>>>,
    /// Those labels, to the position of their bucket.
    by_labels: Map,
    /// Most labels of any key of `by_labels`, so that a name of a hundred dots costs no more than any other.
    deepest: usize,
    /// The highest priority first.
    expressions: Vec<Entry<Expression>>,
}

#[derive(Clone, Debug)]
struct Entry<P> {
    position: usize,
    priority: i32,
    pattern: P,
}

/// Two patterns of which the rule does not say which wins. Positions are those of the list given to [`Table::build`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The pattern that stands earlier.
    pub first: (usize, String),
    /// The pattern that stands later.
    pub second: (usize, String),
    /// What is wrong with the two.
    pub kind: ClashKind,
}

/// What is wrong with two patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClashKind {
    /// The same pattern twice: usually a copied line.
    Same,
    /// Equally specific wildcard patterns that share a name, for example this one.
    Tie(String),
    /// Two regular expressions of equal priority.
    Priority,
    /// `*` and a regular expression, which is asked later and so never.
    Hidden,
}

impl<T> Table<T> {
    /// Sorts the patterns by the rule, or says what it leaves undecided.
    pub fn build(entries: Vec<(Pattern, T)>) -> Result<Self, Vec<Clash>> {
        let (patterns, values) = entries.into_iter().unzip();
        Ok(Self {
            index: Index::build(patterns)?,
            values,
        })
    }

    /// The value of the most specific pattern that fits, with what it captured.
    pub fn find<'h>(&self, host: &'h str) -> Option<(&T, Captures<'h>)> {
        let (position, captures) = self.index.find(host)?;
        Some((self.values.get(position)?, captures))
    }

    /// All values, in the order of the configuration.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }
}

impl Index {
    fn build(patterns: Vec<Pattern>) -> Result<Self, Vec<Clash>> {
        let clashes = same(&patterns);
        if !clashes.is_empty() {
            return Err(clashes);
        }
        let mut index = Self {
            exact: Map::default(),
            buckets: Vec::new(),
            by_labels: Map::default(),
            deepest: 0,
            expressions: Vec::new(),
        };
        for (position, Pattern { kind, priority }) in patterns.into_iter().enumerate() {
            match kind {
                Kind::Literal(pattern) if pattern.is_exact() => {
                    index.exact.insert(pattern.text().into(), position);
                }
                Kind::Literal(pattern) => index.insert(Entry {
                    position,
                    priority,
                    pattern,
                }),
                Kind::Expression(pattern) => {
                    let rank = index
                        .expressions
                        .partition_point(|earlier| earlier.priority >= priority);
                    index.expressions.insert(
                        rank,
                        Entry {
                            position,
                            priority,
                            pattern,
                        },
                    );
                }
            }
        }
        let mut clashes = index.ties();
        clashes.extend(index.undecided_expressions());
        if clashes.is_empty() { Ok(index) } else { Err(clashes) }
    }

    fn insert(&mut self, entry: Entry<Wildcard>) {
        let labels = entry.pattern.literal_labels();
        self.deepest = self.deepest.max(labels.matches('.').count());
        let bucket = *self.by_labels.entry(labels.into()).or_insert(self.buckets.len());
        if bucket == self.buckets.len() {
            self.buckets.push(Vec::new());
        }
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.insert(bucket.partition_point(|earlier| earlier.rank() >= entry.rank()), entry);
        }
    }

    fn find<'h>(&self, host: &'h str) -> Option<(usize, Captures<'h>)> {
        if let Some(position) = self.exact.get(host) {
            return Some((*position, Captures::none(host)));
        }
        if let Some((entry, captures)) = self.most_specific(host) {
            return Some((entry.position, captures));
        }
        self.expressions
            .iter()
            .find_map(|entry| Some((entry.position, entry.pattern.fit(host)?)))
    }

    fn most_specific<'h>(&self, host: &'h str) -> Option<(&Entry<Wildcard>, Captures<'h>)> {
        let mut best: Option<(&Entry<Wildcard>, Captures<'h>)> = None;
        for labels in endings(host, self.deepest) {
            let better = |entry: &&Entry<Wildcard>| best.as_ref().is_none_or(|(found, _)| found.rank() < entry.rank());
            let mut candidates = self.bucket(labels).iter().take_while(better);
            let found = candidates.find_map(|entry| Some((entry, entry.pattern.fit(host)?)));
            best = found.or(best);
        }
        best
    }

    fn bucket(&self, labels: &str) -> &[Entry<Wildcard>] {
        let bucket = self.by_labels.get(labels).and_then(|bucket| self.buckets.get(*bucket));
        bucket.map(Vec::as_slice).unwrap_or_default()
    }

    /// Pairs that share a name have literal ends of which one ends in the other, so only such pairs are looked at.
    fn ties(&self) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for bucket in &self.buckets {
            let labels = bucket
                .first()
                .map(|entry| entry.pattern.literal_labels())
                .unwrap_or_default();
            let shorter = || endings(labels, usize::MAX).filter(|ending| ending.len() < labels.len());
            for (n, one) in bucket.iter().enumerate() {
                let later = bucket.iter().skip(n + 1).take_while(|other| other.rank() == one.rank());
                let elsewhere = shorter().flat_map(|ending| self.bucket(ending));
                for other in later.chain(elsewhere.filter(|other| other.rank() == one.rank())) {
                    if let Some(name) = one.pattern.common_name(&other.pattern) {
                        clashes.push(clash(one.named(), other.named(), ClashKind::Tie(name)));
                        if clashes.len() == MAX_CLASHES {
                            return clashes;
                        }
                    }
                }
            }
        }
        clashes
    }

    fn undecided_expressions(&self) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for pair in self.expressions.windows(2) {
            if let [one, other] = pair
                && one.priority == other.priority
            {
                clashes.push(clash(one.named(), other.named(), ClashKind::Priority));
            }
        }
        let all = self.bucket("").iter().find(|entry| entry.pattern.fits_all());
        if let (Some(all), Some(never)) = (all, self.expressions.first()) {
            clashes.push(clash(all.named(), never.named(), ClashKind::Hidden));
        }
        clashes
    }
}

impl Entry<Wildcard> {
    fn rank(&self) -> (Specificity, i32) {
        (self.pattern.specificity(), self.priority)
    }

    fn named(&self) -> (usize, &str) {
        (self.position, self.pattern.text())
    }
}

impl Entry<Expression> {
    fn named(&self) -> (usize, &str) {
        (self.position, self.pattern.text())
    }
}

impl Clash {
    /// What to tell the operator; `noun` is what an entry of the list is called there.
    pub fn explain(&self, noun: &str) -> String {
        let (first, second) = (&self.first, &self.second);
        let pair = format!(
            "{noun} {} ({:?}) and {noun} {} ({:?})",
            first.0 + 1,
            first.1,
            second.0 + 1,
            second.1
        );
        match &self.kind {
            ClashKind::Same => format!("{pair} have the same host"),
            ClashKind::Tie(name) => format!(
                "{pair} are equally specific, and {name:?} fits both: make one more specific, or give one a higher \
                 priority"
            ),
            ClashKind::Priority => format!("{pair} are regular expressions of the same priority: give one a higher"),
            ClashKind::Hidden => {
                format!(
                    "{pair}: \"*\" fits every host and comes before any regular expression; use the default instead"
                )
            }
        }
    }
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain("pattern"))
    }
}

/// FNV-1a: quick on short names. Keys come from the configuration alone, so nobody can provoke collisions.
#[derive(Clone)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    }
}

/// The ends of a name that consist of whole labels, the shortest first but the empty one, which is last.
fn endings(host: &str, deepest: usize) -> impl Iterator<Item = &str> {
    let dots = host.rmatch_indices('.').take(deepest);
    dots.filter_map(|(dot, _)| host.get(dot..)).chain(std::iter::once(""))
}

fn clash(one: (usize, &str), other: (usize, &str), kind: ClashKind) -> Clash {
    let (first, second) = if one.0 < other.0 { (one, other) } else { (other, one) };
    Clash {
        first: (first.0, first.1.to_owned()),
        second: (second.0, second.1.to_owned()),
        kind,
    }
}

/// Pairs with the same text. An expression is never the same as a pattern of another kind.
fn same(patterns: &[Pattern]) -> Vec<Clash> {
    let (mut literals, mut expressions) = (Map::default(), Map::default());
    let mut clashes = Vec::new();
    for (position, pattern) in patterns.iter().enumerate() {
        let seen = if pattern.is_expression() {
            &mut expressions
        } else {
            &mut literals
        };
        if let Some(earlier) = seen.insert(pattern.text().into(), position) {
            clashes.push(clash(
                (earlier, pattern.text()),
                (position, pattern.text()),
                ClashKind::Same,
            ));
        }
    }
    clashes.truncate(MAX_CLASHES);
    clashes
}

#[cfg(test)]
mod tests;
