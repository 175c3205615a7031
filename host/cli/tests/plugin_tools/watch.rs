//! A source is saved, and a client that connects meets the change.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::author::{Author, said};
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
    fn start(mut command: Command) -> Self {
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
    let watch = Watch::start(author.command(&["plugin", "build", "--watch", "-c", &config]));
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

/// What `docs/specification.md` tells of, with nothing compiled before. The times are for that page.
#[test]
fn a_fresh_author_gets_from_nothing_to_a_change_that_a_client_meets() {
    const SAVES: usize = 5;
    let mut started = Instant::now();
    let mut lap = |step: &str| {
        println!("{step}: {} ms", started.elapsed().as_millis());
        started = Instant::now();
    };
    let author = Author::with("first-evening", &["--hook", "status"]);
    lap("plugin new");
    let own_target = |arguments: &[&str]| {
        let mut command = author.command(arguments);
        command.env_remove("CARGO_TARGET_DIR");
        command
    };
    let setting = Setting::new(&[], "[plugins.first-evening]\n[chains]\nmain = ['first-evening']\n");
    let plugins = setting.path("plugins").display().to_string();
    let built = own_target(&["plugin", "build", "--into", &plugins]).output().unwrap();
    assert!(built.status.success(), "{}", said(&built));
    lap("plugin build, with all it depends on");
    let proxy = setting.start();
    assert_eq!(shown(&proxy), "Hello from first-evening");
    lap("run, to the first answered ping");
    let config = proxy.config().display().to_string();
    let watch = Watch::start(own_target(&["plugin", "build", "--watch", "-c", &config]));
    watch.wait(0, "waiting for a change");
    lap("plugin build --watch, until it waits");

    let mut message = "Hello from first-evening".to_owned();
    let mut times: Vec<u128> = Vec::new();
    for number in 1..=SAVES {
        let mark = watch.lines.mark();
        let next = format!("Hello number {number}");
        times.push(save(&author, &proxy, &message, &next).as_millis());
        watch.wait(mark, "waiting for a change");
        message = next;
    }
    println!("from a saved source to a client that meets it: {times:?} ms");
    lap("all of these");
    drop(watch);
    // As large as everything that it depends on.
    fs::remove_dir_all(&author.folder).unwrap();
}
