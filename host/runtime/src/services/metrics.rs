//! `metrics`: a plugin's own numbers, exposed as `plugin_<plugin>_<metric>`, with bounds on names and series.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use portcullis_telemetry::Metrics;
use portcullis_telemetry::prometheus::core::Collector;
use portcullis_telemetry::prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts};

use crate::bindings::portcullis::plugin::metrics;
use crate::context::Context;

const MAX_METRICS: usize = 64;
const MAX_SERIES: usize = 64;
const MAX_NAME_BYTES: usize = 64;
const MAX_LABELS: usize = 8;
const MAX_LABEL_VALUE_BYTES: usize = 128;

/// Meant for seconds: from 100 µs, by about three, to 10 s.
const BUCKETS: [f64; 11] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

type Labels = Vec<(String, String)>;

impl metrics::Host for Context {
    fn add(&mut self, counter: String, labels: Labels, by: u64) {
        self.record(&counter, labels, Kind::Counter, |family, values| {
            if let Family::Counter(family) = family {
                family.with_label_values(values).inc_by(by);
            }
        });
    }

    fn set(&mut self, gauge: String, labels: Labels, value: f64) {
        self.record(&gauge, labels, Kind::Gauge, |family, values| {
            if let Family::Gauge(family) = family {
                family.with_label_values(values).set(value);
            }
        });
    }

    fn observe(&mut self, histogram: String, labels: Labels, value: f64) {
        self.record(&histogram, labels, Kind::Histogram, |family, values| {
            if let Family::Histogram(family) = family {
                family.with_label_values(values).observe(value);
            }
        });
    }
}

impl Context {
    fn record(&self, name: &str, labels: Labels, kind: Kind, write: impl FnOnce(&Family, &[&str])) {
        if !self.plugin.guest_metrics.record(name, labels, kind, write) {
            self.plugin.meters.metrics_refused.inc();
        }
    }
}

/// The metrics one plugin has made so far, on all workers and through every generation.
#[derive(Debug)]
pub(crate) struct GuestMetrics {
    metrics: Metrics,
    prefix: String,
    made: Mutex<HashMap<String, Made>>,
}

#[derive(Debug)]
struct Made {
    kind: Kind,
    label_names: Vec<String>,
    family: Family,
    series: HashSet<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

#[derive(Debug)]
enum Family {
    Counter(IntCounterVec),
    Gauge(GaugeVec),
    Histogram(HistogramVec),
}

impl GuestMetrics {
    pub(crate) fn new(metrics: &Metrics, plugin: &str) -> Self {
        let prefix = format!("plugin_{}_", plugin.replace('-', "_"));
        Self {
            metrics: metrics.clone(),
            prefix,
            made: Mutex::default(),
        }
    }

    /// Whether it was recorded.
    fn record(&self, name: &str, mut labels: Labels, kind: Kind, write: impl FnOnce(&Family, &[&str])) -> bool {
        labels.sort_unstable();
        let too_long = labels.iter().any(|(_, value)| value.len() > MAX_LABEL_VALUE_BYTES);
        if labels.len() > MAX_LABELS || too_long {
            return false;
        }
        let (names, values): (Vec<_>, Vec<_>) = labels.into_iter().unzip();
        let mut made = self.made.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !made.contains_key(name) {
            if made.len() >= MAX_METRICS || !valid_name(name) || !names.iter().all(|label| valid_name(label)) {
                return false;
            }
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return false;
            }
            let Some(family) = self.make(name, &names, kind) else {
                return false;
            };
            made.insert(
                name.to_owned(),
                Made {
                    kind,
                    label_names: names.clone(),
                    family,
                    series: HashSet::new(),
                },
            );
        }
        let Some(metric) = made.get_mut(name) else { return false };
        if metric.kind != kind || metric.label_names != names {
            return false;
        }
        if !metric.series.contains(&values) {
            if metric.series.len() >= MAX_SERIES {
                return false;
            }
            metric.series.insert(values.clone());
        }
        write(&metric.family, &values.iter().map(String::as_str).collect::<Vec<_>>());
        true
    }

    /// None where the name or a label is reserved, or stands for something else already.
    fn make(&self, name: &str, labels: &[String], kind: Kind) -> Option<Family> {
        let name = format!("{}{name}", self.prefix);
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        const HELP: &str = "Reported by the plugin.";
        let (family, collector): (_, Box<dyn Collector>) = match kind {
            Kind::Counter => {
                let family = IntCounterVec::new(Opts::new(name, HELP), &labels).ok()?;
                (Family::Counter(family.clone()), Box::new(family))
            }
            Kind::Gauge => {
                let family = GaugeVec::new(Opts::new(name, HELP), &labels).ok()?;
                (Family::Gauge(family.clone()), Box::new(family))
            }
            Kind::Histogram => {
                let options = HistogramOpts::new(name, HELP).buckets(BUCKETS.to_vec());
                let family = HistogramVec::new(options, &labels).ok()?;
                (Family::Histogram(family.clone()), Box::new(family))
            }
        };
        self.metrics.register(collector).ok()?;
        Some(family)
    }
}

/// A plugin that leaves and comes back may use its names again.
impl Drop for GuestMetrics {
    fn drop(&mut self) {
        let made = self.made.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (_, Made { family, .. }) in made.drain() {
            let collector: Box<dyn Collector> = match family {
                Family::Counter(family) => Box::new(family),
                Family::Gauge(family) => Box::new(family),
                Family::Histogram(family) => Box::new(family),
            };
            // An error says that it is not registered, which is what is wanted.
            let _ = self.metrics.unregister(collector);
        }
    }
}

/// Letters, digits and underscores, from a letter.
fn valid_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= MAX_NAME_BYTES
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(metrics: &GuestMetrics, name: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        metrics.record(name, labels, Kind::Counter, |family, values| {
            if let Family::Counter(family) = family {
                family.with_label_values(values).inc();
            }
        })
    }

    #[test]
    fn a_counter_is_exposed_under_the_plugins_name() {
        let metrics = Metrics::new();
        let guest = GuestMetrics::new(&metrics, "my-plugin");
        assert!(add(&guest, "hits_total", &[("host", "a")]));
        assert!(
            metrics.render().contains(r#"plugin_my_plugin_hits_total{host="a"} 1"#),
            "{}",
            metrics.render()
        );
    }

    #[test]
    fn names_kinds_label_sets_and_numbers_are_bounded() {
        let guest = GuestMetrics::new(&Metrics::new(), "p");
        assert!(!add(&guest, "Bad-Name", &[]));
        assert!(!add(&guest, "twice", &[("a", "1"), ("a", "2")]));
        assert!(add(&guest, "fixed", &[("a", "1")]));
        assert!(!add(&guest, "fixed", &[("b", "1")]));
        assert!(!guest.record("fixed", vec![("a".into(), "1".into())], Kind::Gauge, |_, _| ()));
        let series = (0..100)
            .filter(|n| add(&guest, "many", &[("n", &n.to_string())]))
            .count();
        assert_eq!(series, MAX_SERIES);
        let metrics = (0..100).filter(|n| add(&guest, &format!("m{n}"), &[])).count();
        assert_eq!(metrics, MAX_METRICS - 2);
    }

    #[test]
    fn a_value_longer_than_allowed_is_refused() {
        let guest = GuestMetrics::new(&Metrics::new(), "p");
        assert!(!add(&guest, "x", &[("a", &"v".repeat(MAX_LABEL_VALUE_BYTES + 1))]));
    }
}
