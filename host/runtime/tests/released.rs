//! Released versions of the contract stay as they are, because components in the field were built against them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

#[derive(serde::Deserialize)]
struct List {
    /// Digests by version.
    released: BTreeMap<String, String>,
}

#[test]
fn released_versions_of_the_contract_never_change() {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let list: List = toml::from_str(&fs::read_to_string(wit.join("released.toml")).unwrap()).unwrap();
    assert_eq!(changed(&list, &wit), Vec::<String>::new());
}

#[test]
fn a_changed_an_added_and_a_missing_file_are_noticed() {
    let wit = tempfile::tempdir().unwrap();
    let folder = wit.path().join("portcullis-plugin-0.1.0");
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
    fs::create_dir(&folder).unwrap();
    write("a.wit", "interface a {}");
    write("b.wit", "interface b {}");
    let list = List {
        released: BTreeMap::from([("0.1.0".into(), digest(&folder))]),
    };
    let check = || changed(&list, wit.path()).len();
    assert_eq!(check(), 0);

    write("b.wit", "interface b { }");
    assert_eq!(check(), 1, "a file was changed");
    write("b.wit", "interface b {}");
    write("c.wit", "");
    assert_eq!(check(), 1, "a file was added");
    fs::remove_file(folder.join("c.wit")).unwrap();
    assert_eq!(check(), 0);
    fs::remove_file(folder.join("b.wit")).unwrap();
    write("a.wit", "interface a {}interface b {}");
    assert_eq!(check(), 1, "a file was moved into another");
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(check(), 1, "the folder is gone");
}

/// A sentence for each released version that is not what it was.
fn changed(list: &List, wit: &Path) -> Vec<String> {
    let folder = |version: &str| wit.join(format!("portcullis-plugin-{version}"));
    let found = list.released.iter().map(|(version, digest_then)| {
        let digest_now = digest(&folder(version));
        (digest_now != *digest_then).then(|| {
            format!("the contract {version} is released and was changed: {digest_now}. Put what is new into a folder of the next version")
        })
    });
    found.flatten().collect()
}

/// SHA-256 of a folder: of each file, in the order of their names, name, length and contents.
fn digest(folder: &Path) -> String {
    let mut hash = Sha256::new();
    let mut files: Vec<_> = fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    for file in files {
        let content = fs::read(&file).unwrap();
        hash.update(file.file_name().unwrap().as_encoded_bytes());
        // Lengths keep one file's end from passing as another's beginning.
        hash.update([0]);
        hash.update(content.len().to_le_bytes());
        hash.update(content);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
