//! What the kernel knows of this process, read from /proc whenever somebody asks.
//!
//! Names as every Prometheus client library has them, so that existing dashboards work.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge, Opts};

use crate::metrics::{Family, Kind};

const CPU: (&str, &str) = (
    "process_cpu_seconds_total",
    "User and system CPU time spent, in seconds.",
);
const DESCRIPTORS: (&str, &str) = ("process_open_fds", "File descriptors open.");
const MEMORY: (&str, &str) = ("process_resident_memory_bytes", "Memory resident, in bytes.");
const START: (&str, &str) = (
    "process_start_time_seconds",
    "When the process started, in seconds since 1970.",
);
const THREADS: (&str, &str) = ("process_threads", "Threads running.");

pub(crate) struct Process {
    cpu: Counter,
    descriptors: Gauge,
    memory: Gauge,
    start: Gauge,
    threads: Gauge,
    /// Seconds in one tick of the kernel's accounting, and bytes in one page: both fixed while the process runs.
    tick_seconds: f64,
    page_bytes: f64,
}

/// The fields of /proc/self/stat that become metrics.
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_ticks: u64,
    threads: u64,
    resident_pages: u64,
}

impl Process {
    pub(crate) fn new(started: SystemTime) -> Self {
        let gauge = |(name, help): (&str, &str)| Gauge::with_opts(Opts::new(name, help)).expect("constant names");
        let start = gauge(START);
        start.set(started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        Self {
            cpu: Counter::new(CPU.0, CPU.1).expect("constant names"),
            descriptors: gauge(DESCRIPTORS),
            memory: gauge(MEMORY),
            start,
            threads: gauge(THREADS),
            tick_seconds: 1.0 / rustix::param::clock_ticks_per_second() as f64,
            page_bytes: rustix::param::page_size() as f64,
        }
    }

    pub(crate) fn families() -> Vec<Family> {
        [
            (CPU, Kind::Counter),
            (DESCRIPTORS, Kind::Gauge),
            (MEMORY, Kind::Gauge),
            (START, Kind::Gauge),
            (THREADS, Kind::Gauge),
        ]
        .map(|((name, help), kind)| Family {
            name: name.into(),
            kind,
            labels: Vec::new(),
            help: help.into(),
        })
        .to_vec()
    }
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        let collectors: [&dyn Collector; 5] = [&self.cpu, &self.descriptors, &self.memory, &self.start, &self.threads];
        collectors.into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut known = self.start.collect();
        if let Some(stat) = fs::read_to_string("/proc/self/stat")
            .ok()
            .as_deref()
            .and_then(Stat::parse)
        {
            self.cpu.reset();
            self.cpu.inc_by(stat.cpu_ticks as f64 * self.tick_seconds);
            self.memory.set(stat.resident_pages as f64 * self.page_bytes);
            self.threads.set(stat.threads as f64);
            known.extend(self.cpu.collect());
            known.extend(self.memory.collect());
            known.extend(self.threads.collect());
        }
        if let Some(open) = open_descriptors() {
            self.descriptors.set(open as f64);
            known.extend(self.descriptors.collect());
        }
        known
    }
}

impl Stat {
    /// proc(5): the second field is the program's name in parentheses and may hold anything, so counting starts
    /// after the last one; what follows it is field 3.
    fn parse(text: &str) -> Option<Self> {
        let fields = text.rsplit_once(')')?.1.split_ascii_whitespace().collect::<Vec<_>>();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            cpu_ticks: field(14)? + field(15)?,
            threads: field(20)?,
            resident_pages: field(24)?,
        })
    }
}

/// Since Linux 6.2 the folder's size is the count; before, it is 0 and the entries are counted, one of which is the
/// folder's own descriptor.
fn open_descriptors() -> Option<u64> {
    match fs::metadata("/proc/self/fd").ok()?.len() {
        0 => Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1)),
        count => Some(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_whatever_the_program_is_called() {
        let text = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 6 0 100 1000000 4321 184467";
        let expect = Stat {
            cpu_ticks: 200,
            threads: 6,
            resident_pages: 4321,
        };
        assert_eq!(Stat::parse(text), Some(expect));
        assert_eq!(Stat::parse("7 (short) S 1"), None);
    }

    #[test]
    fn this_process_has_memory_threads_and_descriptors() {
        let process = Process::new(SystemTime::now());
        let families = process.collect();
        assert_eq!(families.len(), Process::families().len());
        for family in families {
            let metric = family.get_metric().first().expect("one metric");
            let value = metric.get_gauge().get_value() + metric.get_counter().get_value();
            assert!(value > 0.0 || family.name() == CPU.0, "{} is {value}", family.name());
        }
    }
}
