//! `cargo xtask bench`: what Portcullis costs, beside HAProxy in TCP mode and beside no proxy at all.
//!
//! Every figure is taken in alternating runs, each against a freshly started proxy: no proxy, HAProxy, Portcullis, and a second HAProxy,
//! whose distance from the first is the noise of the machine. All four meet the same load generator and the same backend.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

mod backend;
mod cpus;
mod figures;
mod framed;
mod haproxy;
mod lab;
mod load;
mod meter;
mod poll;
mod portcullis;
mod report;
mod rows;
mod statistics;
mod subject;
mod swap;
mod wire;

use cpus::Layout;
use figures::Figure;
use lab::Lab;
use report::{Conditions, Report};
use subject::Subject;

use crate::{process, workspace};

/// Alternating runs of each figure: the fewest whose median two equal proxies do not often turn around.
const RUNS: usize = 6;
const QUICK_RUNS: usize = 2;
/// More than this share of the processors busy with something else, and the figures say little.
const QUIET: f64 = 0.1;

const RUNTIME: &str = "portcullis-runtime";

/// What `cargo xtask bench` takes.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// Fewer and shorter runs: a first impression, not for publication
    #[arg(long)]
    quick: bool,
    /// Only these figures
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',')]
    only: Vec<Figure>,
    /// Alternating runs of each figure [default: 6; 2 with --quick]
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroUsize>,
    /// What is measured, in this order
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',', default_values_t = Subject::ALL)]
    subjects: Vec<Subject>,
    /// Where load, backend and proxy run
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Layout::One)]
    processors: Layout,
    /// Also write every single value to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, and prints a table for `docs/specification.md`.
///
/// # Errors
/// When a proxy cannot be built, installed or started, or when a run goes wrong: then there is no table.
pub fn run(args: BenchArgs) -> anyhow::Result<()> {
    let figures = if args.only.is_empty() {
        Figure::ALL.to_vec()
    } else {
        args.only
    };
    let runs = args
        .runs
        .map_or(if args.quick { QUICK_RUNS } else { RUNS }, NonZeroUsize::get);
    let measured: Vec<Figure> = figures
        .iter()
        .copied()
        .filter(|figure| !figure.rows().is_empty())
        .collect();
    if !measured.is_empty() {
        let lab = Lab::new(&args.subjects, args.processors, args.quick)?;
        let conditions = Conditions {
            runs,
            quick: args.quick,
            busy: meter::busy_share(Duration::from_secs(1))?,
            layout: args.processors,
            workers: lab.processors.workers(),
        };
        let report = measure(&lab, &measured, &args.subjects, conditions)?;
        std::io::stdout().write_all(report.markdown().as_bytes())?;
        if let Some(file) = &args.json {
            let text = serde_json::to_string_pretty(&report.json())?;
            std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
        }
    }
    if figures.contains(&Figure::Codec) {
        of_a_crate("portcullis-protocol", "ratios", "")?;
    }
    if figures.contains(&Figure::Hooks) {
        // As the host calls, and as it would with component-model async.
        of_a_crate(RUNTIME, "hooks", "")?;
        of_a_crate(RUNTIME, "hooks", "concurrency")?;
    }
    if figures.contains(&Figure::Sdk) {
        of_a_crate(RUNTIME, "sdk", "")?;
    }
    if figures.contains(&Figure::Languages) {
        of_a_crate(RUNTIME, "languages", "")?;
    }
    Ok(())
}

fn measure(lab: &Lab, figures: &[Figure], subjects: &[Subject], conditions: Conditions) -> anyhow::Result<Report> {
    if conditions.busy > QUIET {
        eprintln!(
            "warning: {:.0} % of this machine's processors are busy with something else",
            conditions.busy * 100.0
        );
    }
    let runs = conditions.runs;
    let mut report = Report::new(conditions);
    for &figure in figures {
        let mut samples = report::Samples::default();
        for round in 0..runs {
            // Every subject has every place in the order, so that none always runs on a machine warmed by the same other.
            for place in 0..subjects.len() {
                let Some(&subject) = subjects.get((place + round) % subjects.len()) else {
                    continue;
                };
                if !figure.concerns(subject) {
                    continue;
                }
                eprintln!("{figure}: run {} of {runs}, {subject}", round + 1);
                let values = figure
                    .measure(lab, subject)
                    .with_context(|| format!("measuring {figure} of {subject}"))?;
                samples.add(subject, values);
            }
        }
        report.add(figure, samples);
    }
    Ok(report)
}

/// What happens inside one process is measured by a benchmark of the crate itself.
fn of_a_crate(package: &str, bench: &str, features: &str) -> anyhow::Result<()> {
    let mut command = workspace::cargo(workspace::root());
    command.args(["bench", "--package", package, "--bench", bench]);
    command.args(["--features", features]);
    process::run(command)
}
