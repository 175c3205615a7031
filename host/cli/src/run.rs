//! `portcullis run`: starts a host and serves it signals until it has stopped.

use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use portcullis_config::Sources;
use portcullis_telemetry::{self as telemetry, Metrics};
use tokio::signal::unix::{SignalKind, signal};

use crate::control;
use crate::host::{Host, telemetry_options};

pub(crate) fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let sources = Sources::new(path);
    let config = match sources.load() {
        Ok(config) => Arc::new(config),
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            anyhow::bail!("the configuration cannot be used; `portcullis check` shows this list, too");
        }
    };
    // Everything but the network: signals, the control socket, the metrics page, exporters.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("control")
        .enable_all()
        .build()
        .context("cannot start the control runtime")?;
    let metrics = Metrics::new();
    let telemetry = telemetry::init(&telemetry_options(&config), &metrics).context("cannot set up telemetry")?;
    control::refuse_second_host(&config.host.control)?;
    let host = Arc::new(Host::start(sources, config.clone(), metrics.clone(), telemetry)?);
    runtime.block_on(serve(&host, &metrics, started))?;
    Host::stop(host);
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::SUCCESS)
}

async fn serve(host: &Arc<Host>, metrics: &Metrics, started: Instant) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    host.open(&tokio::runtime::Handle::current(), metrics)?;
    let config = host.config();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        workers = config.host.workers,
        listeners = config.listeners.len(),
        elapsed_ms,
        "host started"
    );

    let mut stopped = pin!(host.stopped());
    loop {
        tokio::select! {
            _ = hangup.recv() => {
                let host = host.clone();
                tokio::task::spawn_blocking(move || host.reload());
            }
            _ = terminate.recv() => host.signalled(),
            _ = interrupt.recv() => host.signalled(),
            () = &mut stopped => return Ok(()),
        }
    }
}
