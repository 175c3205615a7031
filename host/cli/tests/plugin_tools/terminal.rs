//! What the tools show on a terminal and elsewhere: colours, and what is going on. The terminal is a real one, `script`'s.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::author::{BINARY, both_hooks, command, said};

/// What the binary shows on a terminal, with both of its outputs there.
fn on_a_terminal(folder: &Path, arguments: &str, no_color: Option<&str>) -> String {
    let mut script = Command::new("script");
    script
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("'{BINARY}' {arguments}"),
            "/dev/null",
        ])
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .envs(no_color.map(|value| ("NO_COLOR", value)));
    said(&script.output().expect("`script` of util-linux is there"))
}

const ESCAPE: &str = "\x1b[";

#[test]
fn colours_are_for_terminals_and_for_those_who_have_nothing_against_them() {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    let check = format!("plugin check '{}'", both_hooks().display());
    let good = "\x1b[32;1ma host would take it\x1b[0m";
    let shown = on_a_terminal(folder.path(), &check, None);
    assert!(shown.contains(good), "{shown:?}");
    let shown = on_a_terminal(folder.path(), &check, Some(""));
    assert!(shown.contains(good), "an empty NO_COLOR is none: {shown:?}");
    let shown = on_a_terminal(folder.path(), &check, Some("1"));
    assert!(
        shown.contains("a host would take it") && !shown.contains(ESCAPE),
        "{shown:?}"
    );

    let file = both_hooks().display().to_string();
    let mut piped = command(folder.path());
    let piped = piped
        .args(["plugin", "check", &file])
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let shown = said(&piped);
    assert!(
        shown.contains("a host would take it") && !shown.contains(ESCAPE),
        "{shown:?}"
    );
}

#[test]
fn mistakes_are_red_on_a_terminal() {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    fs::write(folder.path().join("mine.wasm"), "hello").unwrap();
    let shown = on_a_terminal(folder.path(), "plugin check mine.wasm", None);
    assert!(shown.contains("\x1b[31;1merror\x1b[0m: mine.wasm: "), "{shown:?}");
}

/// A build that takes a little over two seconds, as one with an interpreter in it does.
#[test]
fn what_takes_longer_than_a_second_says_what_it_is_about() {
    let folder = TempDir::with_prefix("portcullis-").unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write("pyproject.toml", "[project]\nname = \"slow\"\n");
    fs::copy(both_hooks(), folder.path().join("made.wasm")).unwrap();
    write(
        "build.py",
        "import shutil, sys, time\ntime.sleep(2.4)\nshutil.copy('made.wasm', sys.argv[1])\n",
    );
    let shown = on_a_terminal(folder.path(), "plugin build", Some("1"));
    assert!(
        shown.contains("\rbuilding slow … 1 s\rbuilding slow … 2 s"),
        "one line that counts: {shown:?}"
    );
    let piped = said(&command(folder.path()).args(["plugin", "build"]).output().unwrap());
    assert_eq!(
        piped.matches("building slow …\n").count(),
        1,
        "one line, once: {piped:?}"
    );
    assert!(!piped.contains('\r'), "{piped:?}");
}
