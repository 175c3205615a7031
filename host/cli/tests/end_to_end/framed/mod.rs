//! Sessions in which the host stands in the middle: logins, forwarding to servers that verify it, and moving between servers,
//! in every version that minecraft-protocol knows.

use crate::support::{
    programs::Program,
    proxy::{Proxy, Setting},
    toml::server,
};

mod attacks;
mod bots;
mod bungee;
mod channels;
mod cuts;
mod duplicates;
mod handovers;
mod hooks;
mod journeys;
mod losses;
mod numbers;
mod outages;
mod pressure;
mod refusals;
mod screen;
mod signed;
mod stage;
mod stalls;
mod strangers;
mod truncated;

/// The secret that proxy and servers share in these tests.
const SECRET: &str = "the secret of a test";

/// What is slow here is a host that is not optimised, on a machine that has much else to do.
const PATIENT: &str = r#"
[plugins.bungee-channel]
grants = ["packets", "control"]
limits = { hot-call-ms = 100 }
[plugins.router]
limits = { hot-call-ms = 100 }
"#;

/// How a test's servers find out who their players are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forwarding {
    None,
    Legacy,
    BungeeGuard,
    Velocity,
}

impl Forwarding {
    const ALL: [Self; 3] = [Self::Legacy, Self::BungeeGuard, Self::Velocity];

    /// Every way that servers of this version know: Velocity's from 1.13 on.
    fn all_for(version: &str) -> Vec<Self> {
        let minor = version.strip_prefix("1.").and_then(|rest| rest.split('.').next());
        let minor = minor.map(|minor| minor.parse::<u32>().expect("a release's number"));
        let has_velocitys = minor.is_none_or(|minor| minor >= 13);
        Self::ALL
            .into_iter()
            .filter(|way| has_velocitys || *way != Self::Velocity)
            .collect()
    }

    /// What a server's key `forwarding` calls it.
    fn key(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Legacy => Some("legacy"),
            Self::BungeeGuard => Some("bungeeguard"),
            Self::Velocity => Some("velocity"),
        }
    }

    /// How those try who come past the proxy: see `forwarding.js`.
    fn forgeries(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            // Nothing but a field in the right form protects these servers.
            Self::Legacy => &["as a player"],
            Self::BungeeGuard => &[
                "as a player",
                "without a token",
                "with a wrong token",
                "with two tokens",
            ],
            Self::Velocity => &[
                "as a player",
                "in the host field",
                "without a signature",
                "with a wrong signature",
            ],
        }
    }

    fn plugin(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Legacy => Some("bungee-forwarding"),
            Self::BungeeGuard => Some("bungeeguard"),
            Self::Velocity => Some("velocity-forwarding"),
        }
    }

    fn server_arguments(self) -> Vec<&'static str> {
        match self {
            Self::None => Vec::new(),
            Self::Legacy => vec!["--forwarding", "legacy"],
            Self::BungeeGuard => vec!["--forwarding", "bungeeguard", "--secret", SECRET],
            Self::Velocity => vec!["--forwarding", "velocity", "--secret", SECRET],
        }
    }

    fn config(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Legacy => "[plugins.bungee-forwarding]\n".into(),
            Self::BungeeGuard => format!("[plugins.bungeeguard.config]\ntokens = [\"{SECRET}\"]\n"),
            Self::Velocity => format!("[plugins.velocity-forwarding.config]\nsecret = \"{SECRET}\"\n"),
        }
    }
}

/// Who says who players are.
enum Login<'a> {
    Offline,
    /// By a session server on this port.
    Online(&'a Program),
}

/// One backend server of this version.
fn backend(name: &str, version: &str, forwarding: Forwarding, threshold: &str) -> (Program, u16) {
    backend_with(name, version, forwarding, threshold, &[])
}

/// The same, told more about itself.
fn backend_with(name: &str, version: &str, forwarding: Forwarding, threshold: &str, more: &[&str]) -> (Program, u16) {
    let mut arguments = vec!["--name", name, "--deadline-s", "120", "--version", version];
    let threshold = format!("--threshold={threshold}");
    arguments.push(&threshold);
    arguments.extend(forwarding.server_arguments());
    arguments.extend(more);
    let program = Program::node("server.js", &arguments);
    let port = program.port_of(|_| true);
    (program, port)
}

/// A proxy that logs players in, forwards identities, routes everybody to `lobby`, and listens to BungeeCord's channel.
fn proxy(servers: &[(&str, u16)], login: &Login<'_>, forwarding: Forwarding, more: &str) -> Proxy {
    proxy_with(servers, login, forwarding, &forwarding.config(), more)
}

/// The same with further plugins behind what logs in, each with its tables of the configuration.
fn proxy_beside(
    servers: &[(&str, u16)],
    login: &Login<'_>,
    forwarding: Forwarding,
    plugins: &[(&str, &str)],
    more: &str,
) -> Proxy {
    compose(servers, login, forwarding, &forwarding.config(), plugins, more)
}

/// The same with another configuration of what forwards.
fn proxy_with(
    servers: &[(&str, u16)],
    login: &Login<'_>,
    forwarding: Forwarding,
    forwarding_config: &str,
    more: &str,
) -> Proxy {
    compose(servers, login, forwarding, forwarding_config, &[], more)
}

fn compose(
    servers: &[(&str, u16)],
    login: &Login<'_>,
    forwarding: Forwarding,
    forwarding_config: &str,
    plugins: &[(&str, &str)],
    more: &str,
) -> Proxy {
    let (auth, auth_config) = match login {
        Login::Offline => ("auth-offline", String::new()),
        Login::Online(sessions) => {
            let url = format!("http://127.0.0.1:{}", sessions.port_of(|_| true));
            let config = format!(
                "[plugins.auth-mojang]\ngrants = [\"http:{url}\"]\n[plugins.auth-mojang.config]\nsession-server = \"{url}/session/minecraft/hasJoined\"\n"
            );
            ("auth-mojang", config)
        }
    };
    let mut chain = vec![auth];
    chain.extend(plugins.iter().map(|(plugin, _)| *plugin));
    chain.extend(["router", "bungee-channel"]);
    chain.extend(forwarding.plugin());
    let components: Vec<String> = chain.iter().map(|plugin| format!("{plugin}.wasm")).collect();
    let components: Vec<&str> = components.iter().map(String::as_str).collect();
    let servers: String = servers.iter().map(|(name, port)| server(name, *port)).collect();
    let names: Vec<String> = chain.iter().map(|plugin| format!("\"{plugin}\"")).collect();
    let configuration = format!(
        r#"{servers}
        {auth_config}
        {forwarding_config}
        {own}
        {PATIENT}
        [plugins.router.config]
        default = "lobby"
        {more}
        [chains]
        main = [{chain}]
        "#,
        chain = names.join(", "),
        own = plugins.iter().map(|(_, config)| *config).collect::<String>(),
    );
    let setting = Setting::new(&components, &configuration);
    setting.edit("log = \"info\"", "log = \"info,portcullis_relay=debug\"");
    setting.start()
}

fn player(version: &str, proxy: &Proxy, login: &Login<'_>) -> Program {
    player_with(version, proxy, login, &[])
}

/// The same, told more about itself.
fn player_with(version: &str, proxy: &Proxy, login: &Login<'_>, more: &[&str]) -> Program {
    let port = proxy.port().to_string();
    let mut arguments = vec!["--version", version, "--port", &port, "--deadline-s", "90"];
    arguments.extend(["--step", "join:play.example.com"]);
    arguments.extend(more);
    let url;
    if let Login::Online(sessions) = login {
        url = format!("http://127.0.0.1:{}", sessions.port_of(|_| true));
        arguments.extend(["--session-server", &url]);
    }
    Program::node("player.js", &arguments)
}
