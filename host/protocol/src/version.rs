//! Protocol numbers of the releases from 1.7.2 to 26.3, and the questions about them that rendering asks.

use std::fmt;

/// A protocol number as a handshake gives it. Any number is allowed: most of this host works with versions it never heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub i32);

/// Snapshots since 1.16.4-pre1 count on their own, with this bit set.
const SNAPSHOT: i32 = 1 << 30;

impl Protocol {
    /// What a client says that names no version: pings of before 1.6, and many tools.
    pub const NONE: Self = Self(-1);
    /// 1.16 can show any colour in text; older clients know sixteen.
    pub const HEX_COLOURS: Self = Self(735);
    /// The newest release in the table.
    pub const NEWEST: Self = Self(777);

    /// The newest release that speaks this number, for example `1.20.1` for 763.
    pub fn name(self) -> Option<&'static str> {
        let at = RELEASES.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
        RELEASES.get(at)?.1.last().copied()
    }

    /// The number that the release called `name` speaks.
    pub fn of_release(name: &str) -> Option<Self> {
        let (number, _) = RELEASES.iter().find(|(_, names)| names.contains(&name))?;
        Some(Self(*number))
    }

    /// A development version.
    pub fn is_snapshot(self) -> bool {
        self.0 > 0 && self.0 & SNAPSHOT != 0
    }

    /// Whether text may have any colour. A client without a number is taken for a new one.
    pub fn has_hex_colours(self) -> bool {
        self < Self(0) || self >= Self::HEX_COLOURS
    }
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

/// Ascending by number; the releases that share a number, oldest first.
/// <https://minecraft.wiki/w/Protocol_version>
const RELEASES: &[(i32, &[&str])] = &[
    (4, &["1.7.2", "1.7.4", "1.7.5"]),
    (5, &["1.7.6", "1.7.7", "1.7.8", "1.7.9", "1.7.10"]),
    (
        47,
        &[
            "1.8", "1.8.1", "1.8.2", "1.8.3", "1.8.4", "1.8.5", "1.8.6", "1.8.7", "1.8.8", "1.8.9",
        ],
    ),
    (107, &["1.9"]),
    (108, &["1.9.1"]),
    (109, &["1.9.2"]),
    (110, &["1.9.3", "1.9.4"]),
    (210, &["1.10", "1.10.1", "1.10.2"]),
    (315, &["1.11"]),
    (316, &["1.11.1", "1.11.2"]),
    (335, &["1.12"]),
    (338, &["1.12.1"]),
    (340, &["1.12.2"]),
    (393, &["1.13"]),
    (401, &["1.13.1"]),
    (404, &["1.13.2"]),
    (477, &["1.14"]),
    (480, &["1.14.1"]),
    (485, &["1.14.2"]),
    (490, &["1.14.3"]),
    (498, &["1.14.4"]),
    (573, &["1.15"]),
    (575, &["1.15.1"]),
    (578, &["1.15.2"]),
    (735, &["1.16"]),
    (736, &["1.16.1"]),
    (751, &["1.16.2"]),
    (753, &["1.16.3"]),
    (754, &["1.16.4", "1.16.5"]),
    (755, &["1.17"]),
    (756, &["1.17.1"]),
    (757, &["1.18", "1.18.1"]),
    (758, &["1.18.2"]),
    (759, &["1.19"]),
    (760, &["1.19.1", "1.19.2"]),
    (761, &["1.19.3"]),
    (762, &["1.19.4"]),
    (763, &["1.20", "1.20.1"]),
    (764, &["1.20.2"]),
    (765, &["1.20.3", "1.20.4"]),
    (766, &["1.20.5", "1.20.6"]),
    (767, &["1.21", "1.21.1"]),
    (768, &["1.21.2", "1.21.3"]),
    (769, &["1.21.4"]),
    (770, &["1.21.5"]),
    (771, &["1.21.6"]),
    (772, &["1.21.7", "1.21.8"]),
    (773, &["1.21.9", "1.21.10"]),
    (774, &["1.21.11"]),
    (775, &["26.1", "26.1.1", "26.1.2"]),
    (776, &["26.2"]),
    (777, &["26.3"]),
];

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

    #[test]
    fn colours_beyond_the_sixteen_came_with_1_16() {
        assert!(!Protocol(578).has_hex_colours());
        assert!(Protocol(735).has_hex_colours());
        assert!(Protocol(SNAPSHOT | 1).has_hex_colours());
        assert!(Protocol::NONE.has_hex_colours());
    }
}
