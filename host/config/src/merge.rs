//! From what the providers say to one configuration: what only shows when everything is on the table.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    net::SocketAddr,
    path::Path,
};

use crate::{
    Config,
    document::{Located, Place},
    error::{ConfigError, Problem},
    listener::Listener,
    name::{ChainName, PluginName},
    nearest::nearest,
    plugin::Plugin,
    provider::{Chain, Fragment},
    server::Server,
};

/// Merges fragments; the first that has `[host]` and `[telemetry]` counts. Nothing if there is none.
pub(crate) fn merge(fragments: Vec<Fragment>, problems: &mut Vec<ConfigError>) -> Option<Config> {
    let mut all = Fragment::default();
    for fragment in fragments {
        all.host = all.host.or(fragment.host);
        all.telemetry = all.telemetry.or(fragment.telemetry);
        all.listeners.extend(fragment.listeners);
        all.servers.extend(fragment.servers);
        all.plugins.extend(fragment.plugins);
        all.chains.extend(fragment.chains);
    }
    check_servers(&all.servers, problems);
    check_listeners(&all.listeners, &all.chains, problems);
    let host = all.host?;
    let mut plugins: BTreeMap<PluginName, Plugin> = all
        .plugins
        .into_iter()
        .map(|plugin| (plugin.value.name.clone(), plugin.value))
        .collect();
    check_chains(&all.chains, &plugins, &host.plugin_dir, problems);
    let chains: BTreeMap<ChainName, Vec<PluginName>> = all.chains.into_iter().map(|chain| names(chain.value)).collect();
    for link in chains.values().flatten() {
        plugins
            .entry(link.clone())
            .or_insert_with(|| Plugin::new(link.clone(), &host.plugin_dir));
    }
    Some(Config {
        host,
        telemetry: all.telemetry?,
        listeners: values(all.listeners),
        servers: values(all.servers),
        plugins,
        chains,
    })
}

fn check_servers(servers: &[Located<Server>], problems: &mut Vec<ConfigError>) {
    let mut by_name: HashMap<&str, &Place> = HashMap::new();
    for server in servers {
        let place = server.place.key("name");
        if let Some(first) = by_name.get(&*server.value.name) {
            let (name, first) = (server.value.name.to_string(), first.key("name").location());
            problems.push(place.problem(Problem::DuplicateServer { name, first }));
        } else {
            by_name.insert(&server.value.name, &server.place);
        }
    }
    let mut told = BTreeSet::new();
    for server in servers {
        for group in &server.value.groups {
            if let Some(same) = by_name.get(&**group)
                && told.insert(group)
            {
                let (name, same) = (group.to_string(), same.key("name").location());
                problems.push(
                    server
                        .place
                        .key("groups")
                        .problem(Problem::GroupIsServer { name, server: same }),
                );
            }
        }
    }
}

fn check_listeners(listeners: &[Located<Listener>], chains: &[Located<Chain>], problems: &mut Vec<ConfigError>) {
    let mut by_bind: HashMap<SocketAddr, Place> = HashMap::new();
    for listener in listeners {
        let place = listener.place.key("bind");
        let bind = listener.value.bind;
        match by_bind.get(&bind) {
            Some(first) => {
                let (bind, first) = (bind.to_string(), first.location());
                problems.push(place.problem(Problem::DuplicateBind { bind, first }));
            }
            None => {
                by_bind.insert(bind, place);
            }
        }
        let chains = || chains.iter().map(|chain| &*chain.value.name);
        if !chains().any(|chain| *chain == *listener.value.chain) {
            let name = listener.value.chain.to_string();
            let nearest = nearest(&name, chains()).map(Into::into);
            problems.push(
                listener
                    .place
                    .key("chain")
                    .problem(Problem::UndefinedChain { name, nearest }),
            );
        }
    }
}

fn check_chains(
    chains: &[Located<Chain>],
    plugins: &BTreeMap<PluginName, Plugin>,
    plugin_dir: &Path,
    problems: &mut Vec<ConfigError>,
) {
    for chain in chains {
        let mut seen = BTreeSet::new();
        for link in &chain.value.links {
            if !seen.insert(&link.value) {
                let (key, section) = chain.place.key_and_section();
                problems.push(link.place.problem(Problem::Repeated {
                    key,
                    section,
                    value: link.value.to_string(),
                }));
            } else if !plugins.contains_key(&link.value) {
                let file = Plugin::new(link.value.clone(), plugin_dir).file;
                // A folder that cannot be looked into is reported when the plugin is loaded.
                if matches!(file.try_exists(), Ok(false)) {
                    let dropped_in = file_stems(plugin_dir);
                    let known = plugins
                        .keys()
                        .map(|name| &**name)
                        .chain(dropped_in.iter().map(String::as_str));
                    let nearest = nearest(&link.value, known).map(Into::into);
                    let name = link.value.to_string();
                    problems.push(link.place.problem(Problem::UnknownPlugin { name, file, nearest }));
                }
            }
        }
    }
}

/// Names of the components in the plugin folder.
fn file_stems(plugin_dir: &Path) -> Vec<String> {
    let paths = fs::read_dir(plugin_dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let components = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    components
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

fn names(chain: Chain) -> (ChainName, Vec<PluginName>) {
    (chain.name, chain.links.into_iter().map(|link| link.value).collect())
}

fn values<T>(located: Vec<Located<T>>) -> Vec<T> {
    located.into_iter().map(|item| item.value).collect()
}
