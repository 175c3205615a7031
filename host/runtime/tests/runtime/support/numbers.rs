//! Metrics as they are scraped.

use super::Host;

impl Host {
    /// The sum of the series of this name that have all these labels; 0 where there is none.
    pub(crate) fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(name, labels).into_iter().map(|(_, value)| value).sum()
    }

    /// The series of this name that have all these labels, each with its labels as text.
    pub(crate) fn series(&self, name: &str, labels: &[(&str, &str)]) -> Vec<(String, f64)> {
        let text = self.metrics.render();
        let wanted: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
        let series = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (found, labels) = series.split_once('{').unwrap_or((series, ""));
            let labels = labels.trim_end_matches('}');
            (found == name && wanted.iter().all(|label| labels.split(',').any(|has| has == label)))
                .then(|| (labels.to_owned(), value.parse().unwrap()))
        });
        series.collect()
    }

    /// How many calls of a plugin failed for a reason.
    pub(crate) fn traps(&self, plugin: &str, reason: &str) -> f64 {
        self.metric(
            "portcullis_plugin_traps_total",
            &[("plugin", plugin), ("reason", reason)],
        )
    }

    /// How many loads and swaps of a plugin had a result.
    pub(crate) fn reloads(&self, plugin: &str, result: &str) -> f64 {
        self.metric(
            "portcullis_plugin_reloads_total",
            &[("plugin", plugin), ("result", result)],
        )
    }

    /// How many calls of a plugin's hook there were.
    pub(crate) fn calls(&self, plugin: &str, hook: &str) -> f64 {
        self.metric("portcullis_plugin_calls_total", &[("plugin", plugin), ("hook", hook)])
    }

    /// Bytes of a plugin's instance on a worker.
    pub(crate) fn memory(&self, plugin: &str, worker: usize) -> f64 {
        self.metric(
            "portcullis_plugin_memory_bytes",
            &[("plugin", plugin), ("worker", &worker.to_string())],
        )
    }
}
