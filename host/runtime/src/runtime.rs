//! The runtime as the host's other parts see it: a handle to the control thread.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use portcullis_config::{Config, PluginName};
use portcullis_registry::Registry;
use portcullis_telemetry::Metrics;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::control::{Command, Control, ReloadError};
use crate::engine::{self, Purpose};
use crate::error::StartError;
use crate::http::Roots;
use crate::load::Loader;
use crate::status::{LoadProblem, PluginStatus};
use crate::swap::Message;
use crate::worker::WorkerPlugins;

/// Handle to everything about plugins that is not a call into one. Clones share one runtime.
#[derive(Clone)]
pub struct Runtime {
    control: Arc<Handle>,
}

/// The way to the control thread. The workers hold one, too, so the thread does not find out by itself that nobody is left.
struct Handle(Sender<Command>);

impl Drop for Handle {
    fn drop(&mut self) {
        let (reply, _) = channel();
        // No receiver: stopped already.
        let _ = self.0.send(Command::Stop { reply });
    }
}

impl Runtime {
    /// Starts the engine and the control thread. No plugin is loaded before [`Runtime::apply`]. The workers' halves, one
    /// per worker of the configuration, must be [run](WorkerPlugins::run) by then.
    pub fn start(
        config: Arc<Config>,
        registry: Arc<Registry>,
        metrics: &Metrics,
    ) -> Result<(Self, Vec<WorkerPlugins>), StartError> {
        Self::start_with(config, registry, metrics, None)
    }

    /// The same, where plugins' requests trust these certificate authorities in place of the platform's.
    pub fn start_trusting(
        config: Arc<Config>,
        registry: Arc<Registry>,
        metrics: &Metrics,
        roots: Roots,
    ) -> Result<(Self, Vec<WorkerPlugins>), StartError> {
        Self::start_with(config, registry, metrics, Some(roots))
    }

    fn start_with(
        config: Arc<Config>,
        registry: Arc<Registry>,
        metrics: &Metrics,
        roots: Option<Roots>,
    ) -> Result<(Self, Vec<WorkerPlugins>), StartError> {
        let (control, commands) = channel();
        let (senders, workers) = (0..config.host.workers.get())
            .map(|index| {
                let (sender, inbox) = unbounded_channel();
                (sender, WorkerPlugins::new(index, inbox, control.clone()))
            })
            .unzip();
        let control_half = Self::control(config, registry, metrics, senders, roots)?;
        std::thread::Builder::new()
            .name("plugins".into())
            .spawn(move || control_half.run(&commands))
            .map_err(StartError::Thread)?;
        Ok((
            Self {
                control: Arc::new(Handle(control)),
            },
            workers,
        ))
    }

    /// Puts a configuration's plugins and chains in force: all of them, or none and the problems. Returns when every worker
    /// has taken them over. Compiles, so it may take seconds: not for a network thread.
    /// The state of plugins that it has no more goes.
    pub fn apply(&self, config: Arc<Config>) -> Result<(), Vec<LoadProblem>> {
        self.try_out(config)?;
        self.settle();
        Ok(())
    }

    /// The same, but for the state of plugins that are gone: another configuration may bring them back, until [`Self::settle`].
    pub fn try_out(&self, config: Arc<Config>) -> Result<(), Vec<LoadProblem>> {
        self.ask(|reply| Command::Apply { config, reply }).unwrap_or(Ok(()))
    }

    /// The configuration that was tried out stays: the state of plugins that are gone goes as well.
    pub fn settle(&self) {
        self.ask(|reply| Command::Settle { reply });
    }

    /// Says that something in the plugin folder may have changed. Changed plugins are swapped, each for itself.
    pub fn rescan(&self) {
        // No receiver: the host is stopping.
        let _ = self.control.0.send(Command::Rescan);
    }

    /// Loads a plugin again, changed or not; lifts a quarantine.
    pub fn reload(&self, plugin: PluginName) -> Result<(), ReloadError> {
        self.ask(|reply| Command::Reload { plugin, reply })
            .unwrap_or(Err(ReloadError::Stopping))
    }

    /// Every plugin there is, by name.
    pub fn status(&self) -> Vec<PluginStatus> {
        self.ask(|reply| Command::Status { reply }).unwrap_or_default()
    }

    /// Shuts every instance down.
    pub fn stop(&self) {
        self.ask(|reply| Command::Stop { reply });
    }

    /// Loads every plugin of a configuration as `apply` would, without serving anybody.
    pub fn check(
        config: Arc<Config>,
        registry: Arc<Registry>,
        metrics: &Metrics,
    ) -> Result<Result<Vec<PluginStatus>, Vec<LoadProblem>>, StartError> {
        let control = Self::control(config.clone(), registry, metrics, Vec::new(), None)?;
        Ok(control.check(config))
    }

    fn control(
        config: Arc<Config>,
        registry: Arc<Registry>,
        metrics: &Metrics,
        workers: Vec<UnboundedSender<Message>>,
        roots: Option<Roots>,
    ) -> Result<Control, StartError> {
        let engine = engine::build(Purpose::Serve {
            state_dir: &config.host.state_dir,
        })?;
        engine::spawn_ticker(&engine)?;
        // The clock of hook calls gauges itself when it is first read, for half a millisecond: here rather than in a call.
        let _ = quanta::Instant::now();
        let loader = Loader::new(engine, registry.clone(), roots).map_err(|source| StartError::Engine { source })?;
        Ok(Control::new(loader, registry, metrics, workers, config))
    }

    fn ask<R>(&self, command: impl FnOnce(Sender<R>) -> Command) -> Option<R> {
        let (reply, answer) = channel();
        self.control.0.send(command(reply)).ok()?;
        answer.recv().ok()
    }
}
