//! Which processors run what, the same for every proxy.

use anyhow::Context;
use clap::ValueEnum;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Who may run where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Layout {
    /// Load generator, backend and a proxy with one worker share one processor. Nothing depends on where the scheduler puts whom, and
    /// no wake-up crosses processors, which costs more than a proxy does on a virtual machine.
    One,
    /// Everybody may run everywhere; a proxy has a worker for each processor.
    All,
}

/// The processors that this process may use, and what a layout makes of them.
pub(super) struct Processors {
    /// Of the load generator, the backend and the proxy.
    pub(super) shared: Vec<usize>,
    pub(super) all: Vec<usize>,
}

impl Processors {
    pub(super) fn of_this_machine(layout: Layout) -> anyhow::Result<Self> {
        let allowed = sched_getaffinity(None).context("reading the processors this process may use")?;
        let all: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).collect();
        let shared = match layout {
            // The last: the first is where most machines handle interrupts.
            Layout::One => all.last().copied().into_iter().collect(),
            Layout::All => all.clone(),
        };
        Ok(Self { shared, all })
    }

    /// Worker threads of a proxy.
    pub(super) fn workers(&self) -> usize {
        self.shared.len()
    }
}

/// Keeps the calling thread, and every thread and process that it starts from now on, to these processors.
pub(super) fn pin(cpus: &[usize]) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    cpus.iter().for_each(|&cpu| set.set(cpu));
    sched_setaffinity(None, &set).with_context(|| format!("pinning to processors {cpus:?}"))
}

/// Raises the number of file descriptors this process and its children may open to at least `needed`.
pub(super) fn allow_descriptors(needed: u64) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    // Without a maximum the current value is all there is to lower, so nothing needs raising.
    let maximum = limit.maximum.unwrap_or(u64::MAX).max(needed);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(maximum),
            maximum: Some(maximum),
        },
    )
    .with_context(|| format!("this needs {needed} file descriptors; raise the hard limit (ulimit -Hn) or run as root"))
}
