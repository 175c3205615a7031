//! `portcullis plugin build --watch`: from a saved file to players meeting the change, again and again.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use anyhow::Context as _;
use portcullis_config::Watcher;

use super::args::BuildArgs;
use super::build::{make, summary};
use super::check::Checked;
use super::confirm::{Answer, confirm};
use super::project::Project;
use super::{install, report};
use crate::terminal::Paint;

/// Builds now and whenever a source changes, until interrupted. A build that fails changes nothing.
pub(crate) fn watch(project: &Project, config: &Path, args: &BuildArgs) -> anyhow::Result<()> {
    let into = match &args.into {
        Some(folder) => folder.clone(),
        None => install::folder_of(config)?,
    };
    let (changed, changes) = channel();
    // Before the first build, so that what is saved meanwhile is not missed.
    let mut watcher = Watcher::new(project.sources(), move |_| {
        // No receiver: the command has ended.
        let _ = changed.send(Instant::now());
    })
    .context("the sources cannot be watched; build without --watch")?;
    let mut since = None;
    loop {
        match make(project, args.release) {
            Ok(components) => deliver(&components, &into, config, since),
            Err(error) => eprintln!("{}: {error:#}", Paint::stderr().bad("error")),
        }
        // Folders may have come and gone.
        watcher
            .watch(project.sources())
            .context("the sources cannot be watched any more; start again")?;
        eprintln!("{}", Paint::stderr().faint("waiting for a change; Ctrl-C ends"));
        let Some(next) = next_change(&changes) else {
            return Ok(());
        };
        since = Some(next);
    }
}

/// Waits for a change, and takes those that came with it.
fn next_change(changes: &Receiver<Instant>) -> Option<Instant> {
    let first = changes.recv().ok()?;
    changes.try_iter().for_each(drop);
    Some(first)
}

fn deliver(components: &[Checked], into: &Path, config: &Path, since: Option<Instant>) {
    for component in components.iter().filter(|component| component.problem.is_none()) {
        print!("{}", summary(component));
        match install::put(component, into) {
            Ok(target) => tell(component, &target, config, since),
            Err(error) => eprintln!("{}: {error:#}", Paint::stderr().bad("error")),
        }
    }
}

/// Where it went, and what the host, if there is one, made of it.
fn tell(component: &Checked, target: &Path, config: &Path, since: Option<Instant>) {
    println!("  put into {}", target.display());
    match confirm(config, component) {
        Answer::Running { generation } => {
            let took = since.map(|since| format!(", {} after the change", report::duration(since.elapsed())));
            println!(
                "  {} as generation {generation}{}",
                Paint::stdout().good("running"),
                took.unwrap_or_default()
            );
        }
        Answer::Refused(reason) => eprintln!("  {} by the host: {reason}", Paint::stderr().bad("refused")),
        Answer::Silent(patience) => eprintln!(
            "  {} by the host within {}; see its log, and whether {} is its plugin folder",
            Paint::stderr().bad("not taken"),
            report::duration(patience),
            target.parent().unwrap_or(target).display()
        ),
        Answer::Nobody => println!(
            "  no host runs with {}; start one with `portcullis run`",
            config.display()
        ),
    }
}
