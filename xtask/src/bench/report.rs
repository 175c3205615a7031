//! The table for people and the JSON for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::cpus::Layout;
use super::figures::{Figure, Values};
use super::haproxy;
use super::rows::{Row, Target};
use super::statistics::Summary;
use super::subject::Subject;

/// Under what circumstances the figures were taken.
pub(super) struct Conditions {
    pub(super) runs: usize,
    pub(super) quick: bool,
    /// Share of the processors that something else kept busy before the first run.
    pub(super) busy: f64,
    pub(super) layout: Layout,
    pub(super) workers: usize,
}

/// The values of every run of one figure.
#[derive(Default)]
pub(super) struct Samples {
    runs: Vec<(Subject, Values)>,
}

pub(super) struct Report {
    conditions: Conditions,
    figures: Vec<(Figure, Samples)>,
}

impl Samples {
    pub(super) fn add(&mut self, subject: Subject, values: Values) {
        self.runs.push((subject, values));
    }

    /// The values of one row, run by run.
    fn of(&self, subject: Subject, row: usize) -> Vec<f64> {
        let runs = self.runs.iter().filter(|(whose, _)| *whose == subject);
        runs.filter_map(|(_, values)| values.get(row).copied().flatten())
            .collect()
    }

    /// Run by run, so that what slows the machine down for a while slows both.
    fn ratios(&self, subject: Subject, to: Subject, row: usize) -> Option<Summary> {
        let pairs = self.of(subject, row).into_iter().zip(self.of(to, row));
        Summary::of(pairs.map(|(value, reference)| value / reference))
    }
}

impl Report {
    pub(super) fn new(conditions: Conditions) -> Self {
        Self {
            conditions,
            figures: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, figure: Figure, samples: Samples) {
        self.figures.push((figure, samples));
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = String::from(
            "| | unit | no proxy | HAProxy | Portcullis | of no proxy | of HAProxy | two HAProxies | must be | |\n\
             |---|---|---:|---:|---:|---:|---:|---:|---:|---|\n",
        );
        for (row, index, samples) in self.rows() {
            let cell = |subject| summary(Summary::of(samples.of(subject, index)), row.digits);
            let ratio = |subject, to| summary(samples.ratios(subject, to, index), 2);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                row.title,
                row.unit,
                cell(Subject::Direct),
                cell(Subject::Haproxy),
                cell(Subject::Portcullis),
                ratio(Subject::Portcullis, Subject::Direct),
                ratio(Subject::Portcullis, Subject::Haproxy),
                ratio(Subject::Twin, Subject::Haproxy),
                row.target.map_or_else(String::new, |target| describe(target, row.unit)),
                verdict(row, index, samples).map_or("", |reached| if reached { "PASS" } else { "FAIL" }),
            );
        }
        text.push('\n');
        text.push_str(&self.notes());
        text
    }

    pub(super) fn json(&self) -> Value {
        let rows = self.rows().map(|(row, index, samples)| {
            let of = |subject| json!(samples.of(subject, index));
            json!({
                "name": row.key,
                "unit": row.unit,
                "direct": of(Subject::Direct),
                "haproxy": of(Subject::Haproxy),
                "portcullis": of(Subject::Portcullis),
                "twin": of(Subject::Twin),
                "of_no_proxy": samples.ratios(Subject::Portcullis, Subject::Direct, index).map(|ratio| ratio.median),
                "of_haproxy": samples.ratios(Subject::Portcullis, Subject::Haproxy, index).map(|ratio| ratio.median),
                "reached": verdict(row, index, samples),
            })
        });
        json!({
            "rows": rows.collect::<Vec<_>>(),
            "runs": self.conditions.runs,
            "quick": self.conditions.quick,
            "busy_before": self.conditions.busy,
            "workers": self.conditions.workers,
            "processors": format!("{:?}", self.conditions.layout).to_lowercase(),
            "congestion_control": congestion_control(),
            "machine": machine(),
            "haproxy": haproxy::version(),
        })
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Row, usize, &Samples)> {
        self.figures.iter().flat_map(|(figure, samples)| {
            figure
                .rows()
                .iter()
                .enumerate()
                .map(move |(index, row)| (row, index, samples))
        })
    }

    fn notes(&self) -> String {
        let Conditions {
            runs,
            quick,
            busy,
            layout,
            workers,
        } = self.conditions;
        let haproxy = haproxy::version().unwrap_or_else(|| "none".to_owned());
        let place = match layout {
            Layout::One => {
                "Load generator, backend and proxy share one processor; only to start and to swap may the proxy use all"
            }
            Layout::All => "Load generator, backend and proxy share all processors",
        };
        let mut notes = format!(
            "`cargo xtask bench` on {}, congestion control {}; HAProxy {haproxy} in TCP mode with `option splice-auto`. Medians of {runs} \
             alternating runs (smallest to largest), each against a fresh process; ratios are medians of the ratios run by run. \"Two \
             HAProxies\" is a second, equal HAProxy against the first: a difference within its range is noise. {place}; worker threads: \
             {workers}. CPU is the proxy's, user and system.\n",
            machine(),
            congestion_control(),
        );
        if quick {
            notes.push_str("Short runs: a first impression, not for publication.\n");
        }
        if busy > super::QUIET {
            let _ = writeln!(
                notes,
                "Before the first run {:.0} % of the processors were busy with something else.",
                busy * 100.0
            );
        }
        notes
    }
}

fn summary(summary: Option<Summary>, digits: usize) -> String {
    let Some(Summary { median, min, max }) = summary else {
        return "–".to_owned();
    };
    format!("{median:.digits$} ({min:.digits$}–{max:.digits$})")
}

fn describe(target: Target, unit: &str) -> String {
    match target {
        Target::RatioAtMost(ratio) => format!("≤ {ratio} ×"),
        Target::RatioAtLeast(ratio) => format!("≥ {ratio} ×"),
        Target::AtMost(value) => format!("≤ {value} {unit}").trim_end().to_owned(),
        Target::AtLeast(value) => format!("≥ {value} {unit}").trim_end().to_owned(),
    }
}

/// Whether Portcullis reaches its target; `None` without a target or without a value.
fn verdict(row: &Row, index: usize, samples: &Samples) -> Option<bool> {
    let ratio = samples
        .ratios(Subject::Portcullis, Subject::Haproxy, index)
        .map(|ratio| ratio.median);
    let own = Summary::of(samples.of(Subject::Portcullis, index)).map(|own| own.median);
    Some(match row.target? {
        Target::RatioAtMost(limit) => ratio? <= limit,
        Target::RatioAtLeast(limit) => ratio? >= limit,
        Target::AtMost(limit) => own? <= limit,
        Target::AtLeast(limit) => own? >= limit,
    })
}

/// It decides how bulk data is cut into pieces, on loopback too.
fn congestion_control() -> String {
    let name = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_congestion_control").unwrap_or_default();
    name.trim().to_owned()
}

fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = cpuinfo
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let models: Vec<&str> = models.map(|(_, model)| model.trim()).collect();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = kernel.trim().split('-').next().unwrap_or_default();
    format!(
        "{} × {}, Linux {release}",
        models.len(),
        models.first().unwrap_or(&"unknown processor")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut samples = Samples::default();
        for (haproxy, portcullis) in [(10_000.0, 9_000.0), (8_000.0, 6_000.0), (9_000.0, 8_100.0)] {
            samples.add(Subject::Haproxy, vec![Some(haproxy), Some(100.0)]);
            samples.add(Subject::Portcullis, vec![Some(portcullis), Some(130.0)]);
            samples.add(Subject::Direct, vec![Some(20_000.0), None]);
        }
        let mut report = Report::new(Conditions {
            runs: 3,
            quick: false,
            busy: 0.0,
            layout: Layout::One,
            workers: 1,
        });
        report.add(Figure::Logins, samples);
        report
    }

    #[test]
    fn the_table_shows_medians_ratios_and_verdicts() {
        let table = report().markdown();
        let rows: Vec<&str> = table.lines().skip(2).take(2).collect();
        assert_eq!(
            rows,
            [
                "| logins | 1/s | 20000 (20000–20000) | 9000 (8000–10000) | 8100 (6000–9000) | 0.41 (0.30–0.45) | 0.90 (0.75–0.90) | – | ≥ 0.8 × | PASS |",
                "| CPU of 1,000 logins | ms | – | 100.0 (100.0–100.0) | 130.0 (130.0–130.0) | – | 1.30 (1.30–1.30) | – | ≤ 1.2 × | FAIL |",
            ]
        );
    }

    #[test]
    fn the_json_holds_every_single_value() {
        let json = report().json();
        assert_eq!(
            json.pointer("/rows/0/portcullis"),
            Some(&json!([9_000.0, 6_000.0, 8_100.0]))
        );
        assert_eq!(json.pointer("/rows/1/reached"), Some(&json!(false)));
        assert_eq!(json.pointer("/rows/1/direct"), Some(&json!([])));
    }
}
