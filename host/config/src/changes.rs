//! What a new configuration means for a running host.

use std::{collections::BTreeSet, fmt, net::SocketAddr};

use crate::{
    Config,
    name::{ChainName, PluginName, ServerName},
};

/// The difference between two configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys of `[host]` that take effect at once, for example `drain-seconds`.
    pub host: Vec<&'static str>,
    /// Keys of `[telemetry]`.
    pub telemetry: Vec<&'static str>,
    /// Listeners that must be bound.
    pub listeners_opened: Vec<SocketAddr>,
    /// Listeners that must be closed.
    pub listeners_closed: Vec<SocketAddr>,
    /// Listeners whose settings apply to new connections from now on.
    pub listeners_changed: Vec<SocketAddr>,
    /// Servers that are new.
    pub servers_added: Vec<ServerName>,
    /// Servers that are gone.
    pub servers_removed: Vec<ServerName>,
    /// Servers of the same name and other settings.
    pub servers_changed: Vec<ServerName>,
    /// Whether servers that are neither new nor gone are in another order, which is that of groups' members.
    pub servers_reordered: bool,
    /// Plugins that are new.
    pub plugins_added: Vec<PluginName>,
    /// Plugins that are gone.
    pub plugins_removed: Vec<PluginName>,
    /// Plugins of the same name and other settings.
    pub plugins_changed: Vec<PluginName>,
    /// Chains that are new, gone, or have other links.
    pub chains_changed: Vec<ChainName>,
    /// Keys whose change waits for a restart.
    pub needs_restart: Vec<&'static str>,
}

impl Changes {
    /// From what runs to what should run.
    pub fn between(old: &Config, new: &Config) -> Self {
        let (listeners_opened, listeners_closed, listeners_changed) =
            compare(&old.listeners, &new.listeners, |listener| listener.bind);
        let (servers_added, servers_removed, servers_changed) =
            compare(&old.servers, &new.servers, |server| server.name.clone());
        let (plugins_added, plugins_removed, plugins_changed) =
            compare(old.plugins.values(), new.plugins.values(), |plugin| plugin.name.clone());
        let names: BTreeSet<&ChainName> = old.chains.keys().chain(new.chains.keys()).collect();
        Self {
            host: host(old, new),
            telemetry: telemetry(old, new),
            listeners_opened,
            listeners_closed,
            listeners_changed,
            servers_reordered: order(old, new) != order(new, old),
            servers_added,
            servers_removed,
            servers_changed,
            plugins_added,
            plugins_removed,
            plugins_changed,
            chains_changed: names
                .into_iter()
                .filter(|name| old.chains.get(*name) != new.chains.get(*name))
                .cloned()
                .collect(),
            needs_restart: needs_restart(old, new),
        }
    }

    /// Whether there is nothing to do, not even to tell that a restart is needed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Changes {
    /// One line: `listeners +0.0.0.0:25566; servers +lobby-2 -lobby-1 ~pvp; restart needed for host.workers`, with `+` for
    /// what is new, `-` for what is gone and `~` for what is different.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none: &[&str] = &[];
        let parts = [
            part("host", none, none, &self.host),
            part("telemetry", none, none, &self.telemetry),
            part(
                "listeners",
                &self.listeners_opened,
                &self.listeners_closed,
                &self.listeners_changed,
            ),
            part(
                "servers",
                &self.servers_added,
                &self.servers_removed,
                &self.servers_changed,
            ),
            self.servers_reordered.then(|| "servers in another order".into()),
            part(
                "plugins",
                &self.plugins_added,
                &self.plugins_removed,
                &self.plugins_changed,
            ),
            part("chains", none, none, &self.chains_changed),
            (!self.needs_restart.is_empty()).then(|| format!("restart needed for {}", self.needs_restart.join(", "))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&if parts.is_empty() {
            "nothing changed".into()
        } else {
            parts.join("; ")
        })
    }
}

fn host(old: &Config, new: &Config) -> Vec<&'static str> {
    let (old, new) = (&old.host, &new.host);
    changed([
        ("plugin-dir", old.plugin_dir != new.plugin_dir),
        ("control", old.control != new.control),
        ("servers-dir", old.servers_dir != new.servers_dir),
        ("drain-seconds", old.drain != new.drain),
        ("trusted-keys", old.trusted_keys != new.trusted_keys),
        ("dns", old.dns != new.dns),
    ])
}

fn telemetry(old: &Config, new: &Config) -> Vec<&'static str> {
    let (old, new) = (&old.telemetry, &new.telemetry);
    changed([
        ("log", old.log != new.log),
        ("log-format", old.log_format != new.log_format),
        ("metrics", old.metrics != new.metrics),
        ("otlp", old.otlp != new.otlp),
    ])
}

fn needs_restart(old: &Config, new: &Config) -> Vec<&'static str> {
    let (old, new) = (&old.host, &new.host);
    changed([
        ("host.workers", old.workers != new.workers),
        ("host.state-dir", old.state_dir != new.state_dir),
    ])
}

fn changed<const N: usize>(keys: [(&'static str, bool); N]) -> Vec<&'static str> {
    keys.into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(key, _)| key)
        .collect()
}

/// Keys of what is new, gone and different.
fn compare<'a, T, K>(
    old: impl IntoIterator<Item = &'a T>,
    new: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&T) -> K,
) -> (Vec<K>, Vec<K>, Vec<K>)
where
    T: PartialEq + 'a,
    K: Ord + Clone,
{
    let by_key = |item: &'a T| (key(item), item);
    let old: std::collections::BTreeMap<K, &T> = old.into_iter().map(by_key).collect();
    let new: std::collections::BTreeMap<K, &T> = new.into_iter().map(by_key).collect();
    let added = new.keys().filter(|key| !old.contains_key(key)).cloned().collect();
    let removed = old.keys().filter(|key| !new.contains_key(key)).cloned().collect();
    let differs = |(key, item): &(&K, &&T)| old.get(key).is_some_and(|before| before != *item);
    (
        added,
        removed,
        new.iter().filter(differs).map(|(key, _)| key.clone()).collect(),
    )
}

/// The order of the servers that both have.
fn order<'a>(of: &'a Config, other: &Config) -> Vec<&'a ServerName> {
    let kept: BTreeSet<&ServerName> = other.servers.iter().map(|server| &server.name).collect();
    of.servers
        .iter()
        .map(|server| &server.name)
        .filter(|name| kept.contains(name))
        .collect()
}

fn part(
    what: &str,
    added: &[impl fmt::Display],
    removed: &[impl fmt::Display],
    changed: &[impl fmt::Display],
) -> Option<String> {
    let mut text = what.to_owned();
    text.extend(added.iter().map(|item| format!(" +{item}")));
    text.extend(removed.iter().map(|item| format!(" -{item}")));
    text.extend(changed.iter().map(|item| format!(" ~{item}")));
    (text != what).then_some(text)
}
