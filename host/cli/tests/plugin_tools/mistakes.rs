//! Commands typed wrongly, or in the wrong place. Every answer says what to do.

use std::fs;

use tempfile::TempDir;

use crate::author::{both_hooks, command, said};

/// The command fails in an empty folder, with all these parts in what it says.
fn check(arguments: &[&str], parts: &[&str]) {
    check_in(&TempDir::with_prefix("portcullis-").unwrap(), arguments, parts);
}

fn check_in(folder: &TempDir, arguments: &[&str], parts: &[&str]) {
    let output = command(folder.path()).args(arguments).output().unwrap();
    let text = said(&output);
    assert!(!output.status.success(), "{arguments:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} of {arguments:?}: {text}");
    }
}

#[test]
fn a_name_that_cannot_be_one_is_refused_before_anything_is_made() {
    check(&["plugin", "new", "By Label"], &["By Label", "write words of a-z"]);
    check(&["plugin", "new", "2nd"], &["2nd", "for example by-label"]);
    check(&["plugin", "new", "match"], &["take another name", "my-match"]);
    check(
        &["plugin", "new", "ok", "--hook", "logout"],
        &["logout", "accept, handshake, status, login, route, forward"],
    );
}

#[test]
fn what_is_there_already_is_not_written_over() {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    check_in(&folder, &["plugin", "new", "mine"], &["mine exists already", "--dir"]);
    check_in(
        &folder,
        &["plugin", "new", "other", "--dir", "mine"],
        &["mine exists already"],
    );
}

#[test]
fn an_sdk_that_is_none_is_refused() {
    check(
        &["plugin", "new", "mine", "--sdk", "."],
        &["not the folder of portcullis-sdk"],
    );
    check(
        &["plugin", "new", "mine", "--lang", "js", "--sdk", "."],
        &["--sdk is for plugins in Rust"],
    );
}

#[test]
fn a_folder_without_a_plugin_is_told_where_to_go() {
    check(
        &["plugin", "build"],
        &["not the folder of a plugin", "portcullis plugin new NAME"],
    );
    check(&["plugin", "test"], &["not the folder of a plugin"]);
}

#[test]
fn a_file_that_is_not_there_is_told_who_makes_it() {
    check(
        &["plugin", "check", "none.wasm"],
        &["no file none.wasm", "portcullis plugin build"],
    );
    check(&["plugin", "check", "."], &[". is a folder"]);
    check(&["plugin", "bench", "none.wasm"], &["no file none.wasm"]);
    check(
        &["plugin", "run-tests", "none.wasm"],
        &["no file none.wasm", "portcullis plugin test"],
    );
}

#[test]
fn a_plugin_is_no_program_to_run() {
    let file = both_hooks().display().to_string();
    check(
        &["plugin", "run-tests", &file],
        &["portcullis:plugin/", "only a host offers"],
    );
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    fs::write(folder.path().join("lib.rs"), "//! Tests.").unwrap();
    check_in(
        &folder,
        &["plugin", "run-tests", "lib.rs"],
        &["not WebAssembly but a text file"],
    );
}

#[test]
fn a_watch_without_a_plugin_folder_is_told_how_to_name_one() {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    check_in(
        &folder,
        &["plugin", "build", "--watch"],
        &["portcullis.toml: cannot be read", "-c", "--into"],
    );
    fs::write(folder.path().join("odd.toml"), "host = ").unwrap();
    check_in(
        &folder,
        &["plugin", "build", "--watch", "-c", "odd.toml"],
        &["odd.toml:1:", "--into"],
    );
}
