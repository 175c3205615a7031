//! Portcullis with the chain that a small network runs, and with chains in which it stands in the middle.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use super::wire::HOST;
use crate::{plugins, process};

const CONFIGURATION: &str = "portcullis.toml";
const PLUGINS: &str = "plugins";

/// Which plugins are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// `motd` answers pings, `router` chooses the server, and bytes are spliced.
    Spliced,
    /// `auth-offline` says who players are, so that the host logs them in; nobody wants a packet.
    Framed,
    /// The same with `bungee-channel`, which wants plugin messages on one channel.
    Watched,
}

impl Chain {
    fn plugins(self) -> &'static str {
        match self {
            Self::Spliced => r#"["motd", "router"]"#,
            Self::Framed => r#"["auth-offline", "router"]"#,
            Self::Watched => r#"["auth-offline", "router", "bungee-channel"]"#,
        }
    }

    /// Below the bench's: hosts of different chains run beside each other.
    fn folder(self) -> &'static str {
        match self {
            Self::Spliced => "spliced",
            Self::Framed => "framed",
            Self::Watched => "watched",
        }
    }

    fn needs(self, plugin: &str) -> bool {
        self.plugins().contains(&format!("\"{plugin}\""))
    }
}

/// Builds the plugins, and puts those of each chain into a folder: any other in there would join it by itself.
pub(super) fn install_plugins(bench: &Path) -> anyhow::Result<()> {
    let built = plugins::build_standard()?;
    for chain in [Chain::Spliced, Chain::Framed, Chain::Watched] {
        let folder = home(bench, chain).join(PLUGINS);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("emptying the plugin folder");
            }
            _ => std::fs::create_dir_all(&folder)?,
        }
        for plugin in &built {
            let name = plugin.file_stem().and_then(|name| name.to_str());
            let name = name.context("a plugin without a file name")?;
            if chain.needs(name) {
                let to = folder.join(name).with_extension("wasm");
                std::fs::copy(plugin, to).with_context(|| format!("copying {}", plugin.display()))?;
            }
        }
    }
    Ok(())
}

/// Where a host of this chain has its configuration, its plugins and its state.
pub(super) fn home(bench: &Path, chain: Chain) -> PathBuf {
    bench.join(chain.folder())
}

/// The file of a plugin, in the folder that a host of this chain watches.
pub(super) fn plugin(bench: &Path, chain: Chain, name: &str) -> PathBuf {
    home(bench, chain).join(PLUGINS).join(name).with_extension("wasm")
}

/// Writes the configuration of a host of this chain; the command that runs it.
pub(super) fn command(
    binary: &Path,
    bench: &Path,
    chain: Chain,
    bind: SocketAddr,
    backend: SocketAddr,
    workers: usize,
) -> anyhow::Result<Command> {
    let folder = home(bench, chain);
    let file = folder.join(CONFIGURATION);
    std::fs::write(&file, configuration(chain, bind, backend, workers))?;
    let mut command = Command::new(binary);
    command.current_dir(&folder).arg("run").arg("-c").arg(&file);
    Ok(command)
}

/// How many times the running host of this chain has taken in this plugin.
pub(super) fn generation(binary: &Path, bench: &Path, chain: Chain, plugin: &str) -> anyhow::Result<u64> {
    let mut command = Command::new(binary);
    command
        .args(["ctl", "--json", "plugins", "-c"])
        .arg(home(bench, chain).join(CONFIGURATION));
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

fn configuration(chain: Chain, bind: SocketAddr, backend: SocketAddr, workers: usize) -> String {
    let mut tables = String::new();
    if chain.needs("motd") {
        tables += &format!("[plugins.motd.config]\nentries = [{{ host = \"{HOST}\", description = \"bench\" }}]\n");
    }
    if chain.needs("bungee-channel") {
        tables += "[plugins.bungee-channel]\ngrants = [\"packets\", \"control\"]\n";
    }
    format!(
        r#"[host]
workers = {workers}
plugin-dir = "{PLUGINS}"

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

{tables}
[chains]
main = {plugins}
"#,
        plugins = chain.plugins(),
    )
}
