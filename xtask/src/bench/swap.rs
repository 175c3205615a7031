//! What players notice of plugins that are replaced under them: echoes with and without a new router every second.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, ensure};

use super::figures::{Values, milliseconds};
use super::lab::Lab;
use super::load::echo;
use super::subject::Running;

const CONNECTIONS: usize = 8;
const SECONDS: f64 = 6.0;
const BETWEEN_SWAPS: Duration = Duration::from_secs(1);
const PLUGIN: &str = "router";

pub(super) fn measure(lab: &Lab, way: &Running) -> anyhow::Result<Values> {
    let span = lab.span(SECONDS);
    let quiet = echo::run(way.address, CONNECTIONS, span, way.meter)?;
    let before = lab.generation(PLUGIN)?;
    let (stop, stopped) = mpsc::channel();
    let (swapping, swaps) = std::thread::scope(|scope| {
        let swapper = scope.spawn(move || swap_until(&stopped, &lab.plugin(PLUGIN), &lab.scratch("next.wasm")));
        let swapping = echo::run(way.address, CONNECTIONS, span, way.meter);
        drop(stop);
        (swapping, swapper.join())
    });
    let swaps = swaps.map_err(|_| anyhow::anyhow!("the thread that swaps panicked"))??;
    let taken = lab.generation(PLUGIN)?.saturating_sub(before);
    // The last may still be compiling.
    ensure!(
        swaps > 0 && taken + 1 >= swaps,
        "of {swaps} new routers {taken} were taken"
    );
    let (without, with) = (
        milliseconds(quiet.quantile(0.99)),
        milliseconds(swapping?.quantile(0.99)),
    );
    Ok(vec![Some(without), Some(with), Some(with - without)])
}

/// Replaces the plugin by a component that nobody has seen before, again and again.
fn swap_until(stopped: &mpsc::Receiver<()>, plugin: &Path, next: &Path) -> anyhow::Result<u64> {
    let original = fs::read(plugin).with_context(|| format!("reading {}", plugin.display()))?;
    let mut swaps = 0;
    while stopped.recv_timeout(BETWEEN_SWAPS) == Err(RecvTimeoutError::Timeout) {
        fs::write(next, [&*original, &custom_section(swaps)].concat())?;
        fs::rename(next, plugin)?;
        swaps += 1;
    }
    fs::write(next, original)?;
    fs::rename(next, plugin)?;
    Ok(swaps)
}

/// Changes a component's bytes and hash, and nothing that it does.
fn custom_section(number: u64) -> Vec<u8> {
    const NAME: &[u8] = b"swap";
    let content = [&[NAME.len() as u8], NAME, &number.to_le_bytes()].concat();
    [&[0, content.len() as u8], &*content].concat()
}
