//! The host's own numbers about each plugin.

use portcullis_telemetry::Metrics;
use portcullis_telemetry::prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use crate::error::FailureKind;
use crate::hook::Hook;

/// From a quarter of a microsecond, about what an empty call costs, by fours to 16 ms, past every hot budget, and on to 16 s, past
/// what a slow hook may take unless limits say otherwise.
fn buckets() -> Vec<f64> {
    (0..14).map(|power| 0.25e-6 * 4f64.powi(power)).collect()
}

/// In place of a worker's number where no worker owns the instance.
pub(crate) const SLOW: &str = "slow";

/// All families, registered once.
#[derive(Debug, Clone)]
pub(crate) struct Meters {
    calls: IntCounterVec,
    verdicts: IntCounterVec,
    seconds: HistogramVec,
    traps: IntCounterVec,
    memory: IntGaugeVec,
    state: IntGaugeVec,
    generation: IntGaugeVec,
    reloads: IntCounterVec,
    log_lines_cut: IntCounterVec,
    metrics_refused: IntCounterVec,
    slow_refused: IntCounterVec,
}

impl Meters {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        Self {
            calls: metrics.counters(
                "portcullis_plugin_calls_total",
                "Calls of a plugin's hooks, failed ones included.",
                &["plugin", "hook"],
            ),
            verdicts: metrics.counters(
                "portcullis_plugin_verdicts_total",
                "Verdicts of a plugin's hooks.",
                &["plugin", "hook", "verdict"],
            ),
            seconds: metrics.histograms(
                "portcullis_plugin_call_seconds",
                "Duration of a plugin's hook calls.",
                &["plugin", "hook"],
                buckets(),
            ),
            traps: metrics.counters(
                "portcullis_plugin_traps_total",
                "Failed calls; each cost an instance.",
                &["plugin", "reason"],
            ),
            memory: metrics.gauges(
                "portcullis_plugin_memory_bytes",
                "Linear memory of a worker's instance; of all instances for slow hooks together under `slow`.",
                &["plugin", "worker"],
            ),
            state: metrics.gauges(
                "portcullis_plugin_state",
                "1 for the state a plugin is in, 0 for the others.",
                &["plugin", "state"],
            ),
            generation: metrics.gauges(
                "portcullis_plugin_generation",
                "How many times a plugin was loaded or swapped in.",
                &["plugin"],
            ),
            reloads: metrics.counters(
                "portcullis_plugin_reloads_total",
                "Loads and swaps by result: ok, or why not.",
                &["plugin", "result"],
            ),
            log_lines_cut: metrics.counters(
                "portcullis_plugin_log_lines_cut_total",
                "Log lines a plugin wrote beyond its allowance.",
                &["plugin"],
            ),
            metrics_refused: metrics.counters(
                "portcullis_plugin_metrics_refused_total",
                "Numbers a plugin reported that broke a rule of the metrics interface.",
                &["plugin"],
            ),
            slow_refused: metrics.counters(
                "portcullis_plugin_slow_refused_total",
                "Calls of slow hooks for which there was no instance: too many waited, or one waited for too long.",
                &["plugin", "reason"],
            ),
        }
    }

    pub(crate) fn plugin(&self, name: &str) -> PluginMeters {
        PluginMeters {
            all: self.clone(),
            name: name.to_owned(),
            log_lines_cut: self.log_lines_cut.with_label_values(&[name]),
            metrics_refused: self.metrics_refused.with_label_values(&[name]),
            generation: self.generation.with_label_values(&[name]),
        }
    }
}

/// One plugin's numbers.
#[derive(Debug, Clone)]
pub(crate) struct PluginMeters {
    all: Meters,
    name: String,
    pub(crate) log_lines_cut: IntCounter,
    pub(crate) metrics_refused: IntCounter,
    pub(crate) generation: IntGauge,
}

impl PluginMeters {
    pub(crate) fn hook(&self, hook: Hook) -> HookMeters {
        let labels = [self.name.as_str(), hook.label()];
        HookMeters {
            calls: self.all.calls.with_label_values(&labels),
            seconds: self.all.seconds.with_label_values(&labels),
            verdicts: hook
                .verdicts()
                .iter()
                .map(|verdict| {
                    self.all
                        .verdicts
                        .with_label_values(&[&self.name, hook.label(), verdict])
                })
                .collect(),
        }
    }

    pub(crate) fn trap(&self, kind: FailureKind) {
        self.all
            .traps
            .with_label_values(&[self.name.as_str(), kind.label()])
            .inc();
    }

    pub(crate) fn reload(&self, result: &str) {
        self.all.reloads.with_label_values(&[self.name.as_str(), result]).inc();
    }

    pub(crate) fn memory(&self, worker: usize) -> IntGauge {
        self.all
            .memory
            .with_label_values(&[self.name.as_str(), &worker.to_string()])
    }

    /// Of all instances for slow hooks together.
    pub(crate) fn slow_memory(&self) -> IntGauge {
        self.all.memory.with_label_values(&[self.name.as_str(), SLOW])
    }

    pub(crate) fn slow_refused(&self, reason: &str) {
        self.all
            .slow_refused
            .with_label_values(&[self.name.as_str(), reason])
            .inc();
    }

    /// Takes back what is said of the present: the plugin is gone. What it has done stays counted.
    pub(crate) fn forget(&self, workers: usize, states: &[&str]) {
        // An error says that there is no such series, which is what is wanted.
        for state in states {
            let _ = self.all.state.remove_label_values(&[self.name.as_str(), state]);
        }
        for worker in (0..workers).map(|worker| worker.to_string()).chain([SLOW.to_owned()]) {
            let _ = self.all.memory.remove_label_values(&[self.name.as_str(), &worker]);
        }
        let _ = self.all.generation.remove_label_values(&[self.name.as_str()]);
    }

    pub(crate) fn state(&self, now: &str, all: &[&str]) {
        for state in all {
            self.all
                .state
                .with_label_values(&[self.name.as_str(), state])
                .set(i64::from(*state == now));
        }
    }
}

/// Handles for one plugin's hook, resolved once per instance.
#[derive(Debug, Clone)]
pub(crate) struct HookMeters {
    pub(crate) calls: IntCounter,
    pub(crate) seconds: Histogram,
    verdicts: Vec<IntCounter>,
}

impl HookMeters {
    /// Counts the verdict with this number in [`Hook::verdicts`].
    pub(crate) fn verdict(&self, number: usize) {
        if let Some(counter) = self.verdicts.get(number) {
            counter.inc();
        }
    }
}
