//! `random`, from the operating system.

use crate::bindings::portcullis::plugin::random;
use crate::context::Context;

/// More than any key or token needs; keeps a call short.
pub(crate) const MAX_BYTES: usize = 4_096;

pub(crate) fn bytes(length: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(MAX_BYTES).min(MAX_BYTES)];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it has booted");
    bytes
}

pub(crate) fn next_u64() -> u64 {
    getrandom::u64().expect("the operating system has randomness once it has booted")
}

impl random::Host for Context {
    fn bytes(&mut self, length: u32) -> Vec<u8> {
        bytes(u64::from(length))
    }

    fn next_u64(&mut self) -> u64 {
        next_u64()
    }
}
