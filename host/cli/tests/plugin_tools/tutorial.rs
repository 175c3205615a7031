//! The tutorial, followed to the letter: its files are written, its commands typed, its changes made, and what it promises must
//! come.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{fs, io, thread};

use xtask::workspace;

use crate::author::{command, room, said};
use crate::support::wait::until;
use crate::support::wire::{self, V1_20_1};
use crate::support::{lines::Lines, ports};

const PAGE: &str = "docs/plugin-author/tutorial.md";

/// Where the page's own configuration listens. Here it is a free port.
const ADDRESS: &str = "127.0.0.1:25565";

const HOST: &str = "localhost";

/// Commands that go on until they are ended, and what they print when they are ready.
const LASTING: [(&str, &str); 2] = [
    ("run", "host started"),
    ("plugin build --watch", "waiting for a change"),
];

#[test]
fn the_tutorial_does_what_it_says() {
    let page = fs::read_to_string(workspace::root().join(PAGE)).unwrap();
    let mut reader = Reader::new();
    let blocks = blocks(&page);
    assert!(blocks.len() > 10, "the page has lost its blocks");
    for (kind, text) in blocks {
        match kind.split_once(',') {
            None if kind == "console" => reader.type_in(&text, true),
            Some(("console", "fails")) => reader.type_in(&text, false),
            Some(("text", "list")) => reader.sees(&text, |port| wire::status_text(port, HOST)),
            Some(("text", "join")) => reader.sees(&text, |port| wire::refused_text(port, V1_20_1, HOST)),
            Some(("diff", file)) => reader.change(file, &text),
            Some((_, file)) => reader.write(file, &text),
            None => panic!("a block of {kind}, which nobody follows"),
        }
    }
}

/// Somebody who follows the page.
struct Reader {
    folder: PathBuf,
    port: u16,
    lasting: Vec<Lasting>,
}

/// A command in a terminal of its own, ended with the test.
struct Lasting {
    child: Child,
    lines: Lines,
}

impl Reader {
    fn new() -> Self {
        let folder = room().join("tutorial");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir(&folder).unwrap();
        Self {
            folder,
            port: ports::free(),
            lasting: Vec::new(),
        }
    }

    fn write(&self, file: &str, text: &str) {
        let here = format!("127.0.0.1:{}", self.port);
        fs::write(self.folder.join(file), text.replace(ADDRESS, &here)).unwrap();
    }

    /// Puts the lines that begin with `+` in the place of those that begin with `-`.
    fn change(&self, file: &str, diff: &str) {
        let lines = |sign: char| {
            let chosen: Vec<&str> = diff.lines().filter_map(|line| line.strip_prefix(sign)).collect();
            chosen.join("\n")
        };
        let (from, to) = (lines('-'), lines('+'));
        let before = fs::read_to_string(self.folder.join(file)).unwrap();
        assert_eq!(before.matches(&from).count(), 1, "{file} has once:\n{from}");
        fs::write(self.folder.join(file), before.replace(&from, &to)).unwrap();
    }

    /// Types each line behind a `$`; the lines below it are among what it prints.
    fn type_in(&mut self, block: &str, succeeds: bool) {
        for typed in block.split("$ ").skip(1) {
            let (typed, expected) = typed.split_once('\n').unwrap();
            if let Some(folder) = typed.strip_prefix("cd ") {
                self.folder.push(folder);
                continue;
            }
            let arguments = typed.strip_prefix("portcullis ").expect("a command of ours");
            if let Some((_, ready)) = LASTING.iter().find(|(lasting, _)| *lasting == arguments) {
                self.lasting.push(Lasting::start(self.command(arguments), ready));
                continue;
            }
            let output: Output = self.command(arguments).output().unwrap();
            let said = said(&output);
            assert_eq!(output.status.success(), succeeds, "{typed}: {said}");
            for expected in expected.lines() {
                let printed = said.lines().any(|line| fits(line.trim(), expected));
                assert!(printed, "{typed}: {expected:?} is not in\n{said}");
            }
        }
    }

    /// The program with these arguments. All plugins' tests share a target folder, which is not where the page's is.
    fn command(&self, arguments: &str) -> Command {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-crates");
        let mut command = command(&self.folder);
        command.args(
            arguments
                .split(' ')
                .map(|argument| match argument.strip_prefix("target/") {
                    Some(built) => target.join(built).into_os_string(),
                    None => argument.into(),
                }),
        );
        command
    }

    fn sees(&self, text: &str, look: impl Fn(u16) -> io::Result<String>) {
        let expected = text.trim_end();
        until(&format!("a client that is shown {expected:?}"), || {
            let shown = look(self.port).map_err(|error| error.to_string())?;
            if shown == expected { Ok(()) } else { Err(shown) }
        });
    }
}

impl Lasting {
    fn start(mut command: Command, ready: &str) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Lines::default();
        lines.collect(child.stdout.take().unwrap());
        lines.collect(child.stderr.take().unwrap());
        let lasting = Self { child, lines };
        if let Err(why) = (lasting.lines).wait_after(0, |line| line.contains(ready).then_some(())) {
            panic!("no {ready:?}: {why}");
        }
        lasting
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}", self.lines.text());
        }
    }
}

/// Whether a line is the expected one, in which `…` stands for anything.
fn fits(line: &str, expected: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else {
        return line.starts_with(expected);
    };
    let behind = line.strip_prefix(start);
    behind.is_some_and(|behind| behind.contains(rest.trim_matches('…')))
}

/// The page's fenced blocks, each with what stands behind the fence.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((kind.to_owned(), body.join("\n") + "\n"));
        }
    }
    blocks
}
