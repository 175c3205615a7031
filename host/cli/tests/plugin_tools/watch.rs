//! A source is saved, and a client that connects meets the change.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::author::Author;
use crate::support::lines::Lines;
use crate::support::proxy::{Proxy, Setting};
use crate::support::wait::until;
use crate::support::wire;

/// `plugin build --watch`, ended with its test.
struct Watch {
    child: Child,
    lines: Lines,
}

impl Watch {
    fn start(author: &Author, setting: &str) -> Self {
        let mut command = author.command(&["plugin", "build", "--watch", "-c", setting]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Lines::default();
        lines.collect(child.stdout.take().unwrap());
        lines.collect(child.stderr.take().unwrap());
        Self { child, lines }
    }

    fn wait(&self, mark: usize, text: &str) -> String {
        let found = self
            .lines
            .wait_after(mark, |line| line.contains(text).then(|| line.to_owned()));
        found.unwrap_or_else(|why| panic!("no {text:?}: {why}\n{}", self.lines.text()))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shown(proxy: &Proxy) -> String {
    wire::status_text(proxy.port(), "play.example.com").unwrap_or_default()
}

/// Saves the message, and waits until a client is shown it. How long that takes is printed rather than bounded: most of it
/// is cargo's, and the machine may be busy. `docs/specification.md` has what it takes on one that is not.
fn save(author: &Author, proxy: &Proxy, from: &str, to: &str) -> Duration {
    let saved = Instant::now();
    author.edit("src/lib.rs", from, to);
    until("the new message", || {
        let message = shown(proxy);
        if message == to { Ok(()) } else { Err(message) }
    });
    saved.elapsed()
}

#[test]
fn a_saved_source_is_met_by_the_next_client() {
    let author = Author::new("watched", "status");
    let setting = Setting::new(&[], "[plugins.watched]\n[chains]\nmain = ['watched']\n");
    let plugins = setting.path("plugins");
    author.run(&["plugin", "build", "--into", &plugins.display().to_string()]);
    let proxy = setting.start();
    let config = proxy.config().display().to_string();
    let watch = Watch::start(&author, &config);
    watch.wait(0, "waiting for a change");
    assert_eq!(shown(&proxy), "Hello from watched");

    let mark = watch.lines.mark();
    let took = save(&author, &proxy, "Hello from watched", "Hello once more");
    println!("from a saved source to a client that meets it: {} ms", took.as_millis());
    watch.wait(mark, "running as generation 2");
    watch.wait(mark, "waiting for a change");

    // A mistake is told, changes nothing, and is forgotten once mended.
    let mark = watch.lines.mark();
    author.edit("src/lib.rs", "StatusAnswer::new(", "StatusAnswer::knew(");
    watch.wait(mark, "it does not build");
    watch.wait(mark, "waiting for a change");
    assert_eq!(shown(&proxy), "Hello once more");
    let mark = watch.lines.mark();
    author.edit("src/lib.rs", "StatusAnswer::knew(", "StatusAnswer::new(");
    watch.wait(mark, "running as generation");
    let leftovers: Vec<_> = fs::read_dir(&plugins)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(leftovers, ["watched.wasm"], "nothing half-written stays behind");
}
