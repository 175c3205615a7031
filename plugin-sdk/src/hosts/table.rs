//! Many patterns with a value each, and the most specific of them for a host name.

use std::fmt;

#[cfg(feature = "regex")]
use super::expression::Expression;
use super::pattern::{Captures, HostPattern, Kind};
use super::wildcard::{Specificity, Wildcard};
use crate::positions::Positions;

/// Clashes reported at once; more would hide the first.
const MAX_CLASHES: usize = 16;

/// Patterns with their values, of which the most specific that fits is found; see [the module](super) for the rule.
///
/// Finding costs a hash for an exact name, then one for each label of the name that some wildcard pattern ends in, and a
/// comparison for each wildcard pattern that ends in the same labels.
///
/// In a configuration it is a list of tables: each has a `host`, may have a `priority` (and `regex = true`, with the feature
/// `regex`), and has the keys of `T`.
///
/// ```
/// use portcullis_sdk::hosts::HostTable;
/// use portcullis_sdk::prelude::*;
///
/// #[derive(Config)]
/// struct Settings {
///     routes: HostTable<Route>,
/// }
///
/// #[derive(Config)]
/// struct Route {
///     to: ServerOrGroup,
/// }
///
/// let settings: Settings = portcullis_sdk::config::parse(
///     r#"{"routes": [{"host": "*.example.com", "to": "lobby"}, {"host": "eu.example.com", "to": "eu"}]}"#,
/// )?;
/// let (route, _) = settings.routes.find("eu.example.com").unwrap();
/// assert_eq!(route.to.name(), "eu");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HostTable<T> {
    index: Index,
    /// In the order of the configuration.
    values: Vec<T>,
}

/// Positions of patterns in the configuration.
#[derive(Clone, Debug, Default)]
struct Index {
    exact: Positions,
    /// Wildcard patterns by the whole labels that they end in, each bucket with the most specific first.
    buckets: Vec<Vec<Entry<Wildcard>>>,
    /// Those labels, to the position of their bucket.
    by_labels: Positions,
    /// Most labels of any key of `by_labels`, so that a name of a hundred dots costs no more than any other.
    deepest: usize,
    /// The highest priority first.
    #[cfg(feature = "regex")]
    expressions: Vec<Entry<Expression>>,
}

#[derive(Clone, Debug)]
struct Entry<P> {
    position: usize,
    priority: i32,
    pattern: P,
}

/// Two patterns of which the rule does not say which wins. Positions are those of the list given to [`HostTable::build`].
///
/// ```
/// use portcullis_sdk::hosts::{ClashKind, HostPattern, HostTable};
///
/// let entries = vec![(HostPattern::literal("a.example", 0)?, 1), (HostPattern::literal("a.example", 0)?, 2)];
/// let clashes = HostTable::build(entries).unwrap_err();
/// assert_eq!(clashes[0].kind, ClashKind::Same);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
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
///
/// ```
/// use portcullis_sdk::hosts::{ClashKind, HostPattern, HostTable};
///
/// let entries = vec![(HostPattern::literal("e-*", 0)?, 1), (HostPattern::literal("*-e", 0)?, 2)];
/// let clashes = HostTable::build(entries).unwrap_err();
/// assert!(matches!(clashes[0].kind, ClashKind::Tie(_)));
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClashKind {
    /// The same pattern twice: usually a copied line.
    Same,
    /// Equally specific wildcard patterns that share a name, for example this one.
    Tie(String),
    /// Two regular expressions of equal priority.
    #[cfg(feature = "regex")]
    Priority,
    /// `*` and a regular expression, which is asked later and so never.
    #[cfg(feature = "regex")]
    Hidden,
}

impl<T> HostTable<T> {
    /// Sorts the patterns by the rule, or says what it leaves undecided.
    ///
    /// ```
    /// use portcullis_sdk::hosts::{HostPattern, HostTable};
    ///
    /// let entries = vec![(HostPattern::literal("e-*", 0)?, 1), (HostPattern::literal("*-e", 0)?, 2)];
    /// let clashes = HostTable::build(entries).unwrap_err();
    /// assert!(clashes[0].to_string().contains("\"e-e\" fits both"));
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn build(entries: Vec<(HostPattern, T)>) -> Result<Self, Vec<Clash>> {
        let (patterns, values) = entries.into_iter().unzip();
        Ok(Self {
            index: Index::build(patterns)?,
            values,
        })
    }

    /// The value of the most specific pattern that fits, with what it captured.
    ///
    /// ```
    /// use portcullis_sdk::hosts::{HostPattern, HostTable};
    ///
    /// let table = HostTable::build(vec![(HostPattern::literal("*.a", 0)?, "lobby")]).unwrap();
    /// let (value, captures) = table.find("eu.a").unwrap();
    /// assert_eq!((*value, captures.get(1)), ("lobby", Some("eu")));
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn find<'h>(&self, host: &'h str) -> Option<(&T, Captures<'h>)> {
        let (position, captures) = self.index.find(host)?;
        Some((self.values.get(position)?, captures))
    }

    /// All values, in the order of the configuration.
    ///
    /// ```
    /// use portcullis_sdk::hosts::HostTable;
    ///
    /// assert_eq!(HostTable::<u8>::default().values().count(), 0);
    /// ```
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }
}

impl Index {
    fn build(patterns: Vec<HostPattern>) -> Result<Self, Vec<Clash>> {
        let clashes = same(&patterns);
        if !clashes.is_empty() {
            return Err(clashes);
        }
        let mut index = Self {
            exact: Positions::for_at_most(patterns.len()),
            by_labels: Positions::for_at_most(patterns.len()),
            ..Self::default()
        };
        for (position, HostPattern { kind, priority }) in patterns.into_iter().enumerate() {
            match kind {
                Kind::Literal(pattern) if pattern.is_exact() => {
                    index.exact.get_or_insert(pattern.text(), position);
                }
                Kind::Literal(pattern) => index.insert(Entry {
                    position,
                    priority,
                    pattern,
                }),
                #[cfg(feature = "regex")]
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
        let clashes = index.ties();
        #[cfg(feature = "regex")]
        let clashes = [clashes, index.undecided_expressions()].concat();
        if clashes.is_empty() { Ok(index) } else { Err(clashes) }
    }

    fn insert(&mut self, entry: Entry<Wildcard>) {
        let labels = entry.pattern.literal_labels();
        self.deepest = self.deepest.max(labels.matches('.').count());
        let bucket = self
            .by_labels
            .get_or_insert(labels, self.buckets.len())
            .unwrap_or_else(|| {
                self.buckets.push(Vec::new());
                self.buckets.len() - 1
            });
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.insert(bucket.partition_point(|earlier| earlier.rank() >= entry.rank()), entry);
        }
    }

    fn find<'h>(&self, host: &'h str) -> Option<(usize, Captures<'h>)> {
        if let Some(position) = self.exact.get(host) {
            return Some((position, Captures::none(host)));
        }
        if let Some((entry, captures)) = self.most_specific(host) {
            return Some((entry.position, captures));
        }
        self.by_expression(host)
    }

    #[cfg(feature = "regex")]
    fn by_expression<'h>(&self, host: &'h str) -> Option<(usize, Captures<'h>)> {
        let mut expressions = self.expressions.iter();
        expressions.find_map(|entry| Some((entry.position, entry.pattern.fit(host)?)))
    }

    #[cfg(not(feature = "regex"))]
    fn by_expression<'h>(&self, _: &'h str) -> Option<(usize, Captures<'h>)> {
        None
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
        let bucket = self.by_labels.get(labels).and_then(|bucket| self.buckets.get(bucket));
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

    #[cfg(feature = "regex")]
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

#[cfg(feature = "regex")]
impl Entry<Expression> {
    fn named(&self) -> (usize, &str) {
        (self.position, self.pattern.text())
    }
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (&self.first, &self.second);
        write!(f, "[{}] ({:?}) and [{}] ({:?}) ", first.0, first.1, second.0, second.1)?;
        match &self.kind {
            ClashKind::Same => write!(f, "have the same host"),
            ClashKind::Tie(name) => write!(
                f,
                "are equally specific, and {name:?} fits both: make one more specific, or give one a higher priority"
            ),
            #[cfg(feature = "regex")]
            ClashKind::Priority => write!(f, "are regular expressions of the same priority: give one a higher"),
            #[cfg(feature = "regex")]
            ClashKind::Hidden => write!(
                f,
                "clash: \"*\" fits every host and comes before any regular expression; use the default instead"
            ),
        }
    }
}

impl std::error::Error for Clash {}

impl<T> Default for HostTable<T> {
    fn default() -> Self {
        Self {
            index: Index::default(),
            values: Vec::new(),
        }
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
fn same(patterns: &[HostPattern]) -> Vec<Clash> {
    let mut literals = Positions::for_at_most(patterns.len());
    let mut expressions = literals.clone();
    let mut clashes = Vec::new();
    for (position, pattern) in patterns.iter().enumerate() {
        let seen = if pattern.is_expression() {
            &mut expressions
        } else {
            &mut literals
        };
        if let Some(earlier) = seen.get_or_insert(pattern.text(), position) {
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
#[cfg(feature = "regex")]
mod tests;
