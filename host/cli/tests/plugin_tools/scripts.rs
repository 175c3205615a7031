//! New plugins in JavaScript and Python with every hook there is: made, tested, built by the packages that they name, and joined
//! through.

use std::fs;

use portcullis_runtime::Hook;

use crate::author::Author;
use crate::support::{
    plugins,
    programs::Program,
    proxy::{Setting, said},
    toml::server,
};

/// The last version in which commands are chat, so that the server's report shows both, and in which neither is signed.
const VERSION: &str = "1.18.2";

const HOST: &str = "play.example.com";

#[test]
fn a_new_plugin_in_javascript_tests_builds_and_serves_as_it_is() {
    check("js", "# pass 2");
}

#[test]
fn a_new_plugin_in_python_tests_builds_and_serves_as_it_is() {
    check("python", "Ran 2 tests");
}

/// The folder does what its README says. A build ends with a check, which loads the component.
fn check(language: &str, tested: &str) {
    let name = format!("in-{language}");
    let hooks = Hook::ALL.map(Hook::label);
    let author = Author::with(&name, &["--lang", language, "--hook", &hooks.join(",")]);
    let ran = author.run(&["plugin", "test"]);
    assert!(ran.contains(tested), "{ran}");
    let built = author.run(&["plugin", "build", "--into", "plugins"]);
    assert!(built.contains(&format!("{name} 0.1.0")), "{built}");
    assert!(built.contains(&format!("hooks: {}", hooks.join(", "))), "{built}");
    serves(&name, &author);
}

/// A player sees, says and does what the templates let him.
fn serves(name: &str, author: &Author) {
    let (lobby, ports) = Program::servers("lobby", &[VERSION]);
    let component = fs::read(author.folder.join(format!("plugins/{name}.wasm"))).unwrap();
    let configuration = author.read("portcullis.toml");
    let (_, plugin) = configuration.split_once("[plugins.").unwrap();
    let setting = Setting::new(&[], &format!("{}[plugins.{plugin}", server("lobby", ports[0])));
    plugins::put(&setting.plugin(&format!("{name}.wasm")), &component);
    // Interpreters take longer to compile than a start is waited for. What is compiled is kept.
    let checked = setting.run(&["check"]);
    assert!(checked.status.success(), "{}", said(&checked));
    let proxy = setting.start();

    let steps = [format!("ping:{HOST}"), format!("join:{HOST}")];
    let mut player = Program::player(VERSION, proxy.port(), &steps.each_ref().map(String::as_str));
    let listed = player.wait("status", |_| true);
    assert_eq!(listed["text"], format!("Hello from {name}"));
    assert_eq!(lobby.wait("joined", |_| true)["name"], "Steve");
    player.wait("joined", |_| true);
    proxy.wait_log_after(0, "player=Steve server=lobby");
    player.order("say", "Hello!!!");
    player.order("say", "/plugins");
    player.chat("Hello");
    let heard: Vec<_> = lobby.events("chat").iter().map(|event| event["text"].clone()).collect();
    assert_eq!(heard, ["Hello"], "{}", proxy.log());
}
