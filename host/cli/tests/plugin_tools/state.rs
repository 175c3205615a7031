//! What an author's `#[derive(State)]` hands over when a running host swaps one build for the next.

use std::fs;

use crate::author::Author;
use crate::support::plugins;
use crate::support::proxy::{Proxy, Setting};
use crate::support::wait::until;
use crate::support::wire::{self, V1_20_1};

const HOST: &str = "play.example.com";

/// Counts who comes, and shows what it knows. The line begins with the build.
fn source(build: &str, field: &str, shown: &str, types: &str) -> String {
    format!(
        r##"//! Counts joins.

use portcullis_sdk::prelude::*;

/// Counts joins.
#[derive(Plugin)]
#[plugin(stage = "route")]
struct Joins {{
    {field}
    seen: Seen,
}}

{types}

#[hooks]
impl Route for Joins {{
    fn route(&mut self, _session: &Session) -> RouteVerdict {{
        self.seen.joins += 1;
        RouteVerdict::disconnect(format!("{build}: {shown}", self.seen))
    }}
}}
"##
    )
}

const FIRST: &str = "#[derive(State, Debug, Default)]
struct Seen {
    joins: u8,
}";

const SECOND: &str = "#[derive(State, Debug, Default)]
#[state(version = 2, from = \"SeenV1\")]
struct Seen {
    since: String,
    joins: u64,
}

#[derive(State)]
struct SeenV1 {
    joins: u8,
}

impl From<SeenV1> for Seen {
    fn from(old: SeenV1) -> Self {
        Self { since: \"the first build\".into(), joins: old.joins.into() }
    }
}";

const WITHOUT: &str = "#[derive(Debug, Default)]
struct Seen {
    joins: u64,
}";

/// The component of this source.
fn build(author: &Author, source: &str) -> Vec<u8> {
    author.write("src/lib.rs", source);
    author.run(&["plugin", "build", "--into", "built"]);
    fs::read(author.folder.join("built/joins.wasm")).unwrap()
}

fn shown(proxy: &Proxy) -> String {
    wire::refused_text(proxy.port(), V1_20_1, HOST).unwrap()
}

/// The last number in what is shown.
fn joins(shown: &str) -> u64 {
    let digits = shown.trim_end_matches(|last: char| !last.is_ascii_digit());
    let start = digits.rfind(|before: char| !before.is_ascii_digit()).unwrap() + 1;
    digits[start..].parse().unwrap()
}

#[test]
fn a_new_build_goes_on_from_the_state_of_an_older_shape_and_without_state_starts_afresh() {
    let author = Author::new("joins", "route");
    let first = build(&author, &source("first", "#[plugin(state)]", "{:?}", FIRST));
    let second = build(&author, &source("second", "#[plugin(state)]", "{:?}", SECOND));
    let third = build(&author, &source("third", "", "{:?}", WITHOUT));
    let setting = Setting::new(&[], "[plugins.joins]\n[chains]\nmain = ['joins']\n");
    // Each worker has an instance, and so a count, of its own.
    setting.edit("workers = 2", "workers = 1");
    plugins::put(&setting.plugin("joins.wasm"), &first);
    let proxy = setting.start();
    for count in 1..=3 {
        assert_eq!(shown(&proxy), format!("first: Seen {{ joins: {count} }}"));
    }

    let mut last = 3;
    plugins::put(&proxy.plugin("joins.wasm"), &second);
    until("the second build", || {
        let shown = shown(&proxy);
        let next = last + 1;
        last = joins(&shown);
        // Whoever answers, no join is forgotten.
        assert_eq!(last, next, "{shown}");
        match shown.starts_with("second: Seen { since: \"the first build\"") {
            true => Ok(()),
            false => Err(shown),
        }
    });

    plugins::put(&proxy.plugin("joins.wasm"), &third);
    let mut afresh = String::new();
    until("the third build", || {
        afresh = shown(&proxy);
        if afresh.starts_with("third") {
            Ok(())
        } else {
            Err(afresh.clone())
        }
    });
    assert_eq!(afresh, "third: Seen { joins: 1 }", "it knows nothing of before");
}
