//! `portcullis plugin new`: the folder of a new plugin.

mod javascript;
mod names;
mod python;
mod rust;
mod script;
mod template;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use self::names::Names;
use super::args::{HookName, Language, NewArgs};
use crate::terminal::Paint;

/// A configuration to try a plugin with, and what version control leaves out: the same in every language.
const PORTCULLIS_TOML: &str = include_str!("../../../templates/portcullis.toml.in");
const GITIGNORE: &str = include_str!("../../../templates/gitignore");

/// A plugin to be made.
struct Plan {
    names: Names,
    /// In the order of a connection's life, each once.
    hooks: Vec<HookName>,
    folder: PathBuf,
}

pub(crate) fn new(args: &NewArgs) -> anyhow::Result<ExitCode> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let mut hooks = args.hooks.clone();
    hooks.sort_unstable();
    hooks.dedup();
    let plan = Plan {
        names: Names::new(&args.name, args.lang)?,
        hooks,
        folder,
    };
    if args.sdk.is_some() && args.lang != Language::Rust {
        bail!("--sdk is for plugins in Rust: the others have no SDK to depend on; leave it away");
    }
    make_folder(&plan.folder)?;
    let next = match args.lang {
        Language::Rust => rust::fill(&plan, args.sdk.as_deref())?,
        Language::Js => javascript::fill(&plan)?,
        Language::Python => python::fill(&plan)?,
    };
    println!("{} {}", Paint::stdout().good("made"), plan.folder.display());
    println!("\n    cd {}", plan.folder.display());
    for command in next {
        println!("    {command}");
    }
    println!("\nREADME.md says what each of them does.");
    Ok(ExitCode::SUCCESS)
}

/// A folder that was not there: nothing of anybody's is written over.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        bail!(
            "{} exists already; take another name, or another folder with --dir",
            folder.display()
        );
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    /// Every file but the vendored ones, by path.
    fn made(language: Language, hooks: Vec<HookName>) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan {
            names: Names::new("by-label", language).unwrap(),
            hooks,
            folder: folder.path().to_owned(),
        };
        match language {
            Language::Rust => rust::fill(&plan, None).unwrap(),
            Language::Js => javascript::fill(&plan).unwrap(),
            Language::Python => python::fill(&plan).unwrap(),
        };
        let mut files = Vec::new();
        for place in ["", "src", "tests", "wit"] {
            let Ok(entries) = fs::read_dir(folder.path().join(place)) else {
                continue;
            };
            let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
            files.extend(paths.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())));
        }
        files
    }

    #[test]
    fn no_word_of_a_template_is_left_whatever_the_language_and_the_hooks() {
        let all = HookName::value_variants();
        let choices: Vec<Vec<HookName>> = all.iter().map(|hook| vec![*hook]).chain([all.to_vec()]).collect();
        for language in Language::value_variants() {
            for hooks in &choices {
                let files = made(*language, hooks.clone());
                assert!(files.len() >= 4, "{files:?}");
                for (file, text) in files {
                    assert!(
                        !text.contains("{{") && !text.contains("%%"),
                        "{file} of {hooks:?}: {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_several_hooks_need_is_there_once() {
        for (language, source) in [(Language::Js, "plugin.js"), (Language::Python, "plugin.py")] {
            let files = made(language, HookName::value_variants().to_vec());
            let text = |name: &str| &files.iter().find(|(file, _)| file.ends_with(name)).unwrap().1;
            let once = |name: &str, line: &str| assert_eq!(text(name).matches(line).count(), 1, "{}", text(name));
            once("world.wit", "import portcullis:plugin/servers@0.1.0;");
            once("portcullis.toml", "grants = [\"packets\"]");
            match language {
                Language::Js => once(source, "import { all, kindOf } from 'portcullis:plugin/servers@0.1.0'"),
                _ => once(
                    source,
                    "from wit_world.imports import log, servers, session_facts, types",
                ),
            }
        }
    }

    #[test]
    fn a_plugin_that_nobody_would_ask_says_which_others_it_needs() {
        let check = |hooks: &[HookName], needs: bool| {
            for language in Language::value_variants() {
                let files = made(*language, hooks.to_vec());
                let readme = files.iter().find(|(file, _)| file.ends_with("/README.md")).unwrap();
                assert_eq!(readme.1.contains("auth-offline"), needs, "{hooks:?}: {}", readme.1);
            }
        };
        check(&[HookName::Packet], true);
        check(&[HookName::Backend, HookName::Route], true);
        check(&[HookName::Login, HookName::Command], false);
        check(&[HookName::Route, HookName::Session], false);
    }
}
