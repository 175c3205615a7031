//! `portcullis check`: everything that `run` would find out, without serving anybody.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use portcullis_config::Sources;
use portcullis_registry::Registry;
use portcullis_runtime::{LoadError, LoadProblem, Runtime};
use portcullis_telemetry::Metrics;

pub(crate) fn check(path: &Path) -> anyhow::Result<ExitCode> {
    let sources = Sources::new(path);
    let config = match sources.load() {
        Ok(config) => Arc::new(config),
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            return Ok(count(problems.len()));
        }
    };
    let registry = Registry::new();
    registry.servers.apply(&config.servers);
    let plugins = match Runtime::check(config.clone(), registry, &Metrics::new())? {
        Ok(plugins) => plugins,
        Err(problems) => {
            let lines: Vec<_> = problems
                .iter()
                .flat_map(|problem| describe(&sources, problem))
                .collect();
            lines.iter().for_each(|line| eprintln!("{line}"));
            return Ok(count(lines.len()));
        }
    };
    println!(
        "{}: ok (listeners: {}, servers: {}, plugins: {}, chains: {})",
        path.display(),
        config.listeners.len(),
        config.servers.len(),
        plugins.len(),
        config.chains.len()
    );
    Ok(ExitCode::SUCCESS)
}

/// A problem's lines; one that lies in the configuration points at its place there.
pub(crate) fn describe(sources: &Sources, problem: &LoadProblem) -> Vec<String> {
    let LoadError::Configuration { plugin, violations } = &problem.error else {
        return vec![problem.to_string()];
    };
    let mut located: Vec<_> = violations
        .iter()
        .map(|violation| (sources.locate(plugin, &violation.pointer), violation))
        .collect();
    // From the top of the file to its end, as it is mended.
    located.sort_by_key(|(place, _)| place.as_ref().map(|location| (location.line, location.column)));
    located
        .into_iter()
        .map(|(place, violation)| {
            let place = place.map(|location| format!("{location}: ")).unwrap_or_default();
            let at = match violation.path() {
                path if path.is_empty() => path,
                path => format!(" {path}"),
            };
            format!("{place}[plugins.{plugin}.config]{at}: {}", violation.message)
        })
        .collect()
}

fn count(problems: usize) -> ExitCode {
    eprintln!("{problems} problem{}", if problems == 1 { "" } else { "s" });
    ExitCode::FAILURE
}
