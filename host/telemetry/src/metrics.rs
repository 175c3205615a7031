//! The host's numbers: families of counters, gauges and histograms, kept once and read by every outlet.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::process::Process;

/// Every metric of this process. Cloning is cheap and shares the numbers.
///
/// Asking twice for the same family gives the same family, so that two relays in one process add up instead of
/// failing. Resolve label values to a metric once, outside hot paths, and keep the handle: an increment is then one
/// relaxed atomic addition.
#[derive(Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    families: Mutex<BTreeMap<String, Known>>,
    created: SystemTime,
}

/// What a family is, for a page that lists all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The full name, with its unit, as scraped.
    pub name: String,
    /// How the number moves.
    pub kind: Kind,
    /// The label names, in the order given at creation.
    pub labels: Vec<String>,
    /// One sentence for a person.
    pub help: String,
}

/// How a family's numbers move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, until the process restarts.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
}

impl Metrics {
    /// An own set of numbers, with those of the process (memory, descriptors, start, version) in it.
    pub fn new() -> Self {
        let created = SystemTime::now();
        let metrics = Self {
            inner: Arc::new(Inner {
                registry: Registry::new(),
                families: Mutex::default(),
                created,
            }),
        };
        metrics
            .float_gauges(
                "portcullis_build_info",
                "Always 1; the label tells the running version.",
                &["version"],
            )
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1.0);
        metrics.insert(Box::new(Process::new(created)));
        metrics
    }

    /// A family of counters. Its name ends in `_total`.
    ///
    /// # Panics
    ///
    /// As all four: if the name is no Prometheus name, or already stands for a family of another kind or other labels.
    /// Names are constants of the program, so this is a mistake in it.
    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        let made = self.family(name, help, labels, Kind::Counter, || {
            IntCounterVec::new(Opts::new(name, help), labels).map(Handle::Counters)
        });
        match made {
            Handle::Counters(vec) => vec,
            _ => clash(name),
        }
    }

    /// A family of whole-numbered gauges.
    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        let made = self.family(name, help, labels, Kind::Gauge, || {
            IntGaugeVec::new(Opts::new(name, help), labels).map(Handle::Gauges)
        });
        match made {
            Handle::Gauges(vec) => vec,
            _ => clash(name),
        }
    }

    /// A family of gauges with fractions.
    pub fn float_gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        let made = self.family(name, help, labels, Kind::Gauge, || {
            GaugeVec::new(Opts::new(name, help), labels).map(Handle::FloatGauges)
        });
        match made {
            Handle::FloatGauges(vec) => vec,
            _ => clash(name),
        }
    }

    /// A family of histograms; `buckets` are the upper bounds, rising, without infinity.
    pub fn histograms(&self, name: &str, help: &str, labels: &[&str], buckets: Vec<f64>) -> HistogramVec {
        let made = self.family(name, help, labels, Kind::Histogram, || {
            HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets), labels).map(Handle::Histograms)
        });
        match made {
            Handle::Histograms(vec) => vec,
            _ => clash(name),
        }
    }

    /// Adds a collector of another's making, for numbers that are computed when they are read. Its families are not in
    /// [`Metrics::families`].
    pub fn register(&self, collector: Box<dyn Collector>) -> prometheus::Result<()> {
        self.inner.registry.register(collector)
    }

    /// Takes a collector out again; it is found by what it describes.
    pub fn unregister(&self, collector: Box<dyn Collector>) -> prometheus::Result<()> {
        self.inner.registry.unregister(collector)
    }

    /// Every number at this moment, sorted by name and labels.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.inner.registry.gather()
    }

    /// Every number in Prometheus' text format 0.0.4.
    pub fn render(&self) -> String {
        // Encoding fails only on a family without metrics, and gather() leaves those out.
        TextEncoder::new().encode_to_string(&self.gather()).unwrap_or_default()
    }

    /// What families there are, by name, whether or not they hold numbers yet.
    pub fn families(&self) -> Vec<Family> {
        let own = self
            .lock()
            .values()
            .map(|known| known.family.clone())
            .collect::<Vec<_>>();
        let mut all = [own, Process::families()].concat();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// When counting began: what a cumulative sum is the sum since.
    pub(crate) fn created(&self) -> SystemTime {
        self.inner.created
    }

    fn family(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        kind: Kind,
        make: impl FnOnce() -> prometheus::Result<Handle>,
    ) -> Handle {
        let family = Family {
            name: name.to_owned(),
            kind,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            help: help.to_owned(),
        };
        let mut families = self.lock();
        if let Some(known) = families.get(name) {
            assert!(
                known.family.labels == family.labels,
                "metric {name} was created before with other labels"
            );
            return known.handle.clone();
        }
        let handle = make().expect("metric names and labels are constants of the program");
        self.insert(handle.collector());
        families.insert(
            name.to_owned(),
            Known {
                family,
                handle: handle.clone(),
            },
        );
        handle
    }

    fn insert(&self, collector: Box<dyn Collector>) {
        self.inner
            .registry
            .register(collector)
            .expect("a metric's name stands for one family");
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.inner.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("families", &self.lock().len())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}

struct Known {
    family: Family,
    handle: Handle,
}

#[derive(Clone)]
enum Handle {
    Counters(IntCounterVec),
    Gauges(IntGaugeVec),
    FloatGauges(GaugeVec),
    Histograms(HistogramVec),
}

impl Handle {
    fn collector(&self) -> Box<dyn Collector> {
        match self {
            Self::Counters(vec) => Box::new(vec.clone()),
            Self::Gauges(vec) => Box::new(vec.clone()),
            Self::FloatGauges(vec) => Box::new(vec.clone()),
            Self::Histograms(vec) => Box::new(vec.clone()),
        }
    }
}

fn clash(name: &str) -> ! {
    panic!("metric {name} was created before as another kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_asked_for_twice_counts_in_one_place() {
        let metrics = Metrics::new();
        for _ in 0..2 {
            metrics
                .counters("knocks_total", "Knocks.", &["door"])
                .with_label_values(&["front"])
                .inc();
        }
        assert!(metrics.render().contains("knocks_total{door=\"front\"} 2\n"));
    }

    #[test]
    fn text_shows_every_kind_with_its_labels() {
        let metrics = Metrics::new();
        metrics
            .gauges("open", "Open.", &["a"])
            .with_label_values(&["x"])
            .set(-3);
        metrics
            .float_gauges("ratio", "Ratio.", &[])
            .with_label_values::<&str>(&[])
            .set(0.5);
        metrics
            .histograms("wait_seconds", "Wait.", &[], vec![0.1, 1.0])
            .with_label_values::<&str>(&[])
            .observe(0.5);
        let text = metrics.render();
        for line in [
            "# TYPE open gauge",
            "open{a=\"x\"} -3",
            "ratio 0.5",
            "# HELP wait_seconds Wait.",
            "wait_seconds_bucket{le=\"0.1\"} 0",
            "wait_seconds_bucket{le=\"1\"} 1",
            "wait_seconds_bucket{le=\"+Inf\"} 1",
            "wait_seconds_sum 0.5",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_list_of_families_names_those_without_numbers_too() {
        let metrics = Metrics::new();
        metrics.histograms("wait_seconds", "Wait.", &["plugin"], vec![1.0]);
        let families = metrics.families();
        assert!(families.is_sorted_by(|a, b| a.name < b.name));
        let wait = Family {
            name: "wait_seconds".into(),
            kind: Kind::Histogram,
            labels: vec!["plugin".into()],
            help: "Wait.".into(),
        };
        assert!(families.contains(&wait));
        assert!(families.iter().any(|f| f.name == "process_open_fds"));
    }

    #[test]
    #[should_panic(expected = "another kind")]
    fn one_name_for_two_kinds_is_a_mistake_in_the_program() {
        let metrics = Metrics::new();
        metrics.counters("twice", "Twice.", &[]);
        metrics.gauges("twice", "Twice.", &[]);
    }

    #[test]
    fn a_collector_can_be_taken_out_again() {
        let metrics = Metrics::new();
        let gauge = prometheus::IntGauge::new("mine", "Mine.").unwrap();
        metrics.register(Box::new(gauge.clone())).unwrap();
        assert!(metrics.render().contains("mine 0"));
        metrics.unregister(Box::new(gauge)).unwrap();
        assert!(!metrics.render().contains("mine"));
    }
}
