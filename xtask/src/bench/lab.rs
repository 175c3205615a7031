//! Everything a measurement needs: the backend, the proxies ready to be started, and the processors they run on.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use super::backend::Backend;
use super::cpus::{self, Layout, Processors};
use super::haproxy;
use super::load::Span;
use super::portcullis::{self, Chain};
use super::subject::{Running, Subject, free_address, log_file};
use crate::workspace;

/// Sessions at one time at most; HAProxy sizes its tables by it.
const SESSIONS: usize = 6_000;
/// A session has its client's and its server's end in this process; a proxy has two ends too, and HAProxy asks for as many again for pipes.
const DESCRIPTORS: u64 = 3 * SESSIONS as u64;

/// The place where everything runs.
pub(super) struct Lab {
    pub(super) processors: Processors,
    pub(super) backend: Backend,
    /// Shorter windows.
    quick: bool,
    /// `None` when Portcullis is not among the subjects.
    binary: Option<PathBuf>,
    /// Configurations, plugins, and what the proxies print.
    folder: PathBuf,
}

impl Lab {
    /// Builds and installs what the subjects need and starts the backend.
    pub(super) fn new(subjects: &[Subject], layout: Layout, quick: bool) -> anyhow::Result<Self> {
        let folder = workspace::target_dir(workspace::root())?.join("bench");
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        if subjects.contains(&Subject::Haproxy) || subjects.contains(&Subject::Twin) {
            haproxy::ensure_installed()?;
        }
        let binary = if subjects.contains(&Subject::Portcullis) {
            portcullis::install_plugins(&folder)?;
            Some(workspace::build_host()?)
        } else {
            None
        };
        cpus::allow_descriptors(DESCRIPTORS)?;
        let processors = Processors::of_this_machine(layout)?;
        let backend = Backend::start(&processors.shared)?;
        cpus::pin(&processors.shared)?;
        let lab = Self {
            processors,
            backend,
            quick,
            binary,
            folder,
        };
        if lab.binary.is_some() {
            // The first start compiles the plugins; every one that is measured finds them compiled.
            for chain in [Chain::Spliced, Chain::Framed, Chain::Watched] {
                drop(lab.start_portcullis(chain, &lab.processors.all, &[])?);
            }
        }
        Ok(lab)
    }

    /// Opens this way to the backend. Every run starts a process of its own, on these processors.
    pub(super) fn start(&self, subject: Subject, on: &[usize]) -> anyhow::Result<Running> {
        self.start_with(subject, on, &[])
    }

    /// The same, in an environment that says how free memory is treated, for what measures memory.
    pub(super) fn start_with(
        &self,
        subject: Subject,
        on: &[usize],
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Running> {
        if subject == Subject::Portcullis {
            return self.start_portcullis(Chain::Spliced, on, environment);
        }
        let (folder, backend, workers) = (&*self.folder, self.backend.address, self.processors.workers());
        let bind = free_address()?;
        let command = match subject {
            Subject::Direct => return Ok(Running::direct(backend)),
            Subject::Haproxy | Subject::Twin => {
                haproxy::command(&folder.join("haproxy.cfg"), bind, backend, workers, SESSIONS)?
            }
            Subject::Portcullis => unreachable!("started above"),
        };
        Running::proxy(command, bind, on, &log_file(folder, subject))
    }

    /// Starts Portcullis with this chain.
    pub(super) fn start_portcullis(
        &self,
        chain: Chain,
        on: &[usize],
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Running> {
        let (folder, backend, workers) = (&*self.folder, self.backend.address, self.processors.workers());
        let bind = free_address()?;
        let binary = self.binary.as_deref().context("Portcullis was not built")?;
        let mut command = portcullis::command(binary, folder, chain, bind, backend, workers)?;
        command.envs(environment.iter().copied());
        let log = log_file(&portcullis::home(folder, chain), Subject::Portcullis);
        Running::proxy(command, bind, on, &log)
    }

    /// A window of `seconds`, or a third of it when only an impression is asked for.
    pub(super) fn span(&self, seconds: f64) -> Span {
        let measured = Duration::from_secs_f64(if self.quick { seconds / 3.0 } else { seconds });
        Span {
            warm_up: Duration::from_millis(300),
            measured,
        }
    }

    /// The file of a plugin, in the folder that the Portcullis that splices watches.
    pub(super) fn plugin(&self, name: &str) -> PathBuf {
        portcullis::plugin(&self.folder, Chain::Spliced, name)
    }

    /// How many times the running Portcullis that splices has taken in this plugin.
    pub(super) fn generation(&self, plugin: &str) -> anyhow::Result<u64> {
        portcullis::generation(
            self.binary.as_deref().context("Portcullis was not built")?,
            &self.folder,
            Chain::Spliced,
            plugin,
        )
    }

    /// A file on the same file system that nobody watches.
    pub(super) fn scratch(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What comes after may use the whole machine again; being pinned is no reason to fail at the end.
        let _ = cpus::pin(&self.processors.all);
    }
}
