//! Protocol numbers of the releases from 1.7.2 to 26.3, their names, and the questions about them that formats ask.

mod features;
mod releases;

use std::fmt;

use releases::RELEASES;

/// A protocol number as a handshake gives it. Any number is allowed: most of this host works with versions it never heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub i32);

/// Snapshots since 1.16.4-pre1 count on their own, with this bit set.
const SNAPSHOT: i32 = 1 << 30;

impl Protocol {
    /// What a client says that names no version: pings of before 1.6, and many tools.
    pub const NONE: Self = Self(-1);
    /// The oldest release in the table.
    pub const OLDEST: Self = Self::V1_7_2;
    /// The newest release in the table.
    pub const NEWEST: Self = Self::V26_3;

    /// The newest release that speaks this number, for example `1.20.1` for 763.
    pub fn name(self) -> Option<&'static str> {
        self.names().last().copied()
    }

    /// The number that the release called `name` speaks.
    pub const fn of_release(name: &str) -> Option<Self> {
        let mut rest = RELEASES;
        while let [(number, names), others @ ..] = rest {
            if has(names, name) {
                return Some(Self(*number));
            }
            rest = others;
        }
        None
    }

    /// Every number in the table, ascending.
    pub fn releases() -> impl DoubleEndedIterator<Item = Self> {
        RELEASES.iter().map(|(number, _)| Self(*number))
    }

    /// The names of the releases that speak this number, oldest first; none where the table does not know it.
    pub fn names(self) -> &'static [&'static str] {
        let at = RELEASES.binary_search_by_key(&self.0, |(number, _)| *number);
        at.ok().and_then(|at| RELEASES.get(at)).map_or(&[], |(_, names)| names)
    }

    /// Whether the table knows the number: formats that changed over time can be read and written.
    pub fn is_known(self) -> bool {
        !self.names().is_empty()
    }

    /// A development version.
    pub fn is_snapshot(self) -> bool {
        self.0 > 0 && self.0 & SNAPSHOT != 0
    }
}

/// Where names are compared, so that a mistyped release is found when a plugin is compiled.
const fn has(names: &[&str], name: &str) -> bool {
    let mut rest = names;
    while let [one, others @ ..] = rest {
        if same(one.as_bytes(), name.as_bytes()) {
            return true;
        }
        rest = others;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut rest = (one, other);
    while let ([a, one @ ..], [b, other @ ..]) = rest {
        if *a != *b {
            return false;
        }
        rest = (one, other);
    }
    rest.0.is_empty() && rest.1.is_empty()
}

/// The release's name where known, otherwise the number.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None if self.is_snapshot() => write!(f, "snapshot {}", self.0 & !SNAPSHOT),
            None => write!(f, "protocol {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_the_last_is_the_newest() {
        assert!(RELEASES.is_sorted_by(|(one, _), (next, _)| one < next));
        assert_eq!(
            RELEASES.last().map(|(number, _)| Protocol(*number)),
            Some(Protocol::NEWEST)
        );
        assert_eq!(Protocol::releases().next(), Some(Protocol::OLDEST));
    }

    #[test]
    fn a_release_and_its_number_find_each_other() {
        for (number, names) in RELEASES {
            for name in *names {
                assert_eq!(Protocol::of_release(name), Some(Protocol(*number)));
            }
            assert_eq!(Protocol(*number).name(), names.last().copied());
        }
        assert_eq!(Protocol::of_release("1.7.3"), None);
        assert_eq!(Protocol(46).name(), None);
        assert!(Protocol::releases().all(Protocol::is_known));
        assert!(!Protocol(46).is_known() && !Protocol::NONE.is_known());
    }

    #[test]
    fn snapshots_are_told_from_releases_and_from_no_version() {
        assert!(Protocol(SNAPSHOT | 120).is_snapshot());
        assert!(!Protocol(763).is_snapshot());
        assert!(!Protocol::NONE.is_snapshot());
        assert_eq!(Protocol(SNAPSHOT | 120).to_string(), "snapshot 120");
        assert_eq!(Protocol(763).to_string(), "1.20.1");
        assert_eq!(Protocol(3).to_string(), "protocol 3");
    }
}
