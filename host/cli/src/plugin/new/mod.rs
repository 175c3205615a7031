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
    has_templates(&plan.hooks, args.lang)?;
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

/// A hook without a template is found before anything is written.
fn has_templates(hooks: &[HookName], language: Language) -> anyhow::Result<()> {
    let templates = match language {
        Language::Rust => rust::HOOKS,
        Language::Js => javascript::HOOKS,
        Language::Python => python::HOOKS,
    };
    let lacks = hooks
        .iter()
        .find(|hook| !templates.iter().any(|(known, _)| known == *hook));
    if let Some(hook) = lacks {
        let known: Vec<&str> = templates.iter().map(|(hook, _)| hook.name()).collect();
        bail!(
            "there is no template for the hook {} in this language: begin with one of {}, and write it from the contract",
            hook.name(),
            known.join(", ")
        );
    }
    Ok(())
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
