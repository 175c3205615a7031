//! `portcullis plugin bench`: what calls of a plugin's hooks cost.

mod baseline;
mod capture;
mod room;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use portcullis_config::{PluginName, Sources};
use portcullis_registry::Registry;
use portcullis_runtime::Hook;
use portcullis_runtime::workbench::{self, BenchError, Cost, Fuel, Script};

use self::baseline::{Figures, HookFigures, change};
use self::room::Room;
use super::args::BenchArgs;
use super::check::{Checked, look_from_outside, refusal};
use super::report;
use crate::check::describe;
use crate::table;
use crate::terminal::{Paint, during};

/// Where the session hook's player is, if the configuration has no server.
const NOWHERE: &str = "lobby-1";

pub(crate) fn bench(path: &Path, args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let baseline = args.baseline.as_deref().map(Figures::load).transpose()?;
    let (checked, _) = look_from_outside(&args.file)?;
    if let Some(problem) = &checked.problem {
        eprintln!("{}", refusal(&checked.file, problem));
        return Ok(ExitCode::FAILURE);
    }
    let hooks = hooks(&checked, args)?;
    let scripts = match &args.capture {
        Some(file) => capture::load(file)?,
        None => vec![Script {
            host: args.host.clone(),
            protocol: args.protocol,
            ..Script::default()
        }],
    };
    let sources = Sources::new(path);
    let name = args.plugin.as_ref().unwrap_or(&checked.name);
    let room = Room::new(&sources, path, name, &checked.file)?;
    if args.plugin.is_some() && !room.configured {
        bail!(
            "{} has no [plugins.{name}]; write it, or leave --plugin away",
            path.display()
        );
    }
    let figures = match measure(&room, &hooks, &scripts, args.calls as usize) {
        Ok(figures) => figures,
        Err(error) => {
            explain(&sources, name, path, error)?;
            return Ok(ExitCode::FAILURE);
        }
    };
    if let Some(file) = &args.save {
        figures.save(file)?;
    }
    if args.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        print!("{}", show(&figures, baseline.as_ref()));
    }
    let slower = baseline
        .map(|baseline| figures.slower_than(&baseline, args.tolerance))
        .unwrap_or_default();
    for line in &slower {
        eprintln!("{}: {line}", Paint::stderr().bad("slower"));
    }
    Ok(if slower.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Those asked for, which must be there, or all that are.
fn hooks(checked: &Checked, args: &BenchArgs) -> anyhow::Result<Vec<Hook>> {
    let has = checked.inspection.as_ref().map(|it| &*it.hooks).unwrap_or_default();
    let list = |hooks: &[Hook]| hooks.iter().map(|hook| hook.label()).collect::<Vec<_>>().join(", ");
    if has.is_empty() {
        bail!("{} has no hooks: there is nothing to measure", checked.file.display());
    }
    let asked: Vec<Hook> = args.hooks.iter().copied().map(Hook::from).collect();
    if let Some(missing) = asked.iter().find(|hook| !has.contains(hook)) {
        bail!(
            "{} has no hook `{}`; it has {}",
            checked.file.display(),
            missing.label(),
            list(has)
        );
    }
    let wanted = |hook: &Hook| {
        if asked.is_empty() {
            has.contains(hook)
        } else {
            asked.contains(hook)
        }
    };
    Ok(Hook::ALL.into_iter().filter(wanted).collect())
}

fn measure(room: &Room, hooks: &[Hook], scripts: &[Script], calls: usize) -> Result<Figures, BenchError> {
    let Room { config, plugin, .. } = room;
    let registry = Registry::new();
    registry.servers.apply(&config.servers);
    let server = config.servers.first().map_or(NOWHERE, |server| &*server.name);
    let counted = during("counting", || {
        workbench::fuel(plugin, &registry, server, scripts, hooks)
    })?;
    let costs = during("measuring", || {
        workbench::bench(config.clone(), &registry, server, scripts, hooks, calls)
    })?;
    Ok(Figures {
        plugin: counted.description.name,
        version: counted.description.version,
        hooks: costs.iter().map(|cost| figures(cost, &counted.calls)).collect(),
    })
}

fn figures(cost: &Cost, fuel: &[Fuel]) -> (String, HookFigures) {
    let nanos = |duration: std::time::Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let figures = HookFigures {
        calls: cost.calls as u64,
        p50_ns: nanos(cost.p50),
        p99_ns: nanos(cost.p99),
        fuel: fuel.iter().find(|it| it.hook == cost.hook).map_or(0, |it| it.fuel),
        memory_bytes: cost.memory_after,
        memory_growth_bytes: cost.memory_after.saturating_sub(cost.memory_before),
    };
    (cost.hook.label().to_owned(), figures)
}

/// A configuration that the plugin refuses points at its lines; any other failure is the plugin's.
fn explain(sources: &Sources, name: &str, path: &Path, error: BenchError) -> anyhow::Result<()> {
    let bad = Paint::stderr().bad("error");
    let problem = match error {
        BenchError::Start(error) => return Err(error.into()),
        BenchError::Load(error) => portcullis_runtime::LoadProblem {
            plugin: PluginName::try_from(name)?,
            error,
        },
        BenchError::Problem(problem) => problem,
        failed @ (BenchError::Failed { .. } | BenchError::Stopped) => {
            eprintln!("{bad}: {failed}");
            return Ok(());
        }
    };
    for line in describe(sources, &problem) {
        eprintln!("{bad}: {line}");
    }
    if matches!(problem.error, portcullis_runtime::LoadError::Configuration { .. }) {
        eprintln!(
            "the configuration is [plugins.{name}.config] in {}; name another file with -c",
            path.display()
        );
    }
    Ok(())
}

fn show(figures: &Figures, baseline: Option<&Figures>) -> String {
    let mut head = vec!["HOOK", "P50 NS", "P99 NS", "FUEL", "MEMORY", "GROWTH"];
    if baseline.is_some() {
        head.extend(["FUEL BEFORE", "CHANGE"]);
    }
    let known = Hook::ALL.into_iter().map(Hook::label);
    let rows: Vec<Vec<String>> = known
        .filter_map(|hook| Some((hook, figures.hooks.get(hook)?)))
        .map(|(hook, now)| {
            let mut row = vec![
                hook.to_owned(),
                now.p50_ns.to_string(),
                now.p99_ns.to_string(),
                now.fuel.to_string(),
                report::bytes(now.memory_bytes),
                format!("{} in {} calls", report::bytes(now.memory_growth_bytes), now.calls),
            ];
            if let Some(baseline) = baseline {
                let before = baseline.hooks.get(hook).map_or(0, |before| before.fuel);
                row.extend([before.to_string(), change(before, now.fuel)]);
            }
            row
        })
        .collect();
    table::render(&head, &rows)
}
