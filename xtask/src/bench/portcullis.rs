//! Portcullis with the chain that a small network runs: motd answers pings, router chooses the server.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use super::wire::HOST;
use crate::{plugins, process};

const CONFIGURATION: &str = "portcullis.toml";
/// Those of the chain: any other in the folder would join it by itself.
const PLUGINS: [&str; 2] = ["motd.wasm", "router.wasm"];

/// Builds the plugins and puts them into this folder.
pub(super) fn install_plugins(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).context("emptying the plugin folder"),
        _ => std::fs::create_dir_all(folder)?,
    }
    for plugin in plugins::build_standard()? {
        let name = plugin.file_name().context("a plugin without a file name")?;
        if PLUGINS.iter().any(|wanted| name == *wanted) {
            std::fs::copy(&plugin, folder.join(name)).with_context(|| format!("copying {}", plugin.display()))?;
        }
    }
    Ok(())
}

/// Writes its configuration into `folder`, which holds its plugins; the command that runs it.
pub(super) fn command(
    binary: &Path,
    folder: &Path,
    bind: SocketAddr,
    backend: SocketAddr,
    workers: usize,
) -> anyhow::Result<Command> {
    let file = folder.join(CONFIGURATION);
    std::fs::write(&file, configuration(bind, backend, workers))?;
    let mut command = Command::new(binary);
    command.current_dir(folder).arg("run").arg("-c").arg(&file);
    Ok(command)
}

/// How many times the running host has taken in this plugin.
pub(super) fn generation(binary: &Path, folder: &Path, plugin: &str) -> anyhow::Result<u64> {
    let mut command = Command::new(binary);
    command
        .args(["ctl", "--json", "plugins", "-c"])
        .arg(folder.join(CONFIGURATION));
    let answer: Value = serde_json::from_slice(&process::output(command)?)?;
    let plugins = answer
        .get("plugins")
        .and_then(Value::as_array)
        .context("the host lists no plugins")?;
    let one = plugins
        .iter()
        .find(|one| one.get("name").and_then(Value::as_str) == Some(plugin));
    let generation = one.and_then(|one| one.get("generation")?.as_u64());
    generation.with_context(|| format!("the host does not know the generation of {plugin}"))
}

fn configuration(bind: SocketAddr, backend: SocketAddr, workers: usize) -> String {
    format!(
        r#"[host]
workers = {workers}

[[listener]]
bind = "{bind}"
chain = "main"
# Half-open connections stay for as long as they are measured.
handshake-timeout-ms = 60000
max-pending = 8000

[[server]]
name = "bench"
address = "{backend}"

[plugins.router.config]
routes = [{{ host = "{HOST}", to = "bench" }}]

[plugins.motd.config]
entries = [{{ host = "{HOST}", description = "bench" }}]

[chains]
main = ["motd", "router"]
"#
    )
}
