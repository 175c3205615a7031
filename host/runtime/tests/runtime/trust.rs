//! Pins and signatures: only the file that the operator trusts is loaded.

use std::fmt::Write as _;
use std::io::Cursor;

use minisign::KeyPair;
use portcullis_runtime::{Hook, Refusal};

use crate::support::{Host, component};

#[test]
fn a_file_with_the_pinned_digest_is_loaded_and_its_digest_is_shown() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']");
    let digest = host.plugin("fixed").sha256.unwrap();
    host.apply(&format!(
        "[plugins.fixed]\nsha256 = '{digest}'\n[chains]\nmain = ['fixed']"
    ))
    .unwrap();
    assert_eq!(host.plugin("fixed").sha256, Some(digest));
}

#[test]
fn a_file_with_another_digest_is_refused_naming_both() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']");
    let digest = host.plugin("fixed").sha256.unwrap();
    let pinned = "ab".repeat(32);
    let error = host.refusal(&format!(
        "[plugins.fixed]\nsha256 = '{pinned}'\n[chains]\nmain = ['fixed']"
    ));
    assert_eq!(error.label(), "pin");
    assert!(
        error.to_string().contains(&digest) && error.to_string().contains(&pinned),
        "{error}"
    );
}

#[test]
fn a_pinned_file_that_changes_is_not_swapped_in() {
    let host = Host::start(1, "[chains]\nmain = ['fixed']");
    let digest = host.plugin("fixed").sha256.unwrap();
    let toml =
        format!("[plugins.fixed]\nsha256 = '{digest}'\nconfig = {{ route = 'drop' }}\n[chains]\nmain = ['fixed']");
    host.apply(&toml).unwrap();
    host.put("fixed.wasm", &component("facts"));
    host.rescan();
    let plugin = host.plugin("fixed");
    assert_eq!(plugin.sha256, Some(digest));
    assert!(plugin.error.is_some_and(|error| error.contains("pins")));
    assert_eq!(host.reloads("fixed", "pin"), 1.0);
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), None);
}

/// The signature of these bytes as it lies beside a file.
fn sign(key: &KeyPair, bytes: &[u8]) -> String {
    minisign::sign(Some(&key.pk), &key.sk, Cursor::new(bytes), None, None)
        .unwrap()
        .into_string()
}

/// A configuration that trusts these keys and names the fixture.
fn trusting(keys: &[&KeyPair]) -> String {
    let mut toml = String::from("trusted-keys = [");
    for key in keys {
        write!(toml, "'{}',", key.pk.to_base64()).unwrap();
    }
    toml + "]\n[chains]\nmain = ['fixed']"
}

#[test]
fn a_signature_by_any_trusted_key_lets_a_plugin_in() {
    let [ours, theirs] = [(), ()].map(|()| KeyPair::generate_unencrypted_keypair().unwrap());
    for signing in [&ours, &theirs] {
        let host = Host::idle(1);
        host.put("fixed.wasm.minisig", sign(signing, &component("fixed")).as_bytes());
        host.apply(&trusting(&[&ours, &theirs])).unwrap();
        assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
    }
}

#[test]
fn a_plugin_without_a_good_signature_is_refused_where_keys_are_trusted() {
    let [ours, theirs] = [(), ()].map(|()| KeyPair::generate_unencrypted_keypair().unwrap());
    let cases: [(Option<String>, &str); 5] = [
        (None, "cannot read"),
        (Some(sign(&theirs, &component("fixed"))), "by no trusted key"),
        (Some(sign(&ours, &component("facts"))), "for another file"),
        (
            Some("untrusted comment: not a signature\n".into()),
            "not a minisign signature",
        ),
        (Some("x".repeat(5_000)), "too large"),
    ];
    for (signature, part) in cases {
        let host = Host::idle(1);
        if let Some(text) = signature {
            host.put("fixed.wasm.minisig", text.as_bytes());
        }
        let error = host.refusal(&trusting(&[&ours]));
        assert_eq!(error.label(), "signature");
        assert!(
            error.to_string().contains(part) && error.to_string().contains("trusted-keys"),
            "{part} in {error}"
        );
    }
}

#[test]
fn a_signature_that_arrives_after_its_file_lets_a_dropped_in_plugin_in() {
    let key = KeyPair::generate_unencrypted_keypair().unwrap();
    let host = Host::idle(1);
    let fixed = component("fixed");
    host.put("fixed.wasm.minisig", sign(&key, &fixed).as_bytes());
    host.apply(&trusting(&[&key])).unwrap();
    let facts = component("facts");
    host.put("facts.wasm", &facts);
    host.rescan();
    assert!(host.plugin("facts").error.is_some());
    host.put("facts.wasm.minisig", sign(&key, &facts).as_bytes());
    host.rescan();
    assert_eq!(host.plugin("facts").error, None);
    assert_eq!(host.plugin("facts").chains, ["main"]);
}

#[test]
fn a_missing_signature_is_told_once_however_often_the_folder_changes() {
    let key = KeyPair::generate_unencrypted_keypair().unwrap();
    let host = Host::idle(1);
    host.put("fixed.wasm.minisig", sign(&key, &component("fixed")).as_bytes());
    host.apply(&trusting(&[&key])).unwrap();
    host.put("facts.wasm", &component("facts"));
    host.rescan();
    host.rescan();
    assert_eq!(host.reloads("facts", "signature"), 1.0);
}
