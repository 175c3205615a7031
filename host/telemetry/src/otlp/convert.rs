//! Prometheus' families as OTLP messages: gauges, monotonic cumulative sums, histograms with explicit bounds.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use prometheus::proto::{LabelPair, MetricFamily, MetricType};

use super::SCOPE;

/// Everything in one request. `since` is when the sums began, `now` when they were read.
pub(super) fn request(
    families: &[MetricFamily],
    since: SystemTime,
    now: SystemTime,
    resource: &ResourceAttributesWithSchema,
) -> ExportMetricsServiceRequest {
    let times = Times {
        since: nanoseconds(since),
        now: nanoseconds(now),
    };
    let scope = InstrumentationScope {
        name: SCOPE.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        ..InstrumentationScope::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: resource.attributes.0.clone(),
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope),
                metrics: families.iter().filter_map(|family| times.metric(family)).collect(),
                schema_url: String::new(),
            }],
            schema_url: resource.schema_url.clone().unwrap_or_default(),
        }],
    }
}

struct Times {
    since: u64,
    now: u64,
}

impl Times {
    /// `None` for kinds that no façade makes (summaries).
    fn metric(&self, family: &MetricFamily) -> Option<Metric> {
        let data = match family.get_field_type() {
            MetricType::COUNTER => metric::Data::Sum(Sum {
                data_points: self.numbers(family, |m| m.get_counter().get_value()),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
                is_monotonic: true,
            }),
            MetricType::GAUGE => metric::Data::Gauge(Gauge {
                data_points: self.numbers(family, |m| m.get_gauge().get_value()),
            }),
            MetricType::HISTOGRAM => metric::Data::Histogram(Histogram {
                data_points: family.get_metric().iter().map(|m| self.histogram(m)).collect(),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
            }),
            _ => return None,
        };
        Some(Metric {
            name: family.name().into(),
            description: family.help().into(),
            unit: unit(family.name()).into(),
            data: Some(data),
            ..Metric::default()
        })
    }

    fn numbers(
        &self,
        family: &MetricFamily,
        value: impl Fn(&prometheus::proto::Metric) -> f64,
    ) -> Vec<NumberDataPoint> {
        let point = |metric| NumberDataPoint {
            attributes: attributes(prometheus::proto::Metric::get_label(metric)),
            start_time_unix_nano: self.since,
            time_unix_nano: self.now,
            value: Some(number_data_point::Value::AsDouble(value(metric))),
            ..NumberDataPoint::default()
        };
        family.get_metric().iter().map(point).collect()
    }

    /// Prometheus counts what is at most a bound, OTLP what lies between two; beyond the last bound is what is left.
    fn histogram(&self, metric: &prometheus::proto::Metric) -> HistogramDataPoint {
        let histogram = metric.get_histogram();
        let total = histogram.get_sample_count();
        let finite = histogram
            .get_bucket()
            .iter()
            .filter(|bucket| bucket.upper_bound().is_finite());
        let (mut bounds, mut counts, mut below) = (Vec::new(), Vec::new(), 0);
        for bucket in finite {
            bounds.push(bucket.upper_bound());
            counts.push(bucket.cumulative_count().saturating_sub(below));
            below = bucket.cumulative_count();
        }
        counts.push(total.saturating_sub(below));
        HistogramDataPoint {
            attributes: attributes(metric.get_label()),
            start_time_unix_nano: self.since,
            time_unix_nano: self.now,
            count: total,
            sum: Some(histogram.get_sample_sum()),
            bucket_counts: counts,
            explicit_bounds: bounds,
            ..HistogramDataPoint::default()
        }
    }
}

fn attributes(labels: &[LabelPair]) -> Vec<KeyValue> {
    let attribute = |label: &LabelPair| KeyValue {
        key: label.name().into(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(label.value().into())),
        }),
        ..KeyValue::default()
    };
    labels.iter().map(attribute).collect()
}

/// The unit that the name ends in, in UCUM as OpenTelemetry writes it; "" where it ends in none.
fn unit(name: &str) -> &'static str {
    let name = name.strip_suffix("_total").unwrap_or(name);
    if name.ends_with("_seconds") {
        "s"
    } else if name.ends_with("_bytes") {
        "By"
    } else {
        ""
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Metrics;

    fn converted(metrics: &Metrics, name: &str) -> Metric {
        let times = Times { since: 1, now: 2 };
        metrics
            .gather()
            .iter()
            .filter_map(|f| times.metric(f))
            .find(|m| m.name == name)
            .expect("metric")
    }

    #[test]
    fn counters_become_monotonic_cumulative_sums_with_attributes() {
        let metrics = Metrics::new();
        metrics
            .counters("sent_bytes_total", "Sent.", &["server"])
            .with_label_values(&["lobby"])
            .inc_by(5);
        let metric = converted(&metrics, "sent_bytes_total");
        assert_eq!((metric.description.as_str(), metric.unit.as_str()), ("Sent.", "By"));
        let Some(metric::Data::Sum(sum)) = metric.data else {
            panic!("not a sum: {:?}", metric.data)
        };
        assert!(sum.is_monotonic);
        assert_eq!(sum.aggregation_temporality(), AggregationTemporality::Cumulative);
        let [point] = sum.data_points.as_slice() else {
            panic!("{} points", sum.data_points.len())
        };
        assert_eq!(point.value, Some(number_data_point::Value::AsDouble(5.0)));
        assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (1, 2));
        let attribute = point.attributes.first().expect("attribute");
        let text = any_value::Value::StringValue("lobby".into());
        assert_eq!(
            (attribute.key.as_str(), &attribute.value),
            ("server", &Some(AnyValue { value: Some(text) }))
        );
    }

    #[test]
    fn gauges_stay_gauges_of_either_number() {
        let metrics = Metrics::new();
        metrics
            .gauges("open", "Open.", &[])
            .with_label_values::<&str>(&[])
            .set(-4);
        metrics
            .float_gauges("ratio", "Ratio.", &[])
            .with_label_values::<&str>(&[])
            .set(0.25);
        for (name, expect) in [("open", -4.0), ("ratio", 0.25)] {
            let Some(metric::Data::Gauge(gauge)) = converted(&metrics, name).data else {
                panic!("{name} is no gauge")
            };
            assert_eq!(
                gauge.data_points[0].value,
                Some(number_data_point::Value::AsDouble(expect))
            );
        }
    }

    #[test]
    fn histograms_count_between_bounds_and_beyond_the_last() {
        let metrics = Metrics::new();
        let waits = metrics.histograms("wait_seconds", "Wait.", &[], vec![1.0, 2.0]);
        for seconds in [0.5, 1.5, 1.75, 8.0] {
            waits.with_label_values::<&str>(&[]).observe(seconds);
        }
        let metric = converted(&metrics, "wait_seconds");
        assert_eq!(metric.unit, "s");
        let Some(metric::Data::Histogram(histogram)) = metric.data else {
            panic!("not a histogram")
        };
        let point = &histogram.data_points[0];
        assert_eq!(
            (&point.explicit_bounds[..], &point.bucket_counts[..]),
            (&[1.0, 2.0][..], &[1, 2, 1][..])
        );
        assert_eq!((point.count, point.sum), (4, Some(11.75)));
    }

    #[test]
    fn times_are_nanoseconds_since_1970() {
        assert_eq!(nanoseconds(UNIX_EPOCH + Duration::from_millis(1)), 1_000_000);
        assert_eq!(nanoseconds(UNIX_EPOCH - Duration::from_secs(1)), 0);
    }
}
