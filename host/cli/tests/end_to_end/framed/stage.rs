//! A proxy between a server that behaves, with a player who talks there all the while, and servers and clients that a test plays.

use portcullis_protocol::{
    message::PluginMessage,
    packets::{Packet, State},
    version::Protocol,
};

use crate::support::{
    programs::Program,
    proxy::Proxy,
    raw::{Raw, RawServer},
    wait::until,
    wire::{V1_20_1, V1_20_4},
};

use super::{Forwarding, Login, backend_with, player_with, proxy};

/// Who asks for this host comes to the server that a test plays.
pub(super) const ROGUE: &str = "rogue.example.com";

/// What the servers that a test plays compress from, unless it says otherwise.
pub(super) const THRESHOLD: u32 = 256;

/// With this a server of 1.13 or later has its player moved.
pub(super) const TO_OTHER: PluginMessage<'_> = PluginMessage {
    channel: "bungeecord:main",
    data: b"\0\x07Connect\0\x05other",
};

/// Nobody's message: what came before it has been dealt with when it arrives.
pub(super) const MARK: PluginMessage<'_> = PluginMessage {
    channel: "a:b",
    data: b"done",
};

pub(super) struct Stage {
    pub(super) proxy: Proxy,
    /// The server that guests come to, and one that they can be moved to.
    pub(super) rogue: RawServer,
    pub(super) other: RawServer,
    _lobby: Program,
    sessions: Option<Program>,
    bystander: Program,
    lines: usize,
    memory: u64,
}

/// Waits for a line of a proxy's log after the mark that says this, and names the reason, or the end, by its stable name.
#[track_caller]
pub(super) fn wait_reason(proxy: &Proxy, mark: usize, message: &str, reason: &str) {
    let [as_reason, as_end] = ["reason", "end"].map(|key| format!("{key}=\"{reason}\""));
    until(&format!("{message}, {reason} in the log"), || {
        let lines = proxy.log_after(mark);
        let mut fitting = lines.iter().filter(|line| line.contains(message));
        match fitting.any(|line| line.contains(&as_reason) || line.contains(&as_end)) {
            true => Ok(()),
            false => Err(lines.join("\n")),
        }
    });
}

impl Stage {
    /// In offline mode.
    pub(super) fn set() -> Self {
        Self::set_for(None)
    }

    /// In online mode: clients are verified, and encrypted.
    pub(super) fn set_online() -> Self {
        Self::set_for(Some(Program::node("session.js", &["--deadline-s", "300"])))
    }

    fn set_for(sessions: Option<Program>) -> Self {
        let login = sessions.as_ref().map_or(Login::Offline, Login::Online);
        let (lobby, port) = backend_with("lobby", "1.20.4", Forwarding::None, "256", &["--deadline-s", "300"]);
        let (rogue, other) = (RawServer::start(), RawServer::start());
        let servers = [("lobby", port), ("rogue", rogue.port()), ("other", other.port())];
        let routes = format!("routes = [{{ host = \"{ROGUE}\", to = \"rogue\" }}]");
        let proxy = proxy(&servers, &login, Forwarding::None, &routes);
        let bystander = player_with("1.20.4", &proxy, &login, &["--deadline-s", "300"]);
        bystander.wait("joined", |_| true);
        let mut stage = Self {
            proxy,
            rogue,
            other,
            _lobby: lobby,
            sessions,
            bystander,
            lines: 0,
            memory: 0,
        };
        stage.check_bystander();
        // What the first sessions allocate once is not the next ones'.
        drop(stage.guest(V1_20_1, "First"));
        drop(stage.guest(V1_20_4, "Second"));
        stage.wait_alone();
        stage.memory = stage.proxy.memory_kib();
        stage
    }

    /// A player on the rogue server: his client's end and the server's, the login behind them.
    pub(super) fn guest(&self, protocol: i32, name: &str) -> (Raw, Raw) {
        self.guest_from(protocol, name, Some(THRESHOLD))
    }

    /// The same with a threshold.
    pub(super) fn guest_from(&self, protocol: i32, name: &str, threshold: Option<u32>) -> (Raw, Raw) {
        let mut client = self.knock(protocol, name);
        let mut server = self.rogue.accept(protocol);
        server.let_in(name, threshold);
        client.enter();
        if Protocol(protocol).has_configuration() {
            server.wait(State::Login, Packet::LoginAcknowledged);
        }
        (client, server)
    }

    /// A client that asks for the rogue server.
    pub(super) fn knock(&self, protocol: i32, name: &str) -> Raw {
        let mut client = Raw::join(self.proxy.port(), protocol, ROGUE, name);
        if let Some(sessions) = &self.sessions {
            client.authenticate(sessions.port_of(|_| true), name);
        }
        client
    }

    /// A player on the rogue server, in a world.
    pub(super) fn settler(&self, protocol: i32, name: &str) -> (Raw, Raw) {
        let (mut client, mut server) = self.guest(protocol, name);
        client.enter_play(&mut server);
        (client, server)
    }

    /// The player in the lobby talks, and is answered.
    pub(super) fn check_bystander(&mut self) {
        self.lines += 1;
        self.bystander.chat(&format!("line {}", self.lines));
    }

    /// Waits until there is no session but the bystander's.
    pub(super) fn wait_alone(&self) {
        self.proxy
            .wait_metric("portcullis_sessions", &[], |sessions| sessions == 1.0);
    }

    /// Waits for a line of the log after the mark that says this, and names the reason by its stable name.
    #[track_caller]
    pub(super) fn wait_reason(&self, mark: usize, message: &str, reason: &str) {
        wait_reason(&self.proxy, mark, message, reason);
    }

    /// The proxy has not grown beyond so much.
    #[track_caller]
    pub(super) fn check_memory(&self, most_kib: u64) {
        let grown = self.grown_kib();
        assert!(grown <= most_kib, "grown by {grown} KiB");
    }

    /// How much larger the proxy is than in the beginning.
    pub(super) fn grown_kib(&self) -> u64 {
        self.proxy.memory_kib().saturating_sub(self.memory)
    }

    /// Does something that is to be counted once.
    pub(super) fn counting<T>(&self, family: &str, labels: &[(&str, &str)], act: impl FnOnce() -> T) -> T {
        let before = self.proxy.metric(family, labels);
        let done = act();
        self.proxy.wait_metric(family, labels, |count| count == before + 1.0);
        done
    }
}
