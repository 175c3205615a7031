//! The demo's working folder: plugins and a configuration that invites editing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::backend::Backend;
use super::{DRAIN, Network, emptied};
use crate::dist::{copy, is_named, named_in};

/// Fresh at every start, but for the state folder: compiled plugins in it make the next start quick.
pub(super) fn lay_out(network: &Network, plugins: &[PathBuf], servers: &[Backend]) -> Result<()> {
    let servers: String = servers
        .iter()
        .map(|server| {
            format!(
                "[[server]]\nname = \"{}\"\naddress = \"{}\"\n\n",
                server.name, server.address
            )
        })
        .collect();
    let text = include_str!("portcullis.toml")
        .replace("{port}", &network.port.to_string())
        .replace("{metrics-port}", &network.metrics_port.to_string())
        .replace("{drain-seconds}", &DRAIN.as_secs().to_string())
        .replace("{servers}", servers.trim_end());
    emptied(&network.plugin_dir())?;
    fs::write(network.configuration(), text)
        .with_context(|| format!("could not write {}", network.configuration().display()))?;
    // Any other would join the chain by itself.
    let named = named_in(&network.configuration())?;
    for plugin in plugins.iter().filter(|plugin| is_named(&named, plugin)) {
        copy(
            plugin,
            &network.plugin_dir().join(plugin.file_name().unwrap_or_default()),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_one_and_names_both_servers() {
        let folder = std::env::temp_dir().join(format!("portcullis-demo-{}", std::process::id()));
        let network = Network {
            host: PathBuf::new(),
            built: PathBuf::new(),
            folder: folder.clone(),
            port: 25565,
            metrics_port: 9100,
        };
        let servers = ["lobby", "survival"].map(|name| Backend::start(name).expect("a server"));
        lay_out(&network, &[], &servers).expect("a folder");
        let config = portcullis_config::load(&network.configuration()).expect("a valid configuration");
        fs::remove_dir_all(folder).expect("the folder can go");
        assert_eq!(config.servers.len(), 2);
        assert_eq!(
            config.listeners.first().map(|listener| listener.bind.port()),
            Some(25565)
        );
        assert_eq!(config.host.drain, DRAIN);
    }
}
