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

/// What the quickest of several saves may take until a client meets it. Most of it is cargo's, and a machine that does much else may
/// delay each of them, but hardly all. `docs/specification.md` has what it takes on one that is quiet.
const MAX_SAVE: Duration = Duration::from_secs(3);

/// Saves the message, and waits until a client is shown it.
fn save(author: &Author, proxy: &Proxy, from: &str, to: &str) -> Duration {
    save_in(author, "src/lib.rs", proxy, from, to)
}

fn save_in(author: &Author, file: &str, proxy: &Proxy, from: &str, to: &str) -> Duration {
    let saved = Instant::now();
    author.edit(file, from, to);
    until("the new message", || {
        let message = shown(proxy);
        if message == to.trim_matches('"') {
            Ok(())
        } else {
            Err(message)
        }
    });
    saved.elapsed()
}

/// A host with what the author has built, and the build that watches for more.
fn watched(author: &Author, setting: Setting) -> (Proxy, Watch) {
    let plugins = setting.path("plugins");
    author.run(&["plugin", "build", "--into", &plugins.display().to_string()]);
    let proxy = setting.start();
    let config = proxy.config().display().to_string();
    let watch = Watch::start(author.command(&["plugin", "build", "--watch", "-c", &config]));
    watch.wait(0, "waiting for a change");
    (proxy, watch)
}

#[test]
fn a_saved_source_is_met_by_the_next_client() {
    let author = Author::new("watched", "status");
    let setting = Setting::new(&[], "[plugins.watched]\n[chains]\nmain = ['watched']\n");
    let (proxy, watch) = watched(&author, setting);
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
    let leftovers: Vec<_> = fs::read_dir(proxy.path("plugins"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(leftovers, ["watched.wasm"], "nothing half-written stays behind");
}

/// A workspace of two plugins and a crate that both depend on: a change in any of the three is met.
#[test]
fn every_crate_of_a_workspace_is_watched() {
    let author = Author::new("in-a-workspace", "status");
    let sdk = author.read("Cargo.toml");
    let sdk = sdk
        .lines()
        .find(|line| line.starts_with("portcullis-sdk = "))
        .unwrap()
        .to_owned();
    for folder in ["one/src", "shared/src"] {
        fs::create_dir_all(author.folder.join(folder)).unwrap();
    }
    author.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"one\"]\nexclude = [\"shared\"]\n",
    );
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    let lib = "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nshared = { path = \"../shared\" }\n";
    author.write("one/Cargo.toml", &manifest("one", &format!("{lib}{sdk}\n")));
    author.write("shared/Cargo.toml", &manifest("shared", ""));
    author.write("shared/src/lib.rs", "pub const TEXT: &str = \"first\";\n");
    fs::rename(author.folder.join("src/lib.rs"), author.folder.join("one/src/lib.rs")).unwrap();
    author.edit("one/src/lib.rs", "self.settings.message.clone()", "shared::TEXT");

    let setting = Setting::new(&[], "[plugins.one]\n[chains]\nmain = ['one']\n");
    let (proxy, watch) = watched(&author, setting);
    let mark = watch.lines.mark();
    save_in(&author, "shared/src/lib.rs", &proxy, "first", "second");
    watch.wait(mark, "waiting for a change");
    save_in(&author, "one/src/lib.rs", &proxy, "shared::TEXT", "\"third\"");
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
    let mut times: Vec<Duration> = Vec::new();
    for number in 1..=SAVES {
        let mark = watch.lines.mark();
        let next = format!("Hello number {number}");
        times.push(save(&author, &proxy, &message, &next));
        watch.wait(mark, "waiting for a change");
        message = next;
    }
    println!("from a saved source to a client that meets it: {times:?}");
    let quickest = times.iter().min().unwrap();
    assert!(*quickest < MAX_SAVE, "of {times:?} none is below {MAX_SAVE:?}");
    lap("all of these");
    drop(watch);
    // As large as everything that it depends on.
    fs::remove_dir_all(&author.folder).unwrap();
}
