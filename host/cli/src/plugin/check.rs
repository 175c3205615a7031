//! `portcullis plugin check`: loads a component as a host would, and says what it found.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use portcullis_config::{Plugin, PluginName};
use portcullis_runtime::workbench::{self, Inspection, Trial, TrialError};

use super::project::name_of;
use super::report;
use crate::terminal::{Paint, during};

/// A host loads such a component, and that is all that ever happens to it.
const NO_HOOK: &str = "it exports `lifecycle` and no hook, so no host would ever call it: export a hook as well, in Rust with `#[hooks] \
                       impl Route for …`, elsewhere with `include portcullis:plugin/route-hook@0.1.0;` in its world";

/// A component that was looked at. It is fit for a host where there is no problem.
pub(crate) struct Checked {
    pub(crate) file: PathBuf,
    /// What a configuration would call it.
    pub(crate) name: String,
    pub(crate) inspection: Option<Inspection>,
    pub(crate) trial: Option<Trial>,
    pub(crate) problem: Option<String>,
}

pub(crate) fn check(file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let checked = look(file)?;
    if json {
        println!("{}", report::json(&checked));
    } else {
        if checked.inspection.is_some() {
            print!("{}", report::text(&checked));
        }
        if let Some(problem) = &checked.problem {
            eprintln!("{}", refusal(&checked.file, problem));
        }
    }
    Ok(match checked.problem {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}

/// Why a host would not take a component.
pub(crate) fn refusal(file: &Path, problem: &str) -> String {
    format!("{}: {}: {problem}", Paint::stderr().bad("error"), file.display())
}

/// Inspects, compiles, instantiates, describes. Only what is wrong with this machine is an error.
pub(crate) fn look(file: &Path) -> anyhow::Result<Checked> {
    let (mut checked, bytes) = look_from_outside(file)?;
    if checked.problem.is_some() {
        return Ok(checked);
    }
    // A name is only for the limits and the texts here; a file may be called anything.
    let name = PluginName::try_from(&*checked.name).or_else(|_| PluginName::try_from("plugin"))?;
    let mut plugin = Plugin::new(name, Path::new(""));
    // What is looked at is the component, not what an operator allows it.
    let needed = checked.inspection.iter().flat_map(|inspection| &inspection.grants);
    plugin.grants = needed.filter_map(|grant| grant.parse().ok()).collect();
    let compiling = format!("compiling {}", file.display());
    match during(&compiling, || workbench::try_out(&plugin, bytes)) {
        Ok(trial) => {
            if checked
                .inspection
                .as_ref()
                .is_some_and(|inspection| inspection.hooks.is_empty())
            {
                checked.problem = Some(NO_HOOK.to_owned());
            }
            checked.trial = Some(trial);
        }
        Err(TrialError::Load(error)) => checked.problem = Some(error.to_string()),
        Err(TrialError::Start(error)) => return Err(error.into()),
    }
    Ok(checked)
}

/// Inspects alone, and gives the file's contents.
pub(crate) fn look_from_outside(file: &Path) -> anyhow::Result<(Checked, Vec<u8>)> {
    if file.is_dir() {
        bail!("{} is a folder; name the component in it", file.display());
    }
    if !file.is_file() {
        bail!(
            "there is no file {}; build it with `portcullis plugin build`, which says where it is",
            file.display()
        );
    }
    let read = workbench::read(file).and_then(|bytes| Ok((workbench::inspect(&bytes)?, bytes)));
    let (inspection, bytes, problem) = match read {
        Ok((inspection, bytes)) => (Some(inspection), bytes, None),
        Err(error) => (None, Vec::new(), Some(error.to_string())),
    };
    let checked = Checked {
        file: file.to_owned(),
        name: name_of(file),
        inspection,
        trial: None,
        problem,
    };
    Ok((checked, bytes))
}
