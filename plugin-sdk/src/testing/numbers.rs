//! The mock host's metrics: what breaks a rule of the contract is not recorded, but counted.

use std::collections::BTreeMap;

const MAX_METRICS: usize = 64;
const MAX_SERIES: usize = 64;
const MAX_LABELS: usize = 8;
const MAX_LABEL_VALUE_BYTES: usize = 128;

type Labels = Vec<(String, String)>;

#[derive(Debug, Default)]
pub(super) struct Numbers {
    metrics: BTreeMap<String, Metric>,
    pub(super) refused: u64,
}

#[derive(Debug)]
struct Metric {
    kind: Kind,
    names: Vec<String>,
    series: BTreeMap<Labels, f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// The sum of what was observed.
    Histogram,
}

impl Numbers {
    pub(super) fn record(&mut self, kind: Kind, name: &str, labels: &[(&str, &str)], value: f64) {
        if self.try_record(kind, name, sorted(labels), value).is_none() {
            self.refused += 1;
        }
    }

    /// The sum of all series, if there are any.
    pub(super) fn sum(&self, name: &str) -> Option<f64> {
        self.metrics.get(name).map(|metric| metric.series.values().sum())
    }

    pub(super) fn series(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.metrics.get(name)?.series.get(&sorted(labels)).copied()
    }

    fn try_record(&mut self, kind: Kind, name: &str, labels: Labels, value: f64) -> Option<()> {
        let too_long = labels.iter().any(|(_, value)| value.len() > MAX_LABEL_VALUE_BYTES);
        let names: Vec<String> = labels.iter().map(|(name, _)| name.clone()).collect();
        let twice = names.windows(2).any(|pair| pair.first() == pair.last());
        if labels.len() > MAX_LABELS || too_long || twice {
            return None;
        }
        if !self.metrics.contains_key(name) && self.metrics.len() >= MAX_METRICS {
            return None;
        }
        let metric = self.metrics.entry(name.to_owned()).or_insert_with(|| Metric {
            kind,
            names: names.clone(),
            series: BTreeMap::new(),
        });
        let is_new = !metric.series.contains_key(&labels);
        if metric.kind != kind || metric.names != names || is_new && metric.series.len() >= MAX_SERIES {
            return None;
        }
        let number = metric.series.entry(labels).or_default();
        *number = if kind == Kind::Gauge { value } else { *number + value };
        Some(())
    }
}

fn sorted(labels: &[(&str, &str)]) -> Labels {
    let mut labels: Labels = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    labels.sort();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metrics_first_use_fixes_its_kind_and_labels() {
        let mut numbers = Numbers::default();
        numbers.record(Kind::Counter, "a", &[("x", "1")], 1.0);
        numbers.record(Kind::Gauge, "a", &[("x", "1")], 5.0);
        numbers.record(Kind::Counter, "a", &[("y", "1")], 1.0);
        assert_eq!((numbers.sum("a"), numbers.refused), (Some(1.0), 2));
    }

    #[test]
    fn metrics_and_series_are_bounded() {
        let mut numbers = Numbers::default();
        for n in 0..100 {
            numbers.record(Kind::Counter, "many", &[("n", &n.to_string())], 1.0);
            numbers.record(Kind::Gauge, &format!("m{n}"), &[], 2.0);
        }
        assert_eq!(numbers.sum("many"), Some(64.0));
        assert_eq!(numbers.metrics.len(), MAX_METRICS);
        assert_eq!(numbers.refused, 36 + 37);
    }
}
