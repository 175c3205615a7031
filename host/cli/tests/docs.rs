//! Holds the book and the other pages to what the program does: configurations load, commands exist, links lead somewhere, and
//! the first plugin builds. How pages mark what is to be checked is written in `docs/contributor/testing.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output};

use portcullis_config::{ConfigError, Problem};
use tempfile::TempDir;
use xtask::examples::Example;
use xtask::{plugins, workspace};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis");

/// Pages outside the book.
const OTHER_PAGES: [&str; 3] = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/// The page whose configuration needs the plugin that the page is about.
const FIRST_PLUGIN_PAGE: &str = "docs/plugin-author/first-plugin.md";

#[test]
fn every_whole_configuration_parses() {
    let folder = Folder::new();
    // For the parser, a component is a file of its name.
    for name in ["motd", "router", "first-route"] {
        folder.write(&format!("plugins/{name}.wasm"), "");
    }
    let blocks = blocks("toml,config");
    assert!(blocks.len() > 3, "the pages have lost their configurations");
    for block in blocks {
        let problems = folder.problems(&block.text);
        assert!(problems.is_empty(), "{}: {problems:#?}", block.place);
    }
}

#[test]
fn every_part_of_a_configuration_is_right_as_far_as_it_goes() {
    let folder = Folder::new();
    for block in blocks("toml") {
        let wrong = folder
            .problems(&block.text)
            .into_iter()
            .filter(|error| !is_about_the_rest(&error.problem));
        let wrong: Vec<_> = wrong.map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", block.place);
    }
}

#[test]
fn every_list_of_problems_is_the_programs_own() {
    let folder = Folder::new();
    for name in ["motd", "router"] {
        folder.write(&format!("plugins/{name}.wasm"), "");
    }
    let all = all_blocks();
    let pairs: Vec<_> = all
        .windows(2)
        .filter_map(|pair| <&[Block; 2]>::try_from(pair).ok())
        .collect();
    let shown: Vec<_> = pairs
        .into_iter()
        .filter(|[block, _]| block.language == "toml,problems")
        .collect();
    assert!(!shown.is_empty(), "the pages have lost their examples of mistakes");
    for [block, list] in shown {
        let prefix = format!("{}/", folder.0.path().display());
        let problems = folder.problems(&block.text);
        let lines: Vec<_> = problems
            .iter()
            .map(|error| error.to_string().replace(&prefix, ""))
            .collect();
        assert_eq!(list.language, "text", "{}: no list of problems follows", block.place);
        assert_eq!(list.text.trim_end(), lines.join("\n"), "{}", list.place);
    }
}

/// Another compiler makes something else of them, but not much else.
const SIZE_TOLERANCE_PERCENT: u64 = 5;

#[test]
fn the_standard_plugins_are_as_large_as_their_list_says() {
    let built = plugins::build().expect("the plugins build");
    let list = fs::read_to_string(workspace::root().join("plugins/README.md")).expect("the list is there");
    let mut wrong = Vec::new();
    let mut listed = 0;
    for line in list.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, _, what, size, _] = cells[..] else { continue };
        let Some(file) = what.split('`').nth(1).filter(|file| file.ends_with(".wasm")) else {
            continue;
        };
        listed += 1;
        let told: u64 = size
            .strip_suffix(" KiB")
            .and_then(|kib| kib.parse().ok())
            .expect("a size in KiB");
        let bytes = fs::metadata(built.join(file)).expect("a plugin of that name").len();
        let kib = bytes.div_ceil(1 << 10);
        if told.abs_diff(kib) * 100 > told * SIZE_TOLERANCE_PERCENT {
            wrong.push(format!("{file} has {kib} KiB, and is said to have {told}"));
        }
    }
    assert!(listed > NAMED_PLUGINS.len(), "the list has lost its plugins");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Standard plugins that are there only where a page's configuration names them: they would not load without one.
const NAMED_PLUGINS: [&str; 9] = [
    "auth-mojang",
    "auth-offline",
    "bungee-channel",
    "bungee-forwarding",
    "bungeeguard",
    "chat-guard",
    "proxy-protocol",
    "realip",
    "velocity-forwarding",
];

/// The quick start, with the program that the tests have built: what it says to do works, and nothing else is in force.
#[test]
fn a_release_as_it_is_laid_out_passes_its_own_check_and_stays_as_the_operator_has_it() {
    let folder = Folder::new();
    let built = plugins::build_standard().expect("the plugins build");
    let lay_out = || xtask::dist::lay_out(&folder.path(""), Path::new(BINARY), &built).expect("a release");
    let check = || {
        let mut command = Command::new(folder.path("portcullis"));
        let checked = command.arg("check").current_dir(folder.path("")).output();
        assert_success(&checked.expect("the binary starts"), "a fresh release");
    };
    let names = |of: &str| {
        let files = fs::read_dir(folder.path(of)).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
        names.collect::<BTreeSet<_>>()
    };
    lay_out();
    check();
    assert_eq!(names("plugins"), ["motd.wasm", "router.wasm"].map(str::to_owned).into());
    assert_eq!(names("plugins-available").len(), built.len() - 2);

    let own = fs::read_to_string(folder.path("portcullis.toml")).expect("a configuration");
    let own = format!("# My own.\n{own}");
    folder.write("portcullis.toml", &own);
    fs::rename(
        folder.path("plugins-available/proxy-protocol.wasm"),
        folder.path("plugins/proxy-protocol.wasm"),
    )
    .expect("it can be moved");
    lay_out();
    check();
    assert_eq!(fs::read_to_string(folder.path("portcullis.toml")).ok(), Some(own));
    assert!(names("plugins").contains("proxy-protocol.wasm"));
    assert!(!names("plugins-available").contains("proxy-protocol.wasm"));
}

/// What only the plugins know of a configuration shows when they are loaded.
#[test]
fn every_whole_configuration_loads_with_the_standard_plugins_and_with_the_first_plugin() {
    let built = plugins::build().expect("the plugins build");
    let first = Example::FirstRoute.build().expect("the first plugin builds");
    let folder = Folder::new();
    for name in ["motd.wasm", "router.wasm"] {
        folder.copy(&built.join(name), &format!("plugins/{name}"));
    }
    for block in blocks("toml,config") {
        let of_first_plugin = block.place.starts_with(FIRST_PLUGIN_PAGE);
        if of_first_plugin {
            folder.copy(&first, "plugins/first-route.wasm");
        }
        let named = NAMED_PLUGINS.into_iter().filter(|plugin| block.text.contains(plugin));
        let named: Vec<_> = named.map(|plugin| format!("{plugin}.wasm")).collect();
        for name in &named {
            folder.copy(&built.join(name), &format!("plugins/{name}"));
        }
        folder.write("portcullis.toml", &block.text);
        let checked = Command::new(BINARY)
            .args(["check", "-c"])
            .arg(folder.path("portcullis.toml"))
            .output();
        assert_success(&checked.expect("the binary starts"), &block.place);
        // In other pages' folders they would be plugins without their configuration.
        let first = of_first_plugin.then(|| "first-route.wasm".to_owned());
        for name in named.into_iter().chain(first) {
            fs::remove_file(folder.path(&format!("plugins/{name}"))).expect("it was put there");
        }
    }
}

#[test]
fn every_command_is_one_that_the_programs_accept() {
    let mut commands: BTreeMap<(Program, Vec<String>), String> = BTreeMap::new();
    for block in blocks("console") {
        for line in block.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            if let Some(command) = parse_command(line) {
                commands
                    .entry(command)
                    .or_insert_with(|| format!("{}: {line}", block.place));
            }
        }
    }
    assert!(commands.len() > 10, "the pages have lost their commands");
    let mut refused = Vec::new();
    for ((program, arguments), place) in commands {
        let mut command = match program {
            Program::Portcullis => Command::new(BINARY),
            Program::Xtask => {
                let mut cargo = workspace::cargo(workspace::root());
                cargo.arg("xtask");
                cargo
            }
        };
        // Everything before it must be right for the help to be shown; what follows `--` is for somebody else.
        let own = arguments.iter().take_while(|argument| *argument != "--");
        let answered = command.args(own).arg("--help").output().expect("the program starts");
        if !answered.status.success() {
            refused.push(format!("{place}\n{}", String::from_utf8_lossy(&answered.stderr)));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        for link in links(&page.text) {
            let (target, anchor) = link
                .split_once('#')
                .map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let file = if target.is_empty() {
                page.file.clone()
            } else {
                beside(&page.file, target)
            };
            let leads = match (fs::read_to_string(&file), anchor) {
                (Ok(text), Some(anchor)) => anchors(&text).contains(anchor),
                (_, _) => file.exists(),
            };
            if !leads {
                broken.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere: {broken:#?}");
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let book = workspace::root().join("docs");
    let summary = book.join("SUMMARY.md");
    let text = fs::read_to_string(&summary).expect("the book has a summary");
    let listed: BTreeSet<PathBuf> = links(&text).iter().map(|link| beside(&summary, link)).collect();
    let pages: BTreeSet<PathBuf> = markdown_below(&book)
        .into_iter()
        .filter(|page| *page != summary)
        .collect();
    let missing: Vec<_> = pages.difference(&listed).collect();
    assert!(missing.is_empty(), "not in SUMMARY.md: {missing:#?}");
}

struct Page {
    file: PathBuf,
    /// From the root of the repository.
    name: String,
    text: String,
}

/// A fenced block, with what it includes.
struct Block {
    language: String,
    text: String,
    /// Page and line.
    place: String,
}

fn pages() -> Vec<Page> {
    let root = workspace::root();
    let mut files: Vec<PathBuf> = OTHER_PAGES.iter().map(|name| root.join(name)).collect();
    files.extend(markdown_below(&root.join("docs")));
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        Page { file, name, text }
    };
    files.into_iter().map(read).collect()
}

/// Sorted; without what mdBook has built.
fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the book is there") {
        let path = entry.expect("the book can be read").path();
        if path.is_dir() && path != workspace::root().join("docs/book") {
            found.extend(markdown_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn blocks(language: &str) -> Vec<Block> {
    all_blocks()
        .into_iter()
        .filter(|block| block.language == language)
        .collect()
}

fn all_blocks() -> Vec<Block> {
    pages().iter().flat_map(blocks_of).collect()
}

fn blocks_of(page: &Page) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                let place = format!("{}:{}", page.name, number + 1);
                open = Some(Block {
                    language: language.trim().to_owned(),
                    text: String::new(),
                    place,
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(&included(page, line));
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block has no end", page.name);
    blocks
}

/// The line, or the file that it includes.
fn included(page: &Page, line: &str) -> String {
    let name = line
        .strip_prefix("{{#include ")
        .and_then(|rest| rest.strip_suffix("}}"));
    name.map_or_else(
        || line.to_owned(),
        |name| {
            fs::read_to_string(beside(&page.file, name))
                .unwrap_or_else(|error| panic!("{}: {name}: {error}", page.name))
        },
    )
}

/// Whether a problem only says that a part is not the whole.
fn is_about_the_rest(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::MissingKey { .. }
            | Problem::UndefinedChain { .. }
            | Problem::UnknownPlugin { .. }
            | Problem::NoTrustedProxies { .. }
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Program {
    Portcullis,
    Xtask,
}

/// A command of one of ours, up to where the shell takes over. Nothing for other programs.
fn parse_command(line: &str) -> Option<(Program, Vec<String>)> {
    let is_the_shells = |word: &str| matches!(word, "|" | "||" | "&&" | "&" | ";" | "#") || word.starts_with('>');
    let mut words = line
        .split_whitespace()
        .take_while(|word| !is_the_shells(word))
        .map(str::to_owned);
    let program = match words.next()?.as_str() {
        "portcullis" | "./portcullis" => Program::Portcullis,
        "cargo" if words.next()? == "xtask" => Program::Xtask,
        _ => return None,
    };
    Some((program, words.collect()))
}

/// Targets of relative links, outside code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            // Every second part is between backquotes.
            let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
            let targets = prose
                .split("](")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
            links.extend(targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")));
        }
    }
    links
}

/// The names that mdBook gives to a page's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block && line.starts_with('#') {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    anchors
}

/// A path as a page names it, made one that compares equal.
fn beside(page: &Path, target: &str) -> PathBuf {
    let mut path = page.parent().expect("a page is in a folder").to_owned();
    for component in Path::new(target).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// A folder with a configuration and plugins, gone with its test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::with_prefix("portcullis-docs-").expect("a folder for temporary files"));
        fs::create_dir(folder.path("plugins")).expect("a fresh folder");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a fresh folder");
    }

    fn copy(&self, from: &Path, name: &str) {
        fs::copy(from, self.path(name)).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }

    /// What is wrong with this text as the folder's configuration.
    fn problems(&self, text: &str) -> Vec<ConfigError> {
        portcullis_config::parse(&self.path("portcullis.toml"), text)
            .err()
            .unwrap_or_default()
    }
}

#[track_caller]
fn assert_success(output: &Output, what: &str) {
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{what}\n{said}{complained}");
}
