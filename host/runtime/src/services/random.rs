//! `random`: from the operating system, or the same each time where costs are compared.

use crate::bindings::portcullis::plugin::random;
use crate::context::Context;

/// More than any key or token needs; keeps a call short.
pub(crate) const MAX_BYTES: usize = 4_096;

/// Where an instance's randomness comes from.
#[derive(Debug, Clone, Default)]
pub(crate) enum Randomness {
    /// The operating system.
    #[default]
    System,
    /// A sequence that follows from this number. The seeds of a guest's hash tables are in it, so that what two builds
    /// execute can be compared.
    Repeatable(u64),
}

impl Randomness {
    pub(crate) fn bytes(&mut self, length: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(MAX_BYTES).min(MAX_BYTES)];
        match self {
            Self::System => getrandom::fill(&mut bytes).expect(BOOTED),
            Self::Repeatable(state) => bytes.fill_with(|| split_mix(state).to_le_bytes()[0]),
        }
        bytes
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        match self {
            Self::System => getrandom::u64().expect(BOOTED),
            Self::Repeatable(state) => split_mix(state),
        }
    }
}

const BOOTED: &str = "the operating system has randomness once it has booted";

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl random::Host for Context {
    fn bytes(&mut self, length: u32) -> Vec<u8> {
        self.randomness.bytes(u64::from(length))
    }

    fn next_u64(&mut self) -> u64 {
        self.randomness.next_u64()
    }
}
