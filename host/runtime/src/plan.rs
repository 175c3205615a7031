//! A plan: which plugins there are, and in which order each chain asks them. Never changed, only replaced as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_config::{ChainName, PluginName};

use crate::hook::Hook;
use crate::load::Load;

/// The chain a listener uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerChain {
    /// Its name in `[chains]`.
    pub name: ChainName,
    /// Whether plugins that no chain names join it.
    pub auto_chain: bool,
}

/// One generation of plugins and chains.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) generation: u64,
    pub(crate) loads: Vec<Arc<Load>>,
    chains: Vec<Chain>,
}

/// A chain with its links as positions in [`Plan::loads`].
struct Chain {
    listener: ListenerChain,
    links: Vec<usize>,
    /// Per hook, the links that have it.
    by_hook: [Vec<usize>; Hook::ALL.len()],
}

impl Plan {
    pub(crate) fn new(generation: u64, loads: Vec<Arc<Load>>, chains: &BTreeMap<ChainName, Vec<PluginName>>) -> Self {
        let named = |load: &Load| chains.values().flatten().any(|name| *name == load.plugin.name);
        let position = |name: &PluginName| loads.iter().position(|load| load.plugin.name == *name);
        let stage = |link: usize| loads.get(link).map(|load| load.description.stage);
        let mut made = Vec::new();
        for (name, plugins) in chains {
            let configured: Vec<usize> = plugins.iter().filter_map(position).collect();
            let mut links = configured.clone();
            made.push(Chain::new(name, false, configured, &loads));
            for (joining, load) in loads.iter().enumerate().filter(|(_, load)| !named(load)) {
                let at = links
                    .iter()
                    .position(|link| stage(*link) > Some(load.description.stage));
                links.insert(at.unwrap_or(links.len()), joining);
            }
            made.push(Chain::new(name, true, links, &loads));
        }
        Self {
            generation,
            loads,
            chains: made,
        }
    }

    /// The links of a chain that have a hook, as positions in `loads`; none where the chain has no link at all, or there
    /// is no such chain.
    pub(crate) fn links(&self, listener: &ListenerChain, hook: Hook) -> Option<&[usize]> {
        let chain = self.chain(listener).filter(|chain| !chain.links.is_empty())?;
        // `Hook::ALL` is in the order of the enum.
        chain.by_hook.get(hook as usize).map(Vec::as_slice)
    }

    /// Whether there is such a chain.
    pub(crate) fn has(&self, listener: &ListenerChain) -> bool {
        self.chain(listener).is_some()
    }

    fn chain(&self, listener: &ListenerChain) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.listener == *listener)
    }

    /// Names of the chains that a load is part of.
    pub(crate) fn chains_of(&self, load: &Load) -> Vec<String> {
        let has = |chain: &Chain| {
            chain
                .links
                .iter()
                .any(|link| self.loads.get(*link).is_some_and(|l| l.id == load.id))
        };
        let mut names: Vec<_> = self
            .chains
            .iter()
            .filter(|chain| has(chain))
            .map(|c| c.listener.name.to_string())
            .collect();
        names.dedup();
        names
    }
}

impl Chain {
    fn new(name: &ChainName, auto_chain: bool, links: Vec<usize>, loads: &[Arc<Load>]) -> Self {
        let having = |hook: Hook| {
            let has = |link: &usize| loads.get(*link).is_some_and(|load| load.artifact.hooks.contains(&hook));
            links.iter().copied().filter(has).collect()
        };
        let by_hook = Hook::ALL.map(having);
        Self {
            listener: ListenerChain {
                name: name.clone(),
                auto_chain,
            },
            links,
            by_hook,
        }
    }
}
