//! The fuzzer's corpus, replayed without the fuzzer.

use std::{fs, path::Path};

#[path = "../fuzz/body.rs"]
mod body;

#[test]
fn whatever_the_corpus_has_in_place_of_a_configuration_is_read_without_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/config");
    let mut replayed = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let data = fs::read(entry.unwrap().path()).unwrap();
        body::run(&data);
        // Cut anywhere, as a file is that is being written.
        for end in 0..data.len() {
            body::run(&data[..end]);
        }
        replayed += 1;
    }
    assert!(replayed >= 15, "{replayed}");
}
