//! The committed corpus of the fuzz targets goes through the same bodies.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use crate::support::component;

#[test]
fn every_file_of_the_corpus_is_looked_at_without_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/inspect");
    let mut labels: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| bodies::inspect(&fs::read(entry.unwrap().path()).unwrap()))
        .map(|result| result.map_or_else(|error| error.label(), |()| "ok"))
        .collect();
    labels.sort_unstable();
    labels.dedup();
    // One of each kind that there is before compiling.
    assert_eq!(
        labels,
        [
            "contract",
            "missing-grant",
            "not-a-component",
            "ok",
            "unknown-import",
            "version"
        ]
    );
}

#[test]
fn a_real_component_cut_or_damaged_anywhere_is_looked_at_without_a_panic() {
    let whole = component("fixed");
    // Primes, so that the steps fall on all kinds of places.
    for length in (0..whole.len()).step_by(997) {
        let _ = bodies::inspect(&whole[..length]);
    }
    for at in (0..whole.len()).step_by(499) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        let _ = bodies::inspect(&damaged);
    }
}
