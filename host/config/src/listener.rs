//! `[[listener]]`: where clients connect, and what a connection may cost before anybody knows where it goes.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6},
    time::Duration,
};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    document::Place,
    error::{ConfigError, Problem},
    name::ChainName,
};

/// A place where clients connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// Address and port; what a listener is known by.
    pub bind: SocketAddr,
    /// The plugins that decide.
    pub chain: ChainName,
    /// Whether plugins that no chain names join this listener's chain.
    pub auto_chain: bool,
    /// Whether connections begin with a PROXY header.
    pub proxy_protocol: ProxyAcceptance,
    /// Whose PROXY headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Most connections at a time.
    pub max_connections: u32,
    /// Most connections at a time that have no route yet.
    pub max_pending: u32,
    /// From the connection to a route.
    pub handshake_timeout: Duration,
    /// Nothing moved either way.
    pub idle_timeout: Duration,
    /// Most connections at a time that are held open to waste an attacker's time.
    pub tarpit_max: u32,
}

impl Listener {
    /// Whether this peer is one of the proxies that are believed.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&peer))
    }
}

/// What a listener does with PROXY headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ProxyAcceptance {
    /// Takes none.
    Off,
    /// Takes one from a trusted proxy, and connections without.
    Accept,
    /// Takes connections from trusted proxies only, each with a header.
    Require,
}

impl ProxyAcceptance {
    /// As the file has it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Accept => "accept",
            Self::Require => "require",
        }
    }
}

/// A place where clients connect. At least one is needed to do anything.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RawListener {
    /// IP address and port to listen on. No two listeners may share one.
    #[schemars(example = &"0.0.0.0:25565")]
    bind: String,
    /// The chain of `[chains]` that decides for its connections.
    #[serde(default = "default_chain")]
    chain: String,
    /// Whether plugins that no chain names join this listener's chain, each at the place that its stage gives it.
    #[serde(default = "default_auto_chain")]
    auto_chain: bool,
    /// PROXY headers (version 1 or 2) in front of connections: `off`: none; `accept`: from trusted proxies, and connections
    /// without; `require`: only connections from trusted proxies, each with one.
    #[serde(default = "default_proxy_protocol")]
    proxy_protocol: ProxyAcceptance,
    /// Networks whose PROXY headers are believed, as CIDR or single addresses, and what BungeeCord's forwarding says in the host
    /// names that come from them; from others that is cut off. `accept` and `require` need at least one.
    #[serde(default)]
    trusted_proxies: Vec<String>,
    /// Most connections at a time.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1))]
    max_connections: u32,
    /// Most connections at a time that have no route yet.
    #[serde(default = "default_max_pending")]
    #[schemars(range(min = 1))]
    max_pending: u32,
    /// How long a connection may take until a route is chosen, in milliseconds.
    #[serde(default = "default_handshake_timeout_ms")]
    #[schemars(range(min = 1))]
    handshake_timeout_ms: u32,
    /// How long a session may move nothing either way, in seconds.
    #[serde(default = "default_idle_timeout_s")]
    #[schemars(range(min = 1))]
    idle_timeout_s: u32,
    /// Most connections at a time that plugins may hold open to waste an attacker's time; further ones are closed. 0: none.
    #[serde(default = "default_max_tarpits")]
    max_tarpits: u32,
}

fn default_chain() -> String {
    "main".into()
}

fn default_auto_chain() -> bool {
    true
}

fn default_proxy_protocol() -> ProxyAcceptance {
    ProxyAcceptance::Off
}

fn default_max_connections() -> u32 {
    10_000
}

fn default_max_pending() -> u32 {
    2_000
}

fn default_handshake_timeout_ms() -> u32 {
    5_000
}

fn default_idle_timeout_s() -> u32 {
    120
}

fn default_max_tarpits() -> u32 {
    256
}

impl RawListener {
    pub(crate) fn validate(self, place: &Place, problems: &mut Vec<ConfigError>) -> Option<Listener> {
        let bind = self.bind.parse().unwrap_or_else(|_| {
            problems.push(place.key("bind").bad_value(format_args!(
                "`{}` is not an IP address and port; write for example `0.0.0.0:25565` or `[::]:25565`",
                self.bind
            )));
            stand_in(problems.len())
        });
        let chain = self
            .chain
            .parse()
            .map_err(|error| problems.push(place.key("chain").bad_value(error)));
        let mut trusted_proxies = Vec::new();
        for (index, text) in self.trusted_proxies.iter().enumerate() {
            match text
                .parse::<IpNet>()
                .or_else(|_| text.parse().map(|ip: IpAddr| IpNet::from(ip)))
            {
                Ok(network) => trusted_proxies.push(network.trunc()),
                Err(_) => problems.push(place.key("trusted-proxies").index(index).bad_value(format_args!(
                    "`{text}` is not a network; write CIDR such as `10.0.0.0/8` or a single address"
                ))),
            }
        }
        if self.proxy_protocol != ProxyAcceptance::Off && self.trusted_proxies.is_empty() {
            let value = self.proxy_protocol.label().into();
            problems.push(place.key("proxy-protocol").problem(Problem::NoTrustedProxies { value }));
        }
        Some(Listener {
            bind,
            chain: chain.ok()?,
            auto_chain: self.auto_chain,
            proxy_protocol: self.proxy_protocol,
            trusted_proxies,
            max_connections: self.max_connections,
            max_pending: self.max_pending,
            handshake_timeout: Duration::from_millis(self.handshake_timeout_ms.into()),
            idle_timeout: Duration::from_secs(self.idle_timeout_s.into()),
            tarpit_max: self.max_tarpits,
        })
    }
}

/// An address that no other listener has, so that what else is wrong with a listener without one is found as well. With
/// a problem noted, nothing is made of it.
fn stand_in(number: usize) -> SocketAddr {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, number, 0).into()
}
