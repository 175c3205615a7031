//! `[[server]]`: where clients can be sent.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    document::Place,
    error::{ConfigError, Problem},
    name::{GroupName, ServerName},
};

/// A backend server.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// What plugins, logs and metrics call it.
    pub name: ServerName,
    /// Resolved when dialled.
    pub address: Address,
    /// The groups it is a member of, none twice, in the order of the file.
    pub groups: Vec<GroupName>,
    /// A hint for plugins that balance.
    pub weight: u32,
    /// Free pairs for plugins.
    pub labels: BTreeMap<String, String>,
    /// A word for plugins that forward players' identities. Absent: whichever stands in the chain forwards.
    pub forwarding: Option<String>,
    /// The PROXY header sent to it.
    pub proxy_protocol: ProxyEmission,
    /// For one attempt at one of its addresses.
    pub connect_timeout: Duration,
}

/// The PROXY header that a server is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ProxyEmission {
    /// None.
    Off,
    /// The text of version 1.
    V1,
    /// The binary of version 2.
    V2,
}

/// A server to which clients can be sent. Also in `*.toml` files in `servers-dir`.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RawServer {
    /// Its name: 1 to 64 of `A-Z`, `a-z`, `0-9`, `_`, `-`, `.`. No two servers may share one.
    #[schemars(example = &"lobby-1")]
    name: String,
    /// Host and port. Names are resolved when dialled, and again later.
    #[schemars(example = &"127.0.0.1:25566")]
    address: String,
    /// Groups it is a member of. Plugins send players to a server or to a group, so no group may have a server's name.
    #[serde(default)]
    groups: Vec<String>,
    /// Its share of a group's players, for plugins that balance by weight.
    #[serde(default = "default_weight")]
    weight: u32,
    /// Free texts by key, for plugins.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// How it is told who a player is, by a word that forwarding plugins know: `velocity`, `legacy`, `bungeeguard`, or `none` for
    /// not at all. Absent: by the plugin that stands in the chain.
    #[schemars(example = &"velocity")]
    forwarding: Option<String>,
    /// PROXY header sent in front of connections to it: `off`, `v1` or `v2`.
    #[serde(default = "default_proxy_protocol")]
    proxy_protocol: ProxyEmission,
    /// How long an attempt to connect may take, in milliseconds: to look up its name, and to try all of its addresses.
    #[serde(default = "default_connect_timeout_ms")]
    #[schemars(range(min = 1))]
    connect_timeout_ms: u32,
}

fn default_weight() -> u32 {
    1
}

fn default_proxy_protocol() -> ProxyEmission {
    ProxyEmission::Off
}

fn default_connect_timeout_ms() -> u32 {
    3_000
}

impl RawServer {
    pub(crate) fn validate(self, place: &Place, problems: &mut Vec<ConfigError>) -> Option<Server> {
        let name = self
            .name
            .parse()
            .map_err(|error| problems.push(place.key("name").bad_value(error)));
        let address = self
            .address
            .parse()
            .map_err(|error| problems.push(place.key("address").bad_value(error)));
        let mut groups: Vec<GroupName> = Vec::new();
        for (index, text) in self.groups.iter().enumerate() {
            let at = place.key("groups").index(index);
            match text.parse() {
                Ok(group) if groups.contains(&group) => {
                    let (key, section) = place.key("groups").key_and_section();
                    problems.push(at.problem(Problem::Repeated {
                        key,
                        section,
                        value: text.clone(),
                    }));
                }
                Ok(group) => groups.push(group),
                Err(error) => problems.push(at.bad_value(error)),
            }
        }
        Some(Server {
            name: name.ok()?,
            address: address.ok()?,
            groups,
            weight: self.weight,
            labels: self.labels,
            forwarding: self.forwarding,
            proxy_protocol: self.proxy_protocol,
            connect_timeout: Duration::from_millis(self.connect_timeout_ms.into()),
        })
    }
}
