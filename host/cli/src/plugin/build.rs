//! `portcullis plugin build`: from sources to a component that a host would take, and on into the plugin folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::args::BuildArgs;
use super::check::{Checked, look, refusal};
use super::project::Project;
use super::{install, report, watch};
use crate::terminal::Paint;

pub(crate) fn build(config: &Path, args: &BuildArgs) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the working folder is gone; go to the plugin's folder")?;
    let project = Project::find(&folder)?;
    if args.watch {
        watch::watch(&project, config, args)?;
        return Ok(ExitCode::SUCCESS);
    }
    let components = make(&project, args.release)?;
    for component in components.iter().filter(|component| component.problem.is_none()) {
        print!("{}", summary(component));
        if let Some(into) = &args.into {
            println!("  put into {}", install::put(component, into)?.display());
        }
    }
    Ok(match components.iter().all(|component| component.problem.is_none()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Builds and checks. What is wrong with a component is told, and left to the caller.
pub(crate) fn make(project: &Project, release: bool) -> anyhow::Result<Vec<Checked>> {
    let mut components = Vec::new();
    for built in project.build(release)? {
        let mut checked = look(&built.file)?;
        checked.name = built.name;
        if let Some(problem) = &checked.problem {
            eprintln!("{}", refusal(&checked.file, problem));
        }
        components.push(checked);
    }
    Ok(components)
}

/// What it is, in two lines.
pub(crate) fn summary(component: &Checked) -> String {
    let paint = Paint::stdout();
    let description = component.trial.as_ref().map(|trial| &trial.description);
    let (name, version) = description.map_or(("", ""), |it| (it.name.as_str(), it.version.as_str()));
    let inspection = component.inspection.as_ref();
    let size = inspection.map(|it| report::bytes(it.size_bytes)).unwrap_or_default();
    let hooks = inspection.map(|it| it.hooks.iter().map(|hook| hook.label()).collect::<Vec<_>>().join(", "));
    format!(
        "{} {size}, hooks: {}\n  {}\n",
        paint.good(&format!("{name} {version}")),
        hooks.unwrap_or_default(),
        paint.faint(&relative(&component.file).display().to_string())
    )
}

/// From the working folder where it is below that: shorter, and the same on every machine.
fn relative(file: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).to_owned()
}
