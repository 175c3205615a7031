//! What a process costs, as Linux counts it: processor time to the nanosecond, memory, file descriptors.

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// Reads the counters of one process; of none, when there is no proxy to look at.
#[derive(Clone, Copy)]
pub(super) struct Meter {
    pid: Option<u32>,
}

/// Memory in bytes, from `smaps_rollup`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Everything resident, with the pages of files.
    pub(super) resident: u64,
}

impl Meter {
    pub(super) fn new(pid: Option<u32>) -> Self {
        Self { pid }
    }

    /// Time on a processor over all living threads, user and system. `schedstat` counts nanoseconds where `stat` counts ticks of 10 ms.
    pub(super) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        let Some(pid) = self.pid else { return Ok(None) };
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{pid}/task")).context("the proxy is gone")? {
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
                continue;
            };
            let running = text.split_ascii_whitespace().next().context("an empty schedstat")?;
            nanoseconds += running.parse::<u64>().context("reading schedstat")?;
        }
        Ok(Some(Duration::from_nanos(nanoseconds)))
    }

    pub(super) fn memory(&self) -> anyhow::Result<Option<Memory>> {
        let Some(pid) = self.pid else { return Ok(None) };
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("reading the proxy's memory")?;
        Ok(Some(Memory::parse(&text)))
    }

    pub(super) fn descriptors(&self) -> anyhow::Result<Option<usize>> {
        let Some(pid) = self.pid else { return Ok(None) };
        Ok(Some(
            fs::read_dir(format!("/proc/{pid}/fd"))
                .context("counting the proxy's descriptors")?
                .count(),
        ))
    }
}

impl Memory {
    fn parse(text: &str) -> Self {
        let kibibytes = |key: &str| -> u64 {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.trim().strip_suffix(" kB"));
            value.and_then(|value| value.parse().ok()).unwrap_or_default()
        };
        Self {
            resident: kibibytes("Rss:") * 1024,
        }
    }
}

/// The share of all processors that was busy over `span`, 0 to 1: other work on the machine, when asked before the load starts.
pub(super) fn busy_share(span: Duration) -> anyhow::Result<f64> {
    let read = || -> anyhow::Result<(u64, u64)> {
        let text = fs::read_to_string("/proc/stat").context("reading /proc/stat")?;
        let line = text.lines().next().context("an empty /proc/stat")?;
        let ticks: Vec<u64> = line
            .split_ascii_whitespace()
            .skip(1)
            .filter_map(|field| field.parse().ok())
            .collect();
        // The fourth is idle, the fifth waiting for a disk.
        Ok((ticks.iter().take(8).sum(), ticks.iter().skip(3).take(2).sum()))
    };
    let (all_before, idle_before) = read()?;
    std::thread::sleep(span);
    let (all, idle) = read()?;
    Ok(1.0 - (idle - idle_before) as f64 / (all - all_before).max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_a_rollup() {
        let text =
            "55d0-7ffc ---p 00000000 00:00 0  [rollup]\nRss:                6408 kB\nPss:                1234 kB\n";
        assert_eq!(Memory::parse(text), Memory { resident: 6408 * 1024 });
    }

    #[test]
    fn a_process_can_be_measured() {
        let meter = Meter::new(Some(std::process::id()));
        assert!(meter.cpu().unwrap().unwrap() > Duration::ZERO);
        assert!(meter.memory().unwrap().unwrap().resident > 0);
        assert!(meter.descriptors().unwrap().unwrap() >= 3);
    }
}
