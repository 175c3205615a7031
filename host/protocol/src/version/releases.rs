//! The table of releases, and constants for those in which a format changed.

use super::Protocol;

/// Each named after the first release that speaks it.
impl Protocol {
    /// 1.7.2
    pub const V1_7_2: Self = Self(4);
    /// 1.7.6
    pub const V1_7_6: Self = Self(5);
    /// 1.8
    pub const V1_8: Self = Self(47);
    /// 1.9
    pub const V1_9: Self = Self(107);
    /// 1.9.1
    pub const V1_9_1: Self = Self(108);
    /// 1.10
    pub const V1_10: Self = Self(210);
    /// 1.11
    pub const V1_11: Self = Self(315);
    /// 1.12
    pub const V1_12: Self = Self(335);
    /// 1.12.1
    pub const V1_12_1: Self = Self(338);
    /// 1.12.2
    pub const V1_12_2: Self = Self(340);
    /// 1.13
    pub const V1_13: Self = Self(393);
    /// 1.13.1
    pub const V1_13_1: Self = Self(401);
    /// 1.13.2
    pub const V1_13_2: Self = Self(404);
    /// 1.14
    pub const V1_14: Self = Self(477);
    /// 1.15
    pub const V1_15: Self = Self(573);
    /// 1.16
    pub const V1_16: Self = Self(735);
    /// 1.16.2
    pub const V1_16_2: Self = Self(751);
    /// 1.17
    pub const V1_17: Self = Self(755);
    /// 1.18
    pub const V1_18: Self = Self(757);
    /// 1.19
    pub const V1_19: Self = Self(759);
    /// 1.19.1
    pub const V1_19_1: Self = Self(760);
    /// 1.19.3
    pub const V1_19_3: Self = Self(761);
    /// 1.19.4
    pub const V1_19_4: Self = Self(762);
    /// 1.20
    pub const V1_20: Self = Self(763);
    /// 1.20.2
    pub const V1_20_2: Self = Self(764);
    /// 1.20.3
    pub const V1_20_3: Self = Self(765);
    /// 1.20.5
    pub const V1_20_5: Self = Self(766);
    /// 1.21
    pub const V1_21: Self = Self(767);
    /// 1.21.2
    pub const V1_21_2: Self = Self(768);
    /// 1.21.4
    pub const V1_21_4: Self = Self(769);
    /// 1.21.5
    pub const V1_21_5: Self = Self(770);
    /// 1.21.6
    pub const V1_21_6: Self = Self(771);
    /// 1.21.9
    pub const V1_21_9: Self = Self(773);
    /// 26.1
    pub const V26_1: Self = Self(775);
    /// 26.2
    pub const V26_2: Self = Self(776);
    /// 26.3
    pub const V26_3: Self = Self(777);
}

/// Ascending by number; the releases that share a number, oldest first.
/// <https://minecraft.wiki/w/Protocol_version>
pub(super) const RELEASES: &[(i32, &[&str])] = &[
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
