//! New plugins in JavaScript and Python: made, tested, and built by the packages that they name.

use crate::author::Author;

/// The folder does what its README says. A build ends with a check, which loads the component.
fn check(language: &str, tested: &str) {
    let name = format!("in-{language}");
    let author = Author::with(
        &name,
        &["--lang", language, "--hook", "accept,handshake,status,route,session"],
    );
    let said = author.run(&["plugin", "test"]);
    assert!(said.contains(tested), "{said}");
    let built = author.run(&["plugin", "build", "--into", "plugins"]);
    assert!(built.contains(&format!("{name} 0.1.0")), "{built}");
}

#[test]
fn a_new_plugin_in_javascript_tests_and_builds_as_it_is() {
    check("js", "# pass 2");
}

#[test]
fn a_new_plugin_in_python_tests_and_builds_as_it_is() {
    check("python", "Ran 2 tests");
}
