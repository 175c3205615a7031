//! Releases newer than minecraft-data: how their ids follow from the release before.

use portcullis_protocol::version::Protocol;

/// What the table's head says about them.
pub(super) const NOTE: &str = "#
# minecraft-data ends before 26.2. 26.2 has the ids of 26.1. 26.3 follows from 26.2 by the packets that it inserts:
# play clientbound add_transient_block 25, post_effects 53, swing_animation 7b; configuration clientbound post_effects 0a;
# play serverbound punch 2e, while swing, 3f before, is gone. Two tables of others say the same, made from the server's own
# registrations; it was not checked against the server's report here.
";

/// How ids of one state and direction move from a release to the next.
struct Shift {
    state: &'static str,
    direction: &'static str,
    /// From which id on how much is added; ascending.
    steps: &'static [(u8, u8)],
}

const SHIFTS_26_3: &[Shift] = &[
    Shift {
        state: "play",
        direction: "clientbound",
        steps: &[(0x25, 1), (0x52, 2), (0x79, 3)],
    },
    Shift {
        state: "play",
        direction: "serverbound",
        steps: &[(0x2e, 1), (0x40, 0)],
    },
    Shift {
        state: "configuration",
        direction: "clientbound",
        steps: &[(0x0a, 1)],
    },
];

/// The id in `protocol` of a packet with the id `before` in the release before it.
pub(super) fn shifted(protocol: Protocol, state: &str, direction: &str, before: Option<u8>) -> Option<u8> {
    let before = before?;
    if protocol != Protocol::V26_3 {
        return Some(before);
    }
    let shift = SHIFTS_26_3
        .iter()
        .find(|shift| (shift.state, shift.direction) == (state, direction));
    let steps = shift.map_or(&[][..], |shift| shift.steps);
    let added = steps
        .iter()
        .rev()
        .find(|(since, _)| *since <= before)
        .map_or(0, |(_, added)| *added);
    Some(before + added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_26_3_move_by_what_was_inserted_before_them() {
        for (state, direction, before, expect) in [
            ("play", "clientbound", 0x24, 0x24),
            ("play", "clientbound", 0x25, 0x26),
            ("play", "clientbound", 0x51, 0x52),
            ("play", "clientbound", 0x52, 0x54),
            ("play", "clientbound", 0x78, 0x7a),
            ("play", "clientbound", 0x79, 0x7c),
            ("play", "serverbound", 0x31, 0x32),
            ("play", "serverbound", 0x44, 0x44),
            ("configuration", "clientbound", 0x0a, 0x0b),
            ("configuration", "serverbound", 0x09, 0x09),
        ] {
            assert_eq!(shifted(Protocol::V26_3, state, direction, Some(before)), Some(expect));
            assert_eq!(shifted(Protocol::V26_2, state, direction, Some(before)), Some(before));
        }
        assert_eq!(shifted(Protocol::V26_3, "play", "clientbound", None), None);
    }
}
